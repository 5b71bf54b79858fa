"""`fillna(method="ffill")` raises `TypeError` in pandas 3: `ffill` and `bfill` do it, and did so before.

`pad` and `backfill`, their second names, are gone too. It changes where it is certain that a frame or a
series is asked. What is filled in place stays where it may be a part of something else: in pandas 3 that
would be filled no longer, without a word.
"""

from __future__ import annotations

import libcst as cst

from codemods.layout import CallChange
from codemods.migrations.pandas import calls, frames
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Fill gaps with ffill and bfill",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: `fillna` did the same when it was told a method.",
    references=(
        "https://pandas.pydata.org/docs/whatsnew/v2.1.0.html#other-deprecations",
        "https://pandas.pydata.org/docs/whatsnew/v3.0.0.html",
    ),
    needles=(b"fillna", b"pad", b"backfill"),
    pattern=rb"\bmethod\s*=|\.(?:pad|backfill)\(",
    minutes=1,
    crosses=">=3",
    since="1.0",
)

_METHODS = {"ffill": "ffill", "pad": "ffill", "bfill": "bfill", "backfill": "bfill"}
_KNOWN = frozenset(("method", "axis", "inplace", "limit"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that fills gaps by methods of their own."""
    return calls.changed(module, lambda call, _: _decided(call, module))


def _decided(call: cst.Call, module: cst.Module) -> CallChange | None:
    func, given = call.func, calls.given(call)
    if not isinstance(func, cst.Attribute) or any(not arg.keyword for arg in call.args) or given - _KNOWN:
        return None
    said = (calls.literal(call, "method") or "").strip("\"'")
    name = func.attr.value
    new = _METHODS.get(said) if name == "fillna" else _METHODS.get(name) if not said else None
    if new is None or new == name or not _is_whole(func.value, module, in_place="inplace" in given):
        return None

    def change(updated: cst.Call) -> cst.Call:
        shorter = calls.dropped(updated, ["method"])
        return shorter.with_deep_changes(shorter.func, attr=cst.Name(new)) if shorter else updated

    return change if change(call) is not call else None


def _is_whole(owner: cst.BaseExpression, module: cst.Module, *, in_place: bool) -> bool:
    kind = frames.kind(owner, module)
    return kind == frames.FRAME and isinstance(owner, cst.Name) if in_place else kind is not None
