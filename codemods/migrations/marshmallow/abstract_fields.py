"""`Number` and `Mapping` are abstract in marshmallow 4: a schema that has them as fields fails.

What they did as fields is what `Float` and `Dict` do. They stay what other classes derive from.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import guards, names, nodes, reach
from codemods.migrations.marshmallow import classes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Use Float and Dict in place of marshmallow's abstract fields",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="`Float` refuses NaN and infinity, which `Number` let through; `Integer` may be what is meant.",
    references=(classes.GUIDE + "#number-and-mapping-fields-as-base-classes",),
    needles=(b"Number", b"Mapping"),
    pattern=rb"\b(?:marshmallow|webargs)\b",
    minutes=2,
    crosses=">=4",
    since="3.0",
)

_BECOME = {
    f"{place}.{old}": new
    for place in classes.PLACES
    for old, new in (("Number", "Float"), ("Mapping", "Dict"))
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose fields are none of the abstract ones."""
    known, ways = names.of(module), list[reach.Way]()
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for node in _uses(module):
        full = known.qualified(node) or ""
        place, new = full.rpartition(".")[0], _BECOME[full]
        if isinstance(node, cst.Attribute):
            changes[node.attr] = nodes.to(cst.Name(new))
        elif known.local(full) and (way := reach.to(f"{place}.{new}", module)):
            changes[node] = nodes.to(way.expression)
            ways.append(way)
    return reach.instead(module, nodes.replaced(module, changes), ways)


def _uses(module: cst.Module) -> Iterator[cst.Name | cst.Attribute]:
    """Yield where an abstract class becomes a field: it is called, or given to one that holds it."""
    seen, known = nodes.of(module), names.of(module)
    for call in seen.all(cst.Call):
        holds = classes.field(call, module) is not None
        for node in (call.func, *(arg.value for arg in call.args if holds)):
            if known.qualified(node) not in _BECOME or guards.for_some_versions(call, module):
                continue
            if isinstance(node, cst.Name | cst.Attribute):
                yield node
