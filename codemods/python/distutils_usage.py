"""`distutils` is gone since Python 3.12; `shutil` and `sysconfig` have taken over what programs used of it.

An import of it raises `ModuleNotFoundError` there, unless setuptools happens to be installed and puts its own
copy in place. Some functions have an answer in the standard library of every Python supported here.

They are not the same to the letter, so look at what each is for: `find_executable` also finds a file in the
current directory, and one that may not be run; `copy_tree` takes a target for made that it has made once; on
Debian the folders of `distutils.sysconfig` are those of the distribution. Left alone are `strtobool` and
`LooseVersion`, for which there is no equal, calls with further arguments, and scripts that build a package.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial

import libcst as cst

from codemods import alignment, arguments, expressions, layout, leftovers, moved, names, nodes, reach, scopes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Leave distutils for what Python 3.12 still has",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="Files that may not be run, or stand only in the current directory, are no longer programs; folders "
    "of the installation, and what a copy raises, may be others.",
    references=(
        "https://peps.python.org/pep-0632/#migration-advice",
        "https://docs.python.org/3/library/shutil.html#shutil.which",
        "https://docs.python.org/3/library/sysconfig.html",
    ),
    needles=(b"distutils",),
    pattern=rb"find_executable|copy_tree|get_python_(?:lib|inc)|get_config_var|get_platform",
    requires_python=(3, 8),
    minutes=5,
)

_BUILDS = ("setuptools", "distutils.core", "distutils.command", "distutils.extension", "distutils.cmd")


def _is_alone(call: cst.Call) -> bool:
    return len(call.args) == 1


def _is_empty(call: cst.Call) -> bool:
    return not call.args


_MERGED = arguments.keyword("dirs_exist_ok", cst.Name("True"))
_Rule = tuple[str, Callable[[cst.Call], bool], tuple[cst.Arg, ...]]
_RULES: Mapping[str, _Rule] = {
    "distutils.spawn.find_executable": ("shutil.which", _is_alone, ()),
    "distutils.dir_util.copy_tree": ("shutil.copytree", lambda call: len(call.args) == 2, (_MERGED,)),  # noqa: PLR2004 -- from and to
    "distutils.sysconfig.get_python_lib": (
        "sysconfig.get_path",
        _is_empty,
        (cst.Arg(cst.SimpleString('"purelib"')),),
    ),
    "distutils.sysconfig.get_python_inc": (
        "sysconfig.get_path",
        _is_empty,
        (cst.Arg(cst.SimpleString('"include"')),),
    ),
    "distutils.sysconfig.get_config_var": ("sysconfig.get_config_var", _is_alone, ()),
    "distutils.util.get_platform": ("sysconfig.get_platform", _is_empty, ()),
}
"""What is called in place of a function, with which arguments it has to be, and those that are added."""


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with other functions in place of those of `distutils`."""
    ours = dict(moved.only(module, "distutils"))
    if not ours or _builds(module) or _is_spoken_of(module):
        return module
    known = names.of(module)
    found = {local: [_hit(use, module) for use in known.uses(local)] for local in ours}
    done = {name for name, hits in found.items() if all(hits)}
    if not all(moved.may_go(module, name, stays=True) for name in done):
        return module
    freed = {name for name in done if name == "sysconfig" and ours[name] == "distutils.sysconfig"}
    changes: dict[cst.CSTNode, nodes.Change] = {}
    lines: list[str] = []
    for call, rule in (hit for hits in found.values() for hit in hits if hit):
        way = _way(rule[0], module, freed)
        if way is None or not _has_room(call, way[0], rule, module):
            return module
        changes[call] = partial(_changed, way[0], rule[2])
        lines += [way[1]] if way[1] else []
    if not changes:
        return module
    return leftovers.tidied(module, moved.swapped(nodes.replaced(module, changes), freed, lines))


def _hit(use: cst.Name, module: cst.Module) -> tuple[cst.Call, _Rule] | None:
    """Return the call in which a name is used, and what is called in its place."""
    call = _call(use, module)
    rule = _RULES.get(names.of(module).qualified(call.func) or "") if call else None
    return (call, rule) if call and rule and _fits(call, rule, module) else None


def _builds(module: cst.Module) -> bool:
    """Say whether a module builds a package: setuptools brings a distutils of its own for that."""
    seen = nodes.of(module)
    every: list[leftovers.Import] = [*seen.all(cst.Import), *seen.all(cst.ImportFrom)]
    named = [full for node in every for _, full in scopes.imports(node)]
    named += [scopes.dotted(alias.name) for node in seen.all(cst.Import) for alias in node.names]
    return any(full == name or full.startswith(f"{name}.") for full in named for name in _BUILDS)


def _is_spoken_of(module: cst.Module) -> bool:
    """Say whether a string names a function of the library: a test replaces it."""
    return any("distutils." in str(n.raw_value) for n in nodes.of(module).all(cst.SimpleString))


def _call(use: cst.Name, module: cst.Module) -> cst.Call | None:
    """Return the call of the function that a dotted name stands for."""
    node: cst.CSTNode = use
    above = nodes.of(module).above
    while isinstance(outer := above[node], cst.Attribute):
        node = outer
    return outer if isinstance(outer, cst.Call) and outer.func is node else None


def _fits(call: cst.Call, rule: _Rule, module: cst.Module) -> bool:
    by_position = len(arguments.positional(call)) == len(call.args)
    ignored = rule[2] != (_MERGED,) or isinstance(nodes.of(module).above[call], cst.Expr)
    quotes = any(isinstance(arg.value, cst.SimpleString) for arg in rule[2])
    if quotes and expressions.in_f_string(call, nodes.of(module)):
        return False
    return by_position and rule[1](call) and ignored and not alignment.holds(module, call)


def _way(qualified: str, module: cst.Module, freed: Collection[str]) -> tuple[cst.BaseExpression, str] | None:
    """Return how a function is named, and the import that it needs: that of its module where that is free."""
    known = names.of(module)
    source, _, name = qualified.rpartition(".")
    if not known.local(qualified) and (source in freed or known.free(source)):
        return cst.parse_expression(qualified), f"import {source}"
    way = reach.to(qualified, module)
    return (way.expression, f"from {source} import {name}" if way.source else "") if way else None


def _changed(func: cst.BaseExpression, more: tuple[cst.Arg, ...], updated: cst.CSTNode) -> cst.CSTNode:
    call = cst.ensure_type(updated, cst.Call)
    new = call.with_changes(func=expressions.in_place(func.deep_clone(), call.func))
    for arg in more:
        new = arguments.appended(new, arg)
    return new


def _has_room(call: cst.Call, func: cst.BaseExpression, rule: _Rule, module: cst.Module) -> bool:
    after = cst.ensure_type(_changed(func, rule[2], call), cst.Call)
    return layout.has_room(module, call, len(module.code_for_node(after)) - len(module.code_for_node(call)))
