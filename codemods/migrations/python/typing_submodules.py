"""Python 3.13 took `typing.io` and `typing.re` away; what they had is in `typing` itself.

They were no modules of their own but names that `typing` put into `sys.modules`, and had the same objects.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Take IO and Pattern from typing itself",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: they are the same objects.",
    references=("https://docs.python.org/3/whatsnew/3.13.html#typing",),
    needles=(b"typing.io", b"typing.re"),
    pattern=rb"typing\.(?:io|re)\b",
    minutes=2,
    crosses=">=3.13",
    since="3.5",
)

_NAMES = {
    **{f"typing.io.{name}": f"typing.{name}" for name in ("IO", "TextIO", "BinaryIO")},
    **{f"typing.re.{name}": f"typing.{name}" for name in ("Pattern", "Match")},
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names that `typing` has."""
    return renamed.names_in(module, _NAMES)
