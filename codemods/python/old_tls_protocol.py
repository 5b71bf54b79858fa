"""TLS below 1.2 protects nobody any more, and a context that knows nothing else cannot reach most servers.

TLS 1.0 and 1.1 were taken out of use by RFC 8996 in 2021. `ssl.PROTOCOL_TLSv1` is not "1.0 or newer" but
1.0 alone. A context gets `PROTOCOL_TLS`, which speaks the newest version that both sides know and checks
what was checked before, with `minimum_version` beside it. One that is certainly a server's gets
`PROTOCOL_TLS_SERVER`, which a client's must not be. Versions that are refused one by one (`OP_NO_TLSv1`,
for which Python warns since 3.10) become one `minimum_version`. The lowest version is that of kotsu.yml,
`tls.minimum`.

Where Python 3.10 is the lowest, a context that names no version speaks nothing below 1.2 by itself, and
stays as it is. So does `PROTOCOL_TLSv1_2` unless the policy asks for 1.3: it is a limit that somebody may
need. What a condition, a handled error, a name, a comment or a highest version that is just as old makes
deliberate is left alone, and what is not checked stays unchecked: `disabled-certificate-check` is about that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from codemods import (
    arguments,
    certain,
    handshakes,
    instances,
    leftovers,
    names,
    nodes,
    old_peers,
    reach,
    wording,
)
from codemods.model import About, Applicability, Category, Facts
from codemods.tls import Policy

ABOUT = About(
    title="Speak no version of TLS that is too old",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="The other side of a connection is refused if it knows nothing newer than TLS 1.1.",
    references=(
        "https://docs.python.org/3/library/ssl.html#ssl.SSLContext.minimum_version",
        "https://www.rfc-editor.org/rfc/rfc8996",
        "https://docs.astral.sh/ruff/rules/ssl-insecure-version/",
    ),
    needles=(b"ssl",),
    pattern=rb"PROTOCOL_(?:SSL|TLS)|TLSVersion|OP_NO_(?:SSL|TLS)v",
    codes=("S502", "B502", "S503", "B503"),
    minutes=10,
    asks=("floor", "tls"),
    tests=False,
)

_CONSTANTS = {
    "ssl.PROTOCOL_SSLv2": "SSLv2",
    "ssl.PROTOCOL_SSLv3": "SSLv3",
    "ssl.PROTOCOL_TLSv1": "1.0",
    "ssl.PROTOCOL_TLSv1_1": "1.1",
    "ssl.PROTOCOL_TLSv1_2": "1.2",
}
_CONTEXT = "ssl.SSLContext"
_DEFAULTS = frozenset(("ssl.create_default_context", "ssl._create_unverified_context"))
_SIDES = frozenset(("ssl.PROTOCOL_TLS_CLIENT", "ssl.PROTOCOL_TLS_SERVER"))
_ANY = frozenset(("ssl.PROTOCOL_SSLv23", "ssl.PROTOCOL_TLS"))
_VERSIONS = {
    "ssl.TLSVersion.MINIMUM_SUPPORTED": "SSLv3",
    "ssl.TLSVersion.SSLv3": "SSLv3",
    "ssl.TLSVersion.TLSv1": "1.0",
    "ssl.TLSVersion.TLSv1_1": "1.1",
    "ssl.TLSVersion.TLSv1_2": "1.2",
}
_NAMED = frozenset((*_CONSTANTS, *_VERSIONS, *_ANY))
_REFUSALS = {f"ssl.OP_NO_{name}" for name in ("SSLv2", "SSLv3", "TLSv1", "TLSv1_1")}
_BOUNDS = ("minimum_version", "maximum_version")
_HIGHEST = frozenset(("ssl_maximum_version", "maximum_version"))
_KEYWORDS = ("ssl_version", "tls_version")
"""What libraries call the protocol that they hand on to a context."""
_UVICORN = frozenset(("uvicorn.run", "uvicorn.Config", "uvicorn.config.Config"))
_LOWEST_PYTHON = (3, 7)
_STRICT_PYTHON = (3, 10)
"""From this one on a context speaks nothing below 1.2 by itself."""


@dataclass
class _Plan:
    module: cst.Module
    policy: Policy
    floor: tuple[int, int] | None
    changes: dict[cst.CSTNode, nodes.Change] = field(default_factory=dict)
    ways: list[reach.Way] = field(default_factory=list)

    @property
    def is_strict(self) -> bool:
        """Whether a context of any version is as strict as the policy by itself."""
        return self.policy.lowest == "1.2" and (self.floor or (0, 0)) >= _STRICT_PYTHON

    @property
    def is_lax(self) -> bool:
        """Whether a context of any version certainly is less strict than the policy, on some Python."""
        return self.policy.lowest > "1.2" or (self.floor is not None and self.floor < _STRICT_PYTHON)

    def is_meant(self, node: cst.CSTNode) -> bool:
        """Say whether an old version is spoken on purpose at a place."""
        return old_peers.meant(node, self.module, self.policy)

    def name(self, node: cst.BaseExpression, attribute: str) -> bool:
        """Plan that a constant of `ssl` is another one; False where it cannot be named."""
        if isinstance(node, cst.Attribute):
            self.changes[node.attr] = nodes.to(cst.Name(attribute))
            return True
        way = reach.to(f"ssl.{attribute}", self.module)
        if way:
            self.changes[node] = nodes.to(way.expression)
            self.ways.append(way)
        return way is not None

    def minimum(self, context: cst.BaseExpression, near: cst.BaseExpression) -> _Line | None:
        """Return the line that sets the lowest version of a context; None where it cannot be named."""
        way = None if isinstance(near, cst.Attribute) else reach.to("ssl.TLSVersion", self.module)
        if isinstance(near, cst.Attribute):
            versions: cst.BaseExpression = cst.Attribute(near.value.deep_clone(), cst.Name("TLSVersion"))
        elif way:
            versions = way.expression
        else:
            return None
        target = cst.Attribute(context.deep_clone(), cst.Name("minimum_version"))
        value = cst.Attribute(versions, cst.Name(self.version))
        assign = cst.Assign([cst.AssignTarget(target)], value)
        return _Line(cst.SimpleStatementLine([assign]), (way,) if way else ())

    @property
    def version(self) -> str:
        """The name that `ssl.TLSVersion` has for the lowest version."""
        return f"TLSv{self.policy.lowest.replace('.', '_')}"


@dataclass(frozen=True)
class _Line:
    line: cst.SimpleStatementLine
    ways: tuple[reach.Way, ...]


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module in which TLS is as new as the policy asks for."""
    if facts.floor is not None and facts.floor < _LOWEST_PYTHON:
        return module
    plan = _Plan(module, facts.tls, facts.floor)
    for call in nodes.of(module).all(cst.Call):
        if any(_names_any(arg.value, plan) for arg in call.args) and not plan.is_meant(call):
            _contexts(call, plan)
            _keywords(call, plan)
    for assign in nodes.of(module).all(cst.Assign):
        if _names_any(assign.value, plan) and not plan.is_meant(assign):
            _bounds(assign, plan)
    for element in nodes.of(module).all(cst.DictElement):
        key = element.key
        is_protocol = isinstance(key, cst.SimpleString) and key.raw_value in _KEYWORDS
        if is_protocol and _names_any(element.value, plan) and not plan.is_meant(key):
            _keyword(element.value, plan, "PROTOCOL_TLS")
    _refused(plan)
    changed = nodes.replaced(module, plan.changes)
    return leftovers.tidied(module, reach.brought(changed, plan.ways))


def _names_any(node: cst.BaseExpression, plan: _Plan) -> bool:
    return names.of(plan.module).qualified(node) in _NAMED


def _is_old(node: cst.BaseExpression, plan: _Plan) -> bool:
    known = names.of(plan.module).qualified(node) or ""
    version = _CONSTANTS.get(known) or _VERSIONS.get(known)
    return version is not None and plan.policy.is_old(version)


def _contexts(call: cst.Call, plan: _Plan) -> None:
    """Plan what becomes of a context that is made for one old version, or for all of them."""
    known = names.of(plan.module)
    if known.qualified(call.func) != _CONTEXT or len(call.args) != 1 or arguments.starred(call):
        return
    protocol = call.args[0].value
    is_lax = known.qualified(protocol) in _ANY and plan.is_lax
    if not is_lax and not _is_old(protocol, plan):
        return
    target, line = _assigned(call, plan.module)
    if target is None or line is None or _is_bounded(target, plan.module):
        if not is_lax and plan.is_strict:
            plan.name(protocol, "PROTOCOL_TLS")
        return
    is_server = handshakes.side(target, plan.module) == handshakes.SERVER
    below = plan.minimum(target, protocol)
    if below is not None and plan.name(protocol, "PROTOCOL_TLS_SERVER" if is_server else "PROTOCOL_TLS"):
        plan.ways += below.ways
        plan.changes[line] = _followed(below.line)


def _followed(below: cst.SimpleStatementLine) -> nodes.Change:
    return lambda line: cst.FlattenSentinel([cst.ensure_type(line, cst.SimpleStatementLine), below])


def _assigned(
    call: cst.Call, module: cst.Module
) -> tuple[cst.BaseExpression | None, cst.SimpleStatementLine | None]:
    """Return the name or the attribute that a line of its own gives to a call's result, and that line."""
    above = nodes.of(module).above
    assign = above[call]
    target, value = nodes.assigned(assign)
    line = above.get(assign)
    is_alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 and value is call
    plain = isinstance(target, cst.Name) or (
        isinstance(target, cst.Attribute) and isinstance(target.value, cst.Name)
    )
    if not is_alone or not plain:
        return None, None
    return target, cst.ensure_type(line, cst.SimpleStatementLine)


def _is_bounded(target: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether the module sets versions of what is named so: then the order of lines would count."""
    bounds = [n for n in nodes.of(module).all(cst.Attribute) if n.attr.value in _BOUNDS]
    return any(n.value.deep_equals(target) for n in bounds)


def _keywords(call: cst.Call, plan: _Plan) -> None:
    """Plan what becomes of a protocol that is handed on to a library."""
    highest = (arg.value for arg in call.args if arg.keyword and arg.keyword.value in _HIGHEST)
    for arg in () if any(_is_old(value, plan) for value in highest) else call.args:
        name = arg.keyword.value if arg.keyword else ""
        if name in {"ssl_minimum_version", "minimum_version"} and _is_version(arg.value, plan):
            plan.name(arg.value, plan.version)
        elif name in _KEYWORDS:
            is_server = names.of(plan.module).qualified(call.func) in _UVICORN
            _keyword(arg.value, plan, "PROTOCOL_TLS_SERVER" if is_server else "PROTOCOL_TLS")


def _keyword(value: cst.BaseExpression, plan: _Plan, new: str) -> None:
    is_constant = names.of(plan.module).qualified(value) in _CONSTANTS
    if is_constant and _is_old(value, plan) and plan.policy.lowest == "1.2":
        plan.name(value, new)


def _is_version(node: cst.BaseExpression, plan: _Plan) -> bool:
    return (
        isinstance(node, cst.Attribute)
        and names.of(plan.module).qualified(node) in _VERSIONS
        and _is_old(node, plan)
    )


def _bounds(assign: cst.Assign, plan: _Plan) -> None:
    """Plan what becomes of a lowest version that is too low, unless the highest one is, too."""
    target, value = nodes.assigned(assign)
    if target is not None and wording.target(target) in _KEYWORDS and isinstance(target, cst.Subscript):
        _keyword(assign.value, plan, "PROTOCOL_TLS")
    elif not isinstance(target, cst.Attribute) or target.attr.value != "minimum_version":
        return
    elif value is not None and _is_version(value, plan) and not _is_capped(target.value, plan):
        plan.name(value, plan.version)


def _is_capped(context: cst.BaseExpression, plan: _Plan) -> bool:
    """Say whether the module sets a highest version that is too old for what is named so."""
    for target, value in map(nodes.assigned, nodes.of(plan.module).all(cst.Assign)):
        if value is None or not isinstance(target, cst.Attribute) or target.attr.value != "maximum_version":
            continue
        if _is_old(value, plan) and target.value.deep_equals(context):
            return True
    return False


def _refused(plan: _Plan) -> None:
    """Plan that versions which a context refuses one by one become its lowest version.

    All in one block, or none: with a part of them gone, the others would look as if they mattered.
    """
    seen = nodes.of(plan.module)
    groups: dict[tuple[cst.CSTNode | None, str], list[cst.AugAssign]] = {}
    eased = [c for aug in seen.all(cst.AugAssign) if (c := _context_of(aug, cst.BitAndAssign)) is not None]
    for aug in seen.all(cst.AugAssign):
        context = _context_of(aug, cst.BitOrAssign)
        if context is None or any(context.deep_equals(other) for other in eased):
            continue
        if _is_refusal(list(_flags(aug.value)), plan.module):
            key = (seen.function(aug), plan.module.code_for_node(context))
            groups.setdefault(key, []).append(aug)
    for first, *others in groups.values():
        context = cst.ensure_type(first.target, cst.Attribute).value
        every = [first, *others]
        is_plain = all(_is_alone(aug, plan.module) and not plan.is_meant(aug) for aug in every)
        blocks = {seen.above[seen.above[aug]] for aug in every}
        if not is_plain or len(blocks) > 1 or _is_decided(first, plan) or _is_bounded(context, plan.module):
            continue
        below = plan.minimum(context, next(_flags(first.value)))
        if below is not None and _is_flexible(context, plan):
            plan.ways += below.ways
            plan.changes[first] = nodes.to(below.line.body[0])
            plan.changes.update({seen.above[aug]: lambda _: cst.RemoveFromParent() for aug in others})


def _context_of(aug: cst.AugAssign, operator: type[cst.BaseAugOp]) -> cst.BaseExpression | None:
    """Return the context of whose options something is made in that way, or None."""
    target = aug.target
    is_options = isinstance(target, cst.Attribute) and target.attr.value == "options"
    if not (is_options and isinstance(aug.operator, operator)):
        return None
    return cst.ensure_type(target, cst.Attribute).value


def _is_alone(aug: cst.AugAssign, module: cst.Module) -> bool:
    """Say whether it has a line of its own, without a comment."""
    line = nodes.of(module).above[aug]
    return isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 and not nodes.comments(line)


def _is_refusal(flags: list[cst.BaseExpression], module: cst.Module) -> bool:
    return all(names.of(module).qualified(flag) in _REFUSALS for flag in flags)


def _is_flexible(context: cst.BaseExpression, plan: _Plan) -> bool:
    """Say whether a context certainly was made for any version, and gets no lowest one where it is made.

    Python refuses to set the lowest version of one that was made for a single version.
    """
    values = _values(context, plan)
    made = [value for value in values if isinstance(value, cst.Call)]
    if not made or len(made) < len(values):
        return False
    return all(_makes_any(call, plan) for call in made)


def _values(context: cst.BaseExpression, plan: _Plan) -> Sequence[cst.BaseExpression | None]:
    """Return what a context is bound to, with None for what nobody can tell."""
    if isinstance(context, cst.Attribute):
        return list(instances.given(context, plan.module))
    return [certain.bound_to(context, plan.module)]


def _is_decided(aug: cst.AugAssign, plan: _Plan) -> bool:
    """Say whether a condition leads to a line, but not to the context: elsewhere it would be less strict."""
    seen, context = nodes.of(plan.module), cst.ensure_type(aug.target, cst.Attribute).value
    shared = {outer for value in _values(context, plan) if value for outer in seen.ancestors(value)}
    return any(isinstance(outer, cst.If) and outer not in shared for outer in seen.ancestors(aug))


def _makes_any(call: cst.Call, plan: _Plan) -> bool:
    known = names.of(plan.module)
    lines = [nodes.of(plan.module).within(call, cst.SimpleStatementLine)]
    if any(line in plan.changes for line in lines if line):
        return False
    if known.qualified(call.func) in _DEFAULTS:
        return True
    if known.qualified(call.func) != _CONTEXT or arguments.starred(call):
        return False
    return not call.args or known.qualified(call.args[0].value) in _ANY | _SIDES


def _flags(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
        yield from _flags(node.left)
        yield from _flags(node.right)
    else:
        yield node
