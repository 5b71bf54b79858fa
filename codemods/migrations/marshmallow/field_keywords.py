"""A field's `missing` and `default` are `load_default` and `dump_default`: marshmallow 4 knows no others.

Since marshmallow 3.13 both names of each mean the same value: what a field is where it is missing in what is
loaded, and where it is missing in what is dumped. The old ones raise `TypeError` in marshmallow 4.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.migrations.marshmallow import classes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Name the defaults of fields as marshmallow 4 does",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: marshmallow 3.13 hands the old names on as the new ones.",
    references=(classes.GUIDE + "#upgrading-to-3-13",),
    needles=(b"missing", b"default"),
    pattern=rb"\b(?:marshmallow|webargs)\b",
    minutes=1,
    crosses=">=4",
    since="3.13",
)

_BECOME: dict[str, str | None] = {"missing": "load_default", "default": "dump_default"}
_TABLE = dict.fromkeys(classes.FIELDS, _BECOME)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose fields say with the new names what they are where they are missing."""
    return renamed.keywords_in(module, _TABLE)
