"""Tells which names of a library one module uses, followed through its imports."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import libcst as cst

from codemods import alignment, guards, names, nodes

_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Use:
    """One place that uses a name: dotted, as the library has it; ``line`` counts from 1.

    Of a call ``keywords`` are the arguments that are given by name, and ``placed`` how many are given by
    position; None: it is no call, or not all of them can be seen.
    """

    name: str
    line: int
    keywords: frozenset[str] | None = None
    placed: int | None = None


Handed = Callable[[str], str | None]
"""Answers with what a name of another module of the repository stands for in the library."""


def of(
    module: cst.Module,
    modules: Collection[str],
    handed: Handed = lambda _: None,
    wanted: Callable[[str], bool] = lambda _: True,
) -> list[Use]:
    """Return each use of something that belongs to one of the ``modules``, in the order of the text.

    An import by name is a use, and so are a dotted text, an annotation in quotes, and a name that only
    ``import *`` can have brought. What a value has that is made by calling a class is the class's; of any
    other object nothing is known. What a name stands for only sometimes is no use, nor is an import that may
    fail. Only what is ``wanted`` is told: to find its line is what takes time.
    """
    known = _Known(module, modules, handed)
    found = [(node, full) for node, full in _uses(known) if known.belongs(full) and wanted(full)]
    lines = alignment.positions(module) if found else {}
    uses = {Use(name, lines[node].start.line, *_given(module, node)) for node, name in found}
    return sorted(uses, key=lambda use: (use.line, use.name, use.keywords is None))


@dataclass(frozen=True)
class _Known:
    """One module, what is looked for, and what other modules hand on."""

    module: cst.Module
    modules: Collection[str]
    handed: Handed

    def belongs(self, name: str) -> bool:
        """Say whether a name is one of those that are looked for."""
        return any(name == module or name.startswith(f"{module}.") for module in self.modules)

    def full(self, node: cst.BaseExpression) -> str | None:
        """Return what an expression stands for, in the library where another module hands it on."""
        found = names.of(self.module).qualified(node)
        return found and (self.handed(found) or found)


def _uses(known: _Known) -> Iterator[tuple[cst.CSTNode, str]]:
    seen = nodes.of(known.module)
    statements: list[cst.Import | cst.ImportFrom] = [*seen.all(cst.Import), *seen.all(cst.ImportFrom)]
    for statement in statements:
        if not _may_fail(statement, known.module):
            yield from ((statement, known.handed(full) or full) for full in _imported(statement))
    for node in seen.all(cst.Name, cst.Attribute):
        above = seen.above.get(node)
        is_part = isinstance(above, cst.Attribute) and (above.value is node or above.attr is node)
        if is_part or isinstance(above, cst.ImportAlias | cst.Param | cst.AsName):
            continue
        # To set an attribute does not ask whether it was there: only what it belongs to is used.
        used = node.value if isinstance(node, cst.Attribute) and nodes.is_set(node, above) else node
        if full := known.full(used):
            yield used, full
    yield from _of_texts(known)
    yield from _of_stars(known)
    yield from _of_objects(known)


def _may_fail(statement: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether an import is tried, so that code is ready for its failure."""
    attempt = nodes.of(module).within(statement, cst.Try)
    return attempt is not None and guards.for_some_versions(statement, module)


def _imported(statement: cst.Import | cst.ImportFrom) -> Iterator[str]:
    if isinstance(statement.names, cst.ImportStar):
        return
    base = ""
    if isinstance(statement, cst.ImportFrom):
        base = "." * len(statement.relative)
        base += f"{names.dotted(statement.module)}." if statement.module else ""
    for alias in statement.names:
        yield f"{base}{names.dotted(alias.name)}"


def _of_texts(known: _Known) -> Iterator[tuple[cst.CSTNode, str]]:
    """Yield what texts name: the targets of patches, settings, annotations in quotes."""
    seen = nodes.of(known.module)
    for node in seen.all(cst.SimpleString):
        text = node.raw_value
        if len(text) > _LONGEST:
            continue
        if _DOTTED.fullmatch(text) and known.belongs(text):
            yield node, text
        elif text.strip() and isinstance(seen.within(node, cst.Annotation, cst.Call), cst.Annotation):
            yield from ((node, full) for full in _quoted(text, known))


def _quoted(text: str, known: _Known) -> Iterator[str]:
    try:
        tree = cst.parse_expression(text)
    except (cst.ParserSyntaxError, RecursionError, ValueError):
        return
    waiting: list[cst.CSTNode] = [tree]
    while waiting:
        node = waiting.pop()
        full = known.full(node) if isinstance(node, cst.Name | cst.Attribute) else None
        if full:
            yield full
        else:
            waiting.extend(nodes.children(node))


def _of_stars(known: _Known) -> Iterator[tuple[cst.CSTNode, str]]:
    """Yield the names that nothing but ``import *`` of the library can have brought, as if all of it did."""
    stars = [
        names.dotted(statement.module)
        for statement in nodes.of(known.module).all(cst.ImportFrom)
        if isinstance(statement.names, cst.ImportStar) and statement.module and not statement.relative
    ]
    if sources := [star for star in stars if known.belongs(star)]:
        scopes = names.of(known.module)
        for name in sorted(scopes.unbound()):
            yield from ((node, f"{star}.{name}") for star in sources for node in scopes.uses(name))


def _of_objects(known: _Known) -> Iterator[tuple[cst.CSTNode, str]]:
    """Yield the attributes of names that are bound once: to what calling a class of the library makes."""
    seen, scopes = nodes.of(known.module), names.of(known.module)
    for target, value in _bound(seen):
        owner = known.full(value.func) if isinstance(value, cst.Call) else None
        is_class = owner and known.belongs(owner) and owner.rpartition(".")[2][:1].isupper()
        if not is_class or not scopes.bound_once(target):
            continue
        for node in scopes.uses(target.value):
            above = seen.above.get(node)
            if isinstance(above, cst.Attribute) and above.value is node and scopes.binds(target, node):
                yield above, f"{owner}.{above.attr.value}"


def _bound(seen: nodes.Seen) -> Iterator[tuple[cst.Name, cst.BaseExpression | None]]:
    for assign in (*seen.all(cst.Assign), *seen.all(cst.AnnAssign)):
        target, value = nodes.assigned(assign)
        if isinstance(target, cst.Name):
            yield target, value
    for item in seen.all(cst.WithItem):
        if item.asname and isinstance(item.asname.name, cst.Name):
            yield item.asname.name, item.item


def _given(module: cst.Module, node: cst.CSTNode) -> tuple[frozenset[str] | None, int | None]:
    """Return what a call of a node gives by name, and how many arguments by position."""
    call = nodes.of(module).above.get(node)
    if not isinstance(call, cst.Call) or call.func is not node:
        return None, None
    stars = {arg.star for arg in call.args}
    keywords = None if "**" in stars else frozenset(arg.keyword.value for arg in call.args if arg.keyword)
    return keywords, None if "*" in stars else sum(not (arg.keyword or arg.star) for arg in call.args)
