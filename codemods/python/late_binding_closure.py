"""A lambda that a loop stores reads the loop's variable when it is called, and finds the last value there.

`for name in names: handlers[name] = lambda: run(name)` makes as many handlers as there are names, and each
of them runs the last one. A default argument, `lambda name=name: run(name)`, is worked out while the loop is
at that name, and keeps it. Until such a list has two entries, nobody sees the difference.

Only lambdas change that plainly outlive their turn of the loop: put into a list, a set or a dict that the
loop neither makes nor reads, or collected by a comprehension. What is handed to a function (a key for
`sorted`, a callback that may be called at once) is left alone, and so is a lambda that reads something else
that the loop changes, and a loop that ends where it has stored one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import partial

import libcst as cst

from codemods import glance, layout, names, nodes, scopes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Let lambdas of a loop keep the value of their turn",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="Each lambda sees the value of its own turn, where all of them saw the last one until now.",
    references=(
        "https://docs.python.org/3/faq/programming.html#core-language",
        "https://docs.astral.sh/ruff/rules/function-uses-loop-variable/",
    ),
    needles=(b"lambda",),
    pattern=rb"(?:\.(?:append|appendleft|add)\(|\]\s*=|[\[{:])\s*lambda\b",
    codes=("B023", "W0640", "cell-var-from-loop"),
    minutes=10,
)

_STORES = frozenset(("append", "appendleft", "add"))
_COLLECTS = cst.ListComp | cst.SetComp | cst.DictComp


def sift(tree: ast.Module) -> bool:
    """Say whether there is a lambda within a loop."""
    loops = (*glance.loops(tree), *glance.comprehensions(tree))
    return any(isinstance(n, ast.Lambda) for loop in loops for n in ast.walk(loop))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with defaults for the variables of loops that stored lambdas read."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for node in nodes.of(module).all(cst.Lambda):
        captured = _captured(node, module)
        if captured and layout.fits(module, node, _keeping(captured, node)):
            changes[node] = partial(_changed, captured)
    return nodes.replaced(module, changes)


def _captured(node: cst.Lambda, module: cst.Module) -> Sequence[str]:
    """Return the variables that a lambda has to keep; none where it may not outlive its turn."""
    above = nodes.of(module).above[node]
    if isinstance(above, _COLLECTS) and node in (getattr(above, "elt", None), getattr(above, "value", None)):
        return _read(node, list(_targets_of(above.for_in)), (), module)
    loops = list(_loops(node, module))
    container = _container(node, module)
    if not loops or container is None:
        return ()
    targets = [name for loop in loops for name in nodes.walk(loop.target) if isinstance(name, cst.Name)]
    changed = tuple(_bound(loops[-1].body))
    named = {target.value for target in targets}
    root = scopes.dotted(container).partition(".")[0]
    is_outside = root not in named and root not in changed and named.isdisjoint(changed)
    if not is_outside or _is_read(container, loops[-1], module) or _ends_here(node, module):
        return ()
    return _read(node, targets, changed, module)


def _targets_of(part: cst.CompFor | None) -> Iterator[cst.Name]:
    while part is not None:
        yield from (name for name in nodes.walk(part.target) if isinstance(name, cst.Name))
        part = part.inner_for_in


def _read(
    node: cst.Lambda, targets: Sequence[cst.Name], changed: Sequence[str], module: cst.Module
) -> Sequence[str]:
    """Return which targets of loops a lambda reads; none where it reads something else that they change."""
    known = names.of(module)
    found: dict[str, None] = {}
    for use in (n for n in nodes.walk(node.body) if isinstance(n, cst.Name)):
        if any(target.value == use.value and known.binds(target, use) for target in targets):
            found[use.value] = None
        elif use.value in changed:
            return ()
    return tuple(found)


def _loops(node: cst.Lambda, module: cst.Module) -> Iterator[cst.For]:
    """Yield the loops in whose body a lambda is made, the inner first, up to its function or class."""
    inner: cst.CSTNode = node
    for outer in nodes.of(module).ancestors(node):
        if isinstance(outer, cst.FunctionDef | cst.Lambda | cst.ClassDef | cst.BaseComp):
            return
        if isinstance(outer, cst.For) and outer.body is inner:
            yield outer
        inner = outer


def _container(node: cst.Lambda, module: cst.Module) -> cst.Name | cst.Attribute | None:
    """Return what a statement puts a lambda into, as ``x`` in ``x.append(lambda: …)``."""
    above = nodes.of(module).above
    holder = above[node]
    if isinstance(holder, cst.Arg):
        call = above[holder]
        is_alone = isinstance(call, cst.Call) and len(call.args) == 1 and isinstance(above[call], cst.Expr)
        func = call.func if isinstance(call, cst.Call) and is_alone else None
        found = func.value if isinstance(func, cst.Attribute) and func.attr.value in _STORES else None
    elif isinstance(holder, cst.Assign) and len(holder.targets) == 1:
        target = holder.targets[0].target
        found = target.value if isinstance(target, cst.Subscript) else None
    else:
        return None
    return found if isinstance(found, cst.Name | cst.Attribute) and _is_dotted(found) else None


def _is_dotted(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) or (isinstance(node, cst.Attribute) and _is_dotted(node.value))


def _bound(body: cst.CSTNode) -> Iterator[str]:
    """Yield the names that the body of a loop may bind again."""
    for node in nodes.walk(body):
        if isinstance(node, cst.AssignTarget | cst.AnnAssign | cst.AugAssign | cst.NamedExpr | cst.Del):
            yield from scopes.bound_by(node.target)
        elif isinstance(node, cst.AsName | cst.FunctionDef | cst.ClassDef):
            yield from scopes.bound_by(node.name)
        elif isinstance(node, cst.Import | cst.ImportFrom):
            yield from (name for name, _ in scopes.imports(node))


def _is_read(container: cst.Name | cst.Attribute, loop: cst.For, module: cst.Module) -> bool:
    """Say whether a loop does anything with a container but to put things into it."""
    above, name = nodes.of(module).above, scopes.dotted(container)
    for node in nodes.walk(loop.body):
        if not isinstance(node, type(container)) or not _is_dotted(node) or scopes.dotted(node) != name:
            continue
        holder = above[node]
        if isinstance(holder, cst.Attribute) and holder.attr is node:
            continue
        is_stored = isinstance(holder, cst.Attribute) and holder.attr.value in _STORES
        is_set = isinstance(holder, cst.Subscript) and isinstance(above[holder], cst.AssignTarget)
        if not is_stored and not is_set:
            return True
    return False


def _ends_here(node: cst.Lambda, module: cst.Module) -> bool:
    """Say whether the block that stores a lambda goes on to leave the loop."""
    seen = nodes.of(module)
    block = seen.within(node, cst.IndentedBlock, cst.SimpleStatementSuite)
    leaving = cst.Break | cst.Return | cst.Raise
    return block is not None and any(isinstance(n, leaving) for n in nodes.walk(block))


def _changed(captured: Sequence[str], updated: cst.CSTNode) -> cst.CSTNode:
    return _keeping(captured, cst.ensure_type(updated, cst.Lambda))


def _keeping(captured: Sequence[str], node: cst.Lambda) -> cst.Lambda:
    """Return a lambda with a default for each variable; behind ``*args`` only keywords follow."""
    tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    new = [cst.Param(cst.Name(name), default=cst.Name(name), equal=tight) for name in captured]
    params = node.params
    part = "kwonly_params" if params.star_arg is not cst.MaybeSentinel.DEFAULT else "params"
    before = [p.with_changes(comma=cst.MaybeSentinel.DEFAULT) for p in getattr(params, part)]
    params = params.with_changes(**{part: [*before, *new]})
    return node.with_changes(params=params, whitespace_after_lambda=cst.SimpleWhitespace(" "))
