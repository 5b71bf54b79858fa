"""marshmallow 4 has `EXCLUDE` and its like in one place only, and no functions for dates of its own.

`EXCLUDE`, `INCLUDE` and `RAISE` were in `marshmallow.utils`, too, where importing them raises `ImportError`
now. The two functions for dates as in mails did nothing but call those of `email.utils`.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.migrations.marshmallow import classes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Take names from where marshmallow 4 has them",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the objects are the same, or did nothing but call what takes their place.",
    references=(
        classes.GUIDE + "#upgrading-to-4-0",
        "https://marshmallow.readthedocs.io/en/latest/top_level.html",
    ),
    needles=(b"EXCLUDE", b"INCLUDE", b"RAISE", b"from_rfc", b"rfcformat"),
    pattern=rb"\bmarshmallow\b",
    minutes=2,
    crosses=">=4",
    since="3.0",
)

_NAMES = {
    **{f"marshmallow.utils.{name}": f"marshmallow.{name}" for name in ("EXCLUDE", "INCLUDE", "RAISE")},
    "marshmallow.utils.from_rfc": "email.utils.parsedate_to_datetime",
    "marshmallow.utils.rfcformat": "email.utils.format_datetime",
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names that are still there."""
    return renamed.names_in(module, _NAMES)
