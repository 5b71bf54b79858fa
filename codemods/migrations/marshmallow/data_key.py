"""marshmallow 3 has one key for loading and dumping: `data_key`, where `load_from` and `dump_to` were two.

It takes the old names without a word, as metadata that nothing reads: the field then goes by its own name.
Where both are the same text they become `data_key`. A field that is loaded under one key and dumped under
another needs two schemas in marshmallow 3, and is left to a person, as is one that names one key only.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, guards, layout, nodes
from codemods.migrations.marshmallow import classes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Name the key of fields as marshmallow 3 does",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="Where the key was missing in what is loaded, marshmallow 2 looked for the field's own name, too.",
    references=(classes.GUIDE + "#load-from-and-dump-to-are-merged-into-data-key",),
    needles=(b"load_from",),
    pattern=rb"\bdump_to\b",
    minutes=2,
    crosses=">=3",
    alone=False,
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose fields have one key where both were the same."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in nodes.of(module).all(cst.Call):
        is_one = _merged(call) is not call and classes.field(call, module)
        if is_one and not arguments.starred(call) and not guards.for_some_versions(call, module):
            changes[call] = layout.fitted(module, call, _merged) or _plainly
    return nodes.replaced(module, changes)


def _plainly(updated: cst.CSTNode) -> cst.Call:
    return _merged(cst.ensure_type(updated, cst.Call))


def _merged(call: cst.Call) -> cst.Call:
    """Return a call with one key for two that are the same; the same call where they are not."""
    loaded, dumped = arguments.named(call, "load_from"), arguments.named(call, "dump_to")
    if loaded is None or dumped is None or arguments.named(call, "data_key"):
        return call
    one, other = loaded.value, dumped.value
    is_text = isinstance(one, cst.SimpleString) and isinstance(other, cst.SimpleString)
    if not is_text or not one.deep_equals(other):
        return call
    first, second = sorted((list(call.args).index(loaded), list(call.args).index(dumped)))
    shorter = arguments.without(call, second)
    if shorter is None:
        return call
    kept = shorter.args[first].with_changes(keyword=cst.Name("data_key"))
    return shorter.with_changes(args=[*shorter.args[:first], kept, *shorter.args[first + 1 :]])
