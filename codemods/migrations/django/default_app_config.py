"""Nothing reads `default_app_config` any more in Django 4.1: an app's configuration is found by itself.

Since Django 3.2 the one `AppConfig` of an app's `apps.py` is taken, or the one that says `default = True`.
The assignment goes where no older Django than 4.1 can be installed, so that it says nothing to anybody. It
stays where the configuration stands in another module than `apps`: Django finds that no more, and people have
to name it in `INSTALLED_APPS`.
"""

from __future__ import annotations

import re

import libcst as cst

from codemods import leftovers, names, nodes
from codemods.migrations.django import assignments
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Remove `default_app_config`, which Django does not read",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: Django 4.1 and newer do not look at it.",
    references=(
        "https://docs.djangoproject.com/en/3.2/releases/3.2/#automatic-appconfig-discovery",
        "https://docs.djangoproject.com/en/4.1/releases/4.1/#features-removed-in-4-1",
    ),
    needles=(b"default_app_config",),
    minutes=2,
    crosses=">=4.1",
)

_NAME = "default_app_config"
_CONFIG = re.compile(r"(?:[A-Za-z_]\w*\.)+apps\.[A-Za-z_]\w*")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module without the assignment."""
    found = [line for line in module.body if _is_it(line)]
    known = names.of(module)
    if len(found) != 1 or known.bindings(_NAME) != 1 or len(known.uses(_NAME)) > 1:
        return module
    said = leftovers.mentioned(module.code, nodes.of(module).all(cst.SimpleString), {_NAME})
    return module if said else assignments.without(module, found[0])


def _is_it(line: cst.BaseStatement) -> bool:
    """Say whether a line gives the name the path of a class in `apps`, and nobody has said why."""
    value = assignments.alone(line, _NAME)
    return isinstance(value, cst.SimpleString) and _CONFIG.fullmatch(str(value.raw_value)) is not None
