"""Ends of months, quarters and years are `"ME"`, `"QE"` and `"YE"` in pandas 3; years begin with `"YS"`.

`"M"`, `"Q"`, `"A"` and `"Y"` raise `ValueError` there as steps of a range or a resampling; pandas 2.2 knows
both. Periods keep their names, but for `"A"`, which is `"Y"`. A text changes where it certainly is a
frequency of pandas. What is resampled changes only in a module that does not speak of periods.
"""

from __future__ import annotations

import libcst as cst

from codemods.migrations.pandas import frequencies
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Name ends of months, quarters and years as pandas 3 does",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A frame that comes from elsewhere and is indexed by periods is resampled by the old names.",
    references=(
        "https://pandas.pydata.org/docs/whatsnew/v2.2.0.html#deprecate-aliases-m-q-y-etc-in-favour-of-me-qe-ye-etc-for-offsets",
        "https://pandas.pydata.org/docs/user_guide/timeseries.html#offset-aliases",
    ),
    needles=(b"pandas",),
    pattern=rb"[\d\"'}\s](?:C?BM|SM|B?[QAY]|B?AS|[Mmqay])(?:-[A-Z]{3})?[\"'\d]",
    minutes=1,
    crosses=">=3",
    since="2.2",
)

_YEARS = {"Q": "QE", "BQ": "BQE", "A": "YE", "Y": "YE", "BA": "BYE", "BY": "BYE", "AS": "YS", "BAS": "BYS"}
_PLAIN = {"M": "ME", "BM": "BME", "CBM": "CBME", "SM": "SME", "m": "ME", "q": "QE", "a": "YE", "y": "YE"}
_TABLES = {
    frequencies.OFFSET: {**_YEARS, **_PLAIN, **{f"{old}-": f"{new}-" for old, new in _YEARS.items()}},
    frequencies.PERIOD: {"A": "Y", "A-": "Y-"},
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names of ends that pandas 3 knows."""
    return frequencies.renamed(module, _TABLES, spans=False)
