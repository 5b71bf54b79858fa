"""Lists that are too long for one statement: databases bind some ten thousand values and no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
NAMED = 5000
"""Values that one statement may name where it cannot be cut."""
_SIZE = 500


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """Cut values to what one statement takes on either database."""
    listed = list(values)
    return (listed[start : start + _SIZE] for start in range(0, len(listed), _SIZE))
