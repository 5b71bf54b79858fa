"""Python 3.9 took `base64.encodestring` and `decodestring` away, which are `encodebytes` and `decodebytes`.

The old names raise `AttributeError` there. They were aliases of the new ones since Python 3.1: the same
functions, which take bytes and return bytes.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Call base64 by the names that are left",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the old names called the new functions.",
    references=("https://docs.python.org/3/whatsnew/3.9.html#removed",),
    needles=(b"encodestring", b"decodestring"),
    pattern=rb"\bbase64\b",
    minutes=3,
    crosses=">=3.9",
    since="3.1",
)

_NAMES = {
    "base64.encodestring": "base64.encodebytes",
    "base64.decodestring": "base64.decodebytes",
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names of today."""
    return renamed.names_in(module, _NAMES)
