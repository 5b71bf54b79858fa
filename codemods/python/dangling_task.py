"""The event loop holds its tasks weakly: one that nobody else holds can be collected while it still runs.

`asyncio.create_task(…)` as a statement of its own throws away the only lasting reference to the task. It
works as long as nothing runs the garbage collector at the wrong moment; then the task ends in the middle,
without an error. Python's documentation asks to keep the task in a set until it is done, which is what the
added lines do: the set belongs to the module, and each task leaves it by itself.

Only statements in functions are changed that throw the task away. A task that is kept, awaited or handed on
is in good hands, and so is one of an `asyncio.TaskGroup`, which holds its tasks itself.
"""

from __future__ import annotations

import libcst as cst

from codemods import certain, constants, imports, layout, names, nodes, scopes, silence
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Keep background tasks until they are done",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="A task that was collected unnoticed until now runs to its end, and lives in the module's set.",
    references=(
        "https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task",
        "https://docs.astral.sh/ruff/rules/asyncio-dangling-task/",
    ),
    needles=(b"create_task", b"ensure_future"),
    pattern=rb"(?m)^[ \t]+[\w.()]*(?:create_task|ensure_future)\(|(?:create_task|ensure_future) as\b",
    codes=("RUF006",),
    minutes=5,
    asks=("floor",),
    tests=False,
)

_SET = "_background_tasks"
_MAKERS = frozenset(("asyncio.create_task", "asyncio.ensure_future"))
_LOOPS = frozenset(("asyncio.get_event_loop", "asyncio.get_running_loop", "asyncio.new_event_loop"))
_USUAL = ("task", "background_task", "background")
_GENERICS = (3, 9)


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module with a set that holds the tasks which nothing else holds."""
    seen, known = nodes.of(module), names.of(module)
    there = _has_set(module, known)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for statement in seen.all(cst.Expr):
        call = statement.value
        if isinstance(call, cst.Call) and _makes_a_task(call, module, known):
            change = _kept(statement, call, seen)
            changes |= {nodes.statement(statement, seen): change} if change else {}
    if not changes or not (there or known.free(_SET)):
        return module
    result = nodes.replaced(module, changes)
    return result if there else constants.added(result, [_line(module, known, facts)])


def _has_set(module: cst.Module, known: names.Names) -> bool:
    """Say whether the module has the set already: one that it makes empty, once, at its top."""
    empty = (
        isinstance(value, cst.Call) and known.builtin(value.func) == "set"
        for _, name, value in constants.assigned(module)
        if name == _SET
    )
    return known.bindings(_SET) == 1 and any(empty)


def _makes_a_task(call: cst.Call, module: cst.Module, known: names.Names) -> bool:
    if known.qualified(call.func) in _MAKERS:
        return True
    is_method = isinstance(call.func, cst.Attribute) and call.func.attr.value == "create_task"
    return is_method and isinstance(call.func, cst.Attribute) and _is_loop(call.func.value, module, known)


def _is_loop(node: cst.BaseExpression, module: cst.Module, known: names.Names) -> bool:
    """Say whether a value certainly is an event loop: others have a method of that name too."""
    if isinstance(node, cst.Call):
        return known.qualified(node.func) in _LOOPS
    if not isinstance(node, cst.Name) or not known.bound_once(node):
        return False
    bound = certain.bindings(node, module)
    value = bound[0].value if len(bound) == 1 and isinstance(bound[0], cst.Assign) else None
    return isinstance(value, cst.Call) and _is_loop(value, module, known)


def _kept(statement: cst.Expr, call: cst.Call, seen: nodes.Seen) -> nodes.Change | None:
    """Return how a line becomes three that hold its task; None where they cannot stand there."""
    line = nodes.statement(statement, seen)
    function = seen.function(statement)
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    if not isinstance(function, cst.FunctionDef):
        return None
    if any(silence.silences(s, "dangling-task", ABOUT.codes) for s in nodes.comments(line)):
        return None
    name = _name(function, seen)
    spread = layout.spread(call, seen.module) if not nodes.comments(line) else None
    for value in (call, spread) if name else ():
        if value and name and layout.fits(seen.module, line, _assigned(line, name, value)):
            return _lines(name, value)
    return None


def _assigned(line: cst.SimpleStatementLine, name: str, value: cst.Call) -> cst.SimpleStatementLine:
    return line.with_changes(body=[cst.Assign([cst.AssignTarget(cst.Name(name))], value)])


def _lines(name: str, value: cst.Call) -> nodes.Change:
    def change(updated: cst.CSTNode) -> cst.FlattenSentinel[cst.BaseStatement]:
        first = _assigned(cst.ensure_type(updated, cst.SimpleStatementLine), name, value)
        others = (f"{_SET}.add({name})", f"{name}.add_done_callback({_SET}.discard)")
        return cst.FlattenSentinel(
            [first, *(cst.SimpleStatementLine([cst.Expr(cst.parse_expression(o))]) for o in others)]
        )

    return change


def _name(function: cst.FunctionDef, seen: nodes.Seen) -> str | None:
    """Return a name for the task that stands nowhere in the function, nor for an import."""
    imported = {n for node in imports.of(seen.module.body) for n, _ in scopes.imports(node)}
    there = {n.value for n in nodes.walk(function) if isinstance(n, cst.Name)}
    return next((name for name in _USUAL if name not in there | imported), None)


def _line(module: cst.Module, known: names.Names, facts: Facts) -> str:
    """Return the line that makes the set, with a type where the lowest Python reads it."""
    local = known.local("asyncio")
    later = any(
        full == "__future__.annotations"
        for node in imports.of(module.body)
        for _, full in scopes.imports(node)
    )
    if local and (later or (facts.floor is not None and facts.floor >= _GENERICS)):
        return f"{_SET}: set[{local}.Task[object]] = set()"
    return f"{_SET} = set()"
