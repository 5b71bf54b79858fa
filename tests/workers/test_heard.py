"""What came of a trial: red, green, open, or nothing that could tell."""

from __future__ import annotations

import pytest

from workers import heard
from workers.halving import Outcome
from workers.heard import Ran

TESTS, TYPES = "tests", "types"


@pytest.mark.parametrize(
    ("ran", "waited", "late", "outcome"),
    [
        # What failed before says it.
        ([(TESTS, "failure")], False, False, Outcome.RED),
        ([(TESTS, "timed_out")], False, False, Outcome.RED),
        ([(TESTS, "error")], False, False, Outcome.RED),
        ([(TESTS, "success"), (TYPES, "failure")], False, False, Outcome.RED),
        ([(TESTS, ""), (TYPES, "failure")], False, False, Outcome.RED),
        ([(TESTS, "success"), (TYPES, "success")], False, False, Outcome.GREEN),
        # Another check has nothing to say here: it did not fail on the pull request.
        ([("deploy", "failure"), (TESTS, "success"), (TYPES, "success")], False, False, Outcome.GREEN),
        ([("deploy", "failure")], False, False, None),
        ([("deploy", "failure")], True, False, Outcome.NONE),
        # Of two runs of one name each counts.
        ([(TESTS, "success"), (TESTS, "failure"), (TYPES, "success")], False, False, Outcome.RED),
        ([(TESTS, "success"), (TESTS, ""), (TYPES, "success")], True, False, None),
        # What has not begun may still do so.
        ([], False, False, None),
        ([], True, False, Outcome.NONE),
        ([(TESTS, "success")], False, False, None),
        ([(TESTS, "success")], True, False, Outcome.GREEN),
        # What still runs is waited for, but not for ever.
        ([(TESTS, "")], True, False, None),
        ([(TESTS, "")], True, True, Outcome.NONE),
        ([(TESTS, "success"), (TYPES, "")], True, True, Outcome.GREEN),
        # What was skipped or cancelled says nothing.
        ([(TESTS, "skipped"), (TYPES, "skipped")], False, False, None),
        ([(TESTS, "skipped"), (TYPES, "neutral")], True, False, Outcome.NONE),
        ([(TESTS, "cancelled"), (TYPES, "success")], True, False, Outcome.GREEN),
        ([(TESTS, "stale"), (TYPES, "stale")], True, True, Outcome.NONE),
    ],
)
def test_only_the_checks_that_failed_before_can_tell(
    ran: list[tuple[str, str]], *, waited: bool, late: bool, outcome: Outcome | None
) -> None:
    runs = [Ran(name, conclusion) for name, conclusion in ran]
    found, failed = heard.of({TESTS, TYPES}, runs, waited=waited, late=late)
    assert found is outcome
    assert (failed is not None) == (outcome is Outcome.RED)


def test_the_check_that_failed_is_told() -> None:
    runs = [Ran("deploy", "failure"), Ran(TESTS, "failure", "https://ci.example/1", "E   assert")]
    assert heard.of({TESTS}, runs, waited=False, late=False)[1] == runs[1]
