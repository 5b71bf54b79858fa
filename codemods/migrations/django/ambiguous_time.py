"""`make_aware()` and the `Trunc` functions take no `is_dst` any more in Django 5.

With `is_dst` pytz was told which of two hours is meant when clocks go back. Since Django 4.0 time zones come
from `zoneinfo`, which tells them apart by `fold`, and the argument does nothing; in Django 5 it raises
`TypeError`. Where it is a plain `True`, `False` or `None`, it goes.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, guards, layout, leftovers, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Leave out the daylight saving time that Django ignores",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A time zone of pytz that is handed over still heeds it in Django 4; with `zoneinfo` the first of "
    "two equal hours is meant, unless `fold` says otherwise.",
    references=(
        "https://docs.djangoproject.com/en/4.0/releases/4.0/#features-deprecated-in-4-0",
        "https://docs.djangoproject.com/en/5.0/releases/5.0/#features-removed-in-5-0",
    ),
    needles=(b"is_dst",),
    minutes=3,
    crosses=">=5.0",
    since="4.0",
)

_TRUNCATED = ("", "Year", "Quarter", "Month", "Week", "Day", "Date", "Time", "Hour", "Minute", "Second")
_FUNCTIONS = frozenset(
    (
        "django.utils.timezone.make_aware",
        *(f"django.db.models.functions.Trunc{unit}" for unit in _TRUNCATED),
        *(f"django.db.models.functions.datetime.Trunc{unit}" for unit in _TRUNCATED),
    )
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module in which these functions are not told any more."""
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    for call in nodes.of(module).all(cst.Call):
        if known.qualified(call.func) not in _FUNCTIONS or guards.for_some_versions(call, module):
            continue
        if not arguments.starred(call) and _without(call) is not call:
            changes[call] = layout.fitted(module, call, _without) or _change
    return leftovers.tidied(module, nodes.replaced(module, changes))


def _without(call: cst.Call) -> cst.Call:
    told = arguments.named(call, "is_dst")
    if (
        told is None
        or not isinstance(told.value, cst.Name)
        or told.value.value not in {"True", "False", "None"}
    ):
        return call
    index = next(n for n, arg in enumerate(call.args) if arg.keyword and arg.keyword.value == "is_dst")
    return arguments.without(call, index) or call


def _change(updated: cst.CSTNode) -> cst.CSTNode:
    return _without(cst.ensure_type(updated, cst.Call))
