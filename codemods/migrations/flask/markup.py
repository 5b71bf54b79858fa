"""Flask 3 has no `Markup` and `escape` of its own: `from flask import Markup` raises `ImportError` there.

Both were always those of MarkupSafe, which Flask installs with Jinja. They are imported from there.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Take Markup and escape from MarkupSafe, as Flask 3 needs",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: both names are the same objects.",
    references=("https://flask.palletsprojects.com/en/stable/changes/#version-3-0-0",),
    needles=(b"Markup", b"escape"),
    pattern=rb"\bflask\b",
    minutes=2,
    crosses=">=3",
    since="1.0",
)

_NAMES = {"flask.Markup": "markupsafe.Markup", "flask.escape": "markupsafe.escape"}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names of MarkupSafe."""
    return renamed.names_in(module, _NAMES)
