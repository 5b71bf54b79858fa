"""Divides a large improvement into parts, by owner and then by directory; what is open stays what it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, groupby

from codemods.model import Finding
from workers import patch
from workers.config import Limits
from workers.model import Past, mark
from workers.owners import Owners


@dataclass(frozen=True, slots=True)
class Part:
    """Part ``number`` of ``total``; ``owner`` is the one login or team of its files, ``""`` without one."""

    number: int
    total: int
    findings: tuple[Finding, ...]
    owner: str


@dataclass(frozen=True, slots=True)
class _File:
    """A file with its findings, and how many lines it adds and removes."""

    path: str
    findings: Sequence[Finding]
    lines: int


def divided(
    findings: Iterable[Finding], limits: Limits, owners: Owners, before: Mapping[int, Past]
) -> list[Part]:
    """Return one part where all of it can be reviewed at once, else several, by their numbers.

    ``findings`` are ordered by path; ``before`` are the parts that are open already, by number. Each of these
    goes on with its own files, whatever became of the others; what is left gets the numbers that are free.
    """
    files = list(_files(findings))
    made = _kept(files, limits, before)
    kept = {file.path for part in made.values() for file in part}
    rest = [file for file in files if file.path not in kept]
    batches = [rest] if _fits(files, limits) else _batches(rest, limits, owners)
    # An open one that has nothing left to do takes what waits: its number belongs to nobody else.
    idle = [number for number in sorted(before) if number not in made]
    free = (number for number in count(1) if number not in before)
    for batch in filter(None, batches):
        made[idle.pop(0) if idle else next(free)] = batch
    total = max(len(made), *made)
    return [
        Part(number, total, tuple(f for file in part for f in file.findings), _owner(part, owners))
        for number, part in sorted(made.items())
    ]


def _files(findings: Iterable[Finding]) -> Iterator[_File]:
    for path, group in groupby(findings, key=lambda f: f.path):
        of_file = list(group)
        edit = of_file[0].edit
        yield _File(path, of_file, sum(patch.count([edit])) if edit else 0)


def _kept(files: Sequence[_File], limits: Limits, before: Mapping[int, Past]) -> dict[int, list[_File]]:
    """Return what each open part goes on with; one that is the whole takes what is new while all fits."""
    if len(before) == 1 and _fits(files, limits):
        ((number, past),) = before.items()
        if past.parts == 1:
            return {number: list(files)}
    kept: dict[int, list[_File]] = {}
    waiting = {mark(file.path): file for file in files}
    for number, past in sorted(before.items()):
        if mine := [waiting.pop(name) for name in past.marks if name in waiting]:
            kept[number] = sorted(mine, key=lambda file: file.path)
    return kept


def _batches(files: Sequence[_File], limits: Limits, owners: Owners) -> list[list[_File]]:
    """Return the files in batches that fit, none of which has files of different owners."""
    by_owner: dict[tuple[str, ...], list[_File]] = {}
    for file in files:
        by_owner.setdefault(owners.of(file.path), []).append(file)
    batches = [batch for own in by_owner.values() for batch in _packed(_units(own, limits), limits)]
    return sorted(batches, key=lambda batch: batch[0].path)


def _units(files: Sequence[_File], limits: Limits) -> Iterator[Sequence[_File]]:
    """Yield what stays together: whole directories where they fit, else what is in them."""
    waiting = [(0, files)]
    while waiting:
        depth, some = waiting.pop()
        if len(some) == 1 or _fits(some, limits):
            yield some
        else:
            inside = [list(g) for _, g in groupby(some, key=lambda f, d=depth: f.path.split("/")[d])]  # type: ignore[misc]
            waiting += [(depth + 1, group) for group in reversed(inside)]


def _packed(units: Iterable[Sequence[_File]], limits: Limits) -> Iterator[list[_File]]:
    """Yield neighbours together as long as they fit."""
    batch: list[_File] = []
    for unit in units:
        if batch and not _fits([*batch, *unit], limits):
            yield batch
            batch = []
        batch = [*batch, *unit]
    if batch:
        yield batch


def _fits(files: Sequence[_File], limits: Limits) -> bool:
    return len(files) <= limits.files and sum(file.lines for file in files) <= limits.lines


def _owner(files: Sequence[_File], owners: Owners) -> str:
    """Return the one login or team that owns all of the files; the address of a mail is no login."""
    found = {owners.of(file.path) for file in files}
    names = [name for name in found.pop() if "@" not in name] if len(found) == 1 else []
    return names[0] if len(names) == 1 else ""
