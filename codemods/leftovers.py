"""Takes out the imports that nothing in a module needs any more."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

import libcst as cst

from codemods import imports, names, nodes, scopes, writing

_FOR_TOOLS = re.compile(r"#\s*(?:noqa|type:\s*ignore|pylint|isort|pragma|nosec)\b", re.IGNORECASE)
_TYPE_COMMENT = re.compile(r"#\s*type:(?!\s*ignore\b)([^\n]*)")

Import = cst.Import | cst.ImportFrom


def removable(module: cst.Module, name: str) -> bool:
    """Say whether the one import that binds a name can go: nothing but the name would go with it.

    It stands at the top of the module without a condition, imports no name as itself (which says that others
    read it here), and holds no comment but those for linters, which are at its end: one in a line of its own
    speaks to them of what follows, too.
    """
    found = [(line, node) for line, node in _lines(module) if name in dict(scopes.imports(node))]
    if len(found) != 1 or len(found[0][0].body) != 1:
        return False
    (line, node), *_ = found
    alias = next(a for a, bound in _aliases(node) if bound == name)
    itself = alias.asname is not None and scopes.dotted(alias.name) == name
    said = [*nodes.comments(alias), *(comment.value for e in line.leading_lines if (comment := e.comment))]
    if len(list(_aliases(node))) == 1:
        if any(e.comment for e in line.leading_lines):
            return False
        said = nodes.comments(line)
    return not itself and all(map(for_tools, said))


def _is_commented(module: cst.Module, name: str) -> bool:
    """Say whether a comment for people is all that keeps the one import of a name."""
    found = [line for line, node in _lines(module) if name in dict(scopes.imports(node))]
    if len(found) != 1 or not nodes.comments(found[0]) or removable(module, name):
        return False
    bare = found[0].with_changes(leading_lines=(), trailing_whitespace=cst.TrailingWhitespace())
    return removable(module.with_changes(body=[bare]), name)


def for_tools(comment: str) -> bool:
    """Say whether a comment speaks to linters and not to people, so that it may go with its line."""
    return _FOR_TOOLS.match(comment) is not None


def tidied(before: cst.Module, after: cst.Module) -> cst.Module:
    """Return a changed module without the top-level imports that only what is gone had needed.

    An import stays where it was unused already, where a string or a type comment speaks of it, and where
    more than the name would go with it (`removable`). Where that is a comment, nothing changes at all: a
    linter would complain of an import that nobody needs.
    """
    if after is before:
        return after
    bound = {
        name for node in imports.of(before.body) if not _is_star(node) for name, _ in scopes.imports(node)
    }
    known, kept = names.of(before), set(after.body)
    needed = {name.value for name in scopes.read(writing.new(before, after)).of}
    gone = {
        name
        for name in bound - needed
        if (uses := known.uses(name)) and kept.isdisjoint(_at_the_top(before, use) for use in uses)
    }
    if any(_is_commented(after, name) for name in gone):
        return before
    gone = {name for name in gone if removable(after, name)}
    spoken = mentioned(writing.source(before), nodes.walk(after), gone) if gone else set()
    return without(after, gone - spoken) if gone - spoken else after


def _at_the_top(module: cst.Module, node: cst.CSTNode) -> cst.CSTNode:
    """Return the statement at the top of a module in which a node stands."""
    above = nodes.of(module).above
    while above[node] is not module:
        node = above[node]
    return node


def _is_star(node: Import) -> bool:
    return isinstance(node.names, cst.ImportStar)


def mentioned(text: str, every: Iterable[cst.CSTNode], names: Collection[str]) -> set[str]:
    """Return which names the strings and the type comments of a module of this text speak of.

    A string speaks of a name when it reads as an expression with that name in it, as in ``__all__`` and in a
    quoted annotation. ``every`` are the nodes of the module.
    """
    # Behind a dot it is a part of something else: `project.toml` speaks of no `toml`.
    word = re.compile(rf"(?<!\.)\b(?:{'|'.join(map(re.escape, sorted(names)))})\b")
    found = {n for comment in _TYPE_COMMENT.findall(text) for n in word.findall(comment)}
    for node in every:
        if isinstance(node, cst.SimpleString):
            text = str(node.raw_value)
            said = set(word.findall(text))
            if said - found and _is_expression(text):
                found |= said
    return found


def _is_expression(text: str) -> bool:
    try:
        cst.parse_expression(text.strip())
    except (cst.ParserSyntaxError, RecursionError):
        return False
    return True


def without(module: cst.Module, names: Collection[str]) -> cst.Module:
    """Return a module without the top-level imports of these names; an empty statement goes with its line."""
    body: list[cst.BaseStatement] = []
    waiting: Sequence[cst.EmptyLine] = ()
    for line in module.body:
        kept = _line_without(line, names)
        if kept is None:
            waiting = waiting or cst.ensure_type(line, cst.SimpleStatementLine).leading_lines
            continue
        if not body and kept is not module.body[0]:
            kept = _first(kept, module.header)
        body.append(_below(waiting, kept))
        waiting = ()
    return module.with_changes(body=body)


def _line_without(line: cst.BaseStatement, names: Collection[str]) -> cst.BaseStatement | None:
    for node in imports.of([line]):
        if _is_star(node):
            continue
        kept = [alias for alias, bound in _aliases(node) if bound not in names]
        if not kept:
            return None
        if len(kept) < len(list(_aliases(node))):
            return line.with_deep_changes(node, **_ended(node, kept))
    return line


def _ended(node: Import, kept: Sequence[cst.ImportAlias]) -> dict[str, object]:
    """Return what an import has with fewer names: a comment behind the one that is the last now stays."""
    (*rest, end), (last, _) = kept, list(_aliases(node))[-1]
    own, closing = end.comma, node.rpar if isinstance(node, cst.ImportFrom) else None
    is_said = bool(nodes.comments(end))
    if (
        end is last
        or closing is None
        or not isinstance(own, cst.Comma)
        or not is_said
        or nodes.comments(closing)
    ):
        return {"names": [*rest, end.with_changes(comma=last.comma)]}
    tail = last.comma.whitespace_after if isinstance(last.comma, cst.Comma) else closing.whitespace_before
    below = tail.last_line if isinstance(tail, cst.ParenthesizedWhitespace) else cst.SimpleWhitespace("")
    comma = own.with_deep_changes(own.whitespace_after, last_line=below)
    bare = closing.with_changes(whitespace_before=cst.SimpleWhitespace(""))
    return {"names": [*rest, end.with_changes(comma=comma)], "rpar": bare}


def _first(line: cst.BaseStatement, header: Sequence[cst.EmptyLine]) -> cst.BaseStatement:
    """Return a line as the first of a module, one empty line below a comment at the head of the file."""
    leading = list[cst.EmptyLine](getattr(line, "leading_lines", ()))
    while leading and leading[0].comment is None:
        del leading[0]
    gap = [cst.EmptyLine(indent=False)] if header and header[-1].comment else []
    return line.with_changes(leading_lines=[*gap, *leading])


def _below(waiting: Sequence[cst.EmptyLine], line: cst.BaseStatement) -> cst.BaseStatement:
    """Let the empty lines above a line that went stand above the next one, unless it has its own."""
    leading: Sequence[cst.EmptyLine] = getattr(line, "leading_lines", ())
    empty = [e for e in waiting if e.comment is None]
    if not empty or (leading and leading[0].comment is None):
        return line
    return line.with_changes(leading_lines=[*empty, *leading])


def _lines(module: cst.Module) -> Iterator[tuple[cst.SimpleStatementLine, Import]]:
    for line in module.body:
        for node in imports.of([line]):
            yield cst.ensure_type(line, cst.SimpleStatementLine), node


def _aliases(node: Import) -> Iterator[tuple[cst.ImportAlias, str]]:
    """Yield each alias of an import with the name that it binds."""
    if not isinstance(node.names, cst.ImportStar):
        yield from ((a, bound) for a, (bound, _) in zip(node.names, scopes.imports(node), strict=True))
