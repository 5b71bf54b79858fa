"""`yaml.load` of PyYAML 6 has to be told its loader: without one it raises `TypeError`.

From PyYAML 5.1 on it took `FullLoader` where none was said, and warned. It is said now, so that documents are
read as before. `yaml.safe_load` is better for whatever comes from elsewhere: that it reads the same cannot be
proved from the code, so it is a proposal of its own, `unsafe-yaml-load`. Whichever of the two is merged
first, the other one finds the rest: after that one, no call without a loader is left, and after this one it
still offers the safe way.
"""

from __future__ import annotations

from functools import partial

import libcst as cst

from codemods import arguments, guards, layout, names, nodes, reach
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Say which loader yaml.load takes, as PyYAML 6 needs",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="Before PyYAML 5.1 the loader was another one, which built any Python object.",
    references=(
        "https://github.com/yaml/pyyaml/pull/561",
        "https://github.com/yaml/pyyaml/wiki/PyYAML-yaml.load(input)-Deprecation",
    ),
    needles=(b"yaml",),
    pattern=rb"\bload(?:_all)?\b",
    minutes=2,
    crosses=">=6",
    since="5.1",
    alone=False,
)

_CALLED = frozenset(("yaml.load", "yaml.load_all"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose calls say their loader."""
    known, changes, ways = names.of(module), dict[cst.CSTNode, nodes.Change](), list[reach.Way]()
    for call in nodes.of(module).all(cst.Call):
        if known.qualified(call.func) not in _CALLED or not _says_none(call):
            continue
        way = _loader(call, module)
        if way is None or guards.for_some_versions(call, module):
            continue
        more = partial(arguments.appended, new=arguments.keyword("Loader", way.expression))
        changes[call] = layout.fitted(module, call, more) or partial(_called, more)
        ways.append(way)
    return reach.brought(nodes.replaced(module, changes), ways)


def _loader(call: cst.Call, module: cst.Module) -> reach.Way | None:
    """Return how a call can name the loader: as it names the function, which may be missing elsewhere."""
    func = call.func
    if isinstance(func, cst.Attribute):
        return reach.Way(func.with_changes(attr=cst.Name("FullLoader")))
    is_there = names.of(module).local(names.of(module).qualified(func) or "")
    return reach.to("yaml.FullLoader", module) if is_there else None


def _says_none(call: cst.Call) -> bool:
    """Say whether a call is given a document and nothing else."""
    by_name = call.args[0].keyword if len(call.args) == 1 else None
    return len(call.args) == 1 and not call.args[0].star and (by_name is None or by_name.value == "stream")


def _called(change: layout.CallChange, updated: cst.CSTNode) -> cst.Call:
    return change(cst.ensure_type(updated, cst.Call))
