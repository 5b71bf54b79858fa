"""What came of a trial: red, green, open, or nothing that could tell."""

from __future__ import annotations

import pytest

from workers import heard
from workers.checks import Standing
from workers.halving import Outcome
from workers.heard import Ran

TESTS, TYPES = "tests", "types"


@pytest.mark.parametrize(
    ("ran", "waited", "late", "outcome"),
    [
        # What failed before says it.
        ([(TESTS, Standing.FAILED)], False, False, Outcome.RED),
        ([(TESTS, Standing.PASSED), (TYPES, Standing.FAILED)], False, False, Outcome.RED),
        ([(TESTS, Standing.RUNNING), (TYPES, Standing.FAILED)], False, False, Outcome.RED),
        ([(TESTS, Standing.PASSED), (TYPES, Standing.PASSED)], False, False, Outcome.GREEN),
        # Another check has nothing to say here: it did not fail on the pull request.
        (
            [("deploy", Standing.FAILED), (TESTS, Standing.PASSED), (TYPES, Standing.PASSED)],
            False,
            False,
            Outcome.GREEN,
        ),
        ([("deploy", Standing.FAILED)], False, False, None),
        ([("deploy", Standing.FAILED)], True, False, Outcome.NONE),
        ([(TESTS, Standing.FLAKY), (TYPES, Standing.PASSED)], False, False, Outcome.GREEN),
        # What has not begun may still do so.
        ([], False, False, None),
        ([], True, False, Outcome.NONE),
        ([(TESTS, Standing.PASSED)], False, False, None),
        ([(TESTS, Standing.PASSED)], True, False, Outcome.GREEN),
        # What still runs is waited for, but not for ever.
        ([(TESTS, Standing.RUNNING)], True, False, None),
        ([(TESTS, Standing.RUNNING)], True, True, Outcome.NONE),
        ([(TESTS, Standing.PASSED), (TYPES, Standing.RUNNING)], True, True, Outcome.GREEN),
        # What was skipped or cancelled says nothing.
        ([(TESTS, Standing.SKIPPED), (TYPES, Standing.SKIPPED)], False, False, None),
        ([(TESTS, Standing.SKIPPED), (TYPES, Standing.VOID)], True, False, Outcome.NONE),
        ([(TESTS, Standing.VOID), (TYPES, Standing.PASSED)], True, False, Outcome.GREEN),
        ([(TESTS, Standing.VOID), (TYPES, Standing.VOID)], True, True, Outcome.NONE),
    ],
)
def test_only_the_checks_that_failed_before_can_tell(
    ran: list[tuple[str, Standing]], *, waited: bool, late: bool, outcome: Outcome | None
) -> None:
    runs = [Ran(name, standing) for name, standing in ran]
    found, failed = heard.of({TESTS, TYPES}, runs, waited=waited, late=late)
    assert found is outcome
    assert (failed is not None) == (outcome is Outcome.RED)


def test_the_check_that_failed_is_told() -> None:
    runs = [Ran("deploy", Standing.FAILED), Ran(TESTS, Standing.FAILED, "https://ci.example/1", "E   assert")]
    assert heard.of({TESTS}, runs, waited=False, late=False)[1] == runs[1]
