"""Python 3.14 took the classes of resources out of `importlib.abc`: they are in `importlib.resources.abc`.

`Traversable` and its like live there since Python 3.11, and the old names brought the same classes until
they went.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Take Traversable from where Python 3.14 has it",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: they are the same classes.",
    references=("https://docs.python.org/3/whatsnew/3.14.html#importlib-abc",),
    needles=(b"Traversable", b"TraversableResources", b"ResourceReader"),
    pattern=rb"importlib\.abc|importlib[ \t]+import|import[ \t]+importlib",
    minutes=3,
    crosses=">=3.14",
    since="3.11",
)

_NAMES = {
    f"importlib.abc.{name}": f"importlib.resources.abc.{name}"
    for name in ("ResourceReader", "Traversable", "TraversableResources")
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the classes from their new place."""
    return renamed.names_in(module, _NAMES)
