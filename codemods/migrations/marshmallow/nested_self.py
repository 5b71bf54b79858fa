"""`Nested("self")` means a class named self in marshmallow 4: a schema nests itself as `Nested(lambda: Own)`.

With the text, marshmallow 4 raises `RegistryError` as soon as the field is used. A function that returns the
class takes the same way through marshmallow since 3.3.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import arguments, derived, guards, names, nodes
from codemods.migrations.marshmallow import classes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Nest marshmallow's schemas in themselves by their class",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="In a class derived elsewhere, the text stood for that class; now it is the one that has the field.",
    references=(classes.GUIDE + "#upgrading-to-3-3",),
    needles=(b"Nested", b"Pluck"),
    pattern=rb"[\"']self[\"']",
    minutes=3,
    crosses=">=4",
    since="3.3",
)

_NESTING = frozenset(name for name in classes.FIELDS if name.endswith((".Nested", ".Pluck")))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose schemas nest themselves by their class."""
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    every = classes.schemas(module)
    derived_from = {base for own in every for base in _bases(own, module)}
    for call in nodes.of(module).all(cst.Call) if every else ():
        value = _itself(call) if known.qualified(call.func) in _NESTING else None
        home = nodes.of(module).within(call, cst.ClassDef, cst.FunctionDef, cst.Lambda)
        if value is None or not isinstance(home, cst.ClassDef) or home not in every or home in derived_from:
            continue
        at_top = nodes.of(module).above[home] is module
        if at_top and derived.named(home.name, module) is home and not guards.for_some_versions(call, module):
            changes[value] = nodes.to(cst.parse_expression(f"lambda: {home.name.value}"))
    return nodes.replaced(module, changes)


def _itself(call: cst.Call) -> cst.SimpleString | None:
    """Return the text that says that a schema nests itself."""
    first = next(iter(arguments.positional(call)), None) or arguments.named(call, "nested")
    value = first.value if first else None
    is_text = isinstance(value, cst.SimpleString) and value.evaluated_value == "self"
    return cst.ensure_type(value, cst.SimpleString) if value and is_text else None


def _bases(own: cst.ClassDef, module: cst.Module) -> Iterator[cst.ClassDef]:
    return (base for arg in own.bases if (base := derived.named(arg.value, module)))
