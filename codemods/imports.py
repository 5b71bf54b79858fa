"""Adds an import to a module where its author would have put it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import libcst as cst

from codemods import name_order, nodes, scopes

_WIDTH = 88


def add(module: cst.Module, source: str, name: str, beside: cst.CSTNode | None = None) -> cst.Module:
    """Return a module that imports ``name`` from ``source``: in the import there is, or in a new line.

    Whether the name is free is for the caller to ask. The same module when it is imported so already. `place`
    tells what ``beside`` is.
    """
    found = [n for n in of(module.body) if isinstance(n, cst.ImportFrom) and source_of(n) == source]
    if any((name, f"{source}.{name}") in scopes.imports(node) for node in found):
        return module
    for node in sorted(found, key=_is_for_one):
        if takes(node, name):
            longer = fitting(extended(node, name))
            body = [line.deep_replace(node, longer) if node in of([line]) else line for line in module.body]
            return module.with_changes(body=body)
    return place(module, f"from {source} import {name}", beside)


def _is_for_one(node: cst.ImportFrom) -> bool:
    """Say whether an import stands in a line of its own for a name that it gives another one."""
    return not isinstance(node.names, cst.ImportStar) and len(node.names) == 1 and bool(node.names[0].asname)


def bring(module: cst.Module, path: str) -> cst.Module:
    """Return a module with ``import path`` among the imports at its top; the same where it has that."""
    plain_imports = (n for n in of(module.body) if isinstance(n, cst.Import))
    there = any(not a.asname and scopes.dotted(a.name) == path for n in plain_imports for a in n.names)
    return module if there else _with_new_line(module, f"import {path}", (False, path.lower()))


def place(module: cst.Module, text: str, beside: cst.CSTNode | None = None) -> cst.Module:
    """Return a module with one more import in a new line, among the imports at its top.

    Where none from the same library is among them, it stands among those around the line ``beside``.
    """
    found = of([cst.parse_statement(text)])[0]
    return _with_new_line(module, text, _key(found), beside)


def of(body: Sequence[cst.CSTNode]) -> list[cst.Import | cst.ImportFrom]:
    """Return the imports that stand directly in the lines of a block."""
    lines = (line for line in body if isinstance(line, cst.SimpleStatementLine))
    return [s for line in lines for s in line.body if isinstance(s, cst.Import | cst.ImportFrom)]


def plain_name(line: cst.CSTNode) -> str:
    """Return what a line that is one ``import a.b`` and nothing else names, or ``""``."""
    found = of([line])
    if len(found) != 1 or not isinstance(found[0], cst.Import) or len(found[0].names) != 1:
        return ""
    return scopes.dotted(found[0].names[0].name)


def source_of(node: cst.ImportFrom) -> str:
    """Return the module that a ``from`` import names, with the dots of a relative one."""
    return "." * len(node.relative) + (scopes.dotted(node.module) if node.module else "")


def takes(node: cst.ImportFrom, name: str) -> bool:
    """Say whether a ``from`` import can be extended by a name: it is no star and has not got it."""
    return not isinstance(node.names, cst.ImportStar) and name not in dict(scopes.imports(node))


def extended(node: cst.ImportFrom, name: str) -> cst.ImportFrom:
    """Return a ``from`` import with one more name, in order where the names stand in order."""
    if isinstance(node.names, cst.ImportStar):
        raise TypeError("a star imports every name already")
    aliases = list(node.names)
    index = _index([scopes.dotted(a.name) for a in aliases], name)
    comma = _comma(node, aliases)
    if index < len(aliases):
        aliases.insert(index, cst.ImportAlias(cst.Name(name), comma=comma))
    else:
        last, new = _behind(aliases[-1], cst.ImportAlias(cst.Name(name)), comma)
        aliases[-1:] = [last, new]
    return node.with_changes(names=aliases)


def fitting(node: cst.ImportFrom) -> cst.ImportFrom:
    """Return a ``from`` import with one name per line where it would be longer than most projects allow."""
    if (
        isinstance(node.names, cst.ImportStar)
        or node.lpar
        or len(cst.Module([]).code_for_node(node)) <= _WIDTH
    ):
        return node
    inner = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace("    "))
    outer = cst.ParenthesizedWhitespace(indent=True)
    commas = [cst.Comma(whitespace_after=inner)] * (len(node.names) - 1) + [cst.Comma(whitespace_after=outer)]
    aliases = [alias.with_changes(comma=comma) for alias, comma in zip(node.names, commas, strict=True)]
    return node.with_changes(names=aliases, lpar=cst.LeftParen(whitespace_after=inner), rpar=cst.RightParen())


def changed(module: cst.Module, source: str, become: Mapping[str, str | None]) -> cst.Module:
    """Return a module that imports other names from ``source`` at its top.

    ``become`` maps the local name to the new name of what it imports, or to None where the import goes. A
    line of which nothing is left goes too; where a comment or an empty line would go, the name stays.
    """
    body: list[cst.BaseStatement] = []
    for line in module.body:
        kept: cst.BaseStatement | None = line
        for node in of([line]) if become else ():
            if isinstance(node, cst.ImportFrom) and source_of(node) == source:
                kept = _line_with(cst.ensure_type(line, cst.SimpleStatementLine), node, become)
        body += [kept] if kept else []
    return module.with_changes(body=body) if body != list(module.body) else module


def _line_with(
    line: cst.SimpleStatementLine, node: cst.ImportFrom, become: Mapping[str, str | None]
) -> cst.SimpleStatementLine | None:
    if isinstance(node.names, cst.ImportStar):
        return line
    aliases = []
    for alias, (local, _) in zip(node.names, scopes.imports(node), strict=True):
        new = become.get(local, "")
        if new is None and not nodes.comments(alias):
            continue
        aliases.append(alias.with_changes(name=cst.Name(new)) if new else alias)
    if not aliases:
        alone = len(line.body) == 1 and not line.leading_lines and not nodes.comments(line)
        return None if alone else line
    if aliases[-1].comma != node.names[-1].comma:
        aliases[-1] = aliases[-1].with_changes(comma=node.names[-1].comma)
    return line.with_deep_changes(node, names=aliases)


def plain(space: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    """Return white space of the same shape without its comments and empty lines."""
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return space
    return cst.ParenthesizedWhitespace(indent=space.indent, last_line=space.last_line)


def _comma(node: cst.ImportFrom, aliases: Sequence[cst.ImportAlias]) -> cst.Comma:
    """Return the comma that separates the names of an import, as its author sets them."""
    first = aliases[0].comma
    if len(aliases) > 1 and isinstance(first, cst.Comma):
        return first.with_changes(whitespace_after=plain(first.whitespace_after))
    if node.lpar and isinstance(node.lpar.whitespace_after, cst.ParenthesizedWhitespace):
        return cst.Comma(whitespace_after=plain(node.lpar.whitespace_after))
    return cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def _behind(
    last: cst.ImportAlias, new: cst.ImportAlias, comma: cst.Comma
) -> tuple[cst.ImportAlias, cst.ImportAlias]:
    """Put a name behind the last one; a comment behind that stays with it."""
    old = last.comma
    if not isinstance(old, cst.Comma):
        return last.with_changes(comma=comma), new
    space = old.whitespace_after
    if isinstance(space, cst.ParenthesizedWhitespace) and isinstance(
        comma.whitespace_after, cst.ParenthesizedWhitespace
    ):
        between = space.with_changes(
            indent=comma.whitespace_after.indent, last_line=comma.whitespace_after.last_line
        )
        comma = comma.with_changes(whitespace_after=between)
    return last.with_changes(comma=comma), new.with_changes(
        comma=old.with_changes(whitespace_after=plain(space))
    )


def _index(present: list[str], name: str) -> int:
    """Return where a name belongs: in the order the names keep, else at the end."""
    for order in name_order.orders_of([present]):
        return sum(order(n) < order(name) for n in present)  # type: ignore[operator]
    return len(present)


def in_their_order(before: cst.Module, after: cst.Module) -> cst.Module:
    """Return a changed module whose imports at the top keep their names in order, where all did so before.

    Others from the same source tell what was so before; an import with a comment in it stays as it is.
    """
    had, changes = _names_by_source(before), dict[cst.CSTNode, nodes.Change]()
    old, new = of(before.body), of(after.body)
    for number, node in enumerate(new) if after is not before else ():
        if not isinstance(node, cst.ImportFrom) or isinstance(node.names, cst.ImportStar):
            continue
        source = source_of(node)
        if source not in had and len(old) == len(new) and package(named(old[number])) == package(named(node)):
            # It names another module of the same library now.
            source = named(old[number])
        orders = name_order.orders_of(had.get(source, ()))
        present = [scopes.dotted(a.name) for a in node.names]
        if source in had and orders and not (name_order.orders_of([present]) or nodes.comments(node)):
            changes[node] = partial(name_order.ranked, orders[0])
    return nodes.replaced(after, changes)


def _names_by_source(module: cst.Module) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for node in of(module.body):
        if isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
            found.setdefault(source_of(node), []).append([scopes.dotted(a.name) for a in node.names])
    return found


def _with_new_line(
    module: cst.Module, text: str, key: tuple[bool, str], beside: cst.CSTNode | None = None
) -> cst.Module:
    body, start = list(module.body), first_place(module)
    kin = _kin(body, start, package(key[1]), beside)
    block = kin or _block(body, start) or _block(body, start + _fallbacks(body[start:]))
    line = cst.ensure_type(cst.parse_statement(f"{text}\n"), cst.SimpleStatementLine)
    keys = [_line_key(body[i]) for i in block]
    if not kin and (not block or not _is_standard(body[block[0]])):
        return module.with_changes(body=_as_own_section(body, start, line))
    index = block[0] + _order(keys, key)
    if index == block[0]:
        first = body[index]
        line = line.with_changes(leading_lines=_leading(first))
        body[index] = first.with_changes(leading_lines=())
    return module.with_changes(body=[*body[:index], line, *body[index:]])


def package(name: str) -> str:
    """Return the first word of the package in a dotted name: ``lib`` of ``lib_extras.sub``."""
    return name.partition(".")[0].partition("_")[0]


def _order(keys: Sequence[tuple[bool, str]], key: tuple[bool, str]) -> int:
    """Return how many imports of a block a new one follows; both kinds may be mixed, by their names."""
    if [is_from for is_from, _ in keys] == sorted(is_from for is_from, _ in keys):
        return max((n for n, other in enumerate(keys, 1) if other <= key), default=0)
    named = [name for _, name in keys]
    return sum(name <= key[1] for name in named) if named == sorted(named) else len(named)


def first_place(module: cst.Module) -> int:
    """Return the index of the first statement behind the docstring and the future imports.

    What says something about the module (``__metaclass__ = type``) between them and others goes before, too.
    """
    index = 0 if module.get_docstring(clean=False) is None else 1
    while index < len(module.body) and any(
        isinstance(n, cst.ImportFrom) and source_of(n) == "__future__" for n in of([module.body[index]])
    ):
        index += 1
    said = index
    while said < len(module.body) and _says_something(module.body[said]):
        said += 1
    return said if said < len(module.body) and of([module.body[said]]) else index


def _says_something(line: cst.CSTNode) -> bool:
    """Say whether a line gives a plain value to a name such as ``__version__``."""
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return False
    target, value = nodes.assigned(line.body[0])
    is_special = isinstance(target, cst.Name) and re.fullmatch(r"__\w+__", target.value)
    return bool(is_special) and isinstance(value, cst.Name | cst.SimpleString)


def _block(body: Sequence[cst.BaseStatement], start: int) -> list[int]:
    """Return the indices of the imports at ``start`` that no empty line and no other statement parts."""
    found: list[int] = []
    for index in range(start, len(body)):
        parted = found and any(e.comment is None for e in _leading(body[index]))
        if parted or not of([body[index]]):
            break
        found.append(index)
    return found


def in_order(module: cst.Module, node: cst.ImportFrom, source: str) -> bool:
    """Say whether an import at the top can stay where it is when it names ``source``.

    Not where others of the same library stand around it in an order that this would disturb.
    """
    index = next(n for n, line in enumerate(module.body) if node in of([line]))
    start = index
    while start and index in _block(module.body, start - 1):
        start -= 1
    block = _block(module.body, start)
    before = [_line_key(module.body[i]) for i in block]
    after = [(True, source.lower()) if i == index else _line_key(module.body[i]) for i in block]
    top = source.partition(".")[0].lower()
    if not any(
        name.partition(".")[0] == top for i, (_, name) in zip(block, after, strict=True) if i != index
    ):
        return True
    orders: tuple[Callable[[tuple[bool, str]], object], ...] = (lambda key: key, lambda key: key[1])
    return all(
        sorted(after, key=order) == after  # type: ignore[arg-type]
        for order in orders
        if sorted(before, key=order) == before  # type: ignore[arg-type]
    )


def _kin(body: Sequence[cst.BaseStatement], start: int, own: str, beside: cst.CSTNode | None) -> list[int]:
    """Return the indices of the imports at the top among which one from the same library stands, if one does.

    Else those around the line ``beside``, or those among which the first from any library does. ``own`` is
    its `package`. The standard library is none: of its modules each belongs to all others.
    """
    if not own or own in sys.stdlib_module_names:
        return []
    index, foreign = start, _around(body, beside)
    while index < len(body):
        block = _block(body, index)
        if any(package(_line_key(body[i])[1]) == own for i in block):
            return block
        if any(not _is_standard(body[i]) and not _line_key(body[i])[1].startswith(".") for i in block):
            foreign = foreign or block
        passed = len(block) or _fallbacks(body[index:])
        if not passed:
            break
        index += passed
    return foreign


def _around(body: Sequence[cst.BaseStatement], line: cst.CSTNode | None) -> list[int]:
    """Return the indices of the imports around a line that no empty line and no other statement parts."""
    first = index = next((n for n, other in enumerate(body) if other is line), 0)
    while index and of([body[index - 1]]) and not any(e.comment is None for e in _leading(body[index])):
        index -= 1
    return _block(body, index) if line is not None and body[first] is line else []


def _fallbacks(body: Sequence[cst.BaseStatement]) -> int:
    """Return how many statements at the start of a body try an import, and do nothing else."""
    count = 0
    for line in body:
        if not isinstance(line, cst.Try) or line.orelse or line.finalbody:
            break
        blocks = (line.body, *(handler.body for handler in line.handlers))
        if not all(of([inner]) for block in blocks for inner in block.body):
            break
        count += 1
    return count


def _leading(line: cst.BaseStatement) -> Sequence[cst.EmptyLine]:
    leading: Sequence[cst.EmptyLine] = getattr(line, "leading_lines", ())
    return leading


def _line_key(line: cst.BaseStatement) -> tuple[bool, str]:
    return _key(of([line])[0])


def named(node: cst.Import | cst.ImportFrom) -> str:
    """Return the module that an import names (the first one), in small letters."""
    return _key(node)[1]


def _key(node: cst.Import | cst.ImportFrom) -> tuple[bool, str]:
    if isinstance(node, cst.ImportFrom):
        return True, source_of(node).lower()
    return False, scopes.dotted(node.names[0].name).lower()


def _is_standard(line: cst.BaseStatement) -> bool:
    return _line_key(line)[1].partition(".")[0] in sys.stdlib_module_names


def _as_own_section(
    body: Sequence[cst.BaseStatement], start: int, line: cst.SimpleStatementLine
) -> list[cst.BaseStatement]:
    """Put the line at ``start``, parted by an empty line from what stands above and below."""
    gap = cst.EmptyLine(indent=False)
    if start:
        line = line.with_changes(leading_lines=[gap])
    below = list(body[start:])
    if below and (not _leading(below[0]) or _leading(below[0])[0].comment):
        wide = 2 if isinstance(below[0], cst.ClassDef | cst.FunctionDef) else 1
        below[0] = below[0].with_changes(leading_lines=[*[gap] * wide, *_leading(below[0])])
    return [*body[:start], line, *below]
