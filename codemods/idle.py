"""Reads what ruff says of files: how often it finds what, and which codes in comments silence nothing."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from codemods import inventory, places

Idle = Mapping[int, tuple[str, ...]]
"""The codes in one file's comments that silence nothing, by line (from 1)."""

_OWN = "RUF100"
_CODE = re.compile(r"(?!E9)[A-Z]+[0-9]+")
"""What is no code of a rule, or one of those, says that a file could not be read to its end."""
_ELSEWHERE = re.compile(r"(?:EXE|INP|TCH?|I)[0-9]+|A005|RUF10[0-9]")
"""Rules that look at other files too, or at comments such as these."""
_UNUSED = re.compile(r"(?:\(|; )unused: ((?:`[A-Z]+[0-9]+`(?:, )?)+)")
_NAMED = re.compile(rb"#[ \t]*(?i:noqa)[ \t]*:[ \t]*[A-Z]+[0-9]")


@dataclass(frozen=True, slots=True)
class Report:
    """What ruff says of one file: how often it finds what, by code, and which codes are idle.

    ``whole`` is False where it could not read the file to its end.
    """

    found: Mapping[str, int] = field(default_factory=dict)
    idle: Idle = field(default_factory=dict)
    whole: bool = True


def may_be(path: str, data: bytes) -> bool:
    """Say whether a file may hold a comment that names codes; samples hold what is meant to be there."""
    is_meant = inventory.is_sample(path) or places.is_generated(path, data)
    return _NAMED.search(data) is not None and not is_meant


def read(text: str, root: str) -> Mapping[str, Report]:
    """Return what ruff's JSON says of each file below a folder; ValueError for what is not its JSON."""
    said: dict[str, list[tuple[str, int, str]]] = {}
    try:
        for one in json.loads(text):
            path = str(one["filename"]).removeprefix(root).lstrip("/")
            about = str(one["code"] or ""), int(one["location"]["row"]), str(one["message"])
            said.setdefault(path, []).append(about)
    except (TypeError, KeyError) as error:
        raise ValueError("it is not what ruff says") from error
    return {path: _report(messages) for path, messages in said.items()}


def _report(messages: Sequence[tuple[str, int, str]]) -> Report:
    found = Counter(code for code, *_ in messages if code != _OWN)
    rows = Counter(row for code, row, _ in messages if code == _OWN)
    told = {row: tuple(_idle(message)) for code, row, message in messages if code == _OWN and rows[row] == 1}
    idle = {row: codes for row, codes in sorted(told.items()) if codes}
    return Report(dict(found), idle, all(map(_CODE.fullmatch, found)))


def _idle(message: str) -> Iterator[str]:
    """Yield the codes that a message calls unused; not those of rules that are off, or that nobody knows."""
    if unused := _UNUSED.search(message):
        codes = dict.fromkeys(re.findall(r"\w+", unused[1]))
        yield from (code for code in codes if not _ELSEWHERE.fullmatch(code))
