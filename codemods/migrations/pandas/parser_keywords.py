r"""`read_csv` of pandas 3 has neither `delim_whitespace` nor `infer_datetime_format` any more.

They raise `TypeError` there, as `keep_date_col` and `verbose` do. White space between columns is
`sep=r"\s+"`, which every pandas reads in the same way. `infer_datetime_format` has done nothing since pandas
2.0, in `to_datetime` neither; the last two go where they are `False`, as they are without a word.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, certain, layout
from codemods.layout import CallChange
from codemods.migrations.pandas import calls
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Tell read_csv what pandas 3 understands",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the same columns are read, with the same values.",
    references=(
        "https://pandas.pydata.org/docs/whatsnew/v2.2.0.html#other-deprecations",
        "https://pandas.pydata.org/docs/whatsnew/v2.0.0.html#datetimes-are-now-parsed-with-a-consistent-format",
    ),
    needles=(b"delim_whitespace", b"infer_datetime_format", b"keep_date_col", b"verbose"),
    pattern=rb"\b(?:read_csv|read_table|to_datetime)\b",
    minutes=1,
    crosses=">=3",
    since="2.0",
)

_READERS = calls.parsers("read_csv", "read_table")
_SEPARATED = ("sep", "delimiter")
_IDLE = ("keep_date_col", "verbose")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose files are read with the keywords of pandas 3."""
    return calls.changed(module, lambda call, full: _decided(call, full, module))


def _decided(call: cst.Call, full: str, module: cst.Module) -> CallChange | None:
    if arguments.starred(call) or not (full in _READERS or full == "pandas.to_datetime"):
        return None
    inferred = arguments.named(call, "infer_datetime_format")
    gone = ["infer_datetime_format"] if inferred and certain.pure(inferred.value, module) else []
    spaced = calls.literal(call, "delim_whitespace") if full in _READERS else None
    if full in _READERS:
        gone += [name for name in _IDLE if calls.literal(call, name) == "False"]
        gone += ["delim_whitespace"] if spaced == "False" else []
    is_split = spaced == "True" and not any(arguments.named(call, name) for name in _SEPARATED)

    def change(updated: cst.Call) -> cst.Call:
        shorter = calls.dropped(updated, gone) or updated
        return _split(shorter, layout.quote(module)) if is_split else shorter

    return change if gone or is_split else None


def _split(call: cst.Call, quote: str) -> cst.Call:
    """Return a call that is told that white space lies between columns."""
    arg = arguments.named(call, "delim_whitespace")
    text = cst.SimpleString(f"r{quote}\\s+{quote}")
    new = arg.with_changes(keyword=cst.Name("sep"), value=text) if arg else None
    return call.with_changes(args=[new if new and a is arg else a for a in call.args])
