"""A list takes all that is in another one at once; a loop around `append` hands it over piece by piece.

`out.extend(rows)` says in one line what `for row in rows: out.append(row)` says in two, and is several times
as fast: no element passes through the interpreter. Right below `out = []` it is a copy, `out = list(rows)`.

Loops that do anything to an element stay: a comprehension in their place is hardly faster, and often harder
to read. The list must be made in the same function, the name that the loop binds must be read nowhere else,
and what the loop goes over must certainly be a collection or a built-in iterator, for `extend` asks it for
its length first.
"""

from __future__ import annotations

import ast

import libcst as cst

from codemods import brackets, certain, glance, layout, loops, names, nodes, silence
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Extend lists at once",
    category=Category.SPEED,
    applicability=Applicability.SAFE,
    risk="None: the same elements are added in the same order.",
    references=(
        "https://docs.python.org/3/tutorial/datastructures.html#more-on-lists",
        "https://docs.astral.sh/ruff/rules/manual-list-copy/",
    ),
    needles=(b"append",),
    pattern=rb"\bfor\s+\w+\s+in\b[^\n]{1,200}:\s*(?:#[^\n]{0,200}\s+)?\w+\.append\(\s*\w+\s*\)",
    codes=("PERF402", "PERF401", "W3301"),
    minutes=2,
    tests=False,
)

_WIDTH = 88
_Assign = cst.Assign | cst.AnnAssign


def sift(tree: ast.Module) -> bool:
    """Say whether the body of a loop is a single call of ``append`` with what the loop binds."""
    return any(len(n.body) == 1 and _appends(n) for n in glance.all_of(tree, ast.For))


def _appends(loop: ast.For) -> bool:
    (line,) = loop.body
    call = line.value if isinstance(line, ast.Expr) else None
    if not isinstance(call, ast.Call) or len(call.args) != 1 or not isinstance(call.func, ast.Attribute):
        return False
    return isinstance(call.args[0], ast.Name) and call.func.attr == "append"


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose lists are extended at once."""
    seen = nodes.of(module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for loop in seen.all(cst.For):
        call = _append(loop)
        if call is None or not _may_go(loop, call, module):
            continue
        made = _made_above(loop, call, module)
        extended = _extended(loop, call)
        copied = loops.listed(loop.iter)
        if made is not None and copied is not None and _may_wait(loop, call, module):
            changes[made], changes[loop] = _replaced(copied), _removed
        elif _fits(extended, loop, seen):
            changes[loop] = _replaced(extended)
    return nodes.replaced(module, changes)


def _append(loop: cst.For) -> cst.Call | None:
    """Return the call ``out.append(x)`` of a loop ``for x in …`` that does nothing else."""
    body = loop.body.body
    if (
        loop.orelse
        or loop.asynchronous
        or len(body) != 1
        or nodes.comments(loop.with_changes(leading_lines=[]))
    ):
        return None
    line = body[0].body[0] if isinstance(body[0], cst.SimpleStatementLine) else body[0]
    if isinstance(body[0], cst.SimpleStatementLine) and len(body[0].body) != 1:
        return None
    call = line.value if isinstance(line, cst.Expr) else None
    if not isinstance(call, cst.Call) or len(call.args) != 1 or not isinstance(call.func, cst.Attribute):
        return None
    given, target = call.args[0], loop.target
    same = (
        isinstance(given.value, cst.Name)
        and isinstance(target, cst.Name)
        and given.value.value == target.value
    )
    plain = call.func.attr.value == "append" and isinstance(call.func.value, cst.Name)
    return call if same and plain and not given.keyword and not given.star else None


def _may_go(loop: cst.For, call: cst.Call, module: cst.Module) -> bool:
    """Say whether nobody can tell a loop from one call of ``extend``."""
    owner, given = cst.ensure_type(call.func, cst.Attribute).value, call.args[0].value
    out, name = cst.ensure_type(owner, cst.Name), cst.ensure_type(loop.target, cst.Name)
    if _is_read(out, loop.iter) or name.value == out.value or not _is_at_rest(loop.iter, module):
        return False
    is_list = certain.type_of(out, module) == "list" and _is_made_here(out, module)
    return is_list and loops.readers(name, loop, module) == [given]


def _is_read(name: cst.Name, node: cst.CSTNode) -> bool:
    return any(isinstance(n, cst.Name) and n.value == name.value for n in nodes.walk(node))


def _is_at_rest(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether what a loop goes over may be asked for its length, and stands well between brackets."""
    if brackets.spans_lines(node) or (isinstance(node, cst.Tuple) and not node.lpar):
        return False
    return loops.may_be_measured(node, module)


def _is_made_here(out: cst.Name, module: cst.Module) -> bool:
    """Say whether the scope itself makes the list, so that it is of no derived class."""
    known, seen = names.of(module), nodes.of(module)
    every: list[_Assign] = [*seen.all(cst.Assign), *seen.all(cst.AnnAssign)]
    for assign in every:
        target = _target(assign)
        if isinstance(target, cst.Name) and target.value == out.value and known.binds(target, out):
            return assign.value is not None and certain.type_of(assign.value, module) == "list"
    return False


def _target(assign: _Assign) -> cst.BaseExpression:
    return assign.targets[0].target if isinstance(assign, cst.Assign) else assign.target


def _made_above(loop: cst.For, call: cst.Call, module: cst.Module) -> cst.List | None:
    """Return the empty list of ``out = []`` right above a loop, for a copy in its place.

    Not within ``try`` or ``with``: where the loop raises, the list is made without it, and somebody may look.
    """
    seen = nodes.of(module)
    block = seen.above[loop]
    if not isinstance(block, cst.IndentedBlock | cst.Module) or loop.leading_lines:
        return None
    if seen.within(loop, cst.Try, cst.TryStar, cst.With) is not None:
        return None
    index = list(block.body).index(loop)
    line = block.body[index - 1] if index else None
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    if any(silence.silences(said, "manual-extend", ABOUT.codes) for said in nodes.comments(line)):
        return None
    assign = line.body[0]
    if not isinstance(assign, cst.Assign | cst.AnnAssign) or not isinstance(assign.value, cst.List):
        return None
    target = _target(assign)
    out = cst.ensure_type(call.func, cst.Attribute).value
    same = isinstance(target, cst.Name) and isinstance(out, cst.Name) and target.value == out.value
    longer = (
        len(cst.Module([]).code_for_node(line).strip()) + len(cst.Module([]).code_for_node(loop.iter)) + 4
    )
    plain = (
        not assign.value.elements
        and not nodes.comments(assign)
        and names.of(module).builtin(cst.Name("list"))
    )
    return (
        assign.value if same and plain and longer + len(layout.indentation(module, loop)) <= _WIDTH else None
    )


def _may_wait(loop: cst.For, call: cst.Call, module: cst.Module) -> bool:
    """Say whether nothing reads a list while a loop goes, so that it may be made when the loop has ended.

    What `map`, `filter` and generators run may, by the name of the list.
    """
    if loops.over_container(loop.iter, module):
        return True
    seen, known = nodes.of(module), names.of(module)
    out = cst.ensure_type(cst.ensure_type(call.func, cst.Attribute).value, cst.Name)
    uses = (use for use in known.uses(out.value) if known.binds(out, use))
    return all(seen.function(use) is seen.function(loop) for use in uses)


def _removed(_: cst.CSTNode) -> cst.RemovalSentinel:
    return cst.RemovalSentinel.REMOVE


def _extended(loop: cst.For, call: cst.Call) -> cst.SimpleStatementLine:
    function = cst.ensure_type(call.func, cst.Attribute).with_changes(attr=cst.Name("extend"))
    extended = cst.Call(function, [cst.Arg(loop.iter)])
    return cst.SimpleStatementLine([cst.Expr(extended)], leading_lines=loop.leading_lines)


def _fits(line: cst.SimpleStatementLine, loop: cst.For, seen: nodes.Seen) -> bool:
    text = cst.Module([]).code_for_node(line.with_changes(leading_lines=[])).strip()
    return len(text) + len(layout.indentation(seen.module, loop)) <= _WIDTH


def _replaced(new: cst.CSTNode) -> nodes.Change:
    return lambda _: new
