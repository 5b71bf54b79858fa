"""`datetime.utcnow()` and `datetime.utcfromtimestamp()` are deprecated since Python 3.12.

They return a time in UTC that does not say so, and whoever calls `timestamp()` or `astimezone()` on it gets
a wrong moment. Each call is replaced by one that asks for UTC by name. Where the zone cannot make a
difference (the date, the year, a format without a zone, a `replace(tzinfo=…)` behind it) the aware time is
used as it is. Everywhere else the zone is taken off again with `replace(tzinfo=None)`: an aware time cannot
be compared with the naive ones that may stand in the database or come from another function, so making it
aware is a decision for a person who knows both sides.

The goal is in the name, and this is the first step to it: every value stays exactly what it was, the
warning is gone, and each place where a zone is dropped can be seen. `utcnow().timestamp()` and
`utcnow().astimezone()` are left alone: they are wrong today wherever the machine's clock does not run in
UTC, and the right fix changes the result. So is a call whose line would become longer than those of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import libcst as cst

from codemods import arguments, guards, imports, layout, names, nodes, scopes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Replace the deprecated utcnow() with an exact equivalent",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="Values stay as they are; a test with a stand-in for `datetime` must let it answer `now()` too.",
    references=(
        "https://docs.python.org/3/library/datetime.html#datetime.datetime.utcnow",
        "https://docs.python.org/3/whatsnew/3.12.html#deprecated",
    ),
    needles=(b"utcnow", b"utcfromtimestamp"),
    codes=("DTZ003", "DTZ004"),
    asked_for=r"(?:replace|remove|get rid of) (?:the )?(?:deprecated )?`?(?:datetime\.)?utcnow(?:\(\))?`?",
    minutes=3,
    asks=("floor",),
)

_CLASS = "datetime.datetime"
_OLD = {"utcnow": "now", "utcfromtimestamp": "fromtimestamp"}
_WRONG_ALREADY = frozenset(("timestamp", "astimezone"))
_ZONELESS_PARTS = frozenset(("year", "month", "day", "hour", "minute", "second", "microsecond"))
_ZONELESS_METHODS = frozenset(
    (
        "date",
        "time",
        "weekday",
        "isoweekday",
        "isocalendar",
        "toordinal",
        "ctime",
        "timetuple",
        "utctimetuple",
    )
)
_UTC = frozenset(
    (
        "datetime.timezone.utc",
        "datetime.UTC",
        "pytz.utc",
        "pytz.UTC",
        "dateutil.tz.UTC",
        "django.utils.timezone.utc",
    )
)
_PYTHON_2 = frozenset(
    f"__future__.{name}" for name in ("absolute_import", "division", "print_function", "unicode_literals")
)
_NAMED_IN_A_PATCH = re.compile(r"(?:^|\.)utc(?:now|fromtimestamp)$")
_SHOWS_ZONE = re.compile(r"%[^A-Za-z%]*[zZ]")


@dataclass
class _File:
    """One module, with what is known of it and what shall change."""

    module: cst.Module
    known: names.Names
    above: Mapping[cst.CSTNode, cst.CSTNode]
    changes: dict[cst.CSTNode, nodes.Change] = field(default_factory=dict)
    needing: dict[cst.ImportFrom, list[cst.Call]] = field(default_factory=dict)


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module without the deprecated calls."""
    known = names.of(module)
    if _may_run_on_python_2(module, known, facts.floor):
        return module
    seen = nodes.of(module)
    calls = [n for n in seen.all(cst.Call) if _is_old(n.func, known)]
    if not calls:
        return module
    file = _File(module, known, seen.above)
    telling = seen.all(cst.SimpleString, cst.FunctionDef, cst.Arg, cst.Attribute)
    if any(_stands_in(node, file.above) for node in telling):
        return module
    for call in calls:
        if _takes_what_is_expected(call) and not _left_alone(call, file):
            _replace(call, file)
    changes = layout.fitting(module, file.changes)
    sources = [s for s, needed_by in file.needing.items() if not changes.keys().isdisjoint(needed_by)]
    return nodes.replaced(module, {**changes, **dict.fromkeys(sources, _with_timezone)})


def _with_timezone(updated: cst.CSTNode) -> cst.CSTNode:
    return imports.extended(cst.ensure_type(updated, cst.ImportFrom), "timezone")


def _may_run_on_python_2(module: cst.Module, known: names.Names, floor: tuple[int, int] | None) -> bool:
    """Say whether the zone may be missing: a single file can be older than what the project declares."""
    if known.bindings("__metaclass__"):
        return True
    if floor is not None:
        return floor < (3, 3)
    futures = (n for n in imports.of(module.body) if isinstance(n, cst.ImportFrom))
    return any(full in _PYTHON_2 for node in futures for _, full in scopes.imports(node))


def _is_old(func: cst.BaseExpression, known: names.Names) -> bool:
    return (
        isinstance(func, cst.Attribute) and func.attr.value in _OLD and known.qualified(func.value) == _CLASS
    )


def _takes_what_is_expected(call: cst.Call) -> bool:
    wanted = 0 if cst.ensure_type(call.func, cst.Attribute).attr.value == "utcnow" else 1
    return len(call.args) == len(arguments.positional(call)) == wanted


def _stands_in(node: cst.CSTNode, above: Mapping[cst.CSTNode, cst.CSTNode]) -> bool:
    """Say whether a node belongs to a test that controls the clock by the names that would go."""
    if isinstance(node, cst.SimpleString):
        return bool(_NAMED_IN_A_PATCH.search(str(node.raw_value)))
    if isinstance(node, cst.FunctionDef):
        return node.name.value in _OLD
    if isinstance(node, cst.Arg):
        return node.keyword is not None and node.keyword.value == "tz_offset"
    if isinstance(node, cst.Attribute) and node.attr.value in _OLD:
        return isinstance(above[node], cst.Attribute | cst.AssignTarget)
    return False


def _left_alone(call: cst.Call, file: _File) -> bool:
    """Say whether someone decided on this line, or the call is shown in the words of the source."""
    node: cst.CSTNode = call
    while not isinstance(node, cst.BaseStatement | cst.Module):
        if isinstance(node, cst.FormattedStringExpression) and node.equal is not None:
            return True
        node = file.above[node]
    return guards.silenced(call, file.module, ABOUT, "aware-utcnow")


def _replace(call: cst.Call, file: _File) -> None:
    """Note how a call and what is done with its result will change."""
    used = file.above[call]
    attribute = used.attr.value if isinstance(used, cst.Attribute) else ""
    above = file.above[used]
    outer = above if attribute and isinstance(above, cst.Call) and above.func is used else None
    if attribute in _WRONG_ALREADY:
        return
    if attribute == "replace" and outer is not None and all(arg.keyword for arg in outer.args):
        _replace_before_replace(call, outer, file)
    elif zone := _zone(call, file):
        change = _aware(zone) if _zoneless(attribute, outer) else _naive(zone)
        file.changes[call] = layout.fitted(file.module, call, change) or change


def _replace_before_replace(call: cst.Call, outer: cst.Call, file: _File) -> None:
    """Let a ``.replace(…)`` behind the call say what becomes of the zone."""
    given = arguments.named(outer, "tzinfo")
    if given is not None and file.known.qualified(given.value) in _UTC and not nodes.comments(outer):
        file.changes[call] = _aware(given.value)
        file.changes[outer] = _without_zone(list(outer.args).index(given))
        return
    if zone := _zone(call, file):
        file.changes[call] = _aware(zone)
        if given is None:
            file.changes[outer] = _and_no_zone


def _without_zone(index: int) -> nodes.Change:
    def change(updated: cst.CSTNode) -> cst.CSTNode:
        outer = cst.ensure_type(updated, cst.Call)
        if len(outer.args) > 1:
            return arguments.without(outer, index) or outer
        inner = cst.ensure_type(cst.ensure_type(outer.func, cst.Attribute).value, cst.Call)
        return inner.with_changes(lpar=[*outer.lpar, *inner.lpar], rpar=[*inner.rpar, *outer.rpar])

    return change


def _and_no_zone(updated: cst.CSTNode) -> cst.CSTNode:
    return arguments.appended(
        cst.ensure_type(updated, cst.Call), arguments.keyword("tzinfo", cst.Name("None"))
    )


def _zoneless(attribute: str, outer: cst.Call | None) -> bool:
    """Say whether what is read from the time is the same with UTC as without a zone."""
    if outer is None:
        return attribute in _ZONELESS_PARTS
    if attribute in _ZONELESS_METHODS:
        return not outer.args
    if attribute == "strftime" and len(outer.args) == 1:
        pattern = outer.args[0].value
        return isinstance(pattern, cst.SimpleString) and not _SHOWS_ZONE.search(str(pattern.raw_value))
    return False


def _aware(zone: cst.BaseExpression) -> Callable[[cst.CSTNode], cst.Call]:
    def change(updated: cst.CSTNode) -> cst.Call:
        old = cst.ensure_type(updated, cst.Call)
        func = cst.ensure_type(old.func, cst.Attribute)
        renamed = old.with_changes(func=func.with_changes(attr=cst.Name(_OLD[func.attr.value])))
        return arguments.appended(renamed, cst.Arg(zone.deep_clone()))

    return change


def _naive(zone: cst.BaseExpression) -> Callable[[cst.CSTNode], cst.Call]:
    def change(updated: cst.CSTNode) -> cst.Call:
        aware = _aware(zone)(updated)
        bare = aware.with_changes(lpar=(), rpar=())
        none = arguments.keyword("tzinfo", cst.Name("None"))
        return cst.Call(cst.Attribute(bare, cst.Name("replace")), [none], lpar=aware.lpar, rpar=aware.rpar)

    return change


def _zone(call: cst.Call, file: _File) -> cst.BaseExpression | None:
    """Return how this call can say UTC, importing ``timezone`` where datetime comes from; None: it cannot."""
    kind = cst.ensure_type(call.func, cst.Attribute).value
    if isinstance(kind, cst.Attribute):
        return cst.Attribute(cst.Attribute(kind.value, cst.Name("timezone")), cst.Name("utc"))
    if name := file.known.local("datetime.timezone"):
        return cst.parse_expression(f"{name}.utc")
    if name := file.known.local("datetime.UTC"):
        return cst.Name(name)
    if name := file.known.local("datetime"):
        return cst.parse_expression(f"{name}.timezone.utc")
    source = _import_of(cst.ensure_type(kind, cst.Name).value, call, file)
    if source is None or not file.known.free("timezone"):
        return None
    file.needing.setdefault(source, []).append(call)
    return cst.parse_expression("timezone.utc")


def _import_of(name: str, call: cst.Call, file: _File) -> cst.ImportFrom | None:
    """Return the one import that binds the name for a call, at the top of the module or of a function."""
    node: cst.CSTNode = call
    while not isinstance(node, cst.Module):
        node = file.above[node]
        if isinstance(node, cst.FunctionDef | cst.Module):
            found = list(_imports_in(node, name))
            if found:
                return found[0] if len(found) == 1 else None
    return None


def _imports_in(scope: cst.FunctionDef | cst.Module, name: str) -> Iterator[cst.ImportFrom]:
    body = scope.body.body if isinstance(scope, cst.FunctionDef) else scope.body
    for line in body:
        for node in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            bound = dict(scopes.imports(node)) if isinstance(node, cst.ImportFrom) else {}
            if isinstance(node, cst.ImportFrom) and bound.get(name) == _CLASS:
                yield node
