"""Jinja 3.1 has no `Markup` and `escape` of its own: `from jinja2 import Markup` raises `ImportError` there.

Both are those of MarkupSafe, which Jinja needs. They are imported from there.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Take Markup and escape from MarkupSafe, as Jinja 3.1 needs",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: both names do the same, and templates take either.",
    references=("https://jinja.palletsprojects.com/en/stable/changes/#version-3-1-0",),
    needles=(b"Markup", b"escape"),
    pattern=rb"\bjinja2\b",
    minutes=2,
    crosses=">=3.1",
    since="2.8",
)

_NAMES = {
    f"{place}.{name}": f"markupsafe.{name}"
    for place in ("jinja2", "jinja2.utils")
    for name in ("Markup", "escape")
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names of MarkupSafe."""
    return renamed.names_in(module, _NAMES)
