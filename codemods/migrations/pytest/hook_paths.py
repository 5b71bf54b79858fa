"""pytest 9 hands hooks a `pathlib.Path` only: a hook that asks for `path` or `startdir` is an error there.

`collection_path`, `file_path`, `module_path` and `start_path` are the same paths since pytest 7.0, as `Path`
instead of `py.path.local`. Nodes are made with `path=` where `fspath=` was given. A hook is rewritten where
all that it does with the path is certain: its name, its suffix, its text, and nodes that are made from it.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import guards, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Take paths from pytest's hooks as pathlib paths",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: it is the same path, and each use of it gives the same text.",
    references=(
        "https://docs.pytest.org/en/stable/deprecations.html#py-path-local-arguments-for-hooks-replaced-with-pathlib-path",
        "https://docs.pytest.org/en/stable/reference/reference.html#collection-hooks",
    ),
    needles=(
        *(b"pytest_collect_file", b"pytest_ignore_collect", b"pytest_pycollect_makemodule"),
        *(b"pytest_report_header", b"pytest_report_collectionfinish"),
    ),
    pattern=rb"\bdef[ \t]+pytest_(?:collect_file|ignore_collect|pycollect_makemodule|report_)",
    minutes=6,
    crosses=">=9",
    since="7.0",
)

_HOOKS = {
    "pytest_collect_file": ("path", "file_path"),
    "pytest_ignore_collect": ("path", "collection_path"),
    "pytest_pycollect_makemodule": ("path", "module_path"),
    "pytest_report_header": ("startdir", "start_path"),
    "pytest_report_collectionfinish": ("startdir", "start_path"),
}
_PARTS = {"basename": "name", "purebasename": "stem", "ext": "suffix"}
_NODES = ("pytest.", "_pytest.")
_Changes = dict[cst.CSTNode, nodes.Change]


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose hooks take pathlib paths."""
    changes: _Changes = {}
    for hook in nodes.of(module).all(cst.FunctionDef):
        if hook.name.value in _HOOKS and not names.of(module).uses(hook.name.value):
            changes |= _of_hook(hook, module) or {}
    return nodes.replaced(module, changes)


def _of_hook(hook: cst.FunctionDef, module: cst.Module) -> _Changes | None:
    """Return what changes in a hook; None where it does something with the path that is not certain."""
    (old, new), known = _HOOKS[hook.name.value], names.of(module)
    params = {p.name.value: p for p in nodes.walk(hook.params) if isinstance(p, cst.Param)}
    param = params.get(old)
    if param is None or new in params or param.annotation or param.default or param.star:
        return None
    if not known.free(new) or known.shared(old) or guards.for_some_versions(hook, module):
        return None
    changes: _Changes = {param.name: nodes.to(cst.Name(new))}
    for use in _uses(hook, old, module):
        change = _of_use(use, new, module)
        if change is None:
            return None
        changes |= change
    return changes


def _uses(hook: cst.FunctionDef, old: str, module: cst.Module) -> Iterator[cst.Name]:
    """Yield each name within a hook that reads like its parameter, whatever it stands for."""
    own = {id(n) for n in nodes.walk(hook.body)}
    return (use for use in names.of(module).uses(old) if id(use) in own)


def _of_use(use: cst.Name, new: str, module: cst.Module) -> _Changes | None:
    """Return how one use of a path changes; None where that is not certain."""
    holder = nodes.of(module).above[use]
    renamed: _Changes = {use: nodes.to(cst.Name(new))}
    if isinstance(holder, cst.Attribute) and holder.value is use:
        return _of_part(holder, new, renamed)
    if isinstance(holder, cst.FormattedStringExpression):
        return None if holder.conversion == "r" else renamed
    return _of_argument(holder, module, renamed) if isinstance(holder, cst.Arg) else None


def _of_part(node: cst.Attribute, new: str, renamed: _Changes) -> _Changes | None:
    part = node.attr.value
    if part == "strpath":
        return {node: nodes.to(cst.parse_expression(f"str({new})"))}
    return {**renamed, node.attr: nodes.to(cst.Name(_PARTS[part]))} if part in _PARTS else None


def _of_argument(arg: cst.Arg, module: cst.Module, renamed: _Changes) -> _Changes | None:
    call, known = nodes.of(module).above[arg], names.of(module)
    if arg.star or not isinstance(call, cst.Call):
        return None
    if arg.keyword is None:
        return renamed if known.builtin(call.func) == "str" or _is_text(call, known) else None
    if arg.keyword.value == "fspath" and _is_node(call, module):
        return {**renamed, arg.keyword: nodes.to(cst.Name("path"))}
    return None


def _is_text(call: cst.Call, known: names.Names) -> bool:
    return (known.qualified(call.func) or "") in {"os.fspath", "pathlib.Path"} and len(call.args) == 1


def _is_node(call: cst.Call, module: cst.Module) -> bool:
    """Say whether a call is ``X.from_parent(…)`` of one of pytest's nodes, or of a class derived from one."""
    func, known = call.func, names.of(module)
    if not isinstance(func, cst.Attribute) or func.attr.value != "from_parent":
        return False
    if (known.qualified(func.value) or "").startswith(_NODES):
        return True
    if not isinstance(func.value, cst.Name) or known.bindings(func.value.value) != 1:
        return False
    classes = (n for n in module.body if isinstance(n, cst.ClassDef))
    found = next((c for c in classes if c.name.value == func.value.value), None)
    return found is not None and _derives(found, known)


def _derives(found: cst.ClassDef, known: names.Names) -> bool:
    """Say whether a class derives from a node alone, and leaves it to that how one is made."""
    made = {"__init__", "__new__", "from_parent"}
    own = {n.name.value for n in found.body.body if isinstance(n, cst.FunctionDef)}
    bases = [known.qualified(base.value) or "" for base in found.bases]
    return len(bases) == 1 and bases[0].startswith(_NODES) and made.isdisjoint(own)
