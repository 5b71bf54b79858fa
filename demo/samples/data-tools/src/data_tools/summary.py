"""Figures about columns."""

import statistics
from typing import Dict, List

from data_tools.compat import cache
from data_tools.tables import Table


@cache
def names() -> List[str]:
    return ["least", "median", "most"]


def summarise(table: Table, column: str) -> Dict[str, float]:
    """Return the least, the median and the most of a column."""
    numbers = sorted(table.numbers(column))
    return dict(zip(names(), (numbers[0], statistics.median(numbers), numbers[-1])))
