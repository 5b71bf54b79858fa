"""Aliases such as `typing.List` repeat what `list` and `collections.abc` say themselves since Python 3.9.

The aliases are deprecated: they stay for a while, new features of typing no longer reach them, and readers
meet two spellings of one thing. Where every supported Python understands the short spelling, the alias and
its import go.

A name is changed only where all of its uses in the file can be: an alias that is compared, inherited from, or
mentioned in a string or in a type comment stays as it is, for there the two spellings differ. `Callable`
waits for Python 3.10, and forward references in quotes for 3.11, because older interpreters read them wrong.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import libcst as cst

from codemods import glance, imports, leftovers, names, nodes, writing
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Use built-in generics instead of typing's aliases",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="Annotations mean the same; code that inspects them at run time sees `list` where it saw `List`.",
    references=(
        "https://peps.python.org/pep-0585/",
        "https://docs.python.org/3/library/typing.html#deprecated-aliases",
    ),
    needles=(b"typing",),
    minutes=1,
    asks=("floor",),
)

_BUILTINS = {name: name.lower() for name in ("Dict", "FrozenSet", "List", "Set", "Tuple", "Type")}
_ELSEWHERE = {
    "collections": ("ChainMap", "Counter", "OrderedDict"),
    "collections.abc": (
        *("AsyncGenerator", "AsyncIterable", "AsyncIterator", "Awaitable", "Callable", "Collection"),
        *("Container", "Coroutine", "Generator", "Hashable", "ItemsView", "Iterable", "Iterator"),
        *("KeysView", "Mapping", "MappingView", "MutableMapping", "MutableSequence", "MutableSet"),
        *("Reversible", "Sequence", "Sized", "ValuesView"),
    ),
    "re": ("Match", "Pattern"),
}
_SOURCES = {name: source for source, found in _ELSEWHERE.items() for name in found}
_GENERICS = (3, 9)
_CALLABLE = (3, 10)  # before 3.9.2, Optional[Callable[[int], str]] of collections.abc fails
_QUOTED = (3, 11)  # before, get_type_hints() leaves list["Node"] as it is


_Line = cst.SimpleStatementLine | cst.BaseCompoundStatement


@dataclass(frozen=True)
class _Seen:
    """A module with what is asked of it more than once."""

    module: cst.Module
    known: names.Names
    above: Mapping[cst.CSTNode, cst.CSTNode]
    code: str
    quoted_work: bool


def sift(tree: ast.Module) -> bool:
    """Say whether an alias is imported, or named with its module."""
    imported = (n for n in glance.all_of(tree, ast.ImportFrom) if n.module == "typing")
    return any(a.name in _BUILTINS or a.name in _SOURCES for n in imported for a in n.names) or any(
        n.attr in _BUILTINS for n in glance.all_of(tree, ast.Attribute)
    )


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Replace the aliases of `typing` that the floor makes superfluous."""
    if facts.floor is None or facts.floor < _GENERICS or not _imports_typing(module):
        return module
    seen = _Seen(
        module, names.of(module), nodes.of(module).above, writing.source(module), facts.floor >= _QUOTED
    )
    short = [n for n in _BUILTINS if _can_be_short(seen, n)]
    moved = [n for n in _SOURCES if (n != "Callable" or facts.floor >= _CALLABLE) and _can_move(seen, n)]
    going = [n for n in (*short, *moved) if _goes(module, n)]
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for name in short:
        if name in going:
            changes |= {use: _renamed(_BUILTINS[name]) for use in seen.known.uses(name)}
    changes |= {use: _replaced_by(_BUILTINS[name]) for name, use in _dotted(seen)}
    result = nodes.replaced(module, changes)
    for name in moved:
        if name in going:
            result = imports.add(_without(result, name), _SOURCES[name], name)
    for name in short:
        if name in going:
            result = _without(result, name)
    return leftovers.tidied(module, result)


def _imports_typing(module: cst.Module) -> bool:
    for node in imports.of(module.body):
        if isinstance(node, cst.ImportFrom):
            if imports.source_of(node) == "typing":
                return True
        elif any(names.dotted(alias.name) == "typing" for alias in node.names):
            return True
    return False


def _renamed(name: str) -> nodes.Change:
    return lambda node: node.with_changes(value=name)


def _replaced_by(name: str) -> nodes.Change:
    return lambda node: cst.Name(name, lpar=getattr(node, "lpar", ()), rpar=getattr(node, "rpar", ()))


def _can_be_short(seen: _Seen, name: str) -> bool:
    """Say whether every mention of an alias can become the built-in of the same meaning."""
    uses = seen.known.uses(name)
    if seen.known.local(f"typing.{name}") != name or not uses or not _is_built_in(seen, _BUILTINS[name]):
        return False
    subscripted = sum(_subscript(seen, use) is not None for use in uses)
    mentioned = len(re.findall(rf"(?<![\w.]){name}\s*\[", seen.code))
    quoted = re.search(rf"""['"]{name}['"]|#\s*type:.*\b{name}\b""", seen.code)
    return mentioned == subscripted and not quoted and all(_is_plain(seen, use, short=True) for use in uses)


def _is_built_in(seen: _Seen, name: str) -> bool:
    """Say whether a name means the built-in wherever it stands, also as an attribute's name in a class."""
    return seen.known.bindings(name) == 0 and not seen.known.stars


def _can_move(seen: _Seen, name: str) -> bool:
    """Say whether a name can be imported from where it lives, all of its uses unchanged."""
    uses = seen.known.uses(name)
    known = seen.known.local(f"typing.{name}") == name
    return known and bool(uses) and all(_is_plain(seen, use, short=False) for use in uses)


def _subscript(seen: _Seen, use: cst.BaseExpression) -> cst.Subscript | None:
    parent = seen.above.get(use)
    return parent if isinstance(parent, cst.Subscript) and parent.value is use else None


def _is_plain(seen: _Seen, use: cst.BaseExpression, *, short: bool) -> bool:
    """Say whether a use can be nothing but a type, which both spellings are alike.

    Where a type is looked up, handed to a function that nothing is known of, or returned, somebody may
    compare the two spellings, and they differ.
    """
    subscript = _subscript(seen, use)
    if subscript is not None and not _reads_alike(seen, subscript):
        return False
    path, node = list[cst.CSTNode](), seen.above[use]
    below: cst.CSTNode = use
    while isinstance(node, _CARRYING):
        path.append(node)
        below, node = node, seen.above[node]
    if isinstance(node, cst.Arg) and not short and _asks_for_instances(seen, seen.above[node]):
        return all(isinstance(n, cst.Element | cst.Tuple) for n in path)
    if not all(_is_part_of_a_type(seen, n) for n in path):
        return False
    if isinstance(node, cst.Assign | cst.AnnAssign | cst.TypeAlias):
        return node.value is below and any(isinstance(n, cst.Subscript) for n in path)
    inside = any(isinstance(n, cst.Index) for n in path)
    return isinstance(node, cst.Annotation) or (
        isinstance(node, cst.Arg) and _takes_a_type(seen, node, inside=inside)
    )


_CARRYING = (
    *(cst.Subscript, cst.SubscriptElement, cst.Index),
    *(cst.List, cst.Tuple, cst.Element, cst.BinaryOperation),
)


def _is_part_of_a_type(seen: _Seen, node: cst.CSTNode) -> bool:
    """Say whether a node on the way up from a use belongs to a type, too."""
    if isinstance(node, cst.List | cst.Tuple):
        return isinstance(seen.above[node], cst.Index)
    if isinstance(node, cst.BinaryOperation):
        # typing's aliases take a string beside `|`, which the built-ins refuse.
        quoted = any(isinstance(side, cst.SimpleString) for side in (node.left, node.right))
        return isinstance(node.operator, cst.BitOr) and not quoted
    if isinstance(node, cst.Subscript):
        # A lookup in a mapping is told from a generic class by the way people write their names.
        last = node.value.attr if isinstance(node.value, cst.Attribute) else node.value
        name = last.value if isinstance(last, cst.Name) else ""
        return name in _LOWERCASE or (name[:1].isupper() and not (len(name) > 1 and name.isupper()))
    return True


_LOWERCASE = frozenset((*_BUILTINS.values(), "deque", "defaultdict"))


def _asks_for_instances(seen: _Seen, call: cst.CSTNode) -> bool:
    """Say whether a call is one of the built-in isinstance and issubclass."""
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Name):
        return False
    return call.func.value in {"isinstance", "issubclass"} and seen.known.bindings(call.func.value) == 0


_TAKE_TYPES = frozenset(f"typing.{n}" for n in ("cast", "TypeVar", "NewType", "NamedTuple", "TypedDict"))


def _takes_a_type(seen: _Seen, argument: cst.Arg, *, inside: bool) -> bool:
    """Say whether a call, or the head of a class, takes a type for what it says and no more."""
    call = seen.above[argument]
    if isinstance(call, cst.ClassDef):
        # As a base class itself, typing's alias also makes the class generic.
        return inside
    if not isinstance(call, cst.Call):
        return False
    name = seen.known.qualified(call.func) or ""
    web = argument.keyword is not None and argument.keyword.value == "response_model"
    return web or name in _TAKE_TYPES or name.startswith("pydantic.")


def _reads_alike(seen: _Seen, subscript: cst.Subscript) -> bool:
    """Say whether both spellings make the same of what stands in the brackets."""
    values = [part.slice.value for part in subscript.slice if isinstance(part.slice, cst.Index)]
    empty = any(isinstance(value, cst.Tuple) and not value.elements for value in values)
    return not empty and (seen.quoted_work or not _holds_a_string(subscript))


def _holds_a_string(subscript: cst.Subscript) -> bool:
    return any(isinstance(n, cst.SimpleString) for part in subscript.slice for n in nodes.walk(part))


def _dotted(seen: _Seen) -> Iterator[tuple[str, cst.Attribute]]:
    """Yield the uses such as ``typing.List`` that can become a built-in; one that cannot keeps its name's."""
    found: dict[str, list[cst.Attribute]] = {}
    for node in nodes.of(seen.module).all(cst.Attribute):
        name = node.attr.value
        if name in _BUILTINS and seen.known.qualified(node) == f"typing.{name}":
            found.setdefault(name, []).append(node)
    for name, uses in found.items():
        others = len(re.findall(rf"\.{name}\s*\[", seen.code))
        plain = all(_subscript(seen, use) and _is_plain(seen, use, short=True) for use in uses)
        if plain and others == len(uses) and _is_built_in(seen, _BUILTINS[name]):
            yield from ((name, use) for use in uses)


def _goes(module: cst.Module, name: str) -> bool:
    """Say whether the import of an alias can go without a trace, and nobody is told to leave it."""
    lines = [line for line in module.body if _imported(line, name)]
    noted = any("noqa" in c or "kotsu" in c for line in lines for c in nodes.comments(line))
    stays = any(_imported(line, name) for line in _without(module, name).body)
    return not noted and not stays and leftovers.removable(module, name)


def _imported(line: cst.CSTNode, name: str) -> bool:
    found = (
        n for n in imports.of([line]) if isinstance(n, cst.ImportFrom) and imports.source_of(n) == "typing"
    )
    return any(
        name == names.dotted(a.name)
        for n in found
        if not isinstance(n.names, cst.ImportStar)
        for a in n.names
    )


def _without(module: cst.Module, name: str) -> cst.Module:
    """Return a module without the import of an alias; empty lines above a line that goes are kept once."""
    body = list(module.body)
    for index, line in enumerate(body):
        if _imported(line, name) and _is_alone(line) and index + 1 < len(body):
            body[index + 1] = _moved_up(body[index + 1], line, first=index == 0)
            return module.with_changes(body=[*body[:index], *body[index + 1 :]])
    return imports.changed(module, "typing", {name: None})


def _moved_up(following: _Line, gone: _Line, *, first: bool) -> _Line:
    """Return a statement with the empty lines that belong above it in the place of another."""
    own, above = getattr(following, "leading_lines", ()), getattr(gone, "leading_lines", ())
    if first:
        kept = list(own)
        while kept and kept[0].comment is None:
            kept.pop(0)
        return following.with_changes(leading_lines=[*above, *kept])
    return following if own else following.with_changes(leading_lines=above)


def _is_alone(line: _Line) -> bool:
    """Say whether a line imports one name and holds no comment."""
    found = imports.of([line])
    single = len(found) == 1 and not isinstance(found[0].names, cst.ImportStar) and len(found[0].names) == 1
    return single and len(getattr(line, "body", ())) == 1 and not nodes.comments(line)
