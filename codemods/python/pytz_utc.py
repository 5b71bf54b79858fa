"""`datetime.timezone.utc` says what `pytz.utc` says, and comes with Python.

pytz dates from the time when Python had no time zones; its own documentation sends new code to the standard
library. A module that takes nothing but UTC from it needs the import no more, and with the last of them goes
the dependency.

Moments, differences, formatted text and `tzname()` are the same. What differs is the object: `repr`, pickles,
a comparison with `pytz.utc` elsewhere, and the methods and attributes that only zones of pytz have. So a
module is left alone that uses any other zone of pytz, that mentions `localize`, `normalize` or `zone`, or
that does anything with the zone but hand it to `datetime`.
"""

from __future__ import annotations

from functools import partial

import libcst as cst

from codemods import alignment, expressions, layout, leftovers, moved, names, nodes, reach
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Use the standard library's UTC in place of pytz",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="Times carry `timezone.utc`: code elsewhere that compares it with `pytz.utc`, calls `normalize` or "
    "reads `zone`, `repr` or a pickle notices.",
    references=(
        "https://docs.python.org/3/library/datetime.html#datetime.timezone.utc",
        "https://pypi.org/project/pytz/",
        "https://blog.ganssle.io/articles/2018/03/pytz-fastest-footgun.html",
    ),
    needles=(b"pytz",),
    pattern=rb"\b(?:utc|UTC)\b",
    requires_python=(3, 2),
    minutes=3,
)

_UTC = frozenset(("pytz.utc", "pytz.UTC"))
_OF_PYTZ = frozenset(("localize", "normalize", "zone"))
# The position at which a zone may stand, and its keyword.
_TAKES = {
    "datetime.datetime": (7, "tzinfo"),
    "datetime.time": (4, "tzinfo"),
    "datetime.datetime.now": (0, "tz"),
    "datetime.datetime.fromtimestamp": (1, "tz"),
    "datetime.datetime.combine": (2, "tzinfo"),
}
_METHODS = {"astimezone": (0, "tz"), "replace": (7, "tzinfo")}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the standard library's UTC, where it takes nothing else from pytz."""
    ours = dict(moved.only(module, "pytz"))
    if not ours or not all(full == "pytz" or full in _UTC for full in ours.values()):
        return module
    known, seen = names.of(module), nodes.of(module)
    uses = [n if full in _UTC else seen.above[n] for local, full in ours.items() for n in known.uses(local)]
    handed = all(_is_handed_to_datetime(use, known, seen) for use in uses)
    if not handed or any(n.attr.value in _OF_PYTZ for n in seen.all(cst.Attribute)):
        return module
    way = reach.to("datetime.UTC" if known.local("datetime.UTC") else "datetime.timezone", module)
    if way is None or not all(moved.may_go(module, local) for local in ours):
        return module
    zone = way.expression if known.local("datetime.UTC") else cst.Attribute(way.expression, cst.Name("utc"))
    if not all(_has_room(use, zone, module) for use in uses):
        return module
    changes: dict[cst.CSTNode, nodes.Change] = {use: partial(_instead, zone) for use in uses}
    return leftovers.tidied(module, reach.brought(nodes.replaced(module, changes), [way]))


def _is_handed_to_datetime(use: cst.CSTNode, known: names.Names, seen: nodes.Seen) -> bool:
    """Say whether a use is UTC, as the zone that a function of `datetime` or a method of a time takes."""
    if not isinstance(use, cst.Name | cst.Attribute) or known.qualified(use) not in _UTC:
        return False
    arg = seen.above[use]
    call = seen.above[arg]
    if not isinstance(arg, cst.Arg) or not isinstance(call, cst.Call) or any(a.star for a in call.args):
        return False
    shown = seen.within(call, cst.FormattedStringExpression)
    if shown is not None and shown.equal is not None:
        return False
    taken = _TAKES.get(known.qualified(call.func) or "")
    if taken is None and isinstance(call.func, cst.Attribute):
        taken = _METHODS.get(call.func.attr.value)
    if taken is None:
        return False
    position, keyword = taken
    return arg.keyword.value == keyword if arg.keyword else list(call.args).index(arg) == position


def _has_room(use: cst.CSTNode, zone: cst.BaseExpression, module: cst.Module) -> bool:
    growth = len(module.code_for_node(zone)) - len(module.code_for_node(use))
    return layout.has_room(module, use, growth) and not alignment.holds(module, use)


def _instead(zone: cst.BaseExpression, updated: cst.CSTNode) -> cst.CSTNode:
    if not isinstance(updated, cst.Name | cst.Attribute):
        raise TypeError("UTC has a dotted name")
    return expressions.in_place(zone.deep_clone(), updated)
