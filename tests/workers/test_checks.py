"""The checks of a pull request beside those of its base: every cell of the matrix has its outcome."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers import checks
from workers.checks import Colour, Demands, End, Outcome, Run, Standing, Verdict

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TESTS = "tests"

# What ran under one name on one commit, one after the other; `+` stands for a run again.
HISTORIES: dict[str, tuple[End, ...]] = {
    "none": (),
    "queued": (End.QUEUED,),
    "runs": (End.RUNNING,),
    "passed": (End.PASSED,),
    "skipped": (End.SKIPPED,),
    "failed": (End.FAILED,),
    "cancelled": (End.VOID,),
    "failed+passed": (End.FAILED, End.PASSED),
    "failed+failed": (End.FAILED, End.FAILED),
    "passed+failed": (End.PASSED, End.FAILED),
    "failed+runs": (End.FAILED, End.RUNNING),
    "failed+queued": (End.FAILED, End.QUEUED),
    "failed+skipped": (End.FAILED, End.SKIPPED),
    "failed+cancelled": (End.FAILED, End.VOID),
    "passed+skipped": (End.PASSED, End.SKIPPED),
    "passed+cancelled": (End.PASSED, End.VOID),
}
# The base across, the head down. P passes, S was skipped, F flaky, B fails on the base too, N new failure,
# M missing. A small letter holds only once what has not begun is late: before that the check is waited for.
# W is waited for in any case.
TABLE = """
                  none queued runs passed skipped failed cancelled failed+passed
none              m    m      m    m      m       m      m         m
queued            m    m      m    m      m       m      m         m
runs              W    W      W    W      W       W      W         W
passed            P    P      P    P      P       P      P         P
skipped           S    S      S    S      S       S      S         S
failed            N    n      n    N      N       B      N         F
cancelled         m    m      m    m      m       m      m         m
failed+passed     F    F      F    F      F       F      F         F
failed+failed     N    n      n    N      N       B      N         F
passed+failed     N    n      n    N      N       B      N         F
failed+runs       W    W      W    W      W       W      W         W
failed+queued     m    m      m    m      m       m      m         m
failed+skipped    N    n      n    N      N       B      N         F
failed+cancelled  N    n      n    N      N       B      N         F
passed+skipped    P    P      P    P      P       P      P         P
passed+cancelled  P    P      P    P      P       P      P         P
"""
# A base that ran again stands like one that ran once.
AS_ONCE = {
    "failed+failed": "failed",
    "passed+failed": "failed",
    "failed+skipped": "failed",
    "failed+cancelled": "failed",
    "failed+runs": "runs",
    "failed+queued": "queued",
    "passed+skipped": "passed",
    "passed+cancelled": "passed",
}
LETTERS = {
    "P": Outcome.PASSES,
    "S": Outcome.SKIPPED,
    "F": Outcome.FLAKY,
    "B": Outcome.FAILS_ON_BASE,
    "N": Outcome.NEW_FAILURE,
    "M": Outcome.MISSING,
    "W": Outcome.WAITS,
}
# What an outcome means for the pull request, where the check is not required, and where it is.
COLOURS = {
    Outcome.PASSES: (Colour.GREEN, Colour.GREEN),
    Outcome.SKIPPED: (Colour.GREEN, Colour.GREEN),
    Outcome.FLAKY: (Colour.GREEN, Colour.GREEN),
    Outcome.FAILS_ON_BASE: (Colour.GREEN, Colour.GREEN),
    Outcome.NEW_FAILURE: (Colour.RED, Colour.RED),
    Outcome.MISSING: (Colour.GREEN, Colour.WAITING),
    Outcome.WAITS: (Colour.WAITING, Colour.WAITING),
}
CELLS = list(product(HISTORIES, HISTORIES))


def table() -> dict[tuple[str, str], str]:
    """Return head and base to a letter."""
    across, *lines = (line.split() for line in TABLE.strip().splitlines())
    return {
        (head, base): letter for head, *letters in lines for base, letter in zip(across, letters, strict=True)
    }


ENTRIES = table()


def runs(history: str, name: str = TESTS) -> list[Run]:
    """Return the runs of a history, an hour apart."""
    made = []
    for number, end in enumerate(HISTORIES[history]):
        began = NOON + timedelta(hours=number)
        ended = None if end in (End.QUEUED, End.RUNNING) else began + timedelta(minutes=9)
        made.append(Run(name, end, began, ended, f"https://ci.example/{number}", order=number))
    return made


def required(*names: str) -> Demands:
    return Demands(frozenset(names))


@pytest.mark.parametrize(("head", "base"), CELLS)
def test_every_cell_of_the_matrix_is_decided(head: str, base: str) -> None:
    letter = ENTRIES[head, AS_ONCE.get(base, base)]
    for needed, late in product((False, True), repeat=2):
        decide(head, base, letter, needed=needed, late=late)


def decide(head: str, base: str, letter: str, *, needed: bool, late: bool) -> None:
    """Compare one cell, of a check that is required or not, before or after it is late."""
    expected = LETTERS[letter.upper()] if late or letter.isupper() else Outcome.WAITS
    demands = required(TESTS) if needed else Demands()
    found = checks.results(runs(head), runs(base), demands, late=late)
    verdict = checks.judge(runs(head), runs(base), demands, late=late)
    if (head, base, needed) == ("none", "none", False):
        assert found == ()
        assert verdict.colour is (Colour.GREEN if late else Colour.WAITING)
        return
    (result,) = found
    assert result.outcome is expected
    assert verdict.colour is COLOURS[expected][needed]
    assert bool(verdict.failing) is (verdict.colour is Colour.RED)
    assert not verdict.proven or verdict.colour is Colour.GREEN


def test_the_table_holds_the_full_product() -> None:
    once = [name for name in HISTORIES if name not in AS_ONCE]
    assert ENTRIES.keys() == set(product(HISTORIES, once))
    assert {letter.upper() for letter in ENTRIES.values()} == set(LETTERS)
    assert set(COLOURS) == set(Outcome)


@pytest.mark.parametrize(("again", "once"), AS_ONCE.items())
def test_a_base_that_ran_again_stands_like_one_that_ran_once(again: str, once: str) -> None:
    assert checks.standing(runs(again)) is checks.standing(runs(once))


def test_every_standing_is_met() -> None:
    assert {checks.standing(runs(name)) for name in HISTORIES} == set(Standing)


def judged(
    head: dict[str, str],
    base: dict[str, str],
    demands: Demands = Demands(),  # noqa: B008 -- a frozen value
    *,
    late: bool = False,
    watched: bool = True,
) -> Verdict:
    """Judge checks that are given by name and history."""
    here, there = ([r for name, h in side.items() for r in runs(h, name)] for side in (head, base))
    return checks.judge(here, there, demands, late=late, watched=watched)


def test_one_new_failure_is_enough() -> None:
    found = judged({"lint": "passed", TESTS: "failed", "docs": "runs"}, {TESTS: "passed"})
    assert found.colour is Colour.RED
    assert found.sentence == "`tests` fails here, not on the base."
    (failing,) = found.failing
    assert (failing.name, failing.url) == (TESTS, "https://ci.example/0")
    assert failing.since == NOON + timedelta(minutes=9)


def test_what_fails_on_the_base_too_hinders_nobody_and_is_said() -> None:
    found = judged({TESTS: "failed", "lint": "passed"}, {TESTS: "failed", "lint": "passed"})
    assert found.colour is Colour.GREEN
    assert found.sentence == "1 check passed. `tests` fails on the base too."
    assert not found.proven


def test_a_required_check_that_fails_on_the_base_too_proves_nothing() -> None:
    found = judged({TESTS: "failed"}, {TESTS: "failed"}, required(TESTS))
    assert (found.colour, found.proven) == (Colour.GREEN, False)


def test_where_nothing_checks_there_is_nothing_to_wait_for() -> None:
    found = judged({}, {}, watched=False)
    assert (found.colour, found.proven) == (Colour.GREEN, False)
    assert found.sentence.startswith("Nothing checks it")


def test_where_something_could_check_it_is_waited_for_but_not_for_ever() -> None:
    assert judged({}, {}).colour is Colour.WAITING
    assert judged({}, {}, late=True).colour is Colour.GREEN


def test_a_required_check_that_never_comes_is_not_forgiven() -> None:
    found = judged({"lint": "passed"}, {}, required(TESTS), late=True)
    assert (found.colour, found.sentence) == (Colour.WAITING, "`tests` is required and has not run.")


def test_what_kotsu_yml_ignores_says_nothing() -> None:
    demands = Demands(ignore=("codecov/*", "nightly"))
    found = judged({"codecov/patch": "failed", "nightly": "runs", TESTS: "passed"}, {}, demands)
    assert (found.colour, found.proven) == (Colour.GREEN, True)
    assert judged({"codecov": "failed"}, {}, demands).colour is Colour.RED


def test_a_pattern_has_no_other_magic_than_the_star() -> None:
    demands = Demands(ignore=("test (3.?) [x]",))
    assert demands.ignores("test (3.?) [x]")
    assert not demands.ignores("test (3.1) x")


def test_an_ignored_check_that_is_required_still_has_to_prove_itself() -> None:
    demands = Demands(frozenset({TESTS}), (TESTS,))
    found = judged({TESTS: "failed"}, {}, demands, late=True)
    assert (found.colour, found.proven) == (Colour.GREEN, False)
    assert judged({TESTS: "passed"}, {}, demands, late=True).proven


@pytest.mark.parametrize(
    ("history", "proven"),
    [("passed", True), ("failed+passed", True), ("skipped", False), ("none", False), ("cancelled", False)],
)
def test_only_what_passed_is_a_proof(history: str, *, proven: bool) -> None:
    head = {TESTS: history, "lint": "passed"}
    assert judged(head, {}, required(TESTS), late=True).proven is proven


@pytest.mark.parametrize(
    ("head", "proven"),
    [
        ({TESTS: "passed"}, True),
        ({TESTS: "skipped"}, False),
        ({TESTS: "passed", "lint": "failed"}, False),
        ({"docs": "passed"}, False),
    ],
)
def test_without_required_checks_a_proof_leaves_no_doubt(head: dict[str, str], *, proven: bool) -> None:
    found = judged(
        head, {TESTS: "passed", "lint": "failed"} if "lint" in head else {TESTS: "passed"}, late=True
    )
    assert (found.colour, found.proven) == (Colour.GREEN, proven)


def test_what_runs_side_by_side_under_one_name_counts_together() -> None:
    push = Run(TESTS, End.FAILED, NOON, NOON + timedelta(minutes=5), order=1)
    pull = Run(TESTS, End.PASSED, NOON + timedelta(minutes=1), NOON + timedelta(minutes=9), order=2)
    assert checks.standing([push, pull]) is Standing.FAILED
    again = Run(TESTS, End.PASSED, NOON + timedelta(minutes=5), NOON + timedelta(minutes=12), order=3)
    assert checks.standing([push, pull, again]) is Standing.FLAKY


def test_a_name_is_quoted_so_that_it_does_nothing() -> None:
    found = judged({"`x` @acme/all <img>\n" + "y" * 99: "failed"}, {})
    assert found.sentence.startswith("`x  @acme/all <img> yyy")
    assert "…`" in found.sentence
    assert found.sentence.count("`") == 2


def test_many_names_are_counted() -> None:
    found = judged(dict.fromkeys("abcde", "failed"), {})
    assert found.sentence == "`a`, `b`, `c` and 2 more fail here, and nothing says that the base fails too."
    assert len(found.failing) == 5


ENDS = st.sampled_from(list(HISTORIES))


@given(
    sides=st.dictionaries(st.sampled_from("abcd"), st.tuples(ENDS, ENDS)),
    random=st.randoms(),
    late=st.booleans(),
)
def test_the_order_in_which_github_lists_runs_does_not_matter(
    sides: dict[str, tuple[str, str]], random: Random, *, late: bool
) -> None:
    here = [r for name, (head, _) in sides.items() for r in runs(head, name)]
    there = [r for name, (_, base) in sides.items() for r in runs(base, name)]
    first = checks.judge(here, there, required("a"), late=late)
    random.shuffle(here)
    random.shuffle(there)
    assert checks.judge(here, there, required("a"), late=late) == first
