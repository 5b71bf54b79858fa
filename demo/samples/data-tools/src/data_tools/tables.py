"""Tables and what they are made of."""

import csv
import sys
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple, Union

import attrs

Row = Dict[str, str]


@attrs.frozen
class Table:
    """Rows with the same columns."""

    columns: Tuple[str, ...]
    rows: List[Row]

    def column(self, name: str) -> List[str]:
        return [row[name] for row in self.rows]

    def numbers(self, name: str) -> Iterator[float]:
        for text in self.column(name):
            yield float(text)

    def first(self) -> Optional[Row]:
        return self.rows[0] if self.rows else None

    def without_prefix(self, prefix: str) -> List[str]:
        if sys.version_info < (3, 9):
            return [c[len(prefix):] if c.startswith(prefix) else c for c in self.columns]
        return [c.removeprefix(prefix) for c in self.columns]


def read(path: Union[str, Path]) -> Table:
    """Return the table in a CSV file."""
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        return Table(tuple(reader.fieldnames or ()), rows)
