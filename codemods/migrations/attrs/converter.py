"""attrs 19.2 knows `converter=` only: `convert=` raises `TypeError` there.

Both name the function that makes an attribute's value out of what it is given. The new name works since
attrs 17.4.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Call what converts attributes of attrs a converter",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: attrs 17.4 to 19.1 hand the old name on as the new one.",
    references=("https://www.attrs.org/en/stable/changelog.html",),
    needles=(b"convert",),
    pattern=rb"\battr\b",
    minutes=1,
    crosses=">=19.2",
    since="17.4",
)

_TABLE = {name: {"convert": "converter"} for name in ("attr.ib", "attr.attrib", "attr.attr")}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose attributes have converters."""
    return renamed.keywords_in(module, _TABLE)
