"""`attr.evolve` takes what it copies as its first argument only: attrs 24.1 refuses it as `inst=`.

An attribute may be called `inst`, and a keyword of that name is a change to it now. By position it works in
every version.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, guards, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Give attrs' evolve its instance first",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: it is the same argument.",
    references=("https://www.attrs.org/en/stable/changelog.html",),
    needles=(b"evolve",),
    pattern=rb"\binst\s*=",
    minutes=1,
    crosses=">=24.1",
    since="17.1",
)

_CALLED = frozenset(("attr.evolve", "attrs.evolve"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that names no instance."""
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    for call in nodes.of(module).all(cst.Call):
        first = arguments.named(call, "inst")
        if known.qualified(call.func) not in _CALLED or first is None or call.args[0] is not first:
            continue
        if not guards.for_some_versions(call, module):
            plain = first.with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT)
            changes[first] = nodes.to(plain)
    return nodes.replaced(module, changes)
