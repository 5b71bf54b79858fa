"""Reads poetry's own notation of versions as the comparisons that it stands for, and writes it again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from codemods.manifests.model import Clause

CARET = "^"
TILDE = "~"
UNION = ""
OPERATORS = frozenset({CARET, TILDE, UNION})
"""The operators that only poetry knows; a union has none, its version is the whole text."""

_COMPARISON = r"(?:(?:\^|~=|~|==|!=|<=|>=|<|>|=)[ \t]*)?\d[\w.!+*]*"
_ALL = re.compile(rf"[ \t]*{_COMPARISON}(?:(?:[ \t]*,[ \t]*|[ \t]+){_COMPARISON})*[ \t]*", re.ASCII)
_ONE = re.compile(r"([\^~=!<>]*)[ \t]*(\d[\w.!+*]*)", re.ASCII)
_OR = re.compile(r"[ \t]*\|\|?[ \t]*")
_RANGE = re.compile(r">=(\d[^,]*),<(\d[^,]*)")
_LONGEST = 500
_COUNTED = 3
_TILDE_COUNTED = 2


def specifier(text: str) -> str | None:
    """Return the PEP 440 specifier that a constraint means, or that a union lies within; None for neither."""
    found = clauses(text, 0)
    return None if found is None else ",".join(c.text for c in found)


def clauses(text: str, start: int) -> tuple[Clause, ...] | None:
    """Return the comparisons of a constraint that starts at byte ``start``; None if it is not understood."""
    if len(text) > _LONGEST:
        return None
    if "|" in text:
        return _union(text, start)
    if text.strip(" \t") in {"*", ""}:
        return ()
    if not _ALL.fullmatch(text):
        return None
    try:
        found = tuple(_clause(m, start) for m in _ONE.finditer(text))
        SpecifierSet(",".join(c.text for c in found))
    except (InvalidSpecifier, ValueError):  # a ValueError too: a number of thousands of digits
        return None
    return found


def _clause(part: re.Match[str], start: int) -> Clause:
    operator, version = part[1] if part[1] not in {"", "="} else "==", part[2]
    meaning = f">={version},<{_cap(operator, _plain(version).release)}" if operator in OPERATORS else ""
    return Clause(operator, version, start + part.start(), start + part.start(2), start + part.end(), meaning)


def _plain(text: str) -> Version:
    """Return a version without epoch and local part; InvalidVersion for any other."""
    version = Version(text)
    if version.epoch or version.local:
        raise InvalidVersion(text)
    return version


def _cap(operator: str, release: Sequence[int]) -> str:
    """Return what a caret or tilde stays below, with as many parts as the caret has.

    Of a caret the leftmost part that is not zero may not change, of a tilde the minor, or the major alone.
    """
    if operator == TILDE:
        deciding = min(len(release), _TILDE_COUNTED) - 1
        parts = deciding + 1
    else:
        counted = release[:_COUNTED]
        deciding = next((i for i, part in enumerate(counted) if part), len(counted) - 1)
        parts = len(release)
    return _joined((*release[:deciding], release[deciding] + 1), parts)


def _joined(release: Sequence[int], parts: int) -> str:
    return ".".join(map(str, (*release, *[0] * parts)[:parts]))


def _union(text: str, start: int) -> tuple[Clause, ...] | None:
    """Return a union of ranges as one clause that means all between the lowest floor and the highest cap."""
    ranges = [_RANGE.fullmatch(specifier(part) or "") for part in _OR.split(text.strip(" \t"))]
    bounds = [(m[1], m[2]) for m in ranges if m]
    if len(bounds) < len(ranges):
        return None
    floor, cap = min((b[0] for b in bounds), key=Version), max((b[1] for b in bounds), key=Version)
    written = text.strip(" \t")
    at = start + text.index(written)
    return (Clause(UNION, written, at, at, at + len(written), f">={floor},<{cap}"),)


def moved(clause: Clause, version: Version, *, keep_floor: bool) -> str | None:
    """Return a caret, tilde or union that a newer version is in, in its own notation; None when none is.

    A caret or tilde goes to the version with as many parts as it has. Where its floor must stay
    (``keep_floor``) it becomes a range instead. A union gets one alternative more.
    """
    if clause.operator == UNION:
        return _with_alternative(clause.version, version)
    written = Version(clause.version)
    if written > version or version.epoch:
        return None
    number = _shaped(version, len(written.release))
    if not keep_floor:
        return f"{clause.operator}{number}"
    return f">={clause.version},<{_cap(clause.operator, Version(number).release)}"


def _with_alternative(union: str, version: Version) -> str | None:
    """Return a union with the series of a version behind its last alternative, which must be a caret."""
    last = clauses(_OR.split(union)[-1], 0) or ()
    or_ = _OR.search(union)
    if or_ is None or len(last) != 1 or last[0].operator != CARET or version.epoch or version.is_prerelease:
        return None
    written = Version(last[0].version)
    if written > version:
        return None
    deciding = next((i for i, part in enumerate(version.release[:_COUNTED]) if part), 0)
    parts = max(len(written.release), deciding + 1)
    return f"{union}{or_[0]}{CARET}{_joined(version.release[: deciding + 1], parts)}"


def _shaped(version: Version, parts: int) -> str:
    """Return a version with so many parts of its number, and with its suffix if it is a pre-release."""
    suffix = version.public[len(version.base_version) :] if version.is_prerelease else ""
    return _joined(version.release, parts) + suffix


def marker(pythons: str) -> str | None:
    """Return the environment marker of a constraint on Python, ``""`` for any, None if it cannot be read."""
    alternatives = [specifier(part) for part in re.split(r"\|\|?", pythons)]
    if None in alternatives:
        return None
    if "" in alternatives:
        return ""
    return " or ".join(_compared(SpecifierSet(one)) for one in alternatives if one)


def _compared(wanted: SpecifierSet) -> str:
    # Only the full version compares with 3.8.1, and 3.8 as a full version is 3.8.0.
    return " and ".join(sorted(f'python_full_version {one.operator} "{one.version}"' for one in wanted))
