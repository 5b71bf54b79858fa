"""click 8.1 calls `resultcallback` of a group `result_callback`; the old name raises `AttributeError` there.

Both do the same, and the new name works since click 8.0. It changes where it is certain that a group is
asked: a function that `@click.group()` makes one, or the `group` of another, and what is made of click's own
classes.
"""

from __future__ import annotations

import libcst as cst

from codemods import alignment, guards, nodes
from codemods.migrations.click import commands
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Call a group's result_callback by its new name",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: in click 8.0 the old name calls the new one.",
    references=("https://click.palletsprojects.com/en/stable/changes/#version-8-1-0",),
    needles=(b"resultcallback",),
    pattern=rb"\bclick\b",
    minutes=1,
    crosses=">=8.1",
    since="8.0",
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that calls it by its new name."""
    texts: dict[cst.CSTNode, str] = {}
    for node in nodes.of(module).all(cst.Attribute):
        is_old = node.attr.value == "resultcallback" and commands.is_group(node.value, module)
        if is_old and not guards.for_some_versions(node, module):
            texts[node.attr] = "result_callback"
    return alignment.renamed(module, texts) if texts else module
