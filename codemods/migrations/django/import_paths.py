"""Names that Django 3 no longer keeps where they once were: they are imported from where they are defined.

Until Django 2.2 and 3.0 a few modules handed on what had moved elsewhere, so that old imports went on
working: `EmptyResultSet` and `FieldDoesNotExist` are exceptions of `django.core.exceptions`, `Context` lives
in `django.template.context`, and `static` in `django.templatetags.static`. The new places are older than
Django 2, and hold the very same objects; of `static` the old one only warned first.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Import what moved within Django from its new place",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: both places lead to the same object.",
    references=(
        "https://docs.djangoproject.com/en/3.0/releases/3.0/#features-removed-in-3-0",
        "https://docs.djangoproject.com/en/3.1/releases/3.1/#miscellaneous",
    ),
    needles=(b"django",),
    pattern=rb"EmptyResultSet|FieldDoesNotExist|BoundField|pretty_name|ACTION_CHECKBOX_NAME|template\.base"
    rb"|ContextPopException|QuerySetPaginator|templatetags\.(?:staticfiles|admin_static)",
    minutes=2,
    crosses=">=3.1",
    since="2.0",
)

_STATIC = "django.templatetags.static.static"
_NAMES = {
    "django.contrib.staticfiles.templatetags.staticfiles.static": _STATIC,
    "django.contrib.admin.templatetags.admin_static.static": _STATIC,
    "django.contrib.admin.ACTION_CHECKBOX_NAME": "django.contrib.admin.helpers.ACTION_CHECKBOX_NAME",
    "django.core.paginator.QuerySetPaginator": "django.core.paginator.Paginator",
    "django.db.models.query.EmptyResultSet": "django.core.exceptions.EmptyResultSet",
    "django.db.models.sql.EmptyResultSet": "django.core.exceptions.EmptyResultSet",
    "django.db.models.sql.datastructures.EmptyResultSet": "django.core.exceptions.EmptyResultSet",
    "django.db.models.FieldDoesNotExist": "django.core.exceptions.FieldDoesNotExist",
    "django.db.models.fields.FieldDoesNotExist": "django.core.exceptions.FieldDoesNotExist",
    "django.forms.forms.BoundField": "django.forms.boundfield.BoundField",
    "django.forms.forms.pretty_name": "django.forms.utils.pretty_name",
    "django.template.base.Context": "django.template.context.Context",
    "django.template.base.ContextPopException": "django.template.context.ContextPopException",
    "django.template.base.RequestContext": "django.template.context.RequestContext",
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that imports from where names are defined."""
    return renamed.names_in(module, _NAMES)
