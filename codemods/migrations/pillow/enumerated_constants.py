"""Constants of Pillow's modules are members of enumerations: `ImageFont.LAYOUT_BASIC` is `Layout.BASIC`.

The old names raise `AttributeError` in Pillow 10. The enumerations are there since Pillow 9.1, and their
members are the same numbers.
"""

from __future__ import annotations

import libcst as cst

from codemods import guards, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Take the constants of Pillow from its enumerations",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: a member is the same number.",
    references=("https://pillow.readthedocs.io/en/stable/deprecations.html#constants",),
    needles=(b"ImageCms", b"ImageFont", b"PngImagePlugin"),
    pattern=rb"\b(?:INTENT|DIRECTION|LAYOUT|APNG_DISPOSE|APNG_BLEND)_[A-Z]+",
    minutes=1,
    crosses=">=10",
    since="9.1",
)

_MEMBERS = {
    "PIL.ImageCms": {
        "INTENT_PERCEPTUAL": "Intent.PERCEPTUAL",
        "INTENT_RELATIVE_COLORIMETRIC": "Intent.RELATIVE_COLORIMETRIC",
        "INTENT_SATURATION": "Intent.SATURATION",
        "INTENT_ABSOLUTE_COLORIMETRIC": "Intent.ABSOLUTE_COLORIMETRIC",
        "DIRECTION_INPUT": "Direction.INPUT",
        "DIRECTION_OUTPUT": "Direction.OUTPUT",
        "DIRECTION_PROOF": "Direction.PROOF",
    },
    "PIL.ImageFont": {"LAYOUT_BASIC": "Layout.BASIC", "LAYOUT_RAQM": "Layout.RAQM"},
    "PIL.PngImagePlugin": {
        "APNG_DISPOSE_OP_NONE": "Disposal.OP_NONE",
        "APNG_DISPOSE_OP_BACKGROUND": "Disposal.OP_BACKGROUND",
        "APNG_DISPOSE_OP_PREVIOUS": "Disposal.OP_PREVIOUS",
        "APNG_BLEND_OP_SOURCE": "Blend.OP_SOURCE",
        "APNG_BLEND_OP_OVER": "Blend.OP_OVER",
    },
}
_NAMES = {f"{place}.{old}": new for place, found in _MEMBERS.items() for old, new in found.items()}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that takes constants from where Pillow 10 has them, where it names their module."""
    known, seen, changes = names.of(module), nodes.of(module), dict[cst.CSTNode, nodes.Change]()
    for node in seen.all(cst.Attribute):
        new = _NAMES.get(known.qualified(node) or "")
        is_given = nodes.is_set(node, seen.above[node])
        if new and not is_given and not guards.for_some_versions(node, module):
            kind, member = new.split(".")
            inner = node.with_changes(attr=cst.Name(kind), lpar=(), rpar=())
            changes[node] = nodes.to(node.with_changes(value=inner, attr=cst.Name(member)))
    return nodes.replaced(module, changes)
