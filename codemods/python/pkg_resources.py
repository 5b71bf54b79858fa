"""`pkg_resources` is deprecated and gone from setuptools 82; `importlib.metadata` answers the same questions.

Whoever installs a new setuptools, or none, which is what a fresh environment has since Python 3.12, gets
`ModuleNotFoundError` from such an import. It is slow as well: at its start it looks through everything that
is installed.

Replaced are the version of a distribution, the error for one that is not installed, and loops over entry
points that do no more than read a name and load an object. A module is changed as a whole or not at all: one
that parses versions, reads resources, asks for other parts of a distribution, takes the error apart or speaks
of the library in a comment is left alone. So is a version asked for where an `ImportError` is caught, for the
new error is one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import libcst as cst

from codemods import alignment, arguments, expressions, layout, moved, names, nodes, reach
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Ask importlib.metadata in place of pkg_resources",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="Only what is asked for is looked up: `pkg_resources` raised for a missing dependency as well.",
    references=(
        "https://setuptools.pypa.io/en/latest/pkg_resources.html",
        "https://docs.python.org/3/library/importlib.metadata.html",
        "https://importlib-metadata.readthedocs.io/en/latest/migration.html",
    ),
    needles=(b"pkg_resources",),
    pattern=rb"\b(?:get_distribution|iter_entry_points)\b",
    requires_python=(3, 8),
    asks=("floor",),
    minutes=10,
)

_VERSION, _MISSING, _POINTS = "version", "PackageNotFoundError", "entry_points"
_SELECTS = (3, 10)
_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?")
_OWN = frozenset(("__name__", "__package__"))


@dataclass
class _File:
    """One module, what is used of `importlib.metadata` in the end, and the places that change for it."""

    module: cst.Module
    floor: tuple[int, int]
    known: names.Names
    seen: nodes.Seen
    found: dict[cst.CSTNode, str] = field(default_factory=dict)


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module without `pkg_resources`, where all that it uses of it has an exact answer."""
    ours = moved.whole(module, "pkg_resources")
    if not ours or not all(moved.may_go(module, local) for local in ours):
        return module
    file = _File(module, facts.floor or (0, 0), names.of(module), nodes.of(module))
    uses = [(use, full) for local, full in ours.items() for use in file.known.uses(local)]
    if not all(_answered(use, full, file) for use, full in uses):
        return module
    if any("pkg_resources" in said for said in nodes.comments(module)):
        return module
    told = _told(sorted(set(file.found.values())), module)
    if told is None or not all(_has_room(node, told[name], module) for node, name in file.found.items()):
        return module
    changes: dict[cst.CSTNode, nodes.Change] = {
        n: _change(name, told[name][0]) for n, name in file.found.items()
    }
    lines = [line for _, line in told.values() if line]
    return moved.swapped(nodes.replaced(module, changes), ours, lines)


_Told = dict[str, tuple[cst.BaseExpression, str]]


def _told(wanted: Sequence[str], module: cst.Module) -> _Told | None:
    """Return how each name of `importlib.metadata` is written, with the import that it needs (or none)."""
    ways = [(name, reach.to(f"importlib.metadata.{name}", module)) for name in wanted]
    found: _Told = {}
    for name, way in ways:
        if way is None:
            break
        found[name] = way.expression, f"from {way.source} import {name}" if way.source else ""
    else:
        return found
    known = names.of(module)
    if known.local("importlib") != "importlib" and not known.free("importlib"):
        return None
    whole = "importlib.metadata"
    return {name: (cst.parse_expression(f"{whole}.{name}"), f"import {whole}") for name in wanted}


def _answered(use: cst.Name, full: str, file: _File) -> bool:
    """Note how one use of the library changes; say whether it does."""
    node: cst.BaseExpression = use
    above = file.seen.above[use]
    if full == "pkg_resources":
        if not isinstance(above, cst.Attribute):
            return False
        node, full, above = above, f"{full}.{above.attr.value}", file.seen.above[above]
    name = full.removeprefix("pkg_resources.")
    if name == "DistributionNotFound":
        return _is_caught(node, file)
    if not isinstance(above, cst.Call) or above.func is not node or not _is_plain(above, file):
        return False
    if name == "get_distribution":
        return _is_version(above, file)
    return name == "iter_entry_points" and _is_looped_over(above, file)


def _is_plain(call: cst.Call, file: _File) -> bool:
    by_position = bool(call.args) and len(arguments.positional(call)) == len(call.args)
    return by_position and not alignment.holds(file.module, call)


def _is_version(call: cst.Call, file: _File) -> bool:
    """Say whether a call asks for the version of one distribution, and note that."""
    asked = call.args[0].value
    named = isinstance(asked, cst.Name) and asked.value in _OWN and not file.known.bindings(asked.value)
    if isinstance(asked, cst.SimpleString):
        named = bool(_NAME.fullmatch(str(asked.raw_value)))
    outer = file.seen.above[call]
    if not named or len(call.args) != 1 or not isinstance(outer, cst.Attribute):
        return False
    if (
        outer.attr.value != "version"
        or isinstance(file.seen.above[outer], cst.AssignTarget)
        or _may_be_taken_for_an_import(call, file)
    ):
        return False
    file.found[outer] = _VERSION
    return True


def _may_be_taken_for_an_import(node: cst.CSTNode, file: _File) -> bool:
    """Say whether what catches import errors stands around a node: before what catches all the others."""
    inner = node
    for outer in file.seen.ancestors(node):
        if isinstance(outer, cst.Try) and outer.body is inner:
            for handler in outer.handlers:
                caught = _caught(handler.type)
                if caught & {"ImportError", "ModuleNotFoundError"} and "DistributionNotFound" not in caught:
                    return True
        inner = outer
    return False


def _caught(type_: cst.BaseExpression | None) -> set[str]:
    parts = [e.value for e in type_.elements] if isinstance(type_, cst.Tuple) else [type_]
    last = (p.attr if isinstance(p, cst.Attribute) else p for p in parts)
    return {n.value for n in last if isinstance(n, cst.Name)}


def _is_caught(node: cst.BaseExpression, file: _File) -> bool:
    """Say whether an error is caught without a look into it, and note that."""
    outer = file.seen.above[node]
    if isinstance(outer, cst.Element):
        outer = file.seen.above[file.seen.above[outer]]
    if (
        not isinstance(outer, cst.ExceptHandler)
        or outer.name is not None
        or alignment.holds(file.module, node)
    ):
        return False
    file.found[node] = _MISSING
    return True


def _is_looped_over(call: cst.Call, file: _File) -> bool:
    """Say whether a loop over entry points reads their names and loads them and no more, and note that."""
    loop = file.seen.above[call]
    if file.floor < _SELECTS or len(call.args) > 2 or not isinstance(loop, cst.For | cst.CompFor):  # noqa: PLR2004 -- a group and a name
        return False
    if loop.iter is not call or not isinstance(loop.target, cst.Name) or loop.asynchronous:
        return False
    if not all(_reads_or_loads(n, loop.target, file) for n in file.known.uses(loop.target.value)):
        return False
    file.found[call] = _POINTS
    return True


def _reads_or_loads(name: cst.Name, target: cst.Name, file: _File) -> bool:
    if name is target:
        return True
    outer = file.seen.above[name]
    if not isinstance(outer, cst.Attribute) or outer.attr.value not in {"name", "load"}:
        return False
    call = file.seen.above[outer]
    return outer.attr.value == "name" or (isinstance(call, cst.Call) and call.func is outer and not call.args)


def _change(name: str, new: cst.BaseExpression) -> nodes.Change:
    """Return the change of a place into one that uses this name of `importlib.metadata`."""

    def change(updated: cst.CSTNode) -> cst.CSTNode:
        if name == _VERSION:
            outer = cst.ensure_type(updated, cst.Attribute)
            asked = cst.ensure_type(outer.value, cst.Call).args
            return expressions.in_place(cst.Call(new.deep_clone(), asked), outer)
        if name == _POINTS:
            call = cst.ensure_type(updated, cst.Call)
            given = zip(("group", "name"), call.args, strict=False)
            args = [arguments.keyword(k, arg.value).with_changes(comma=arg.comma) for k, arg in given]
            return call.with_changes(func=new.deep_clone(), args=args)
        if not isinstance(updated, cst.Name | cst.Attribute):
            raise TypeError("an error has a dotted name")
        return expressions.in_place(new.deep_clone(), updated)

    return change


def _has_room(node: cst.CSTNode, told: tuple[cst.BaseExpression, str], module: cst.Module) -> bool:
    name = module.code_for_node(told[0]).rpartition(".")[2]
    changed = _change(name, told[0])(node)
    after = module.code_for_node(changed) if isinstance(changed, cst.CSTNode) else ""
    return layout.has_room(module, node, len(after) - len(module.code_for_node(node)))
