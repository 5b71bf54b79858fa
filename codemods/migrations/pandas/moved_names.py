"""pandas 2 has neither `pd.np` nor `pd.datetime`, and the assertions of `pandas.util.testing` are elsewhere.

`pd.np` was NumPy itself and `pd.datetime` the class of the standard library; both raise `AttributeError`
there. The four `assert_…_equal` are those of `pandas.testing`, `json_normalize` is `pd.json_normalize`, and
what `pandas.core.index` had is in `pandas` itself: the same objects since pandas 1.0. What else
`pandas.util.testing` had (`makeDataFrame`, `rands`) is nowhere public any more and is left to a person.
"""

from __future__ import annotations

import libcst as cst

from codemods import guards, imports, leftovers, moved, names, nodes, renamed, scopes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Take NumPy, datetime and assertions from where they live",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: each name stands for the same object.",
    references=(
        "https://pandas.pydata.org/docs/whatsnew/v2.0.0.html#removal-of-prior-version-deprecations-changes",
        "https://pandas.pydata.org/docs/whatsnew/v1.0.0.html#deprecations",
    ),
    needles=(b"np", b"datetime", b"testing", b"json_normalize", b"index"),
    pattern=(
        rb"\.np\b|\b(?:pd|pandas)\.datetime\b|import[^\n]*\bdatetime\b"
        rb"|\butil(?:\.|[ \t]+import[ \t]+)testing\b|\bjson_normalize\b|\bpandas\.core\.index\b"
    ),
    minutes=2,
    crosses=">=2",
    since="1.0",
)

_ASSERTIONS = tuple(f"assert_{kind}_equal" for kind in ("frame", "series", "index", "extension_array"))
_INDEXES = (
    *("Index", "MultiIndex", "CategoricalIndex", "DatetimeIndex", "IntervalIndex", "PeriodIndex"),
    *("RangeIndex", "TimedeltaIndex", "NaT"),
)
_OLD, _NEW = "pandas.util.testing", "pandas.testing"
_TABLE = {
    **{f"{_OLD}.{name}": f"{_NEW}.{name}" for name in _ASSERTIONS},
    **{f"pandas.core.index.{name}": f"pandas.{name}" for name in _INDEXES},
    "pandas.datetime": "datetime.datetime",
    "pandas.io.json.json_normalize": "pandas.json_normalize",
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names from where they live."""
    both = _of_two_ways(module)
    table = {old: new for old, new in _TABLE.items() if old not in both}
    return renamed.names_in(_tested(_with_numpy(module)), table)


def _of_two_ways(module: cst.Module) -> set[str]:
    """Return the old names that stand beside the new ones in a condition: each is for some versions."""
    seen, known = nodes.of(module), names.of(module)
    found: set[tuple[cst.CSTNode | None, str]] = set()
    for node in seen.all(cst.Attribute):
        full = known.qualified(node) or ""
        if full in _TABLE or full in _TABLE.values():
            found.add((seen.within(node, cst.If, cst.IfExp), full))
    return {old for place, old in found if place and (place, _TABLE.get(old)) in found}


def _with_numpy(module: cst.Module) -> cst.Module:
    """Return a module that calls NumPy by its own name."""
    known = names.of(module)
    found = [n for n in nodes.of(module).all(cst.Attribute) if known.qualified(n) == "pandas.np"]
    found = [n for n in found if not guards.for_some_versions(n, module)]
    local = known.local("numpy") or next((name for name in ("np", "numpy") if known.free(name)), None)
    above = nodes.of(module).above
    if not found or local is None or any(nodes.is_set(n, above[n]) for n in found):
        return module
    changes: dict[cst.CSTNode, nodes.Change] = {node: _named(local) for node in found}
    result = nodes.replaced(module, changes)
    if not known.local("numpy"):
        result = imports.place(result, "import numpy as np" if local == "np" else "import numpy")
    return leftovers.tidied(module, result)


def _named(local: str) -> nodes.Change:
    def change(updated: cst.CSTNode) -> cst.CSTNode:
        old = cst.ensure_type(updated, cst.Attribute)
        return cst.Name(local, lpar=old.lpar, rpar=old.rpar)

    return change


def _tested(module: cst.Module) -> cst.Module:
    """Return a module that has pandas' assertions under the name it gave to the module of them."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for statement in imports.of(module.body):
        for alias, (local, full) in _pairs(statement):
            is_guarded = guards.for_some_versions(statement, module)
            if full != _OLD or is_guarded or not _only_asserts(local, module):
                continue
            if isinstance(statement, cst.Import) and alias.asname:
                changes[alias.name] = nodes.to(cst.parse_expression(_NEW))
            elif isinstance(statement, cst.ImportFrom) and statement.module and _is_alone(statement):
                changes[statement.module] = nodes.to(cst.Name("pandas"))
    return nodes.replaced(module, changes)


def _pairs(statement: cst.Import | cst.ImportFrom) -> list[tuple[cst.ImportAlias, tuple[str, str]]]:
    if isinstance(statement.names, cst.ImportStar):
        return []
    return list(zip(statement.names, scopes.imports(statement), strict=True))


def _is_alone(statement: cst.ImportFrom) -> bool:
    return not isinstance(statement.names, cst.ImportStar) and len(statement.names) == 1


def _only_asserts(local: str, module: cst.Module) -> bool:
    """Say whether nothing but the public assertions is used of a module, and it is bound here alone."""
    known, above = names.of(module), nodes.of(module).above
    uses = known.uses(local)
    holders = [above[use] for use in uses]
    is_plain = all(isinstance(h, cst.Attribute) and h.attr.value in _ASSERTIONS for h in holders)
    is_ours = known.bindings(local) == 1 and not known.stars and not moved.read_elsewhere(module, local)
    return bool(uses) and is_plain and is_ours
