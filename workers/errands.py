"""What can be asked of a process that is not believed: how it is done there, and its answer read here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from codemods import engine, registry
from codemods.engine import Examined
from codemods.model import Edit, Finding, Problem


class Task(Protocol):
    """A file, and what is asked of it."""

    @property
    def path(self) -> str:
        """Where it stands."""

    @property
    def data(self) -> bytes:
        """Its bytes."""


Asked = TypeVar("Asked", bound=Task)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Errand(Generic[Asked, Result]):
    """Something that is asked of files, here or in another process.

    ``written`` says there in JSON what came of a task, ``read`` returns it here: ValueError for what nobody
    can have meant. ``lost`` is what stands for a file of which nothing came, and why.
    """

    do: Callable[[Asked], Result]
    written: Callable[[Result], str]
    read: Callable[[Asked, Any], Result]
    lost: Callable[[Asked, str], Result]

    def __call__(self, task: Asked) -> Result:
        """Do it here."""
        return self.do(task)


class Spread(Protocol):
    """How tasks are spread over processes: ``map`` does all of them here; the order does not matter."""

    def __call__(self, errand: Errand[Asked, Result], tasks: Iterable[Asked], /) -> Iterable[Result]:
        """Return what came of each task."""


def _written(examined: Examined) -> str:
    found = {id_: _settled(findings) for id_, findings in examined.findings.items()}
    return json.dumps([found, [[p.line, p.message] for p in examined.problems]])


def _settled(findings: Sequence[Finding]) -> list[object]:
    edit = next((f.edit for f in findings if f.edit), None)
    return [span(edit) if edit else None, [[f.line, f.message, f.edit is not None] for f in findings]]


def _read(task: engine.Task, said: Any) -> Examined:  # noqa: ANN401 -- whatever it said
    known = {registry.load(module).id for module, _ in task.wanted}
    match said:
        case [dict(found), list(problems)] if found.keys() <= known:
            findings = {id_: tuple(_revived(task, id_, one)) for id_, one in found.items()}
            return Examined(task.path, findings, tuple(_problem(task, one) for one in problems))
    raise ValueError("no answer about a file")


def _revived(task: engine.Task, id_: str, said: Any) -> list[Finding]:  # noqa: ANN401 -- the same
    match said:
        case [None, list(findings)]:
            edit = None
        case [[int(start), int(end), str(text)], list(findings)] if 0 <= start <= end <= len(task.data):
            edit = edited(task.path, task.data, (start, end, text))
        case _:
            raise ValueError("no findings")
    return [_finding(task, id_, one, edit) for one in findings]


def _finding(task: engine.Task, id_: str, said: Any, edit: Edit | None) -> Finding:  # noqa: ANN401 -- the same
    match said:
        case [int(line), str(message), bool(changes)] if not changes or edit:
            return Finding(id_, task.path, line, message, edit if changes else None)
    raise ValueError("no finding")


def _problem(task: engine.Task, said: Any) -> Problem:  # noqa: ANN401 -- the same
    match said:
        case [int(line), str(message)]:
            return Problem(task.path, line, message)
    raise ValueError("no problem")


def _lost(task: engine.Task, why: str) -> Examined:
    return Examined(task.path, {}, (Problem(task.path, 1, f"skipped: {why}"),))


EXAMINE: Errand[engine.Task, Examined] = Errand(engine.examine, _written, _read, _lost)
"""Run improvements over a file."""


def span(edit: Edit) -> tuple[int, int, str]:
    """Return the one span in which a file differs, and what stands there then, byte by byte."""
    before, after = edit.before or b"", edit.after or b""
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    return start, len(before) - end, after[start : len(after) - end].decode("latin-1")


def edited(path: str, data: bytes, said: tuple[int, int, str]) -> Edit:
    """Return the edit of which a span was kept."""
    start, end, text = said
    return Edit(path, data, data[:start] + text.encode("latin-1") + data[end:])


def _common(one: bytes, other: bytes) -> int:
    """Return the length of the common prefix."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
