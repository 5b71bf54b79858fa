"""`CheckConstraint` takes a `condition` in Django 6; the old keyword `check` raises `TypeError` there.

The argument was renamed in Django 5.1, where both names set the same attribute. Migrations that were written
with the old name have to change, too, since they are run with the installed Django; that changes nothing
about what they did to a database.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Name the condition of a CheckConstraint as Django 6 does",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: from Django 5.1 on both keywords set the same attribute.",
    references=(
        "https://docs.djangoproject.com/en/5.1/releases/5.1/#features-deprecated-in-5-1",
        "https://docs.djangoproject.com/en/6.0/releases/6.0/#features-removed-in-6-0",
    ),
    needles=(b"CheckConstraint",),
    pattern=rb"\bcheck\s*=",
    minutes=2,
    crosses=">=6.0",
    since="5.1",
)

_PLACES = ("django.db.models", "django.db.models.constraints", "django.contrib.gis.db.models")
_KEYWORDS = {f"{place}.CheckConstraint": {"check": "condition"} for place in _PLACES}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the keyword that Django 6 knows."""
    return renamed.keywords_in(module, _KEYWORDS)
