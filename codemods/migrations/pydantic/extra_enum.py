"""pydantic 2 deprecates `Extra`: the values of the setting `extra` are plain strings.

`Extra.forbid` is the string `"forbid"` there already, and to name it warns each time. pydantic 1 takes the
string as well. Where an annotation says that it is an `Extra`, it stays.
"""

from __future__ import annotations

import libcst as cst

from codemods import guards, layout, leftovers, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Write pydantic's extra as a string",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: in pydantic 2 the members of `Extra` are these strings.",
    references=("https://docs.pydantic.dev/2.12/api/config/#pydantic.config.ConfigDict.extra",),
    needles=(b"pydantic",),
    pattern=rb"\.\s*(?:allow|ignore|forbid)\b",
    minutes=1,
    crosses=">=2",
)

_VALUES = {
    f"{place}.Extra.{value}": value
    for place in ("pydantic", "pydantic.config")
    for value in ("allow", "ignore", "forbid")
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with strings in place of the members of `Extra`."""
    known, seen = names.of(module), nodes.of(module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for node in seen.all(cst.Attribute):
        value = _VALUES.get(known.qualified(node) or "")
        if value and not _is_member(node, module) and not guards.for_some_versions(node, module):
            changes[node] = nodes.to(
                layout.quoted(module, value).with_changes(lpar=node.lpar, rpar=node.rpar)
            )
    return leftovers.tidied(module, nodes.replaced(module, changes))


def _is_member(node: cst.Attribute, module: cst.Module) -> bool:
    """Say whether something is asked of a member, or an annotation or ``is`` wants it to be one."""
    seen = nodes.of(module)
    above = seen.above[node]
    is_part = isinstance(above, cst.Attribute) or seen.within(node, cst.FormattedStringExpression)
    wanted = isinstance(above, cst.AnnAssign | cst.Param) and above.annotation is not None
    is_it = seen.within(node, cst.Comparison) is not None
    return bool(is_part or wanted or is_it or nodes.comments(node))
