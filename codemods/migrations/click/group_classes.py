"""click 8.2 has one class for commands and one for groups: `BaseCommand` and `MultiCommand` warn.

They are what `Command` and `Group` are, and go with click 9. A class derived from the old ones is asked for
more than it is: in click 8.2 `isinstance` takes any group for one of it.
"""

from __future__ import annotations

import libcst as cst

from codemods import classinfo, names, nodes, renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Name click's classes for commands and groups as they are",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: since click 8.2 the old names are the new classes, with a warning.",
    references=("https://click.palletsprojects.com/en/stable/changes/#version-8-2-0",),
    needles=(b"BaseCommand", b"MultiCommand"),
    pattern=rb"\bclick\b",
    minutes=1,
    crosses=">=8.2",
    since="8.2",
)

_NEW = {"BaseCommand": "Command", "MultiCommand": "Group"}
_NAMES = {f"{home}.{old}": f"{home}.{new}" for home in ("click", "click.core") for old, new in _NEW.items()}
_CLASSES = frozenset(_NAMES.values())


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the new names."""
    result = renamed.names_in(module, _NAMES)
    return result if result is module else _without_repetition(result)


def _without_repetition(module: cst.Module) -> cst.Module:
    """Return the module in which `isinstance` is asked for none of the classes twice."""
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    for several in nodes.of(module).all(cst.Tuple):
        values = [element.value for element in several.elements]
        ours = [full for v in values if (full := known.qualified(v)) in _CLASSES]
        if len(ours) > len(set(ours)) and classinfo.asked(several, module):
            changes[several] = classinfo.flat
    return nodes.replaced(module, changes)
