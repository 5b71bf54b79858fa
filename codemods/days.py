"""Reads the days that people write: 2025-06-01, June 2025, 21 March 2026, Q3 2025, 2025."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NTH = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:20(?!00)\d\d)(?![\w/]|[.-]\d)"

PERIOD = (
    r"(?:(?P<iso>20\d\d-\d\d-\d\d)(?!\d)|(?P<iso_month>20\d\d-\d\d)(?![\d-])"
    rf"|(?:(?P<day>{_NTH})\s+)?(?P<month>(?:{'|'.join(_MONTHS)})[a-z]*)\.?(?:\s+(?P<nth>{_NTH}))?"
    rf"(?:,\s*|/|\s+of\s+|\s+)(?P<month_year>{_YEAR})"
    rf"|Q(?P<quarter>[1-4])(?:\s+of\s+|[ /-])(?P<quarter_year>{_YEAR})|(?P<year>{_YEAR}))"
)
"""A day, a month, a quarter or a year; match it without regard to case."""


def period(found: re.Match[str]) -> tuple[date, date] | None:
    """Return the first and the last day of what `PERIOD` matched, None where the calendar has none such."""
    try:
        return _period(found)
    except ValueError:
        return None


def _period(found: re.Match[str]) -> tuple[date, date]:
    if found["iso"]:
        day = date.fromisoformat(found["iso"])
        return day, day
    if found["iso_month"]:
        year, month = map(int, found["iso_month"].split("-"))
        return _months(year, month, month)
    if found["month"]:
        return _of_month(found)
    if found["quarter"]:
        last = 3 * int(found["quarter"])
        return _months(int(found["quarter_year"]), last - 2, last)
    return _months(int(found["year"]), 1, 12)


def _of_month(found: re.Match[str]) -> tuple[date, date]:
    year, month = int(found["month_year"]), _MONTHS.index(found["month"][:3].lower()) + 1
    written = found["day"] or found["nth"]
    if not written:
        return _months(year, month, month)
    day = date(year, month, int(re.sub(r"\D", "", written)))
    return day, day


def _months(year: int, first: int, last: int) -> tuple[date, date]:
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])
