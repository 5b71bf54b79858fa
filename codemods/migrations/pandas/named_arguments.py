"""pandas 2 takes many arguments by name alone: `pd.concat(frames, 1)` and `frame.drop("a", 1)` fail there.

They raise `TypeError`. What stood at a place gets the name of that place: `pd.concat(frames, axis=1)`. It is
the same argument in pandas 1. Calls of methods change where it is certain what they are asked of.
"""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from codemods import arguments
from codemods.layout import CallChange
from codemods.migrations.pandas import calls, frames
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Name the arguments that pandas 2 takes by name alone",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: each argument keeps its meaning.",
    references=(
        "https://pandas.pydata.org/docs/whatsnew/v2.0.0.html#removal-of-prior-version-deprecations-changes",
        "https://pandas.pydata.org/docs/whatsnew/v1.3.0.html#deprecations",
    ),
    needles=(b"pandas",),
    pattern=(
        rb"\b(?:concat|read_(?:csv|table|excel|json|html|stata|sas)|drop|dropna|drop_duplicates|fillna|ffill|bfill"
        rb"|sort_values|sort_index|set_index|reset_index|interpolate|where|mask|clip|set_axis)\b"
    ),
    minutes=1,
    crosses=">=2",
    since="1.0",
)

_TABLE = ("sep", "delimiter", "header", "names", "index_col", "usecols")
_BOTH: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "drop": (1, ("axis", "index", "columns", "level", "inplace", "errors")),
    "fillna": (1, ("method", "axis", "inplace", "limit")),
    "ffill": (0, ("axis", "inplace", "limit")),
    "bfill": (0, ("axis", "inplace", "limit")),
    "interpolate": (1, ("axis", "limit", "inplace")),
    "where": (2, ("inplace", "axis", "level")),
    "mask": (2, ("inplace", "axis", "level")),
    "clip": (2, ("axis", "inplace")),
    "sort_index": (0, ("axis", "level", "ascending", "inplace")),
    "reset_index": (1, ("drop",)),
    "set_axis": (1, ("axis",)),
}
_OF_FRAMES: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "dropna": (0, ("axis", "how", "thresh", "subset", "inplace")),
    "drop_duplicates": (1, ("keep", "inplace")),
    "sort_values": (1, ("axis", "ascending", "inplace")),
    "set_index": (1, ("drop", "append", "inplace", "verify_integrity")),
    "reset_index": (1, ("drop", "inplace")),
}
_OF_SERIES: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "dropna": (0, ("axis", "inplace")),
    "drop_duplicates": (0, ("keep", "inplace")),
    "sort_values": (0, ("axis", "ascending", "inplace")),
    "reset_index": (1, ("drop", "name", "inplace")),
}
_METHODS = {
    frames.FRAME: {**_BOTH, **_OF_FRAMES},
    frames.SERIES: {**_BOTH, **_OF_SERIES},
    frames.EITHER: _BOTH,
}
_FUNCTIONS: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "pandas.concat": (1, ("axis", "join", "ignore_index", "keys", "levels", "names")),
    "pandas.read_csv": (1, _TABLE),
    "pandas.read_table": (1, _TABLE),
    "pandas.read_excel": (2, ("header", "names", "index_col", "usecols")),
    "pandas.read_json": (1, ("orient", "typ", "dtype")),
    "pandas.read_html": (1, ("match", "flavor", "header", "index_col")),
    "pandas.read_stata": (1, ("convert_dates", "convert_categoricals", "index_col")),
    "pandas.read_sas": (1, ("format", "index", "encoding")),
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that names these arguments."""
    return calls.changed(module, lambda call, full: _decided(call, full, module))


def _decided(call: cst.Call, full: str, module: cst.Module) -> CallChange | None:
    if "*" in calls.given(call):
        return None
    places = len(arguments.positional(call))
    free, named = _FUNCTIONS.get(full) or _of_method(call, places, module) or (places, ())
    taken = named[: max(places - free, 0)]
    if not free < places <= free + len(named) or not calls.given(call).isdisjoint(taken):
        return None

    def change(updated: cst.Call) -> cst.Call:
        new = [
            arg.with_changes(keyword=cst.Name(named[place - free]), equal=_TIGHT)
            if free <= place < places
            else arg
            for place, arg in enumerate(updated.args)
        ]
        return updated.with_changes(args=new)

    return change


_TIGHT = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))


def _of_method(call: cst.Call, places: int, module: cst.Module) -> tuple[int, tuple[str, ...]] | None:
    """Return how many arguments a method takes by position, and the names of those behind them."""
    name = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
    least = min((table[name][0] for table in _METHODS.values() if name in table), default=places)
    if places <= least:
        return None
    kind = frames.kind(cst.ensure_type(call.func, cst.Attribute).value, module)
    return _METHODS[kind].get(name) if kind else None
