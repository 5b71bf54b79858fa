"""`to_csv` takes `lineterminator`, as the standard library spells it; pandas 2 has no `line_terminator`.

It is the same argument; pandas 1.5 knows both, and pandas 2 raises `TypeError` for the old one. It changes
where it is certain that a frame or a series is written.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, guards, nodes
from codemods.migrations.pandas import frames
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Spell the lineterminator of to_csv as pandas 2 does",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the same text ends each line.",
    references=("https://pandas.pydata.org/docs/whatsnew/v1.5.0.html#other-deprecations",),
    needles=(b"line_terminator",),
    pattern=rb"\bpandas\b",
    minutes=1,
    crosses=">=2",
    since="1.5",
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that writes CSV with the keyword of pandas 2."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in nodes.of(module).all(cst.Call):
        func, arg = call.func, arguments.named(call, "line_terminator")
        if arg and arg.keyword and isinstance(func, cst.Attribute) and func.attr.value == "to_csv":
            is_twice = arguments.named(call, "lineterminator") or any(a.star == "**" for a in call.args)
            is_known = not is_twice and frames.kind(func.value, module)
            if is_known and not guards.for_some_versions(call, module):
                changes[arg.keyword] = nodes.to(cst.Name("lineterminator"))
    return nodes.replaced(module, changes)
