"""Pillow 10 has no `Image.ANTIALIAS`: the filter is `Image.LANCZOS`, and was the same number since 2.7.

In the same way `Image.LINEAR` is `Image.BILINEAR`, and `Image.CUBIC` is `Image.BICUBIC`. The old names raise
`AttributeError` in Pillow 10.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Call the filters of Pillow by their names in Pillow 10",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: both names are the same number.",
    references=("https://pillow.readthedocs.io/en/stable/deprecations.html#constants",),
    needles=(b"ANTIALIAS", b"LINEAR", b"CUBIC"),
    pattern=rb"\bPIL\b",
    minutes=1,
    crosses=">=10",
    since="2.7",
)

_NAMES = {
    "PIL.Image.ANTIALIAS": "PIL.Image.LANCZOS",
    "PIL.Image.LINEAR": "PIL.Image.BILINEAR",
    "PIL.Image.CUBIC": "PIL.Image.BICUBIC",
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names that Pillow 10 has."""
    return renamed.names_in(module, _NAMES)
