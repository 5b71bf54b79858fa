"""`pytest.warns(None)` collected warnings without expecting any; pytest 8 raises `TypeError` for it.

The standard library does the same: `warnings.catch_warnings(record=True)` collects, and with the filter
`always` nothing is left out. Where nobody looks at what was collected, the filter is `ignore`.

A block is rewritten where all that is done with what it collected works on a list too: its length, its
elements, whether it is empty. Where something else is (`pop`, handing it on), a person decides, and so for
calls with a function to run and for `pytest.warns(expected)` that is `None` only sometimes.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import guards, imports, layout, leftovers, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Collect warnings without pytest.warns(None)",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the same warnings are collected, in a list instead of a recorder.",
    references=(
        "https://docs.pytest.org/en/stable/how-to/capture-warnings.html#additional-use-cases-of-warnings-in-tests",
        "https://docs.pytest.org/en/stable/deprecations.html#using-pytest-warns-none",
    ),
    needles=(b"pytest",),
    pattern=rb"\bwarns\s*\(\s*None\s*,?\s*\)",
    minutes=4,
    crosses=">=8",
    since="4.6",
)

_READ_BY = frozenset(("len", "list", "tuple", "bool", "any", "all", "enumerate", "iter"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose blocks collect warnings by way of the standard library."""
    known = names.of(module)
    base = known.local("warnings") or ("warnings" if known.free("warnings") else "")
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for block in nodes.of(module).all(cst.With) if base else ():
        changes |= _of_block(block, base, module)
    if not changes:
        return module
    result = nodes.replaced(module, changes)
    return leftovers.tidied(module, result if known.local("warnings") else imports.bring(result, "warnings"))


def _of_block(block: cst.With, base: str, module: cst.Module) -> dict[cst.CSTNode, nodes.Change]:
    """Return the changes of one ``with``, none where it is another, or where it is not certain."""
    (item, *others), known = block.items, names.of(module)
    call, body = item.item, block.body
    if others or not isinstance(call, cst.Call) or known.qualified(call.func) != "pytest.warns":
        return {}
    if not _is_for_none(call) or not isinstance(body, cst.IndentedBlock) or block.asynchronous:
        return {}
    if guards.for_some_versions(block, module):
        return {}
    target = item.asname.name if item.asname else None
    lists = list(_lists(target, module)) if isinstance(target, cst.Name) else []
    if target is not None and (not isinstance(target, cst.Name) or None in lists):
        return {}
    new = _catching(base, is_kept=target is not None)
    if not layout.fits(module, call, new):
        return {}
    kind = "always" if target is not None else "ignore"
    filtered = _statement(f"{base}.simplefilter({layout.quoted(module, kind).value})")
    as_lists: dict[cst.CSTNode, nodes.Change] = {
        node: _without_list for node in lists if isinstance(node, cst.Attribute)
    }
    return {call: nodes.to(new), body: _opened(filtered), **as_lists}


def _is_for_none(call: cst.Call) -> bool:
    if len(call.args) != 1 or nodes.comments(call):
        return False
    (arg,) = call.args
    named = arg.keyword is None or arg.keyword.value == "expected_warning"
    return named and not arg.star and isinstance(arg.value, cst.Name) and arg.value.value == "None"


def _lists(target: cst.Name, module: cst.Module) -> Iterator[cst.CSTNode | None]:
    """Yield each use of what was collected: its ``.list``, its name, None for what needs a recorder."""
    known, above = names.of(module), nodes.of(module).above
    alone = known.bound_once(target)
    for use in known.uses(target.value):
        if use is target or not known.binds(target, use) or isinstance(above[use], cst.AsName):
            continue
        holder = above[use]
        if isinstance(holder, cst.Attribute):
            yield holder if alone and holder.attr.value == "list" else None
        else:
            yield use if _reads(use, holder, module) else None


def _reads(use: cst.Name, holder: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether a use of a recorder does with a list what it did with that."""
    if isinstance(holder, cst.Subscript):
        return holder.value is use
    if isinstance(holder, cst.Arg):
        call, known = nodes.of(module).above[holder], names.of(module)
        return isinstance(call, cst.Call) and known.builtin(call.func) in _READ_BY
    if isinstance(holder, cst.For | cst.CompFor):
        return holder.iter is use
    if isinstance(holder, cst.Assert | cst.If | cst.IfExp):
        return holder.test is use
    return isinstance(holder, cst.UnaryOperation) and isinstance(holder.operator, cst.Not)


def _catching(base: str, *, is_kept: bool) -> cst.Call:
    text = f"{base}.catch_warnings({'record=True' if is_kept else ''})"
    return cst.ensure_type(cst.parse_expression(text), cst.Call)


def _statement(text: str) -> cst.SimpleStatementLine:
    return cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine)


def _opened(first: cst.SimpleStatementLine) -> nodes.Change:
    def change(updated: cst.CSTNode) -> cst.CSTNode:
        block = cst.ensure_type(updated, cst.IndentedBlock)
        return block.with_changes(body=[first, *block.body])

    return change


def _without_list(updated: cst.CSTNode) -> cst.CSTNode:
    return cst.ensure_type(updated, cst.Attribute).value
