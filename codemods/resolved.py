"""Tells which names of a library one module uses, followed through its imports."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import libcst as cst

from codemods import alignment, guards, names, nodes

_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_LONGEST = 300
_VERSIONS = frozenset(("__version__", "VERSION", "version_info", "__version_info__"))
PATCHES = frozenset(("patch", "setattr", "delattr"))
"""The last names of what is called with the name of what it replaces, as a text."""


@dataclass(frozen=True, slots=True)
class Use:
    """One place that uses a name: dotted, as the library has it; ``line`` counts from 1.

    Of a call ``keywords`` are the arguments that are given by name, and ``placed`` how many are given by
    position; None: it is no call, or not all of them can be seen. ``brings``: it is an import, which does
    nothing with the name yet. ``tried`` is what an import brings that may fail, where the use needs it
    (``""``: none).
    """

    name: str
    line: int
    keywords: frozenset[str] | None = None
    placed: int | None = None
    brings: bool = False
    tried: str = ""


Handed = Callable[[str], str | None]
"""Answers with what a name of another module of the repository stands for in the library."""


def of(
    module: cst.Module,
    modules: Collection[str],
    handed: Handed = lambda _: None,
    wanted: Callable[[str], bool] = lambda _: True,
    *,
    standard: bool = False,
) -> list[Use]:
    """Return each use of something that belongs to one of the ``modules``, in the order of the text.

    An import by name is a use, and so are a dotted text, an annotation in quotes, and a name that only
    ``import *`` can have brought. What a value has that is made by calling a class is the class's; of any
    other object nothing is known. What a name stands for only sometimes is no use, nor is an import that may
    fail, or what the code is ready to do without. Only what is ``wanted`` is told: to find its line is what
    takes time.

    ``standard``: of the standard library, whose names are common words, no text is a use but in a call of
    ``patch``, nor is what stands where the module has two ways for different versions.
    """
    known = _Known(module, modules, handed, standard)
    meant = ((node, full) for node, full in _uses(known) if known.belongs(full) and wanted(full))
    found = [(node, full) for node, full in meant if not known.is_ready(node)]
    tried = _tried(known) if found else {}
    found = [(node, full) for node, full in found if tried.get(_root(node)) != full]
    lines = alignment.positions(module) if found else {}
    uses = {
        Use(
            name,
            lines[node].start.line,
            *_given(module, node),
            brings=isinstance(node, cst.Import | cst.ImportFrom),
            tried=tried.get(_root(node), ""),
        )
        for node, name in found
    }
    return sorted(uses, key=lambda use: (use.line, use.name, use.keywords is None))


@dataclass(frozen=True)
class _Known:
    """One module, what is looked for, and what other modules hand on."""

    module: cst.Module
    modules: Collection[str]
    handed: Handed
    standard: bool = False

    def belongs(self, name: str) -> bool:
        """Say whether a name is one of those that are looked for."""
        return any(name == module or name.startswith(f"{module}.") for module in self.modules)

    def full(self, node: cst.BaseExpression) -> str | None:
        """Return what an expression stands for, in the library where another module hands it on."""
        found = names.of(self.module).qualified(node)
        return found and (self.handed(found) or found)

    def is_ready(self, node: cst.CSTNode) -> bool:
        """Say whether code is ready for a library in which what it uses is not there."""
        if self.standard:
            return _is_second(node, self.module)
        return guards.is_ready(node, self.module, self._asked)

    def may_fail(self, statement: cst.CSTNode) -> bool:
        """Say whether an import is tried, so that code is ready for its failure."""
        if self.standard:
            return _is_second(statement, self.module)
        is_tried = nodes.of(self.module).within(statement, cst.Try) is not None
        return is_tried and guards.for_some_versions(statement, self.module)

    def _asked(self, condition: cst.BaseExpression) -> bool:
        """Say whether a condition asks what the library offers, or which version it is."""
        roots = "|".join({re.escape(module.partition(".")[0]) for module in self.modules})
        named = re.compile(rf"(?i:(?:{roots})_?(?:v_?\d|version))")
        for node in nodes.walk(condition):
            if isinstance(node, cst.Call) and node.args and isinstance(node.func, cst.Name):
                owner = self.full(node.args[0].value) if node.func.value == "hasattr" else None
                if owner and self.belongs(owner):
                    return True
            if isinstance(node, cst.Name) and named.search(node.value):
                return True
            if isinstance(node, cst.Attribute | cst.Name) and self._is_version(node):
                return True
        return False

    def _is_version(self, node: cst.Attribute | cst.Name) -> bool:
        full = self.full(node)
        return full is not None and self.belongs(full) and full.rpartition(".")[2] in _VERSIONS


def _uses(known: _Known) -> Iterator[tuple[cst.CSTNode, str]]:
    seen = nodes.of(known.module)
    for statement in _imports(seen):
        if not known.may_fail(statement):
            yield from ((statement, known.handed(full) or full) for full in _imported(statement))
    for node in seen.all(cst.Name, cst.Attribute):
        above = seen.above.get(node)
        is_part = isinstance(above, cst.Attribute) and (above.value is node or above.attr is node)
        if is_part or isinstance(above, cst.ImportAlias | cst.Param | cst.AsName):
            continue
        # To set an attribute does not ask whether it was there: only what it belongs to is used.
        is_set = nodes.is_set(node, above)
        used = node.value if is_set and isinstance(node, cst.Attribute) else node
        is_bound = used is node and is_set
        if not is_bound and (full := known.full(used)):
            yield used, full
    yield from _of_texts(known)
    yield from _of_stars(known)
    yield from _of_objects(known)


def _imports(seen: nodes.Seen) -> list[cst.Import | cst.ImportFrom]:
    return [*seen.all(cst.Import), *seen.all(cst.ImportFrom)]


def _is_second(node: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether a node is one of two ways for different versions, or stands where another one failed.

    Where a built-in of Python 2 is missing, every Python of today goes the other way.
    """
    handler = nodes.of(module).within(node, cst.ExceptHandler)
    if handler and isinstance(handler.type, cst.Name) and handler.type.value == "NameError":
        return False
    is_fallback = handler is not None and isinstance(node, cst.Import | cst.ImportFrom)
    return is_fallback or guards.for_some_versions(node, module)


def _tried(known: _Known) -> dict[str, str]:
    """Return what imports that may fail bring, by the local name, where the module goes on without it."""
    found: dict[str, str] = {}
    for statement in _imports(nodes.of(known.module)):
        if isinstance(statement.names, cst.ImportStar) or not _is_made_up_for(statement, known):
            continue
        for alias, full in zip(statement.names, _imported(statement), strict=True):
            found[(alias.evaluated_alias or alias.evaluated_name).partition(".")[0]] = full
    return found


def _is_made_up_for(statement: cst.CSTNode, known: _Known) -> bool:
    """Say whether a module goes on without what an import would bring, where that fails."""
    seen = nodes.of(known.module)
    attempt = seen.within(statement, cst.Try)
    handlers = attempt.handlers if isinstance(attempt, cst.Try) else ()
    raises = any(seen.within(node, cst.ExceptHandler) in handlers for node in seen.all(cst.Raise))
    return known.may_fail(statement) and not raises


def _root(node: cst.CSTNode) -> str:
    """Return the name that an expression of names and dots begins with, ``""`` for any other."""
    while isinstance(node, cst.Attribute):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""


def _imported(statement: cst.Import | cst.ImportFrom) -> Iterator[str]:
    if isinstance(statement.names, cst.ImportStar):
        return
    base = _base(statement) if isinstance(statement, cst.ImportFrom) else ""
    for alias in statement.names:
        yield _below(base, names.dotted(alias.name))


def _base(statement: cst.ImportFrom) -> str:
    """Return the module that names are imported from, as it is written: with its dots."""
    return "." * len(statement.relative) + (names.dotted(statement.module) if statement.module else "")


def _below(base: str, name: str) -> str:
    return f"{base}.{name}" if base.strip(".") else f"{base}{name}"


def _of_texts(known: _Known) -> Iterator[tuple[cst.CSTNode, str]]:
    """Yield what texts name: the targets of patches, settings, annotations in quotes."""
    seen = nodes.of(known.module)
    for node in seen.all(cst.SimpleString):
        text = node.raw_value
        if len(text) > _LONGEST or (known.standard and not _is_patched(node, seen)):
            continue
        if _DOTTED.fullmatch(text) and known.belongs(text):
            yield node, text
        elif _DOTTED.fullmatch(text) and _is_patched(node, seen) and (full := known.handed(text)):
            yield node, full
        elif text.strip() and isinstance(seen.within(node, cst.Annotation, cst.Call), cst.Annotation):
            yield from ((node, full) for full in _quoted(text, known))


def _is_patched(node: cst.CSTNode, seen: nodes.Seen) -> bool:
    """Say whether a text is the target of a patch, which replaces what a module has.

    The built-in `setattr` takes no targets.
    """
    call = seen.within(node, cst.Call)
    func = call.func if isinstance(call, cst.Call) else None
    if isinstance(func, cst.Attribute):
        return func.attr.value in PATCHES
    return isinstance(func, cst.Name) and func.value == "patch"


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
    """Yield the names that nothing but ``import *`` of the library can have brought, as if all of it did.

    A module of the repository brings what it is known to hand on, if nothing else may.
    """
    every = nodes.of(known.module).all(cst.ImportFrom)
    stars = [_base(statement) for statement in every if isinstance(statement.names, cst.ImportStar)]
    sources = [star for star in stars if known.belongs(star)]
    scopes = names.of(known.module)
    for name in sorted(scopes.unbound()) if stars else ():
        yield from ((node, f"{star}.{name}") for star in sources for node in scopes.uses(name))
        full = known.handed(_below(stars[0], name)) if len(stars) == 1 else None
        if full and not sources:
            yield from ((node, full) for node in scopes.uses(name))


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
