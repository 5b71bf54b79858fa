"""A branch for a Python that the project no longer supports is never taken, yet everybody reads it.

The lowest Python that the project declares decides tests of `sys.version_info`, `six.PY2` and `six.PY3`. The
branch that is always taken stays, one level further out; the other goes, and with it an import that nothing
else needs.

A branch that tells people that their Python is too old stays where it is, for it speaks to just the
interpreters that are not supported. So does one with a TODO on it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from codemods import certain, glance, imports, leftovers, names, nodes, scopes, verdicts
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Remove branches for Pythons that are not supported",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None on the supported versions; a copy of the file that runs on an older Python loses its branch.",
    references=(
        "https://docs.python.org/3/library/sys.html#sys.version_info",
        "https://docs.astral.sh/ruff/rules/outdated-version-block/",
    ),
    needles=(b"version_info", b"PY2", b"PY3"),
    minutes=5,
    asks=("floor",),
)

_TODO = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b", re.IGNORECASE)
_NOT_COUNTED = re.compile(r"#\s*pragma:?\s*no\s*cover\s*", re.IGNORECASE)
_FOR_TOOLS = re.compile(r"#\s*(?:pragma|noqa|type:|pylint|mypy|pyright|nosec|fmt:|isort)", re.IGNORECASE)
_SAYS_WHICH = re.compile(r"\bpy|python|version|compat|six|\d\.\d|older|legacy|backport", re.IGNORECASE)
_WARNING = re.compile(r"(?:^|\.)(?:exit|_exit|quit|abort|warn|warning|fail|skip|error|importorskip)$")
_ENDS = cst.Return | cst.Raise | cst.Continue | cst.Break

_Lines = Sequence[cst.EmptyLine]
_Block = cst.Module | cst.IndentedBlock
_Line = cst.BaseStatement | cst.SimpleStatementLine
_Branch = cst.If | cst.Else


@dataclass(frozen=True)
class _File:
    module: cst.Module
    known: names.Names
    above: Mapping[cst.CSTNode, cst.CSTNode]
    verdicts: Mapping[cst.CSTNode, bool]


@dataclass(frozen=True)
class _Outcome:
    """What becomes of an if statement: another one, the lines of one of its blocks, or nothing."""

    statement: cst.If | None = None
    lines: tuple[cst.BaseStatement, ...] = ()
    footer: _Lines = ()

    @property
    def ends(self) -> bool:
        """Whether nothing behind the lines is ever reached."""
        last = self.lines[-1] if self.lines else None
        return isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], _ENDS)


def sift(tree: ast.Module) -> bool:
    """Say whether a condition names the Python that runs."""
    tests = [n.test for n in glance.all_of(tree, ast.If)] + [n.test for n in glance.all_of(tree, ast.IfExp)]
    asking = glance.known_as(tree, _ASKING)
    return any(getattr(n, "attr", getattr(n, "id", "")) in asking for test in tests for n in ast.walk(test))


_ASKING = frozenset(("version_info", "PY2", "PY3"))


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module without the branches that the floor decides."""
    if facts.floor is None:
        return module
    known = names.of(module)
    seen = nodes.of(module)
    tests: list[cst.If | cst.IfExp] = [*seen.all(cst.If), *seen.all(cst.IfExp)]
    decided: dict[cst.CSTNode, bool] = {
        n: v for n in tests if (v := verdicts.of(n.test, known, facts.floor)) is not None
    }
    if not decided:
        return module
    file = _File(module, known, seen.above, decided)
    heads = {_head(n, file) for n in decided if isinstance(n, cst.If)}
    going = {n for n in heads if _may_go(n, file)}
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for block in {_block(head, file) for head in going}:
        changes[block] = _folded(block, going, file)
    for node, verdict in decided.items():
        if isinstance(node, cst.IfExp) and _is_plain(node, module, taken=verdict):
            changes[node] = _chosen(file.above[node], taken=verdict)
    return _without_leftovers(file, nodes.replaced(module, changes)) if changes else module


def _head(node: cst.If, file: _File) -> cst.If:
    """Return the ``if`` to which an ``elif`` belongs."""
    while isinstance(parent := file.above[node], cst.If) and parent.orelse is node:
        node = parent
    return node


def _block(head: cst.If, file: _File) -> _Block:
    """Return the statements among which a statement stands; TypeError when there can be no other."""
    block = file.above[head]
    if not isinstance(block, cst.Module | cst.IndentedBlock):
        raise TypeError("an if statement stands in a block")
    return block


def _branches(head: cst.If) -> Iterator[_Branch]:
    branch: _Branch | None = head
    while branch is not None:
        yield branch
        branch = branch.orelse if isinstance(branch, cst.If) else None


def _may_go(head: cst.If, file: _File) -> bool:
    """Say whether a statement can be folded without losing what somebody wrote for people."""
    outcome = _outcome(head, head, file.verdicts)
    dead = [b.body for b in _dead(head, file.verdicts)]
    said = [c for part in (*head.leading_lines, *_headers(head), *dead) for c in nodes.comments(part)]
    said += [c for line in outcome.lines[:1] for e in _leading(line) for c in nodes.comments(e)]
    if any(_TODO.search(comment) for comment in said) or any(map(_speaks, dead)):
        return False
    if outcome.statement is None and not outcome.lines:
        if _is_all_of_a_function(head, file):
            return False
        adjacent = _adjacent(head.leading_lines)
        return not adjacent or any(_SAYS_WHICH.search(e.comment.value) for e in adjacent if e.comment)
    return not outcome.ends or _may_cut(head, _block(head, file))


def _is_all_of_a_function(head: cst.If, file: _File) -> bool:
    """Say whether a function does nothing else: to have an empty one, or none, is for a person to say."""
    block = _block(head, file)
    function = file.above.get(block)
    said = isinstance(function, cst.FunctionDef) and function.get_docstring(clean=False) is not None
    return isinstance(function, cst.FunctionDef) and len(block.body) == 1 + said


def _dead(head: cst.If, decided: Mapping[cst.CSTNode, bool]) -> Iterator[_Branch]:
    """Yield the branches that are never taken."""
    over = False
    for branch in _branches(head):
        if over or decided.get(branch) is False:
            yield branch
        over = over or decided.get(branch) is True


def _headers(head: cst.If) -> Iterator[cst.CSTNode]:
    """Yield what stands on and above the lines of ``if``, ``elif`` and ``else``."""
    for branch in _branches(head):
        yield from branch.leading_lines if branch is not head else ()
        yield from [branch.body.header] if isinstance(branch.body, cst.IndentedBlock) else []


def _speaks(dead: cst.CSTNode) -> bool:
    """Say whether a branch refuses or warns, or decides what kind of function it stands in."""
    waiting = [dead]
    while waiting:
        node = waiting.pop()
        if isinstance(node, cst.Raise | cst.Yield | cst.Global | cst.Nonlocal):
            return True
        if isinstance(node, cst.Assert) and (node.msg or certain.constant(node.test)):
            return True
        if isinstance(node, cst.Call) and _WARNING.search(_dotted(node.func)):
            return True
        if not isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Lambda):
            waiting.extend(nodes.children(node))
    return False


def _dotted(node: cst.BaseExpression) -> str:
    try:
        return scopes.dotted(node)
    except ValueError:
        return ""


def _may_cut(head: cst.If, block: _Block) -> bool:
    """Say whether what follows a statement can go, as it is not reached any more."""
    rest = list(block.body)[list(block.body).index(head) + 1 :]
    if isinstance(block, cst.Module) or not rest:
        return not rest
    said = [c for line in rest for c in nodes.comments(line)]
    return not any(_TODO.search(c) for c in said) and not any(map(_speaks, rest))


def _outcome(head: cst.If, updated: cst.If, decided: Mapping[cst.CSTNode, bool]) -> _Outcome:
    """Return what becomes of a statement, whose parts may have changed already."""
    kept: list[_Branch] = []
    for old, new in zip(_branches(head), _branches(updated), strict=True):
        verdict = decided.get(old)
        if verdict is True:
            kept.append(cst.Else(new.body, leading_lines=() if old is head else new.leading_lines))
            break
        if verdict is None:
            kept.append(new)
    if not kept:
        return _Outcome()
    if isinstance(kept[0], cst.Else):
        return _unwrapped(kept[0], updated.leading_lines)
    return _Outcome(_chained([b for b in kept if isinstance(b, cst.If)], kept[-1], updated.leading_lines))


def _chained(tests: list[cst.If], last: _Branch, leading: _Lines) -> cst.If:
    branch: _Branch | None = last if isinstance(last, cst.Else) else None
    for test in reversed(tests):
        branch = test.with_changes(orelse=branch)
    first = cst.ensure_type(branch, cst.If)
    return first.with_changes(leading_lines=_joined(leading, first.leading_lines))


def _joined(leading: _Lines, more: _Lines) -> _Lines:
    """Return lines above a statement with the comments of others that came closer."""
    return [*leading, *(e for e in more if e.comment and e not in leading)]


def _unwrapped(branch: cst.Else, leading: _Lines) -> _Outcome:
    block = branch.body
    lines = _joined(leading, branch.leading_lines)
    if isinstance(block, cst.SimpleStatementSuite):
        line = cst.SimpleStatementLine(block.body, lines, block.trailing_whitespace)
        return _Outcome(lines=(line,))
    block = cst.ensure_type(block, cst.IndentedBlock)
    if (comment := block.header.comment) and not _FOR_TOOLS.match(comment.value):
        lines = [*lines, cst.EmptyLine(comment=comment)]
    first, *rest = block.body
    own = list(_leading(first))
    while own and own[0].comment is None:
        del own[0]
    return _Outcome(lines=(_led(first, [*lines, *own]), *rest), footer=block.footer)


def _leading(line: cst.BaseStatement) -> _Lines:
    leading: _Lines = getattr(line, "leading_lines", ())
    return leading


def _led(line: cst.BaseStatement, leading: Iterable[cst.EmptyLine]) -> cst.BaseStatement:
    return line.with_changes(leading_lines=list(leading))


def _adjacent(leading: _Lines) -> list[cst.EmptyLine]:
    """Return the comments right above a statement, without those above an empty line."""
    found: list[cst.EmptyLine] = []
    for line in reversed(leading):
        if line.comment is None:
            break
        found.insert(0, line)
    return found


def _folded(block: _Block, going: set[cst.If], file: _File) -> nodes.Change:
    """Return the change of a block: each statement that goes is replaced by its outcome."""

    def change(updated: cst.CSTNode) -> cst.CSTNode:
        if not isinstance(updated, cst.Module | cst.IndentedBlock):
            raise TypeError("only these hold statements")
        body: list[cst.BaseStatement] = []
        moved: set[int] = set()
        waiting: _Lines | None = None
        for old, line in zip(block.body, updated.body, strict=True):
            if not (isinstance(old, cst.If) and old in going):
                body.append(_below(waiting, line, first=not body))
                waiting = None
                continue
            outcome = _outcome(old, cst.ensure_type(line, cst.If), file.verdicts)
            lines = map(_counted, outcome.lines) if isinstance(updated, cst.Module) else outcome.lines
            put = [outcome.statement] if outcome.statement else list(lines)
            if not put:
                waiting = _stacked(waiting or (), _gap(cst.ensure_type(line, cst.If)))
                continue
            moved |= set(range(len(body), len(body) + len(put))) if outcome.lines else set()
            body += [_below(waiting, put[0], first=not body), *put[1:]]
            waiting = outcome.footer or None
            if outcome.ends:
                break
        return _with_body(updated, _spaced(body, moved, _blank_lines(block, file)), waiting or ())

    return change


def _counted(line: cst.BaseStatement) -> cst.BaseStatement:
    """Return a line of a module's top, where it always runs now, without the mark that it is not counted."""
    if not isinstance(line, cst.SimpleStatementLine) or not (comment := line.trailing_whitespace.comment):
        return line
    end = cst.TrailingWhitespace(newline=line.trailing_whitespace.newline)
    return line.with_changes(trailing_whitespace=end) if _NOT_COUNTED.fullmatch(comment.value) else line


def _gap(line: cst.If) -> _Lines:
    """Return what stands above a statement that goes, without the comment that speaks of it."""
    leading = list(line.leading_lines)
    return leading[: len(leading) - len(_adjacent(leading))]


def _below(waiting: _Lines | None, line: cst.BaseStatement, *, first: bool) -> cst.BaseStatement:
    """Put the lines that wait above a statement; None when nothing went before it."""
    if waiting is None:
        return line
    own = list(_leading(line))
    said = [e for e in waiting if e.comment]
    if first and not said:
        while own and own[0].comment is None:
            del own[0]
    elif said or not own or own[0].comment:
        own = _stacked(waiting, own)
    return line.with_changes(leading_lines=own)


def _stacked(above: _Lines, below: _Lines) -> list[cst.EmptyLine]:
    """Return two groups of lines as one; where empty lines would meet, those of the second stay."""
    kept = list(above)
    while kept and below and kept[-1].comment is None and below[0].comment is None:
        del kept[-1]
    return [*kept, *below]


def _blank_lines(block: _Block, file: _File) -> int:
    """Return how many empty lines part a function of a block from what stands beside it."""
    return 2 if isinstance(block, cst.Module) else 1 if isinstance(file.above[block], cst.ClassDef) else 0


def _spaced(body: list[cst.BaseStatement], moved: set[int], wanted: int) -> list[cst.BaseStatement]:
    """Part the functions and classes that came a level further out from their neighbours."""
    result = body[:1]
    for index, line in enumerate(body[1:], start=1):
        near = [body[n] for n in (index - 1, index) if n in moved]
        leading = list(_leading(line))
        have = next((n for n, e in enumerate(leading) if e.comment), len(leading))
        if any(isinstance(n, cst.FunctionDef | cst.ClassDef) for n in near) and have < wanted:
            gap = [cst.EmptyLine(indent=False)] * (wanted - have)
            result.append(line.with_changes(leading_lines=[*gap, *leading]))
        else:
            result.append(line)
    return result


def _with_body(block: _Block, body: list[_Line], waiting: _Lines) -> _Block:
    said = [e for e in waiting if e.comment]
    if not body and isinstance(block, cst.IndentedBlock):
        body = [cst.SimpleStatementLine([cst.Pass()])]
    return block.with_changes(body=body, footer=[*said, *block.footer])


def _is_plain(node: cst.IfExp, module: cst.Module, *, taken: bool) -> bool:
    """Say whether a conditional expression holds no comment, and no lines that would stand askew."""
    kept = node.body if taken else node.orelse
    return not nodes.comments(node) and not (node.lpar and "\n" in module.code_for_node(kept))


def _chosen(parent: cst.CSTNode, *, taken: bool) -> nodes.Change:
    """Return the change of a conditional expression; its brackets go where they part nothing."""

    def change(updated: cst.CSTNode) -> cst.CSTNode:
        whole = cst.ensure_type(updated, cst.IfExp)
        kept = whole.body if taken else whole.orelse
        if not whole.lpar or isinstance(parent, cst.Arg | cst.Assign | cst.AnnAssign):
            return kept
        return kept.with_changes(lpar=[*whole.lpar, *kept.lpar], rpar=[*kept.rpar, *whole.rpar])

    return change


def _without_leftovers(file: _File, module: cst.Module) -> cst.Module:
    """Return a module without the imports that only the dead branches needed."""
    known = names.of(module)
    spoken = [str(n.raw_value) for n in nodes.walk(module) if isinstance(n, cst.SimpleString)]
    gone = set()
    # An import that a branch gave up stays in any case: the branch was there to bind it.
    before = set(imports.of(file.module.body))
    for node in before.intersection(imports.of(module.body)):
        for name, full in scopes.imports(node):
            source = full.partition(".")[0]
            unused = file.known.uses(name) and not known.uses(name) and known.bindings(name) == 1
            if unused and (source == "six" or source in sys.stdlib_module_names):
                word = re.compile(rf"\b{re.escape(name)}\b")
                if leftovers.removable(module, name) and not any(map(word.search, spoken)):
                    gone.add(name)
    return leftovers.without(module, gone) if gone else module
