"""`get_random_string()` has no default length any more in Django 4, and raises `TypeError` without one.

Until then the length was 12; it is written down where a call relied on it, so that tokens and passwords stay
as long as they were. Whether 12 characters are enough is another question, which a reviewer may take up.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, guards, layout, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Say how long a random string is, as Django 4 wants it",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: 12 is what the function took by itself.",
    references=(
        "https://docs.djangoproject.com/en/3.1/releases/3.1/#features-deprecated-in-3-1",
        "https://docs.djangoproject.com/en/4.0/releases/4.0/#features-removed-in-4-0",
    ),
    needles=(b"get_random_string",),
    minutes=2,
    crosses=">=4.0",
    since="2.0",
)

_FUNCTION = "django.utils.crypto.get_random_string"


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module in which each call gives a length."""
    known = names.of(module)
    calls = [
        call
        for call in nodes.of(module).all(cst.Call)
        if known.qualified(call.func) == _FUNCTION
        and not (arguments.starred(call) or arguments.positional(call) or arguments.named(call, "length"))
        and not guards.for_some_versions(call, module)
    ]
    return nodes.replaced(module, {call: layout.fitted(module, call, _long) or _change for call in calls})


def _long(call: cst.Call) -> cst.Call:
    return arguments.appended(call, arguments.keyword("length", cst.Integer("12")))


def _change(updated: cst.CSTNode) -> cst.CSTNode:
    return _long(cst.ensure_type(updated, cst.Call))
