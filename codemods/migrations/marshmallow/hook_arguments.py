"""marshmallow 4 hands more to what it decorates: `data_key` to validators of fields, `unknown` to others.

A method that takes neither the argument nor `**kwargs` raises `TypeError` then, as soon as it is called. With
`**kwargs` it works in every version.
"""

from __future__ import annotations

import libcst as cst

from codemods import nodes
from codemods.migrations.marshmallow import classes, hooks
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Let the hooks of schemas take what marshmallow 4 hands them",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: a method takes one argument more, which it does not read.",
    references=(
        "https://marshmallow.readthedocs.io/en/latest/marshmallow.decorators.html",
        "https://marshmallow.readthedocs.io/en/latest/changelog.html",
    ),
    needles=(b"validates", b"validates_schema", b"pre_load", b"post_load"),
    pattern=rb"\bmarshmallow\b",
    minutes=1,
    crosses=">=4",
    since="2.0",
)

_HANDED = (
    (classes.decorators("validates"), frozenset(("data_key",))),
    (
        classes.decorators("pre_load", "post_load", "validates_schema"),
        frozenset(("many", "partial", "unknown")),
    ),
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose hooks take every argument."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for decorators, handed in _HANDED:
        for function in hooks.under(module, decorators):
            if change := hooks.wider(function, handed, module):
                changes[function] = change
    return nodes.replaced(module, changes)
