"""click 8.1 has no `get_terminal_size` and no `get_os_args`: the standard library does what they did.

`from click import get_terminal_size` raises `ImportError` there. It asked `shutil.get_terminal_size` since
click 7.0, and `get_os_args()` was `sys.argv[1:]` on Python 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from codemods import guards, imports, leftovers, names, nodes, renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Ask the standard library what click no longer tells",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: click asked the standard library itself.",
    references=(
        "https://click.palletsprojects.com/en/stable/changes/#version-8-1-0",
        "https://docs.python.org/3/library/shutil.html#shutil.get_terminal_size",
    ),
    needles=(b"get_terminal_size", b"get_os_args"),
    pattern=rb"\bclick\b",
    minutes=2,
    crosses=">=8.1",
    since="7.0",
)

_SIZE = "shutil.get_terminal_size"
_SIZES = {"click.get_terminal_size": _SIZE, "click.termui.get_terminal_size": _SIZE}
_ARGUMENTS = frozenset(("click.get_os_args", "click.utils.get_os_args"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that asks the standard library."""
    return _without_arguments(renamed.names_in(module, _SIZES))


@dataclass(frozen=True)
class _Sys:
    """How a module names `sys`; ``new``: it has to be imported."""

    name: str
    new: bool


def _without_arguments(module: cst.Module) -> cst.Module:
    """Return the module that reads the arguments of the process by itself."""
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    way = _way(known)
    for call in nodes.of(module).all(cst.Call) if way else ():
        is_old = known.qualified(call.func) in _ARGUMENTS and not call.args
        if way and is_old and not (guards.for_some_versions(call, module) or nodes.comments(call)):
            changes[call] = nodes.to(cst.parse_expression(f"{way.name}.argv[1:]"))
    if not changes or way is None:
        return module
    result = nodes.replaced(module, changes)
    return leftovers.tidied(module, imports.bring(result, "sys") if way.new else result)


def _way(known: names.Names) -> _Sys | None:
    if local := known.local("sys"):
        return _Sys(local, new=False)
    return _Sys("sys", new=True) if known.free("sys") else None
