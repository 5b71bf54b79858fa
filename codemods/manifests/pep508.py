"""Finds the parts of one PEP 508 requirement by their places in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import Requirement as Packaged
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from codemods.manifests.model import Clause

_LONGEST = 4096
_DEEPEST = 20
_NAME = re.compile(r"\s*([A-Za-z0-9](?:[\w.-]*\w)?)\s*(?:\[[^\]]*\])?\s*", re.ASCII)
_CLAUSE = re.compile(r"(===|==|~=|!=|<=|>=|<|>)\s*((?:\d+!)?[^\s,;()<>=!~]+)")


@dataclass(frozen=True, slots=True)
class Located:
    """A requirement's normalised name, clauses, marker and extras; ``direct``: it names an address.

    ``named`` are the bytes that the name stands in, None where it is not written in one piece with the rest.
    """

    name: str
    clauses: tuple[Clause, ...]
    marker: str
    direct: bool
    extras: tuple[str, ...] = ()
    named: tuple[int, int] | None = None


def locate(text: str, offset: int) -> Located | None:
    """Return the parts of a requirement that starts at byte ``offset``, or None when it is none.

    One character of ``text`` must be one byte of the file.
    """
    if not is_short(text):
        return None
    try:
        return _located(text, offset, Packaged(text.strip()))
    except ValueError:  # which is also said of a number with thousands of digits
        return None


def marker(text: str) -> str | None:
    """Return an environment marker as `packaging` writes it, ``""`` for none, None when it cannot be read."""
    try:
        return (str(Marker(text)) if text else "") if is_short(text) else None
    except InvalidMarker:
        return None


def is_short(text: str) -> bool:
    """Say whether a requirement or a marker may be one that people wrote: what reading costs has no bound."""
    return len(text.strip()) <= _LONGEST and text.count("(") <= _DEEPEST


def _located(text: str, offset: int, packaged: Packaged) -> Located | None:
    marker = str(packaged.marker) if packaged.marker else ""
    name = canonicalize_name(packaged.name)
    head = _NAME.match(text)
    if packaged.url or head is None:
        return Located(name, (), marker, direct=bool(packaged.url))
    end = text.find(";") if ";" in text else len(text)
    clauses = tuple(
        Clause(m[1], m[2], offset + m.start(), offset + m.start(2), offset + m.end())
        for m in _CLAUSE.finditer(text, head.end(), end)
    )
    if SpecifierSet(",".join(c.text for c in clauses)) != packaged.specifier:
        return None
    extras = tuple(sorted(map(canonicalize_name, packaged.extras)))
    named = (offset + head.start(1), offset + head.end(1))
    return Located(name, clauses, marker, direct=False, extras=extras, named=named)
