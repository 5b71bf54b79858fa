"""Python 3.12 took `locale.format` away; `locale.format_string` formats the same.

The old function raises `AttributeError` there. It knew a single conversion, such as `%d`, and the other one
formats that alike, with the same grouping and the same monetary rules.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Format numbers with locale.format_string",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: a text that the old function refused, with more than one conversion, is formatted now.",
    references=("https://docs.python.org/3/library/locale.html#locale.format_string",),
    needles=(b"locale",),
    pattern=rb"\bformat\b",
    minutes=3,
    crosses=">=3.12",
    since="3.7",
)

_NAMES = {"locale.format": "locale.format_string"}
_KEYWORDS = {"locale.format": {"percent": "f", "value": "val"}}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the function that is left."""
    return renamed.names_in(renamed.keywords_in(module, _KEYWORDS), _NAMES)
