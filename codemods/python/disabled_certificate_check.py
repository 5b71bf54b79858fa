"""Without a check of the certificate, anybody on the way can answer in the name of the server.

`verify=False`, a context with `CERT_NONE` and `ssl._create_unverified_context` still encrypt, but to
whoever answers: passwords, tokens and data go to the one who sits in between, and nothing is logged. All of
these libraries check certificates when nothing is said, against the authorities that the system trusts. A
server with a certificate of a private authority keeps its check when that authority is named:
`verify="/path/to/ca.pem"` or `cafile=`.

Where a variable or a condition decides, where `localhost` is called, where an error of the certificate is
what led there, and where a name, a comment or a call of `disable_warnings` says that it is meant so, nothing
changes. Neither does a
context that checks the certificate and only not the host's name, nor one that is made for a server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import libcst as cst

from codemods import arguments, certain, leftovers, names, nodes, reach, wording
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Check the certificates of servers",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="A connection to a server whose certificate is not valid or not trusted here fails from now on.",
    references=(
        "https://requests.readthedocs.io/en/latest/user/advanced/#ssl-cert-verification",
        "https://docs.python.org/3/library/ssl.html#ssl.create_default_context",
        "https://docs.astral.sh/ruff/rules/request-with-no-cert-validation/",
    ),
    needles=(b"verify", b"_create_unverified_context", b"CERT_NONE"),
    pattern=rb"verify\s*=\s*False|_create_unverified_context|CERT_NONE",
    codes=("S501", "B501", "S323", "B323"),
    minutes=10,
    tests=False,
)

_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request")
_REQUESTS = frozenset(
    (
        *(f"{library}.{verb}" for verb in _VERBS for library in ("requests", "requests.api", "httpx")),
        *("httpx.stream", "httpx.Client", "httpx.AsyncClient"),
    )
)
_SESSIONS = frozenset(("requests.Session", "requests.session", "requests.sessions.Session"))
_UNVERIFIED = "ssl._create_unverified_context"
_VERIFIED = "create_default_context"
_MEANT = frozenset(
    (
        *("verify", "verified", "verification", "unverified", "insecure", "secure", "unsafe", "ssl", "tls"),
        *("cert", "certs", "certificate", "certificates", "trust", "trusted", "signed", "untrusted"),
        *("strict", "debug", "dev", "development", "local", "staging", "test", "testing", "skip"),
        "warnings",
    )
)
_HERE = re.compile(r"localhost|127\.0\.0\.1|\[?::1\]?|0\.0\.0\.0")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that leaves the check of certificates on."""
    if any("disable_warnings" in (full or "") for full in _called(module)):
        return module
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in nodes.of(module).all(cst.Call):
        if _is_unchecked_request(call, module) and not _is_meant(call, module):
            index = next(i for i, a in enumerate(call.args) if a.keyword and a.keyword.value == "verify")
            if arguments.without(call, index):
                changes[call] = partial(_without, index)
    contexts, ways = _contexts(module)
    changes.update(contexts)
    lines = list(_settings(module))
    for line in lines:
        changes.update(_removed(line, lines, module))
    return leftovers.tidied(module, reach.brought(nodes.replaced(module, changes), ways))


def _called(module: cst.Module) -> Iterator[str | None]:
    return (names.of(module).qualified(call.func) for call in nodes.of(module).all(cst.Call))


def _without(index: int, updated: cst.CSTNode) -> cst.CSTNode:
    call = cst.ensure_type(updated, cst.Call)
    return arguments.without(call, index) or call


def _is_unchecked_request(call: cst.Call, module: cst.Module) -> bool:
    verify = arguments.named(call, "verify")
    if verify is None or not _is(verify.value, "False") or arguments.starred(call):
        return False
    if names.of(module).qualified(call.func) in _REQUESTS:
        return True
    is_method = isinstance(call.func, cst.Attribute) and call.func.attr.value in _VERBS
    return is_method and _is_session(cst.ensure_type(call.func, cst.Attribute).value, module)


def _is(node: cst.BaseExpression, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name


def _is_session(node: cst.BaseExpression, module: cst.Module) -> bool:
    value = certain.bound_to(node, module) or certain.entered(node, module)
    return isinstance(value, cst.Call) and names.of(module).qualified(value.func) in _SESSIONS


def _is_meant(node: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether the code around a place, a comment or the server's name says that it has to be so."""
    seen = nodes.of(module)
    around = seen.within(node, cst.FunctionDef) or seen.within(node, cst.SimpleStatementLine) or module
    if any(_HERE.search(text) for text in wording.spoken(around)):
        return True
    said = [*nodes.remarks(node, seen.above), *_reasons(node, seen)]
    if isinstance(around, cst.FunctionDef):
        said += [*nodes.comments(around), around.get_docstring() or ""]
    return any(not wording.words(text).isdisjoint(_MEANT) for text in said)


def _reasons(node: cst.CSTNode, seen: nodes.Seen) -> Iterator[str]:
    """Yield what the conditions and the handled errors around a place speak of, and what it stands in."""
    for outer in seen.ancestors(node):
        if isinstance(outer, cst.If | cst.IfExp | cst.While):
            yield from wording.spoken(outer.test)
        elif isinstance(outer, cst.ExceptHandler) and outer.type:
            yield from wording.spoken(outer.type)
        elif isinstance(outer, cst.FunctionDef | cst.ClassDef):
            yield outer.name.value
        elif isinstance(outer, cst.With):
            yield from (text for item in outer.items for text in wording.spoken(item.item))


def _contexts(module: cst.Module) -> tuple[Mapping[cst.CSTNode, nodes.Change], list[reach.Way]]:
    """Return the changes of calls that make a context without a check, and the imports for them."""
    known = names.of(module)
    found = [
        call.func
        for call in nodes.of(module).all(cst.Call)
        if not call.args and known.qualified(call.func) == _UNVERIFIED and not _is_meant(call.func, module)
    ]
    changes: dict[cst.CSTNode, nodes.Change] = {}
    ways: list[reach.Way] = []
    for func in found:
        if isinstance(func, cst.Attribute):
            changes[func.attr] = _to(cst.Name(_VERIFIED))
        elif way := reach.to(f"ssl.{_VERIFIED}", module):
            changes[func] = _to(way.expression)
            ways.append(way)
    return changes, ways


def _to(expression: cst.BaseExpression) -> nodes.Change:
    return lambda _: expression


def _settings(module: cst.Module) -> Iterator[cst.SimpleStatementLine]:
    """Yield the lines that do nothing but switch the check off; of a context, two that need each other."""
    found: dict[tuple[cst.CSTNode, str], list[cst.SimpleStatementLine]] = {}
    for line, target, value in _assignments(module):
        name = target.attr.value
        if _is_off(name, value, module) and _is_default_context(target.value, line, module):
            context = cst.ensure_type(target.value, cst.Name).value
            found.setdefault((nodes.of(module).above[line], context), []).append(line)
        elif _is_for_all(target, value, module) or (
            name == "verify" and _is(value, "False") and _is_session(target.value, module)
        ):
            yield line
    for lines in found.values():
        yield from lines if len(lines) == len(_SWITCHES) else ()


def _is_for_all(target: cst.Attribute, value: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether an assignment switches the check off for everything that uses `urllib`."""
    known = names.of(module)
    full = known.qualified(target) if target.attr.value.startswith("_create") else None
    return full == "ssl._create_default_https_context" and known.qualified(value) == _UNVERIFIED


_SWITCHES = ("check_hostname", "verify_mode")
_SETTINGS = (*_SWITCHES, "verify", "_create_default_https_context")


def _assignments(
    module: cst.Module,
) -> Iterator[tuple[cst.SimpleStatementLine, cst.Attribute, cst.BaseExpression]]:
    above = nodes.of(module).above
    for assign in nodes.of(module).all(cst.Assign):
        line, target = above[assign], assign.targets[0].target
        is_alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == len(assign.targets) == 1
        is_known = isinstance(target, cst.Attribute) and target.attr.value in _SETTINGS
        if is_alone and is_known and not nodes.comments(line) and not _is_meant(assign, module):
            yield (
                cst.ensure_type(line, cst.SimpleStatementLine),
                cst.ensure_type(target, cst.Attribute),
                assign.value,
            )


def _is_off(name: str, value: cst.BaseExpression, module: cst.Module) -> bool:
    if name == "check_hostname":
        return _is(value, "False")
    return name == "verify_mode" and names.of(module).qualified(value) == "ssl.CERT_NONE"


def _is_default_context(node: cst.BaseExpression, line: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether a name is a client's context, made in the same block, and switched off once."""
    known, seen = names.of(module), nodes.of(module)
    made = certain.bound_to(node, module)
    if not isinstance(made, cst.Call) or known.qualified(made.func) != "ssl.create_default_context":
        return False
    purpose = arguments.named(made, "purpose") or next(iter(arguments.positional(made)), None)
    if purpose and known.qualified(purpose.value) != "ssl.Purpose.SERVER_AUTH":
        return False
    where = seen.within(made, cst.SimpleStatementLine)
    uses = known.uses(cst.ensure_type(node, cst.Name).value)
    parents = [seen.above[use] for use in uses if known.binds(use, cst.ensure_type(node, cst.Name))]
    set_here = [p for p in parents if isinstance(p, cst.Attribute) and p.attr.value in _SWITCHES]
    is_near = where is not None and seen.above[where] is seen.above[line]
    return is_near and len(set_here) == len(_SWITCHES)


def _removed(
    line: cst.SimpleStatementLine, lines: Sequence[cst.CSTNode], module: cst.Module
) -> Mapping[cst.CSTNode, nodes.Change]:
    """Return the changes that take a line away where others stay; the empty lines above it stay as well."""
    block = nodes.of(module).above[line]
    body = getattr(block, "body", ())
    if all(other in lines for other in body):
        return {}
    changes: dict[cst.CSTNode, nodes.Change] = {line: lambda _: cst.RemoveFromParent()}
    index = next(i for i, other in enumerate(body) if other is line)
    below = body[index + 1] if index + 1 < len(body) else None
    if line.leading_lines and below is not None and not getattr(below, "leading_lines", ()):
        changes[below] = lambda updated: updated.with_changes(leading_lines=line.leading_lines)
    return changes
