"""Werkzeug 3 leaves addresses to the standard library: most of `werkzeug.urls` is gone.

`url_unquote(text)` and `url_unquote_plus(text)` are `unquote` and `unquote_plus` of `urllib.parse`,
`url_join` of two addresses is `urljoin`, and where a part is read of `url_parse(address)` at once that both
have, such as `netloc`, `urlsplit` has it. With further arguments they differ, and so do `url_quote` and
`url_encode` always: those stay.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, guards, names, nodes, renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Read addresses with urllib.parse, as Werkzeug 3 needs",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="The two differ in rare addresses: what cannot be an address raises ValueError in `urlsplit`, and "
    "`urljoin` treats schemes that it does not know otherwise.",
    references=(
        "https://werkzeug.palletsprojects.com/en/stable/changes/#version-3-0-0",
        "https://werkzeug.palletsprojects.com/en/stable/changes/#version-2-3-0",
        "https://docs.python.org/3/library/urllib.parse.html",
    ),
    needles=(b"url_unquote", b"url_unquote_plus", b"url_join", b"url_parse"),
    pattern=rb"\bwerkzeug\b",
    minutes=3,
    crosses=">=3",
    since="0.9",
)

_NEW = {
    "url_unquote": ("unquote", 1),
    "url_unquote_plus": ("unquote_plus", 1),
    "url_join": ("urljoin", 2),
    "url_parse": ("urlsplit", 1),
}
_PARTS = frozenset(("scheme", "netloc", "path", "query", "fragment"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the functions of `urllib.parse` where it uses those that are the same."""
    known, seen = names.of(module), nodes.of(module)
    every = [*seen.all(cst.Name), *seen.all(cst.Attribute)]
    table = {}
    for old, (new, arity) in _NEW.items():
        full = f"werkzeug.urls.{old}"
        uses = [n for n in every if known.qualified(n) == full and not _is_imported(n, seen)]
        if uses and all(_is_the_same(n, arity, module) for n in uses):
            table[full] = f"urllib.parse.{new}"
    return renamed.names_in(module, table) if table else module


def _is_imported(node: cst.CSTNode, seen: nodes.Seen) -> bool:
    return isinstance(seen.above.get(node), cst.ImportAlias | cst.ImportFrom)


def _is_the_same(node: cst.BaseExpression, arity: int, module: cst.Module) -> bool:
    """Say whether a use is a call that does the same in the standard library."""
    seen = nodes.of(module)
    call = seen.above[node]
    if not isinstance(call, cst.Call) or call.func is not node or guards.for_some_versions(call, module):
        return False
    if len(call.args) != arity or len(arguments.positional(call)) != arity:
        return False
    if (names.of(module).qualified(node) or "").endswith("url_parse"):
        above = seen.above[call]
        return isinstance(above, cst.Attribute) and above.value is call and above.attr.value in _PARTS
    return True
