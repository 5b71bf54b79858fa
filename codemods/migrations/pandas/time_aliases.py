"""Hours, minutes, seconds and less have lower-case names in pandas 3: `"h"`, `"min"`, `"s"`, `"ms"`.

`"H"`, `"T"`, `"S"`, `"L"`, `"U"` (`"us"`) and `"N"` (`"ns"`) raise `ValueError` there as frequencies. The new
names mean the same and are known since before pandas 1. A text changes where it certainly is one of pandas:
as an argument of its functions, and of methods where it is certain what they are asked of.
"""

from __future__ import annotations

import libcst as cst

from codemods.migrations.pandas import frequencies
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Name hours, minutes and seconds as pandas 3 does",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: each new name is the same frequency in every pandas.",
    references=(
        "https://pandas.pydata.org/docs/whatsnew/v2.2.0.html#other-deprecations",
        "https://pandas.pydata.org/docs/user_guide/timeseries.html#offset-aliases",
    ),
    needles=(b"pandas",),
    pattern=rb"[\d\"'}\s](?:C?BH|[HTSLUNtlun])[\"'\d-]",
    minutes=1,
    crosses=">=3",
    since="1.0",
)

_LARGE = {"H": "h", "T": "min", "S": "s", "L": "ms", "U": "us", "N": "ns"}
_SMALL = {"t": "min", "l": "ms", "u": "us", "n": "ns"}
_TABLES = {
    frequencies.OFFSET: {**_LARGE, **_SMALL, "BH": "bh", "CBH": "cbh"},
    frequencies.PERIOD: _LARGE,
    frequencies.DURATION: _LARGE,
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names of times that pandas 3 knows."""
    return frequencies.renamed(module, _TABLES)
