"""`tempfile.mktemp` gives the name of a file that does not exist, and somebody else can create it first.

Between the name and the file lies a moment in which another user of the machine can put a link there, so
that the program writes into a file of that user's choice. `mkstemp` and `mkdtemp` create what they name, in
one step that fails if it exists, and readable by the owner alone; they take the same arguments.

Two shapes have one right answer, and only these change: a name that the very next statement opens for
writing gets `mkstemp`, and what is opened is its descriptor; a name that the next statement makes a folder
of gets `mkdtemp`. Where the name is handed on, where the open file is asked for its name, or where anything
stands in between, a person has to say who creates the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst

from codemods import arguments, guards, layout, leftovers, names, nodes, reach
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Create temporary files along with their names",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="The file or folder can be read by its owner alone, where it had the permissions of the umask.",
    references=(
        "https://docs.python.org/3/library/tempfile.html#tempfile.mktemp",
        "https://docs.astral.sh/ruff/rules/suspicious-mktemp-usage/",
    ),
    needles=(b"mktemp",),
    codes=("S306", "B306"),
    minutes=10,
)

_FOLDERS = frozenset(("os.mkdir", "os.makedirs"))
_WRITING = frozenset(("w", "wb", "wt", "w+", "wb+", "w+b", "wt+", "w+t"))
_FOR_MKSTEMP = frozenset(("suffix", "prefix", "dir"))
_DESCRIPTOR = "fd"

_Changes = Mapping[cst.CSTNode, nodes.Change]


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that creates its temporary files and folders when it names them."""
    result: dict[cst.CSTNode, nodes.Change] = {}
    ways: list[reach.Way] = []
    for assign, line, below in _named(module):
        name = cst.ensure_type(assign.targets[0].target, cst.Name)
        opened = _opened(below, name, module)
        maker = "mkstemp" if opened else "mkdtemp" if _is_made(below, name, module) else None
        func = cst.ensure_type(assign.value, cst.Call).func
        way = reach.to(f"tempfile.{maker}", module) if isinstance(func, cst.Name) and maker else None
        if maker is None or _is_silenced((line, below), module):
            continue
        if opened and not _takes_descriptor(assign, module):
            continue
        if isinstance(func, cst.Attribute):
            result[func.attr] = _to(cst.Name(maker))
        elif way:
            result[func] = _to(way.expression)
            ways.append(way)
        else:
            continue
        result.update(_with_descriptor(assign, opened) if opened else _without(below))
    return leftovers.tidied(module, reach.brought(nodes.replaced(module, result), ways))


def _named(
    module: cst.Module,
) -> Iterator[tuple[cst.Assign, cst.SimpleStatementLine, cst.CSTNode]]:
    """Yield each assignment of such a name with its line and the statement below that."""
    known, above = names.of(module), nodes.of(module).above
    for assign in nodes.of(module).all(cst.Assign):
        line, target = above[assign], assign.targets[0].target
        is_plain = isinstance(line, cst.SimpleStatementLine) and len(line.body) == len(assign.targets) == 1
        if not is_plain or not isinstance(target, cst.Name) or not _is_mktemp(assign.value, known):
            continue
        body = list(getattr(above[line], "body", ()))
        index = next(i for i, other in enumerate(body) if other is line)
        if index + 1 < len(body) and known.bound_once(target):
            yield assign, cst.ensure_type(line, cst.SimpleStatementLine), body[index + 1]


def _is_silenced(both: tuple[cst.CSTNode, cst.CSTNode], module: cst.Module) -> bool:
    """Say whether a comment at one of the two statements, which change together, asks to leave it alone."""
    return any(guards.silenced(node, module, ABOUT, "racy-temp-name") for node in both)


def _takes_descriptor(assign: cst.Assign, module: cst.Module) -> bool:
    """Say whether the descriptor can be named beside a path: there is room, and it is no part of a class."""
    is_of_class = isinstance(nodes.of(module).within(assign, cst.FunctionDef, cst.ClassDef), cst.ClassDef)
    growth = len(f"{_DESCRIPTOR}, ") + len("mkstemp") - len("mktemp")
    return not is_of_class and layout.has_room(module, assign.targets[0], growth)


def _is_mktemp(node: cst.BaseExpression, known: names.Names) -> bool:
    if not isinstance(node, cst.Call) or known.qualified(node.func) != "tempfile.mktemp":
        return False
    keywords = {arg.keyword.value for arg in node.args if arg.keyword}
    return keywords <= _FOR_MKSTEMP and not arguments.starred(node) and not node.lpar


def _is_made(below: cst.CSTNode, name: cst.Name, module: cst.Module) -> bool:
    """Say whether a statement does nothing but make a folder of this name, and can go."""
    if not isinstance(below, cst.SimpleStatementLine) or len(below.body) != 1 or nodes.comments(below):
        return False
    statement = below.body[0]
    call = statement.value if isinstance(statement, cst.Expr) else None
    if not isinstance(call, cst.Call) or names.of(module).qualified(call.func) not in _FOLDERS:
        return False
    return len(call.args) == 1 and not call.args[0].star and call.args[0].value.deep_equals(name)


def _opened(below: cst.CSTNode, name: cst.Name, module: cst.Module) -> cst.Arg | None:
    """Return the argument by which a statement opens the name for writing, or None."""
    call, handle = _opening(below)
    if call is None or not isinstance(handle, cst.Name) or arguments.starred(call):
        return None
    known = names.of(module)
    first, *others = [*arguments.positional(call), None]
    mode = arguments.named(call, "mode") or (others[0] if others else None)
    writes = (
        mode is not None and isinstance(mode.value, cst.SimpleString) and mode.value.raw_value in _WRITING
    )
    is_it = first is not None and first.value.deep_equals(name) and known.builtin(call.func) == "open"
    has_mind = any(arguments.named(call, word) for word in ("opener", "closefd"))
    is_asked = any(
        isinstance(parent, cst.Attribute) and parent.attr.value == "name"
        for use in known.uses(handle.value)
        if (parent := nodes.of(module).above.get(use))
    )
    return first if writes and is_it and not has_mind and not is_asked and known.free(_DESCRIPTOR) else None


def _opening(below: cst.CSTNode) -> tuple[cst.Call | None, cst.BaseExpression | None]:
    value: cst.BaseExpression | None = None
    handle: cst.BaseExpression | None = None
    if isinstance(below, cst.With) and len(below.items) == 1 and below.items[0].asname:
        value, handle = below.items[0].item, below.items[0].asname.name
    elif isinstance(below, cst.SimpleStatementLine) and isinstance(below.body[0], cst.Assign):
        value, handle = below.body[0].value, below.body[0].targets[0].target
    return (value, handle) if isinstance(value, cst.Call) else (None, None)


def _to(expression: cst.BaseExpression) -> nodes.Change:
    return lambda _: expression


def _with_descriptor(assign: cst.Assign, opened: cst.Arg) -> _Changes:
    name = cst.ensure_type(assign.targets[0].target, cst.Name)
    both = cst.Tuple([cst.Element(cst.Name(_DESCRIPTOR)), cst.Element(name)], lpar=(), rpar=())
    return {
        name: lambda _: both,
        opened: lambda updated: updated.with_changes(value=cst.Name(_DESCRIPTOR)),
    }


def _without(below: cst.CSTNode) -> _Changes:
    return {below: lambda _: cst.RemoveFromParent()}
