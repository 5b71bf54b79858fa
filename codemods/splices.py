"""Edits as byte spans: what no splice names stays as it is, to the byte."""

from __future__ import annotations

from collections.abc import Iterable

from codemods.model import Splice


def apply(data: bytes, splices: Iterable[Splice]) -> bytes:
    """Return ``data`` with every splice written; ValueError when two overlap or one is out of bounds."""
    parts, position = [], 0
    for splice in sorted(splices, key=lambda s: (s.start, s.end)):
        if not position <= splice.start <= splice.end <= len(data):
            raise ValueError(f"splice {splice.start}:{splice.end} overlaps another or leaves the file")
        parts += [data[position : splice.start], splice.text]
        position = splice.end
    return b"".join([*parts, data[position:]])


def line_of(data: bytes, offset: int) -> int:
    """Return the number, from 1, of the line in which a byte offset stands."""
    return data.count(b"\n", 0, offset) + 1
