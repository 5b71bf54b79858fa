"""Python 3 does by itself what `from __future__ import print_function` and its like once asked for.

Such a line says that Python 2 may run the file, long after the project stopped that. It changes nothing, but
is copied into each new file, and keeps readers asking.

`annotations` stays: it changes what annotations are. So does an import with a comment that is no linter's,
and one in a file that asks whether Python 2 runs it: there it lets the file say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from codemods import imports, leftovers, names, nodes, scopes, writing
from codemods.model import About, Applicability, Category, Facts

_GIVEN = (
    *("print_function", "absolute_import", "unicode_literals", "division"),
    *("generators", "nested_scopes", "with_statement"),
)
_ANY = "|".join(_GIVEN).encode()

ABOUT = About(
    title="Import nothing from the future that Python 3 has",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: in Python 3 these imports change nothing.",
    references=(
        "https://docs.python.org/3/library/__future__.html",
        "https://docs.astral.sh/ruff/rules/unnecessary-future-import/",
    ),
    needles=(b"__future__",),
    pattern=rb"\bfrom[ \t]+__future__[ \t]+import[ \t]*(?:\([^)]{0,500}?|[^\n(]{0,500}?)\b(?:"
    + _ANY
    + rb")\b",
    requires_python=(3, 0),
    codes=("UP010",),
    minutes=1,
)

_ASKS_FOR_2 = re.compile(r"version_info(?:\[0\]|\.major)?\s*(?:<|==|!=)|\bPY2\b|hexversion")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module without the imports from the future that are present."""
    found = {alias for line in module.body for alias in _superfluous(line, module)}
    if not found or _ASKS_FOR_2.search(writing.source(module)):
        return module
    result = leftovers.without(module, found)
    if result.get_docstring() != module.get_docstring():
        return module
    empty = not (result.body or result.header or result.footer)
    return result.with_changes(has_trailing_newline=False) if empty else result


def _superfluous(line: cst.BaseStatement, module: cst.Module) -> Iterator[str]:
    """Yield what a line imports from the future in vain, where nothing but that would go."""
    known = names.of(module)
    for node in imports.of([line]):
        if not isinstance(node, cst.ImportFrom) or imports.source_of(node) != "__future__":
            continue
        bound = dict(scopes.imports(node))
        given = [n for n in bound if bound[n] == f"__future__.{n}" and n in _GIVEN]
        if len(given) == len(bound) and not all(map(leftovers.for_tools, nodes.comments(line))):
            continue
        yield from (n for n in given if not known.uses(n) and leftovers.removable(module, n))
