"""The option `json_module` of a schema is `render_module`: marshmallow 4 reads no other, and says nothing.

With the old name `dumps` and `loads` are those of the standard library from then on. The new one works since
marshmallow 3.0.
"""

from __future__ import annotations

import libcst as cst

from codemods import derived, guards, nodes
from codemods.migrations.marshmallow import classes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Call the option json_module of schemas render_module",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: marshmallow 3 reads both names alike.",
    references=(classes.GUIDE + "#json-module-option-is-renamed-to-render-module",),
    needles=(b"json_module",),
    pattern=rb"\bmarshmallow\b",
    minutes=1,
    crosses=">=4",
    since="3.0",
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose schemas name what renders them by its new name."""
    seen, changes = nodes.of(module), dict[cst.CSTNode, nodes.Change]()
    every = classes.schemas(module)
    for node in seen.all(cst.ClassDef) if every else ():
        block = seen.above[node]
        is_meta = node.name.value == "Meta" and seen.above.get(block) in every
        if not is_meta or "render_module" in derived.bound(node):
            continue
        for line in derived.lines(node):
            target = nodes.assigned(line)[0]
            named = isinstance(target, cst.Name) and target.value == "json_module"
            if target and named and not guards.for_some_versions(line, module):
                changes[target] = nodes.to(cst.Name("render_module"))
    return nodes.replaced(module, changes)
