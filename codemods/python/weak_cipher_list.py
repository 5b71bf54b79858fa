"""A list of ciphers that names RC4 or 3DES lets the other side choose them; Python's own list does not.

`set_ciphers` takes the place of the list that Python and OpenSSL bring along, which is kept up with every
release: it has no cipher without encryption or without a certificate, none of RC4, DES, 3DES or MD5, and
since Python 3.10 none without forward secrecy. A line that sets a list with one of these goes, and the one
that Python brings holds again. Ciphers of TLS 1.3 are not in such a list.

A server has such a list too, in the file of settings that Gunicorn or Hypercorn reads (`ciphers`), in
Hypercorn's `Config` and as an argument of `uvicorn.run`: what they bring themselves is as good, from uvicorn
0.48 and Gunicorn 20.0 on. Before that it was worse (`TLSv1`: nothing that came with TLS 1.2), so there, or
where it is not known which uvicorn is installed, the list stays.

Only lists are meant of which something that can be used is left, or that begin with all ciphers there are:
one that has nothing but weak ones is for a particular server. Left alone is a list that comes from
elsewhere, one that lowers OpenSSL's level (`@SECLEVEL`), and what a condition, a name or a comment makes
deliberate.
"""

from __future__ import annotations

from functools import partial

import libcst as cst
from packaging.version import Version

from codemods import arguments, instances, names, nodes, old_peers, server_settings, tls, wording
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Use Python's own list of TLS ciphers",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="The other side of a connection is refused if it knows only the ciphers that go.",
    references=(
        "https://docs.python.org/3/library/ssl.html#ssl.SSLContext.set_ciphers",
        "https://docs.python.org/3/whatsnew/3.10.html#ssl",
    ),
    needles=(b"set_ciphers", b"ssl_ciphers", b"ciphers"),
    pattern=rb"(?m)set_ciphers|ssl_ciphers|^[ \t]*(?:\w+\.)*ciphers[ \t]*=",
    minutes=10,
    asks=("dependencies",),
    tests=False,
)

_UVICORN_SINCE, _GUNICORN_SINCE = Version("0.48"), Version("20")
_UVICORN = frozenset(("uvicorn.run", "uvicorn.Config", "uvicorn.config.Config"))
_HYPERCORN = frozenset(("hypercorn.Config", "hypercorn.config.Config"))
_MEANT = old_peers.LOOKING | frozenset(
    (
        *("legacy", "old", "older", "compat", "compatibility", "weak", "insecure", "unsafe", "vulnerable"),
        *("test", "tests", "testing", "scan", "supports", "check", "detect", "anonymous"),
        *("ciphers", "cipher", "suites", "anon", "fallback", "enum", "enumerate"),
    )
)


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module in which no list lets in ciphers that nobody should use."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in nodes.of(module).all(cst.Call):
        if isinstance(call.func, cst.Attribute) and call.func.attr.value == "set_ciphers":
            if (line := _line(call, module)) is not None:
                changes[line] = lambda _: cst.RemoveFromParent()
        elif _is_new_uvicorn(call, module, facts) and not arguments.starred(call):
            index = next((i for i, a in enumerate(call.args) if _named(a) == "ssl_ciphers"), None)
            if index is not None and _is_weak(call.args[index].value) and arguments.without(call, index):
                changes[call] = partial(_without, index)
    for assign in nodes.of(module).all(cst.Assign):
        if _is_server_s(assign, module, facts) and (line := _alone(assign, assign.value, module)) is not None:
            changes[line] = lambda _: cst.RemoveFromParent()
    return nodes.replaced(module, changes)


def _is_new_uvicorn(call: cst.Call, module: cst.Module, facts: Facts) -> bool:
    """Say whether it starts a uvicorn that has Python's own list where nobody gives it one."""
    lowest = facts.dependencies.get("uvicorn")
    is_new = lowest is not None and lowest >= _UVICORN_SINCE
    return is_new and names.of(module).qualified(call.func) in _UVICORN


def _is_server_s(assign: cst.Assign, module: cst.Module, facts: Facts) -> bool:
    """Say whether it sets the list of Hypercorn's `Config`, or of the file of settings that a module is."""
    target, value = nodes.assigned(assign)
    if isinstance(target, cst.Attribute) and target.attr.value == "ciphers":
        return instances.of(target.value, module, _HYPERCORN)
    if not isinstance(target, cst.Name) or target.value != "ciphers" or names.of(module).uses("ciphers")[1:]:
        return False
    _, known = server_settings.read(module).get("ciphers", (0, None))
    return known is value and facts.dependencies.get("gunicorn", _GUNICORN_SINCE) >= _GUNICORN_SINCE


def _named(arg: cst.Arg) -> str:
    return arg.keyword.value if arg.keyword else ""


def _without(index: int, updated: cst.CSTNode) -> cst.CSTNode:
    call = cst.ensure_type(updated, cst.Call)
    return arguments.without(call, index) or call


def _line(call: cst.Call, module: cst.Module) -> cst.SimpleStatementLine | None:
    """Return the line that does nothing but set a weak list; or None."""
    holder = nodes.of(module).above[call]
    if len(call.args) != 1 or not isinstance(holder, cst.Expr):
        return None
    return _alone(holder, call.args[0].value, module)


def _alone(
    statement: cst.BaseSmallStatement, ciphers: cst.BaseExpression, module: cst.Module
) -> cst.SimpleStatementLine | None:
    """Return the line of a statement that sets a weak list, where others stay in its block; or None."""
    above = nodes.of(module).above
    line = above.get(statement)
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    if nodes.comments(line) or _is_meant(statement, module):
        return None
    is_alone = len(getattr(above[line], "body", ())) == 1
    return None if is_alone or not _is_weak(ciphers) else line


def _is_weak(node: cst.BaseExpression) -> bool:
    """Say whether a literal list lets in weak ciphers, and others too."""
    value = node.evaluated_value if isinstance(node, cst.SimpleString | cst.ConcatenatedString) else None
    return isinstance(value, str) and "@" not in value and bool(tls.weak(value))


def _is_meant(node: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether a condition, an error, a name or a comment around a place makes it deliberate."""
    said: list[str] = []
    for outer in nodes.of(module).ancestors(node):
        if isinstance(outer, cst.If | cst.IfExp | cst.While):
            said += wording.spoken(outer.test)
        elif isinstance(outer, cst.ExceptHandler):
            return True
        elif isinstance(outer, cst.FunctionDef | cst.ClassDef):
            said.append(outer.name.value)
    return any(not wording.words(text).isdisjoint(_MEANT) for text in said)
