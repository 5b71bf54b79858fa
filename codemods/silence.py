"""Reads where a comment asks that nothing be changed: for Kotsu, or for a linter with the same complaint."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from codemods import changes

_IGNORE = re.compile(r"kotsu: ignore(?!-file)(?:\[([\w\-, ]+)\])?")
_LINTERS = re.compile(
    r"#\s*(?:noqa(?!:?\s*[A-Z]+\d+)|noqa:(?P<noqa>[^#\n]*)"
    r"|nosec(?!:?\s*B\d+)|nosec:?(?P<nosec>[^#\n]*)|pylint:\s*disable(?:-next)?=(?P<pylint>[^#\n]*))",
    re.IGNORECASE,
)
_WHOLE_FILE = re.compile(r"^\s*#\s*(?:ruff|flake8):\s*noqa(?P<some>:[^#\n]*)?\s*$", re.MULTILINE)
_WORDS = ("noqa", "nosec", "pylint")


def says_ignore(line: str, id_: str) -> bool:
    """Say whether a line carries ``kotsu: ignore``, or ``kotsu: ignore[id]`` with this id."""
    found = _IGNORE.search(line)
    return found is not None and (found[1] is None or id_ in re.split(r"[\s,]+", found[1].strip()))


def lines(text: str, id_: str, codes: Sequence[str]) -> frozenset[int]:
    """Return the lines, counted from 0, whose comment asks an improvement to leave them alone.

    ``codes`` are the names that linters have for the same thing; a bare ``noqa`` or ``nosec`` counts as all.
    """
    lowered = text.lower()
    if "kotsu: ignore" not in lowered and not (codes and any(word in lowered for word in _WORDS)):
        return frozenset()
    return frozenset(
        number + ("disable-next" in line)
        for number, line in enumerate(changes.lines(text))
        if silences(line, id_, codes)
    )


def silences(line: str, id_: str, codes: Sequence[str]) -> bool:
    """Say whether a line, or one of its comments, asks an improvement to leave it alone."""
    if says_ignore(line, id_):
        return True
    for found in _LINTERS.finditer(line) if codes else ():
        named = found["noqa"] or found["nosec"] or found["pylint"]
        if not named or not set(re.split(r"[\s,]+", named)).isdisjoint(codes):
            return True
    return False


@lru_cache(maxsize=2)
def _whole_file(text: str) -> tuple[str, ...]:
    return tuple(found["some"] or "" for found in _WHOLE_FILE.finditer(text)) if "noqa" in text else ()


def file(text: str, codes: Sequence[str]) -> bool:
    """Say whether a comment asks linters to pass over one of these codes, or all, in the whole file."""
    return bool(codes) and any(
        not some or not set(re.split(r"[\s,:]+", some)).isdisjoint(codes) for some in _whole_file(text)
    )
