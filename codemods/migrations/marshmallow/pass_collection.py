"""The decorators of marshmallow 4 take `pass_collection`; with the old name `pass_many` they fail.

Both say that a method gets all objects at once. The name alone changed, and the new one works from
marshmallow 4 on.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.migrations.marshmallow import classes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Say pass_collection to marshmallow's decorators",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the name alone changed.",
    references=(classes.GUIDE + "#pass-many-is-renamed-to-pass-collection-in-decorators",),
    needles=(b"pass_many",),
    pattern=rb"\bmarshmallow\b",
    minutes=1,
    crosses=">=4",
)

_TABLE = {name: {"pass_many": "pass_collection"} for name in classes.decorators(*classes.HOOKS)}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the keyword that marshmallow 4 knows."""
    return renamed.keywords_in(module, _TABLE)
