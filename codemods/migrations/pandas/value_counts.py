"""pandas 3 has no `pd.value_counts` any more: a series counts its values itself.

`pd.value_counts(row)` is `row.value_counts()`, with the same arguments, where it is certain that the values
are a series or a column of a frame. Lists and arrays have to be made one, which may read their values in
another way: that is left to a person.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, expressions, nodes
from codemods.layout import CallChange
from codemods.migrations.pandas import calls, frames
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Let a series count its values",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the function counted the values of a series in the same way.",
    references=(
        "https://pandas.pydata.org/docs/whatsnew/v2.1.0.html#other-deprecations",
        "https://pandas.pydata.org/docs/reference/api/pandas.Series.value_counts.html",
    ),
    needles=(b"value_counts",),
    pattern=rb"\bpandas\b",
    minutes=1,
    crosses=">=3",
    since="1.0",
)

_KNOWN = frozenset(("normalize", "sort", "ascending", "bins", "dropna"))
_ONE = frozenset((frames.SERIES, frames.EITHER))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose series count their values."""
    return calls.changed(module, lambda call, full: _decided(call, full, module))


def _decided(call: cst.Call, full: str, module: cst.Module) -> CallChange | None:
    is_plain = len(arguments.positional(call)) == 1 and not call.args[0].keyword
    if full != "pandas.value_counts" or not is_plain or calls.given(call) - _KNOWN or nodes.comments(call):
        return None
    return _counted if frames.kind(call.args[0].value, module) in _ONE else None


def _counted(call: cst.Call) -> cst.Call:
    first, *others = call.args
    func = cst.Attribute(expressions.before_dot(first.value), cst.Name("value_counts"))
    before = call.whitespace_before_args if others else cst.SimpleWhitespace("")
    return call.with_changes(func=func, args=others, whitespace_before_args=before)
