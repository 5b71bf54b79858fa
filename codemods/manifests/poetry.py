"""Reads poetry's own notation of versions as the comparisons that it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

_PART = re.compile(r"(\^|~=|~|===|==|!=|<=|>=|<|>|=)?\s*(\S+)")


def specifier(text: str) -> str | None:
    """Return the PEP 440 specifier that a constraint means; None for a union or what is none."""
    text = text.strip()
    if text in {"*", ""}:
        return ""
    if "|" in text:
        return None
    try:
        parts = [part for word in re.split(r"\s*,\s*", text) for part in _meant(word)]
        return str(SpecifierSet(",".join(parts)))
    except (InvalidSpecifier, InvalidVersion, ValueError):
        return None


def _meant(word: str) -> Iterator[str]:
    found = _PART.fullmatch(word)
    if not found:
        raise ValueError(f"no constraint: {word}")
    operator, version = found[1] or "", found[2]
    if operator in {"^", "~"}:
        release = Version(version).release
        yield f">={version}"
        yield f"<{_caret(release) if operator == '^' else _tilde(release)}"
    else:
        yield f"{'==' if operator in {'', '='} else operator}{version}"


def _caret(release: tuple[int, ...]) -> str:
    """Return the cap of a caret: the leftmost part that is not zero may not change."""
    deciding = next((i for i, part in enumerate(release) if part), len(release) - 1)
    return ".".join(map(str, (*release[:deciding], release[deciding] + 1)))


def _tilde(release: tuple[int, ...]) -> str:
    """Return the cap of a tilde: the minor may not change where there is one, else the major."""
    kept = release[:2]
    return ".".join(map(str, (*kept[:-1], kept[-1] + 1)))
