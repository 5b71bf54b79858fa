"""marshmallow 3 hands `many` and `partial` to the methods of schemas and fields that are given data.

That is to methods under `pre_load`, `post_load`, `pre_dump`, `post_dump` and `validates_schema`, to
`handle_error`, and to `_serialize` and `_deserialize` of fields. One that does not take them raises
`TypeError` as soon as it is called; with `**kwargs` it works in every version. A processor that changes its
data and returns nothing is left to a person: marshmallow 3 takes the None for the data.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import derived, nodes
from codemods.migrations.marshmallow import classes, hooks
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Let methods take what marshmallow 3 hands them",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: a method takes more arguments, which it does not read.",
    references=(
        classes.GUIDE + "#decorated-methods-and-handle-error-receive-many-and-partial",
        classes.GUIDE + "#custom-fields",
    ),
    needles=(
        *(b"pre_load", b"post_load", b"pre_dump", b"post_dump", b"validates_schema"),
        *(b"handle_error", b"_serialize", b"_deserialize"),
    ),
    pattern=rb"\bmarshmallow\b",
    minutes=1,
    crosses=">=3",
    since="2.0",
)

_LOADING = classes.decorators("pre_load", "post_load", "validates_schema")
_DUMPING = classes.decorators("pre_dump", "post_dump")
_HANDED = frozenset(("many", "partial"))
_ANYTHING = frozenset(("**",))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose methods take every argument."""
    found = [
        *((function, _HANDED) for function in hooks.under(module, _LOADING)),
        *((function, frozenset(("many",))) for function in hooks.under(module, _DUMPING)),
        *((function, _HANDED) for function in _methods(module, classes.SCHEMAS, "handle_error")),
        *((f, _ANYTHING) for f in _methods(module, classes.FIELD_ROOTS, "_serialize", "_deserialize")),
    ]
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for function, handed in found:
        if change := hooks.wider(function, handed, module):
            changes[function] = change
    return nodes.replaced(module, changes)


def _methods(module: cst.Module, roots: frozenset[str], *called: str) -> Iterator[cst.FunctionDef]:
    """Yield the methods of some names of the classes that derive from some of marshmallow's."""
    for own in derived.of(module, roots):
        body = own.body.body if isinstance(own.body, cst.IndentedBlock) else ()
        yield from (
            f for f in body if isinstance(f, cst.FunctionDef) and f.name.value in called and not f.decorators
        )
