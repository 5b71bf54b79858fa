"""What became of a pull request is one word."""

from __future__ import annotations

import pytest

from tests.fleet import NOW
from tests.workers.outlines import DAY, outline
from workers.answered import Word
from workers.evaluation.fates import ACCEPTED, DECIDED, Fate, decided_at, fate
from workers.model import Stage


def test_what_was_merged_as_it_was_is_merged_whether_or_not_anybody_looked() -> None:
    assert fate(outline("merged", edited=False), NOW) is Fate.MERGED
    assert fate(outline("merged", edited=None), NOW) is Fate.MERGED


def test_what_people_changed_before_they_merged_it_is_a_yes_too() -> None:
    assert fate(outline("merged", edited=True), NOW) is Fate.EDITED
    assert Fate.EDITED in ACCEPTED


def test_a_revert_within_thirty_days_is_a_word_about_it_and_a_later_one_is_not() -> None:
    long_ago = {"opened": NOW - 80 * DAY, "closed_at": NOW - 70 * DAY}
    assert fate(outline("merged", **long_ago, reverted_at=NOW - 40 * DAY), NOW) is Fate.REVERTED
    assert fate(outline("merged", **long_ago, reverted_at=NOW - 39 * DAY), NOW) is Fate.MERGED


def test_what_broke_the_default_branch_was_no_success_though_it_was_merged() -> None:
    assert fate(outline("merged", broke="tests", edited=True), NOW) is Fate.BROKE
    assert Fate.BROKE in DECIDED - ACCEPTED


@pytest.mark.parametrize("word", ["", Word.IGNORE, Word.NEVER, "a word of a newer version"])
def test_who_closes_without_a_word_or_with_a_no_has_closed_it(word: str) -> None:
    assert fate(outline("closed", word=word), NOW) is Fate.CLOSED


@pytest.mark.parametrize("word", [Word.EXPIRED, Word.RED])
def test_what_we_closed_as_nobody_answered_was_ignored(word: str) -> None:
    assert fate(outline("closed", word=word), NOW) is Fate.IGNORED


@pytest.mark.parametrize(
    "word",
    [Word.SUPERSEDED, Word.DONE, Word.CAMPAIGN, Word.WANTED, Word.SPLIT, Word.SNOOZE, Word.STUCK],
)
def test_what_is_not_about_the_change_decides_nothing(word: str) -> None:
    became = fate(outline("closed", word=word), NOW)
    assert became is Fate.WITHDRAWN
    assert became not in DECIDED


def test_a_branch_that_nobody_saw_decides_nothing() -> None:
    assert fate(outline("closed", number=-3, word=Word.RED), NOW) is Fate.WITHDRAWN


def test_what_waits_for_an_answer_for_more_than_thirty_days_is_ignored() -> None:
    old = outline(opened=NOW - 40 * DAY, asked_at=NOW - 31 * DAY)
    assert fate(old, NOW) is Fate.IGNORED
    assert decided_at(old, NOW) == NOW - DAY


@pytest.mark.parametrize(
    "more",
    [
        {"asked_at": NOW - 30 * DAY},
        {"reviewed_at": NOW - 35 * DAY},
        {"stage": Stage.RED},
        {"stage": Stage.HELD},
        {"stage": Stage.BRANCH, "number": -1},
    ],
)
def test_what_was_answered_or_asked_nobody_is_open_however_old(more: dict[str, object]) -> None:
    old = outline(opened=NOW - 40 * DAY, **more)
    assert fate(old, NOW) is Fate.OPEN
    assert decided_at(old, NOW) is None
