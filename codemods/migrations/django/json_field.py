"""The `JSONField` of `django.contrib.postgres` is only a shell for old migrations in Django 4.

Since Django 3.1 `django.db.models.JSONField` works on every database, and the one of `contrib.postgres` is
derived from it and adds a warning. From Django 4.0 on the system check refuses the old one in models, and the
form field, `KeyTransform` and `KeyTextTransform` are gone. On PostgreSQL the column is `jsonb` with both.

The migrations of an app are changed with its models, so that Django sees no difference between them.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Use the JSONField that works on every database",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A field that stands in a migration of another repository makes `makemigrations` write one that "
    "alters nothing in the database.",
    references=(
        "https://docs.djangoproject.com/en/3.1/releases/3.1/#jsonfield-for-all-supported-database-backends",
        "https://docs.djangoproject.com/en/4.0/releases/4.0/#features-removed-in-4-0",
    ),
    needles=(b"postgres",),
    pattern=rb"JSONField|Key(?:Text)?Transform",
    minutes=4,
    crosses=">=4.0",
    since="3.1",
)

_FIELDS, _FORMS = "django.contrib.postgres.fields", "django.contrib.postgres.forms"
_NAMES = {
    f"{_FIELDS}.JSONField": "django.db.models.JSONField",
    f"{_FIELDS}.jsonb.JSONField": "django.db.models.JSONField",
    f"{_FIELDS}.jsonb.KeyTransform": "django.db.models.fields.json.KeyTransform",
    f"{_FIELDS}.jsonb.KeyTextTransform": "django.db.models.fields.json.KeyTextTransform",
    f"{_FORMS}.JSONField": "django.forms.JSONField",
    f"{_FORMS}.jsonb.JSONField": "django.forms.JSONField",
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the fields of `django.db.models` and `django.forms`."""
    return renamed.names_in(module, _NAMES)
