"""Runs every improvement that can be a hit over one file: one decode, one parse, shared by all."""

from __future__ import annotations

import ast
import gc
import io
import re
import tokenize
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from codemods import (
    alignment,
    changes,
    document,
    fulfilled,
    names,
    nesting,
    places,
    registry,
    shipped,
    silence,
    source,
    splices,
    writing,
)
from codemods.model import About, Advice, Edit, Facts, Finding, Problem, Splice

LARGEST = 2 * 1024 * 1024
"""Bytes of the largest file that is read; what is larger was hardly written by hand."""

_BOM = b"\xef\xbb\xbf"


class Unreadable(Exception):  # noqa: N818 -- it says what the file is
    """A file that cannot be judged; its text is the sentence people read."""


@dataclass(frozen=True, slots=True)
class Task:
    """One file, and the improvements (by module name) that want to see it, each with its facts."""

    path: str
    data: bytes
    wanted: tuple[tuple[str, Facts], ...]


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of one task: findings by improvement id (each id that ran is there), and problems."""

    path: str
    findings: dict[str, tuple[Finding, ...]]
    problems: tuple[Problem, ...] = ()


def kinds_of(path: str) -> tuple[str, ...]:
    """Return the per-file kinds of improvement that read such a path."""
    if path.endswith((".py", ".pyi")):
        return ("python", "migrations", "comments")
    own = tuple(kind for kind, is_such in places.KINDS.items() if is_such(path))
    return (*own, "comments") if source.readable(path) else own


def applies(improvement: registry.Improvement, facts: Facts) -> bool:
    """Say whether the lowest Python, and that of a migration's library, are high enough for it."""
    python, needed = improvement.about.requires_python, improvement.since
    if python is not None and (facts.floor is None or facts.floor < python):
        return False
    lowest = facts.dependencies.get(improvement.distribution)
    return needed is None or (lowest is not None and lowest >= needed)


def reads(improvement: registry.Improvement | shipped.Migration, path: str) -> bool:
    """Say whether an improvement looks at files of such a path at all."""
    is_left = places.is_foreign(path) or (places.is_test(path) and not improvement.about.tests)
    return not is_left and improvement.kind in kinds_of(path)


def needed(data: bytes, modules: Iterable[str]) -> tuple[str, ...]:
    """Return the modules of the improvements that may have something to say about a file: see `About`."""
    words = frozenset(data.translate(_SPACED).split())
    return tuple(m for m in modules if _may_hit(registry.load(m).about, data, words))


def concerns(about: About, data: bytes) -> bool:
    """Say whether something may have to say anything about a file: see `About`."""
    return _may_hit(about, data, frozenset(data.translate(_SPACED).split()))


def _may_hit(about: About, data: bytes, words: frozenset[bytes]) -> bool:
    if about.needles and words.isdisjoint(about.needles):
        phrases = (n for n in about.needles if not _WORD(n))
        if not any(phrase in data for phrase in phrases):
            return False
    return not about.pattern or re.search(about.pattern, data) is not None


_WORD = re.compile(rb"\w+").fullmatch
_SPACED = bytes(c if _WORD(bytes([c])) else 32 for c in range(256))
"""Turns all that is no part of a word into spaces: one pass finds every improvement's needles."""


def module(path: str, data: bytes) -> cst.Module:
    """Return the syntax tree of a Python file; Unreadable says why there is none."""
    return _opened(path, data).module


def commented(path: str, data: bytes) -> source.Source:
    """Return a file whose comments can be read; Unreadable says why there is none."""
    return _opened(path, data).source


def skimmed(path: str, data: bytes) -> ast.Module | None:
    """Return a file of Python as the worker's own Python reads it, None where it cannot."""
    try:
        return _opened(path, data).tree
    except Unreadable:
        return None


def text(path: str, data: bytes) -> str:
    """Return the text of a file that can be judged; Unreadable says why it cannot."""
    found = _opened(path, data).text
    if nesting.too_deep(found):
        raise Unreadable("nested too deeply")
    return found


def replaced(id_: str, path: str, data: bytes, new: str) -> list[Finding]:
    """Return what an improvement of that id would find that makes another text of a file.

    Unreadable and ValueError say why it cannot be what the file becomes.
    """
    file = _File(path, data)
    return list(_changed(file, parse(new), new, id_, None))


def examine(task: Task) -> Examined:
    """Run a task's improvements over its file; a file or an improvement that fails becomes a problem."""
    try:
        file = _opened(task.path, task.data)
    except Unreadable as error:
        return Examined(task.path, {}, (Problem(task.path, 1, f"skipped: {error}"),))
    with no_garbage():
        return _examine(task, file)


@contextmanager
def no_garbage() -> Iterator[None]:
    """Hold the collector back: a tree of many small nodes has no cycles, and looking for some costs half."""
    held = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if held:
            gc.enable()


def _examine(task: Task, file: _File) -> Examined:
    found: dict[str, tuple[Finding, ...]] = {}
    problems: list[Problem] = []
    # Who sifts comes last: once a file is parsed for another, sifting would save nothing.
    for name, facts in sorted(task.wanted, key=lambda wanted: _sift(registry.load(wanted[0])) is not None):
        improvement = registry.load(name)
        try:
            found[improvement.id] = tuple(_RUN[improvement.kind](improvement, file, facts))
        except Unreadable as error:
            found[improvement.id] = ()
            problems.append(Problem(task.path, 1, f"skipped: {error}"))
        except RecursionError:
            problems.append(Problem(task.path, 1, "skipped: nested too deeply"))
        except MemoryError:
            problems.append(Problem(task.path, 1, "skipped: it takes too much memory"))
        except Exception as error:  # noqa: BLE001 -- one place catches: a bug here must not cost the scan
            message = f"{improvement.id} failed: {type(error).__name__}: {error}"
            problems.append(Problem(task.path, 1, message))
    return Examined(task.path, found, tuple(dict.fromkeys(problems)))


class _File:
    """One file, decoded and parsed at most once, whatever number of improvements look at it."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path, self.data = path, data

    @cached_property
    def bom(self) -> bytes:
        return _BOM if self.data.startswith(_BOM) else b""

    @cached_property
    def encoding(self) -> str:
        if not self.path.endswith((".py", ".pyi")):
            return "utf-8"
        try:
            return tokenize.detect_encoding(io.BytesIO(self.data).readline)[0].replace("utf-8-sig", "utf-8")
        except SyntaxError as error:
            raise Unreadable(f"its encoding cannot be told ({error})") from error

    @cached_property
    def text(self) -> str:
        try:
            text = self.data[len(self.bom) :].decode(self.encoding)
        except (UnicodeError, LookupError) as error:
            raise Unreadable(f"it is not {self.encoding}") from error
        if "\0" in text:
            raise Unreadable("it holds NUL bytes")
        if self.encoding != "utf-8" and text.encode(self.encoding) != self.data:
            raise Unreadable(f"its {self.encoding} can be written in two ways")
        return text

    @cached_property
    def tree(self) -> ast.Module | None:
        """The file as the worker's own Python reads it; None where it cannot: libcst judges, not this."""
        return _tree(self.text)

    @property
    def module(self) -> cst.Module:
        if isinstance(self.parsed, Unreadable):
            raise Unreadable(*self.parsed.args)
        return self.parsed

    @cached_property
    def parsed(self) -> cst.Module | Unreadable:
        """The tree, or why there is none: to find that out once is enough, too."""
        try:
            return writing.remember(parse(self.text), self.text)
        except Unreadable as error:
            return error

    @cached_property
    def document(self) -> document.Document:
        try:
            return document.read(self.data, self.path)
        except document.Invalid as error:
            raise Unreadable(str(error)) from error

    @cached_property
    def source(self) -> source.Source:
        return source.read(self.path, self.data, self.text)


def _opened(path: str, data: bytes) -> _File:
    """Return a file that is not too large to be read; Unreadable says so."""
    if len(data) > LARGEST:
        raise Unreadable(f"larger than {LARGEST // 1024} KiB")
    return _File(path, data)


def _tree(text: str) -> ast.Module | None:
    """Return what this Python makes of a text, None where it cannot; its parser never ends the process."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def parse(text: str) -> cst.Module:
    """Parse Python source; Unreadable when it is none, or when it is nested too deeply."""
    if nesting.too_deep(text):
        raise Unreadable("nested too deeply")
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise Unreadable(f"it does not parse (line {error.raw_line})") from error
    except (cst.CSTLogicError, cst.CSTValidationError) as error:
        # Syntax that is newer than libcst, or keywords without a space, can take it out of its stride.
        raise Unreadable("it does not parse") from error


def _sift(improvement: registry.Improvement) -> Callable[[ast.Module], bool] | None:
    found: Callable[[ast.Module], bool] | None = getattr(improvement.module, "sift", None)
    return found


def _sifted_out(improvement: registry.Improvement, file: _File) -> bool:
    sift = _sift(improvement)
    return bool(sift and "parsed" not in vars(file) and file.tree and not sift(file.tree))


def _run_python(improvement: registry.Improvement, file: _File, facts: Facts) -> Iterator[Finding]:
    if _sifted_out(improvement, file) or silence.file(file.text, improvement.about.codes):
        return
    after = improvement.module.rewrite(file.module, facts)
    if after is file.module:
        return
    try:
        text = writing.edited(file.module, after)
    except writing.DifferentError:
        raise Unreadable("it does not survive a round trip") from None
    yield from _changed(file, after, text, improvement.id, improvement.about)


def _changed(file: _File, after: cst.Module, text: str, id_: str, about: About | None) -> Iterator[Finding]:
    """Yield what changes in a file if it becomes a text, but for the lines that are to be left alone."""
    if ignored := _ignored_lines(file, id_, about.codes if about else ()):
        text = _whole(file, after, changes.kept(file.text, text, ignored))
    if text == file.text:
        return
    if about and about.asked_for:
        asked = re.compile(about.asked_for, re.IGNORECASE)
        text = fulfilled.without(file.source, file.module, text, asked)
    _checked(text)
    edit = _edit(file, file.bom + text.encode(file.encoding))
    for line, message in changes.described(file.text, text):
        yield Finding(id_, file.path, line, message, edit)


def _checked(text: str) -> None:
    """Raise ValueError for what is no Python; what this Python cannot read, libcst judges."""
    if _tree(text) is None:
        try:
            parse(text)
        except Unreadable as error:
            raise ValueError(f"what it made is wrong: {error}") from error


def _whole(file: _File, after: cst.Module, text: str) -> str:
    """Return a text of which lines were taken back; the file's own where a name would miss its import."""
    bound = names.Names(after).unbound()
    missing = names.Names(parse(text)).unbound() - bound - names.of(file.module).unbound()
    return file.text if missing else text


def _edit(file: _File, after: bytes) -> Edit:
    """Return the edit, unless a line that moved up among the first two would be taken for an encoding."""
    try:
        same = _File(file.path, after).encoding == file.encoding
    except Unreadable:
        same = False
    if not same:
        raise Unreadable("its first lines would say another encoding than the file has")
    return Edit(file.path, file.data, after)


def _ignored_lines(file: _File, id_: str, codes: Sequence[str]) -> frozenset[int]:
    """Return the lines, counted from 0, of the statements that a comment says to leave alone."""
    marked = silence.lines(file.text, id_, codes)
    if not marked:
        return frozenset()
    spans = [range(n, n + 1) for n in marked]
    places = alignment.positions(file.module)
    for node, place in places.items():
        if isinstance(node, cst.SimpleStatementLine):
            spans.append(range(place.start.line - 1, place.end.line))
        elif isinstance(node, cst.BaseCompoundStatement):
            spans.append(range(place.start.line - 1, places[node.body].start.line - 1))
    return frozenset(n for span in spans if not marked.isdisjoint(span) for n in span)


def _run_spliced(improvement: registry.Improvement, file: _File, facts: Facts) -> Iterator[Finding]:
    try:
        readable = file.document if improvement.kind in _DOCUMENTS else file.source
    except Unreadable:
        if improvement.kind == "alerts":
            # Any YAML file may hold alerts: a template, or one of several documents, is nobody's mistake.
            return
        raise
    results: Sequence[Splice | Advice] = list(improvement.module.rewrite(readable, facts))
    kept = [r for r in results if not silence.says_ignore(_line_at(file.data, r.start), improvement.id)]
    edits = [r for r in kept if isinstance(r, Splice)]
    edit = _edit(file, splices.apply(file.data, edits)) if edits else None
    if edit and edit.after and improvement.kind in _DOCUMENTS:
        try:
            document.read(edit.after)
        except document.Invalid as error:
            raise ValueError(f"what it made is wrong: {error}") from error
    for result in kept:
        if result.message:
            line = splices.line_of(file.data, result.start)
            with_edit = edit if isinstance(result, Splice) else None
            yield Finding(improvement.id, file.path, line, result.message, with_edit)


_DOCUMENTS = ("workflows", "compose", "alerts", "dependabot")
"""The kinds that read a file as one YAML document."""
_RUN: dict[str, Callable[[registry.Improvement, _File, Facts], Iterable[Finding]]] = {
    "python": _run_python,
    "migrations": _run_python,
    **dict.fromkeys((*_DOCUMENTS, "containers", "servers", "comments"), _run_spliced),
}


def _line_at(data: bytes, offset: int) -> str:
    start = data.rfind(b"\n", 0, offset) + 1
    end = data.find(b"\n", offset)
    return data[start : len(data) if end < 0 else end].decode("utf-8", "replace")
