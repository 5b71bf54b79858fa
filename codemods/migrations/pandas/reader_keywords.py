"""`read_csv` of pandas 2 has neither `squeeze` nor `error_bad_lines` and `warn_bad_lines` any more.

Each raises `TypeError` there. What `squeeze=True` did, the result's own `squeeze("columns")` does. Lines with
too many fields are told by one `on_bad_lines`, which pandas 1.3 knows: `"error"`, `"warn"` or `"skip"`.
`mangle_dupe_cols=True` and `squeeze=False` said what holds anyway. Only what is written out changes, and a
`squeeze` stays where the file is read in parts, or several sheets of it.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, layout
from codemods.layout import CallChange
from codemods.migrations.pandas import calls
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Tell read_csv what pandas 2 understands",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the same lines are read, and the same are left out.",
    references=(
        "https://pandas.pydata.org/docs/whatsnew/v2.0.0.html#removal-of-prior-version-deprecations-changes",
        "https://pandas.pydata.org/docs/whatsnew/v1.3.0.html#deprecations",
        "https://pandas.pydata.org/docs/whatsnew/v1.4.0.html#other-deprecations",
    ),
    needles=(b"squeeze", b"error_bad_lines", b"warn_bad_lines", b"mangle_dupe_cols"),
    pattern=rb"\bread_(?:csv|table|fwf|excel)\b",
    minutes=3,
    crosses=">=2",
    since="1.3",
)

_READERS = calls.parsers()
_ERROR, _WARN = "error_bad_lines", "warn_bad_lines"
_BAD_LINES = {("True", "True"): "error", ("True", "False"): "error"} | {
    ("False", "True"): "warn",
    ("False", "False"): "skip",
}
_IN_PARTS = frozenset(("chunksize", "iterator", "sheet_name", "sheetname"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose files are read with the keywords of pandas 2."""
    return calls.changed(module, lambda call, full: _decided(call, full, module))


def _decided(call: cst.Call, full: str, module: cst.Module) -> CallChange | None:
    if full not in _READERS or arguments.starred(call):
        return None
    steps = (*_of_lines(call, module), *_of_squeeze(call, _READERS[full], module), *_of_names(call))

    def change(updated: cst.Call) -> cst.Call:
        for step in steps:
            updated = step(updated)
        return updated

    return change if steps and change(call) is not call else None


def _of_lines(call: cst.Call, module: cst.Module) -> list[CallChange]:
    """Return what tells about bad lines in one word."""
    said = {name: calls.literal(call, name) for name in (_ERROR, _WARN) if arguments.named(call, name)}
    word = _BAD_LINES.get((said.get(_ERROR, "True") or "", said.get(_WARN, "True") or ""))
    if not said or word is None or arguments.named(call, "on_bad_lines"):
        return []
    first, *others = said

    def change(updated: cst.Call) -> cst.Call:
        shorter = calls.dropped(updated, others if word != "error" else said)
        arg = arguments.named(shorter, first) if shorter else None
        if shorter is None or arg is None:
            return shorter or updated
        new = {"keyword": cst.Name("on_bad_lines"), "value": layout.quoted(module, word)}
        return shorter.with_changes(args=[a.with_changes(**new) if a is arg else a for a in shorter.args])

    return [change]


def _of_squeeze(call: cst.Call, reader: str, module: cst.Module) -> list[CallChange]:
    """Return what squeezes the result instead."""
    said, places = calls.literal(call, "squeeze"), len(arguments.positional(call))
    if said == "False":
        return [lambda updated: calls.dropped(updated, ["squeeze"]) or updated]
    if said != "True" or calls.given(call) & _IN_PARTS or (reader == "read_excel" and places > 1):
        return []

    def change(updated: cst.Call) -> cst.Call:
        shorter = calls.dropped(updated, ["squeeze"])
        if shorter is None:
            return updated
        bare = shorter.with_changes(lpar=(), rpar=())
        squeezed = cst.Attribute(bare, cst.Name("squeeze"))
        word = cst.Arg(layout.quoted(module, "columns"))
        return cst.Call(squeezed, [word], lpar=shorter.lpar, rpar=shorter.rpar)

    return [change]


def _of_names(call: cst.Call) -> list[CallChange]:
    if calls.literal(call, "mangle_dupe_cols") != "True":
        return []
    return [lambda updated: calls.dropped(updated, ["mangle_dupe_cols"]) or updated]
