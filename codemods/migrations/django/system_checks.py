"""Commands say with a list which system checks they need; Django 4.1 takes no `True` and `False` any more.

Since Django 3.2 `requires_system_checks` is a list of tags: `"__all__"` is what `True` was, an empty list
what `False` was. With the old values Django 4.1 raises `TypeError` as soon as the command is made.
"""

from __future__ import annotations

import libcst as cst

from codemods import guards, layout, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Name the system checks of commands as Django 4.1 does",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: Django 3.2 and 4.0 read the old values as the new ones.",
    references=(
        "https://docs.djangoproject.com/en/3.2/releases/3.2/#features-deprecated-in-3-2",
        "https://docs.djangoproject.com/en/4.1/releases/4.1/#features-removed-in-4-1",
    ),
    needles=(b"requires_system_checks",),
    minutes=2,
    crosses=">=4.1",
    since="3.2",
)

_COMMANDS = frozenset(
    f"{place}.{name}"
    for place in ("django.core.management", "django.core.management.base")
    for name in ("BaseCommand", "AppCommand", "LabelCommand")
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose commands name their checks in the new way."""
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    for found in nodes.of(module).all(cst.ClassDef):
        if not any(known.qualified(base.value) in _COMMANDS for base in found.bases):
            continue
        for value in _values(found):
            if not guards.for_some_versions(value, module):
                changes[value] = nodes.to(
                    layout.quoted(module, "__all__") if value.value == "True" else cst.List([])
                )
    return nodes.replaced(module, changes)


def _values(found: cst.ClassDef) -> list[cst.Name]:
    """Return what a class gives to the attribute, where that is `True` or `False`."""
    lines = [line for line in found.body.body if isinstance(line, cst.SimpleStatementLine)]
    given = [nodes.assigned(statement) for line in lines for statement in line.body]
    values = [v for t, v in given if isinstance(t, cst.Name) and t.value == "requires_system_checks"]
    return [v for v in values if isinstance(v, cst.Name) and v.value in {"True", "False"} and not v.lpar]
