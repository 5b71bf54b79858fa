"""Some names of SQLAlchemy's ORM went with 2.0, and `declarative_base()` lives in `sqlalchemy.orm` since 1.4.

`relation` and `eagerload` were old names of `relationship` and `joinedload`, and there is nothing but these
two in 2.0. What `sqlalchemy.ext.declarative` has of the declarative system still works, with a
`MovedIn20Warning` at each import; the same objects are in `sqlalchemy.orm`.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Take SQLAlchemy's ORM from where 2.0 has it",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: from SQLAlchemy 1.4 on both names are of the same object.",
    references=(
        "https://docs.sqlalchemy.org/en/20/changelog/migration_20.html#declarative-becomes-a-first-class-api",
        "https://docs.sqlalchemy.org/en/20/changelog/migration_14.html",
    ),
    needles=(b"relation", b"eagerload", b"declarative"),
    pattern=rb"\bsqlalchemy\b",
    minutes=2,
    crosses=">=2",
    since="1.4",
)

_DECLARATIVE = ("declarative_base", "declared_attr", "as_declarative", "has_inherited_table", "synonym_for")
_TABLE = {
    "sqlalchemy.orm.relation": "sqlalchemy.orm.relationship",
    "sqlalchemy.orm.eagerload": "sqlalchemy.orm.joinedload",
    **{
        f"{source}.{name}": f"sqlalchemy.orm.{name}"
        for source in ("sqlalchemy.ext.declarative", "sqlalchemy.ext.declarative.api")
        for name in (*_DECLARATIVE, "DeclarativeMeta")
    },
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names that SQLAlchemy 2.0 has."""
    return renamed.names_in(module, _TABLE)
