"""Finds the texts that certainly name a frequency of pandas, and what kind of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import libcst as cst

from codemods import certain, guards, leftovers, names, nodes
from codemods.migrations.pandas import frames

OFFSET, PERIOD, DURATION = "offset", "period", "duration"
"""Steps from one time to the next, spans of time, and lengths of time: each has names of its own."""
_TOKEN = re.compile(r"(\s*[+-]?\d*\.?\d*\s*)([A-Za-z]+)(-[A-Z]{3})?(?=[\s\d+-]|$)")
_RANGES = ("date_range", "bdate_range", "timedelta_range", "interval_range")
_OFFSETS = "pandas.tseries.frequencies.to_offset"
_FUNCTIONS: Mapping[str, tuple[str, str, int]] = {
    **{f"pandas.{name}": (OFFSET, "freq", 3) for name in _RANGES},
    "pandas.Grouper": (OFFSET, "freq", -1),
    "pandas.DatetimeIndex": (OFFSET, "freq", 1),
    "pandas.TimedeltaIndex": (OFFSET, "freq", -1),
    _OFFSETS: (OFFSET, "freq", 0),
    "pandas.period_range": (PERIOD, "freq", 3),
    "pandas.Period": (PERIOD, "freq", 1),
    "pandas.PeriodIndex": (PERIOD, "freq", -1),
    "pandas.Timedelta": (DURATION, "value", 0),
    "pandas.to_timedelta": (DURATION, "arg", 0),
}
_UNITS = {"pandas.Timedelta": ("unit", 1), "pandas.to_timedelta": ("unit", 1)}
_METHODS: Mapping[str, tuple[str, str, int]] = {
    "resample": (OFFSET, "rule", 0),
    "asfreq": (OFFSET, "freq", 0),
    "shift": (OFFSET, "freq", 1),
    "pct_change": (OFFSET, "freq", -1),
    "rolling": (OFFSET, "window", 0),
    "to_period": (PERIOD, "freq", 0),
}
_ROUNDED = frozenset(("floor", "ceil", "round"))
_TIMES = frozenset(
    (
        *("pandas.Timestamp", "pandas.Timestamp.now", "pandas.Timestamp.today", "pandas.Timestamp.utcnow"),
        *("pandas.to_datetime", "pandas.Timedelta", "pandas.to_timedelta", "pandas.date_range"),
        *("pandas.DatetimeIndex", "pandas.TimedeltaIndex"),
    )
)
_SPANS = frozenset(("to_period", "period_range", "PeriodIndex", "Period"))

Tables = Mapping[str, Mapping[str, str]]
"""The new names by the old ones, for each kind of text."""


def renamed(module: cst.Module, tables: Tables, *, spans: bool = True) -> cst.Module:
    """Return a module with the new names of frequencies, where a text certainly is one.

    ``spans``: the new names are also those of periods, so that it does not matter what a frame is indexed by.
    """
    changes: dict[cst.CSTNode, nodes.Change] = {}
    wary = not spans and _speaks_of_spans(module)
    for call in nodes.of(module).all(cst.Call):
        for kind, value, by_method in _said(call, module):
            if kind not in tables or (wary and by_method and kind == OFFSET):
                continue
            for text, new in _texts(value, tables[kind], module, alone=kind == DURATION):
                if not guards.for_some_versions(text, module):
                    changes[text] = nodes.to(new)
    return leftovers.tidied(module, nodes.replaced(module, changes))


def _speaks_of_spans(module: cst.Module) -> bool:
    seen = nodes.of(module)
    return any(n.attr.value in _SPANS for n in seen.all(cst.Attribute)) or any(
        names.of(module).uses(name) for name in _SPANS
    )


def _said(call: cst.Call, module: cst.Module) -> Iterator[tuple[str, cst.BaseExpression, bool]]:
    """Yield the arguments of a call that are frequencies, of which kind, and whether of a method."""
    full = names.of(module).qualified(call.func) or ""
    if full in _FUNCTIONS:
        kind, keyword, place = _FUNCTIONS[full]
        yield from ((kind, value, False) for value in _given(call, keyword, place))
        for value in _given(call, *_UNITS[full]) if full in _UNITS else ():
            yield kind, value, False
        return
    name = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
    if name not in _METHODS and name not in _ROUNDED:
        return
    owner = cst.ensure_type(call.func, cst.Attribute).value
    if name in _ROUNDED:
        yield from ((OFFSET, v, False) for v in _given(call, "freq", 0) if _is_time(owner, module))
        return
    kind, keyword, place = _METHODS[name]
    values = _given(call, keyword, place)
    is_dated = isinstance(owner, cst.Attribute) and owner.attr.value in {"dt", "index"}
    receiver = cst.ensure_type(owner, cst.Attribute).value if is_dated and name == "to_period" else owner
    if values and (_is_time(owner, module) or frames.kind(receiver, module)):
        yield from ((kind, value, True) for value in values)


def _given(call: cst.Call, keyword: str, place: int) -> list[cst.BaseExpression]:
    """Return what a call gives for an argument, by name or (``place`` from 0) by position."""
    named = [arg.value for arg in call.args if arg.keyword and arg.keyword.value == keyword]
    plain = [arg.value for arg in call.args if not arg.keyword]
    is_placed = not named and 0 <= place < len(plain) and not any(arg.star == "*" for arg in call.args)
    return [plain[place]] if is_placed else named


def _is_time(owner: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether a value is a time, a length of time, or many of them."""
    if isinstance(owner, cst.Attribute) and owner.attr.value in {"dt", "index"}:
        return frames.kind(owner.value, module) is not None
    made = owner if isinstance(owner, cst.Call) else certain.bound_to(owner, module)
    return isinstance(made, cst.Call) and names.of(module).qualified(made.func) in _TIMES


def _texts(
    node: cst.BaseExpression, table: Mapping[str, str], module: cst.Module, *, alone: bool
) -> Iterator[tuple[cst.CSTNode, cst.CSTNode]]:
    """Yield the texts in an expression that change: it may choose between two, or put a number before one.

    ``alone``: a text of several parts has other names than those of frequencies.
    """
    if isinstance(node, cst.IfExp):
        yield from _texts(node.body, table, module, alone=alone)
        yield from _texts(node.orelse, table, module, alone=alone)
    elif isinstance(node, cst.SimpleString):
        new = _named(str(node.raw_value), table, alone=alone)
        if new != node.raw_value and "b" not in node.prefix.lower():
            begin, end = len(node.prefix + node.quote), len(node.value) - len(node.quote)
            yield node, node.with_changes(value=node.value[:begin] + new + node.value[end:])
    elif isinstance(node, cst.FormattedString):
        *numbers, last = node.parts or (None,)
        is_one = len(numbers) == 1 and isinstance(numbers[0], cst.FormattedStringExpression)
        if is_one and isinstance(last, cst.FormattedStringText) and last.value in table:
            yield last, last.with_changes(value=table[last.value])
    elif isinstance(node, cst.BinaryOperation) and _is_counted(node, module):
        yield from _texts(node.right, table, module, alone=alone)


def _is_counted(node: cst.BinaryOperation, module: cst.Module) -> bool:
    """Say whether a text is put behind a number: ``str(count) + "T"``."""
    left, is_sum = node.left, isinstance(node.operator, cst.Add)
    return is_sum and isinstance(left, cst.Call) and names.of(module).builtin(left.func) == "str"


def _named(text: str, table: Mapping[str, str], *, alone: bool) -> str:
    """Return a frequency by its new names; the same text where it holds anything else."""
    found = list(_TOKEN.finditer(text))
    is_whole = bool(found) and "".join(m[0] for m in found) == text and not text.endswith(" ")
    if not is_whole or (alone and len(found) > 1):
        return text
    return "".join(f"{m[1]}{_token(m[2], m[3] or '', table)}" for m in found)


def _token(name: str, month: str, table: Mapping[str, str]) -> str:
    """Return the new name of one part: a month behind it stays where the table knows it with one (``A-``)."""
    if month:
        return f"{table.get(f'{name}-', f'{name}-').removesuffix('-')}{month}"
    return table.get(name, name)
