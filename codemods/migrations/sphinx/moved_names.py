"""Sphinx 8 has what shows progress in `sphinx.util.display`; to import it from `sphinx.util` fails there.

`sphinx.util.typing.stringify` is `stringify_annotation`, and dates of HTTP are read in
`sphinx.util.http_date`. All of them are the same functions, under these names since Sphinx 6.1.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Import from where Sphinx 8 has its functions",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the functions are the same.",
    references=("https://www.sphinx-doc.org/en/master/extdev/deprecated.html",),
    needles=(
        *(b"status_iterator", b"display_chunk", b"SkipProgressMessage", b"progress_message"),
        *(b"epoch_to_rfc1123", b"rfc1123_to_epoch", b"stringify"),
    ),
    pattern=rb"\bsphinx\b",
    minutes=2,
    crosses=">=8",
    since="6.1",
)

_DISPLAY = ("status_iterator", "display_chunk", "SkipProgressMessage", "progress_message")
_DATES = ("epoch_to_rfc1123", "rfc1123_to_epoch")
_NAMES = {
    **{f"sphinx.util.{name}": f"sphinx.util.display.{name}" for name in _DISPLAY},
    **{f"sphinx.util.{name}": f"sphinx.util.http_date.{name}" for name in _DATES},
    "sphinx.util.typing.stringify": "sphinx.util.typing.stringify_annotation",
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that imports from the new places."""
    return renamed.names_in(module, _NAMES)
