"""`date_range` of pandas 2 takes `inclusive`, not `closed`, and `Series.between` a word, not a truth value.

`closed="left"` raises `TypeError` there, and `between(…, inclusive=True)` raises `ValueError`. The words mean
the same: `closed=None` is `inclusive="both"`, and so is `True`; `False` is `"neither"`. pandas 1.4 knows both
ways. Intervals keep their `closed`.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, layout
from codemods.layout import CallChange
from codemods.migrations.pandas import calls, frames
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Say which ends belong to a range with inclusive",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the same ends belong to it.",
    references=(
        "https://pandas.pydata.org/docs/whatsnew/v1.4.0.html#other-deprecations",
        "https://pandas.pydata.org/docs/reference/api/pandas.Series.between.html",
    ),
    needles=(b"closed", b"inclusive"),
    pattern=rb"\b(?:b?date_range|between)\b",
    minutes=1,
    crosses=">=2",
    since="1.4",
)

_RANGES = ("pandas.date_range", "pandas.bdate_range")
_TRUTHS = {"True": "both", "False": "neither"}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose ranges say what is included."""
    return calls.changed(module, lambda call, full: _decided(call, full, module))


def _decided(call: cst.Call, full: str, module: cst.Module) -> CallChange | None:
    if arguments.starred(call):
        return None
    if full in _RANGES:
        said = calls.literal(call, "closed")
        new = None if said == "None" else said
        if said in {None, "True", "False"} or arguments.named(call, "inclusive"):
            return None
        return _said("closed", cst.SimpleString(new) if new else layout.quoted(module, "both"))
    func, said = call.func, calls.literal(call, "inclusive")
    if said not in _TRUTHS or not isinstance(func, cst.Attribute) or func.attr.value != "between":
        return None
    is_row = frames.kind(func.value, module) in {frames.SERIES, frames.EITHER}
    return _said("inclusive", layout.quoted(module, _TRUTHS[said])) if is_row else None


def _said(old: str, value: cst.SimpleString) -> CallChange:
    """Return what says ``inclusive`` with a value, where a call says the old keyword."""

    def change(updated: cst.Call) -> cst.Call:
        arg = arguments.named(updated, old)
        new = arg.with_changes(keyword=cst.Name("inclusive"), value=value) if arg else None
        return updated.with_changes(args=[new if new and a is arg else a for a in updated.args])

    return change
