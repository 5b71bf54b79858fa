"""What counts as the same with and without a zone is the same."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from codemods.python import aware_utcnow


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.datetimes())
def test_each_part_and_method_is_the_same_with_utc(naive: datetime) -> None:
    aware = naive.replace(tzinfo=UTC)
    for part in aware_utcnow._ZONELESS_PARTS:
        assert getattr(naive, part) == getattr(aware, part)
    for method in aware_utcnow._ZONELESS_METHODS:
        assert getattr(naive, method)() == getattr(aware, method)()
        assert type(getattr(naive, method)()) is type(getattr(aware, method)())
    assert naive.strftime("%c %x %X %j %U %s %%") == aware.strftime("%c %x %X %j %U %s %%")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.floats(min_value=-1e9, max_value=1e11))
def test_a_timestamp_reads_as_before(moment: float) -> None:
    # What it replaces is written out here, as calling it warns from Python 3.12 on.
    aware = datetime.fromtimestamp(moment, UTC).replace(tzinfo=None)
    assert abs((aware - datetime(1970, 1, 1)).total_seconds() - moment) < 1e-5  # noqa: DTZ001 -- naive is meant
