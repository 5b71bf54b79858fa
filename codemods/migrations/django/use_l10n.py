"""Settings need not say `USE_L10N = True` any more: in Django 4 it is so, and Django 5 does not read it.

In Django 4 the assignment only brings a warning. It goes where it says what is so anyway, in a module that is
plainly one of settings; `USE_L10N = False` asks for something that Django cannot do any more, and is left to
a person.
"""

from __future__ import annotations

import libcst as cst

from codemods import names
from codemods.migrations.django import assignments
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Remove `USE_L10N = True`, which is how Django is",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="Code that reads `settings.USE_L10N` finds it no more in Django 5, unless the settings name it.",
    references=(
        "https://docs.djangoproject.com/en/4.0/releases/4.0/#localization",
        "https://docs.djangoproject.com/en/5.0/releases/5.0/#features-removed-in-5-0",
    ),
    needles=(b"USE_L10N",),
    minutes=1,
    crosses=">=5.0",
    since="4.0",
)

_NAME = "USE_L10N"
_SETTINGS = ("INSTALLED_APPS", "ROOT_URLCONF", "LANGUAGE_CODE", "SECRET_KEY", "MIDDLEWARE", "TIME_ZONE")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the settings without the assignment."""
    known = names.of(module)
    found = [line for line in module.body if _is_true(assignments.alone(line, _NAME))]
    are_settings = sum(known.bindings(name) > 0 for name in _SETTINGS) > 1
    if not are_settings or len(found) != 1 or known.bindings(_NAME) != 1 or len(known.uses(_NAME)) > 1:
        return module
    return assignments.without(module, found[0])


def _is_true(value: cst.BaseExpression | None) -> bool:
    return isinstance(value, cst.Name) and value.value == "True"
