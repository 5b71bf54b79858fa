"""Reads what the front matter of an improvement's page claims about speed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

_FRONT = re.compile(r"\A--- *\n(.*?)^--- *(?:\n|\Z)", re.MULTILINE | re.DOTALL)
_TEXTS = ("setup", "before", "after")
_KEYS = (*_TEXTS, "times")


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Two statements that do the same once ``setup`` ran, ``after`` so many ``times`` as fast."""

    setup: str
    before: str
    after: str
    times: float

    @property
    def sentence(self) -> str:
        """What was measured, in one sentence."""
        return f"Measured: {self.times:g} times as fast after the change; CPython 3.11; your figures differ."

    @property
    def code(self) -> str:
        """What was measured, as Python."""
        given = f"# given\n{self.setup}\n" if self.setup else ""
        return f"{given}# before\n{self.before}\n# after\n{self.after}"


def split(page: str) -> tuple[str, str]:
    """Return the front matter of a page (``""``: it has none) and the page that people read."""
    if not page.startswith("---"):
        return "", page
    found = _FRONT.match(page)
    if found is None:
        raise ValueError("front matter: no line `---` closes it")
    return found[1], page[found.end() :]


def read(page: str) -> Benchmark | None:
    """Return what a page claims, None when it claims nothing; ValueError says what is wrong with a claim."""
    front, _ = split(page)
    if not front:
        return None
    try:
        told = yaml.safe_load(front)
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise ValueError(
            f"front matter: no YAML; a statement with `: ` or ` #` stands in quotes or after `|`: {problem}"
        ) from None
    claim = _mapping(told, "front matter", ("benchmark",))["benchmark"]
    read = {"setup": "", **_mapping(claim, "benchmark", _KEYS)}
    if missing := [key for key in _KEYS if key not in read]:
        raise ValueError(f"benchmark: {missing[0]} is missing")
    texts = {key: _text(key, read[key]) for key in _TEXTS}
    return Benchmark(**texts, times=_times(read["times"]))


def _mapping(told: object, where: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(told, dict) or not told:
        raise ValueError(f"{where}: keys and values are wanted; known keys are {', '.join(known)}")
    if unknown := [key for key in told if key not in known]:
        raise ValueError(f"{where}: {unknown[0]} is none; known keys are {', '.join(known)}")
    return told


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"benchmark: {key} is {value!r}; quotes make a statement of it")  # noqa: TRY004 -- its text is the answer
    return value.strip("\n")


def _times(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 1:
        raise ValueError(f"benchmark: times is {value!r}, not a number above 1")
    return float(value)
