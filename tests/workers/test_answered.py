"""What a closed pull request answers, by the word with which it was closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from packaging.version import Version

from codemods.model import Applicability, Category, Edit, Finding, Upgrade
from workers import answered
from workers.answered import Word
from workers.model import Candidate, Past, State
from workers.reasons import Reason

NOW = datetime(2026, 3, 31, 15, 0, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(days=3), NOW - timedelta(days=3)
KEY = "upgrade-dependency/shelf"


def candidate(after: str = "2.0") -> Candidate:
    upgrade = Upgrade("shelf", Version("1.0"), Version(after))
    edit = Edit("requirements.txt", b"shelf==1.0\n", b"shelf==2.0\n")
    found = Finding(
        "upgrade-dependency", "requirements.txt", 1, "It moves.", edit, target="shelf", upgrade=upgrade
    )
    return Candidate(
        KEY, "upgrade-dependency", "Upgrade shelf", Category.UPGRADE, Applicability.SAFE, (found,), 5
    )


def closed(word: str = "", until: datetime | None = None, *versions: str) -> Past:
    return Past(KEY, State.CLOSED, EARLIER, word=word, until=until, versions=versions or ("shelf==2.0",))


def reason(*past: Past, after: str = "2.0") -> Reason | None:
    found = answered.refusal(candidate(after), past, NOW)
    return found[0] if found else None


@pytest.mark.parametrize("word", ["", "never", "ignore", "a-word-of-tomorrow"])
def test_a_no_is_a_no(word: str) -> None:
    assert reason(closed(word)) is Reason.DECLINED


@pytest.mark.parametrize("word", ["", "never"])
def test_a_no_for_good_is_one_to_a_newer_version(word: str) -> None:
    assert reason(closed(word), after="3.0") is Reason.DECLINED


def test_what_is_ignored_may_come_in_a_newer_version() -> None:
    assert reason(closed("ignore"), after="3.0") is None


def test_what_has_no_version_is_ignored_for_good() -> None:
    assert answered.is_no("ignore", (), ("shelf==2.0",))
    assert answered.is_no("ignore", ("shelf==2.0",), ())


def test_a_snooze_ends() -> None:
    assert answered.refusal(candidate(), [closed("snooze", LATER)], NOW) == (
        Reason.SNOOZED,
        "It is snoozed until 2026-04-03.",
    )
    assert reason(closed("snooze", EARLIER)) is None


@pytest.mark.parametrize("word", [Word.RED, Word.SUPERSEDED, Word.DONE, Word.EXPIRED, Word.SPLIT])
def test_what_we_closed_ourselves_is_never_a_no(word: Word) -> None:
    assert reason(closed(word)) is None
    assert reason(closed(word, EARLIER)) is None
    assert reason(closed(word, LATER)) is Reason.COOLING


def test_an_earlier_no_counts_behind_what_we_closed() -> None:
    assert reason(closed("red"), closed()) is Reason.DECLINED


def test_a_merge_takes_back_what_was_said_before() -> None:
    assert reason(Past(KEY, State.MERGED, NOW), closed("never")) is None


def test_what_is_open_is_not_refused() -> None:
    assert reason(Past(KEY, State.OPEN, NOW), closed("never")) is None
