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
    way = reach.to("yaml.FullLoader", module)
    for call in nodes.of(module).all(cst.Call) if way else ():
        if known.qualified(call.func) in _CALLED and _says_none(call) and way:
            if guards.for_some_versions(call, module):
                continue
            more = partial(arguments.appended, new=arguments.keyword("Loader", way.expression))
            changes[call] = layout.fitted(module, call, more) or partial(_called, more)
            ways.append(way)
    return reach.brought(nodes.replaced(module, changes), ways)


def _says_none(call: cst.Call) -> bool:
    """Say whether a call is given a document and nothing else."""
    by_name = call.args[0].keyword if len(call.args) == 1 else None
    return len(call.args) == 1 and not call.args[0].star and (by_name is None or by_name.value == "stream")


def _called(change: layout.CallChange, updated: cst.CSTNode) -> cst.Call:
    return change(cst.ensure_type(updated, cst.Call))
