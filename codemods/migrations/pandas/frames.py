"""Tells what certainly is a DataFrame or a Series of pandas: from the module alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

import libcst as cst

from codemods import arguments, names, nodes

FRAME, SERIES, EITHER = "DataFrame", "Series", "DataFrame or Series"
_NEVER = "never used"
"""What a name stands for that is bound to None: nothing is asked of that."""
_CLASSES = {
    **{f"{room}.DataFrame": FRAME for room in ("pandas", "pandas.core.frame", "pandas.core.api")},
    **{f"{room}.Series": SERIES for room in ("pandas", "pandas.core.series", "pandas.core.api")},
}
_IN_PARTS = frozenset(("chunksize", "iterator", "squeeze", "typ"))
"""Keywords with which a reader returns something else."""
_MORE_KINDS = frozenset(("read_excel", "read_json"))
_SHEETS = frozenset(("sheet_name", "sheetname"))
_FUNCTIONS = frozenset(
    (
        *("read_csv", "read_table", "read_fwf", "read_excel", "read_parquet", "read_feather", "read_orc"),
        *("read_json", "read_sql", "read_sql_query", "read_sql_table", "read_clipboard", "read_stata"),
        *("merge", "merge_asof", "merge_ordered", "get_dummies", "crosstab", "pivot_table", "pivot", "melt"),
        *("json_normalize", "wide_to_long"),
    )
)
_MAKERS = frozenset(("from_dict", "from_records"))
_FRAME_FROM_FRAME = frozenset(
    (
        *("assign", "set_index", "reset_index", "merge", "join", "query", "select_dtypes", "applymap"),
        *("melt", "pivot", "pivot_table", "explode", "append", "corr", "cov", "map"),
    )
)
_SAME = frozenset(
    (
        *("copy", "head", "tail", "sort_values", "sort_index", "dropna", "fillna", "ffill", "bfill", "pad"),
        *("drop_duplicates", "rename", "rename_axis", "astype", "drop", "replace", "round", "abs", "shift"),
        *("sample", "reindex", "where", "mask", "clip", "diff", "pct_change", "cumsum", "cumprod", "isna"),
        *("isnull", "notna", "notnull", "interpolate", "truncate", "tz_localize", "tz_convert", "asfreq"),
        *("convert_dtypes", "infer_objects", "rank", "nlargest", "nsmallest"),
        *("to_timestamp", "to_period", "backfill", "set_axis", "droplevel", "transpose"),
        *("between_time", "at_time", "cummax", "cummin", "add_prefix", "add_suffix"),
    )
)
_SERIES_FROM_SERIES = frozenset(("append", "map", "between", "isin", "duplicated", "explode"))
_REDUCED = frozenset(("sum", "mean", "median", "min", "max", "std", "var", "count", "nunique", "prod"))
"""What makes a series of a frame; of groups and windows of it, a frame."""
_OTHERS = {
    FRAME: {**dict.fromkeys(_FRAME_FROM_FRAME, FRAME), "value_counts": SERIES},
    SERIES: {**dict.fromkeys(_SERIES_FROM_SERIES, SERIES), "value_counts": SERIES, "to_frame": FRAME},
    EITHER: {"value_counts": SERIES},
}
_WINDOWS = frozenset(("groupby", "resample", "rolling", "expanding", "ewm"))
_REDUCING = frozenset(("skipna", "numeric_only", "min_count", "ddof"))
_OPTIONAL = "typing.Optional"
_Key = tuple[str, cst.CSTNode]
_Assumed = Mapping[_Key, str]
_Binding = tuple[cst.CSTNode, cst.CSTNode]
"""What tells the scope (the name, or the function), and the assignment, the parameter or the loop."""


def kind(node: cst.BaseExpression, module: cst.Module) -> str | None:
    """Return which of the three a value certainly is, or None.

    What a class or a function of pandas returns, what a method returns of such a value, a column of a frame
    (`EITHER`: names may come twice), and a name that its scope binds to nothing else, or annotates so.
    """
    found = _kind(node, module, MappingProxyType({}))
    return None if found == _NEVER else found


def is_frame(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether a value certainly is a DataFrame."""
    return kind(node, module) == FRAME


def _kind(node: cst.BaseExpression, module: cst.Module, assumed: _Assumed) -> str | None:
    if isinstance(node, cst.Name):
        return _NEVER if node.value == "None" else _of_name(node, module, assumed)
    if isinstance(node, cst.Call):
        return _made(node, module, assumed) or _returned(node, module, assumed)
    if isinstance(node, cst.Subscript):
        return _item(node, module, assumed)
    if isinstance(node, cst.IfExp):
        kinds = {_kind(part, module, assumed) for part in (node.body, node.orelse)} - {_NEVER}
        return kinds.pop() if len(kinds) == 1 else None
    if isinstance(node, cst.Attribute) and node.attr.value in {"T", "dtypes"}:
        owner = _kind(node.value, module, assumed)
        return owner if node.attr.value == "T" else SERIES if owner == FRAME else None
    return None


def _made(call: cst.Call, module: cst.Module, assumed: _Assumed) -> str | None:
    """Return what a function of pandas itself returns."""
    full = names.of(module).qualified(call.func) or ""
    if full in _CLASSES:
        return _CLASSES[full]
    owner, _, name = full.rpartition(".")
    if name in _MAKERS and _CLASSES.get(owner) == FRAME:
        return FRAME
    if full == "pandas.concat":
        return _concatenated(call, module, assumed)
    given = {arg.keyword.value if arg.keyword else arg.star for arg in call.args if not _says_no(arg)}
    if owner != "pandas" or name not in _FUNCTIONS or "**" in given or given & _IN_PARTS:
        return None
    is_more = name in _MORE_KINDS and (given & _SHEETS or len(arguments.positional(call)) > 1)
    return None if is_more or "*" in given else FRAME


def _says_no(arg: cst.Arg) -> bool:
    """Say whether an argument asks for nothing: ``squeeze=False``, ``chunksize=None``."""
    is_named = arg.keyword is not None and arg.keyword.value in _IN_PARTS
    return is_named and isinstance(arg.value, cst.Name) and arg.value.value in {"False", "None"}


def _concatenated(call: cst.Call, module: cst.Module, assumed: _Assumed) -> str:
    """Return what `concat` makes of a list that is written out: a frame where one is in it.

    Of series alone it makes a series, where nothing says that they are to stand side by side.
    """
    first = call.args[0].value if call.args else None
    parts = [e for e in first.elements if isinstance(e, cst.Element)] if isinstance(first, cst.List) else []
    kinds = {_kind(part.value, module, assumed) for part in parts}
    if FRAME in kinds:
        return FRAME
    given = {arg.keyword.value if arg.keyword else "axis" for arg in call.args[1:]}
    is_whole = isinstance(first, cst.List) and len(parts) == len(first.elements)
    return SERIES if is_whole and kinds == {SERIES} and "axis" not in given else EITHER


def _returned(call: cst.Call, module: cst.Module, assumed: _Assumed) -> str | None:
    """Return what a method of a known value returns: nothing where it changes that in place."""
    if not isinstance(call.func, cst.Attribute):
        return None
    given = {arg.keyword.value if arg.keyword else arg.star for arg in call.args}
    owner = _kind(call.func.value, module, assumed) if "**" not in given and "inplace" not in given else None
    name = call.func.attr.value
    if owner is None:
        return _of_parts(call.func.value, module, assumed) if name in _REDUCED else None
    if owner == FRAME and name in _REDUCED:
        return SERIES if given <= _REDUCING else None
    return owner if name in _SAME else _OTHERS.get(owner, {}).get(name)


def _of_parts(node: cst.BaseExpression, module: cst.Module, assumed: _Assumed) -> str | None:
    """Return what is made of groups or windows, each of them reduced to one row; a column may be named."""
    call = node.value if isinstance(node, cst.Subscript) else node
    func = call.func if isinstance(call, cst.Call) else None
    if not isinstance(func, cst.Attribute) or func.attr.value not in _WINDOWS:
        return None
    owner = _kind(func.value, module, assumed)
    return EITHER if owner and isinstance(node, cst.Subscript) else owner


def _item(node: cst.Subscript, module: cst.Module, assumed: _Assumed) -> str | None:
    """Return what a frame has under a name, a list of names, or a comparison of its own."""
    index = node.slice[0].slice if len(node.slice) == 1 else None
    if not isinstance(index, cst.Index) or _kind(node.value, module, assumed) != FRAME:
        return None
    if isinstance(index.value, cst.SimpleString):
        return EITHER
    is_part = isinstance(index.value, cst.List) or _is_mask(index.value, module, assumed)
    return FRAME if is_part else None


def _is_mask(node: cst.BaseExpression, module: cst.Module, assumed: _Assumed) -> bool:
    """Say whether a value compares a column with something, so that it has a truth for each row."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitAnd | cst.BitOr):
        return _is_mask(node.left, module, assumed) or _is_mask(node.right, module, assumed)
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.BitInvert):
        return _is_mask(node.expression, module, assumed)
    is_plain = isinstance(node, cst.Comparison) and not isinstance(
        node.comparisons[0].operator, cst.In | cst.NotIn | cst.Is | cst.IsNot
    )
    return is_plain and _kind(cst.ensure_type(node, cst.Comparison).left, module, assumed) in {SERIES, EITHER}


def _of_name(node: cst.Name, module: cst.Module, assumed: _Assumed) -> str | None:
    known, every = names.of(module), _bindings(module).get(node.value, ())
    found = [(holder, binding) for holder, binding in every if known.binds(holder, node)]
    if not 0 < len(found) <= _MOST or len(found) != known.times(node):
        return None
    key = (node.value, found[0][0])
    if key in assumed:
        return assumed[key]
    told, case = _told(module), (key, frozenset(assumed.items()))
    if case not in told:
        guesses = (FRAME, SERIES, EITHER) if len(assumed) < _DEEPEST else ()
        begun = {_of_binding(*binding, module, {**assumed, key: _NEVER}) for binding in found}
        fitting = (g for g in guesses if g in begun and _fits(g, found, module, {**assumed, key: g}))
        told[case] = next(fitting, None)
    return told[case]


def _fits(guess: str, found: Sequence[_Binding], module: cst.Module, assumed: _Assumed) -> bool:
    """Say whether all that binds a name gives it what is guessed, if it already stands for that."""
    return all(_of_binding(*binding, module, assumed) in {guess, _NEVER} for binding in found)


@lru_cache(maxsize=2)
def _told(_module: cst.Module) -> dict[tuple[_Key, frozenset[tuple[_Key, str]]], str | None]:
    """Return what is known so far of the names of a module, by what was assumed of others."""
    return {}


_DEEPEST, _MOST = 3, 40
"""How many names may stand for one another, and how often each may be bound: more take too long."""
_PAIR = 2
_TURNS = frozenset(("groupby", "items", "iteritems", "iterrows"))


@lru_cache(maxsize=2)
def _bindings(module: cst.Module) -> Mapping[str, list[_Binding]]:
    """Return the assignments and parameters of a module by name, each with what tells its scope."""
    seen = nodes.of(module)
    found: dict[str, list[_Binding]] = {}
    for assign in (*seen.all(cst.Assign), *seen.all(cst.AnnAssign)):
        target, _ = nodes.assigned(assign)
        if isinstance(target, cst.Name):
            found.setdefault(target.value, []).append((target, assign))
    loops: list[cst.For | cst.CompFor] = [*seen.all(cst.For), *seen.all(cst.CompFor)]
    for loop in loops:
        if isinstance(loop.target, cst.Tuple):
            for name in (e.value for e in loop.target.elements if isinstance(e.value, cst.Name)):
                found.setdefault(name.value, []).append((name, loop))
    for function in seen.all(cst.FunctionDef):
        for node in nodes.walk(function.params):
            if isinstance(node, cst.Param):
                found.setdefault(node.name.value, []).append((function, node))
    return MappingProxyType(found)


def _of_binding(holder: cst.CSTNode, found: cst.CSTNode, module: cst.Module, assumed: _Assumed) -> str | None:
    if isinstance(found, cst.For | cst.CompFor):
        return _in_turn(holder, found, module, assumed)
    if isinstance(found, cst.Assign):
        return _kind(found.value, module, assumed)
    annotation = found.annotation if isinstance(found, cst.Param | cst.AnnAssign) else None
    is_plain = not (isinstance(found, cst.Param) and found.star)
    return _annotated(annotation.annotation, module) if annotation and is_plain else None


def _in_turn(
    target: cst.CSTNode, loop: cst.For | cst.CompFor, module: cst.Module, assumed: _Assumed
) -> str | None:
    """Return what the second name of a loop stands for: a group of a frame, a column, a row."""
    call, pair = loop.iter, cst.ensure_type(loop.target, cst.Tuple).elements
    func = call.func if isinstance(call, cst.Call) else None
    is_second = len(pair) == _PAIR and pair[1].value is target
    if not isinstance(func, cst.Attribute) or not is_second or func.attr.value not in _TURNS:
        return None
    owner = _kind(func.value, module, assumed)
    if func.attr.value == "groupby":
        return owner
    return SERIES if owner == FRAME else None


def _annotated(node: cst.BaseExpression, module: cst.Module) -> str | None:
    """Return what an annotation names: alone, or as what may be None."""
    known = names.of(module)
    if isinstance(node, cst.Subscript) and known.qualified(node.value) == _OPTIONAL:
        index = node.slice[0].slice
        return _annotated(index.value, module) if isinstance(index, cst.Index) else None
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
        is_optional = isinstance(node.right, cst.Name) and node.right.value == "None"
        return _annotated(node.left, module) if is_optional else None
    return _CLASSES.get(known.qualified(node) or "")
