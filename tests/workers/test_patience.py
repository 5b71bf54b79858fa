"""How long a pull request waits for its reviewers, read as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from workers import hours
from workers.conversation import REMINDER, Conversation, Did, Happened
from workers.patience import Next, Patience, Step
from workers.wants import Capacity

BOT = "kotsu[bot]"
TWO_DAYS = Patience(2, hours.working(Capacity()))


def day(number: int) -> datetime:
    """Return ten o'clock of a day of June 2026, which begins with a Monday."""
    return datetime(2026, 6, number, 10, tzinfo=UTC)


def ours(did: Did, number: int, name: str = "", text: str = "") -> Happened:
    return Happened(did, BOT, day(number), person=False, name=name, text=text)


def theirs(did: Did, number: int, name: str = "", text: str = "") -> Happened:
    return Happened(did, "bob", day(number), name=name, text=text)


ASKED = ours(Did.ASKED, 1, "ada")
REMINDED = ours(Did.COMMENTED, 3, text=f"@ada …\n\n{REMINDER}\n")
ANOTHER = ours(Did.ASKED, 5, "cy")
WAIT = Next(Step.WAIT)


def next_step(
    *events: Happened, now: int, requested: tuple[str, ...] = ("ada",), given: Patience = TWO_DAYS
) -> Next:
    return given.next_step(Conversation(events), requested, day(1), day(now))


@pytest.mark.parametrize(
    ("events", "now", "expected"),
    [
        # Asked on Monday: reminded on Wednesday, another asked on Friday, given back on Tuesday.
        ((ASKED,), 1, Next(Step.WAIT, day(3))),
        ((ASKED,), 2, Next(Step.WAIT, day(3))),
        ((ASKED,), 3, Next(Step.REMIND)),
        ((ASKED, REMINDED), 4, Next(Step.WAIT, day(5))),
        ((ASKED, REMINDED), 5, Next(Step.ANOTHER, day(9))),
        ((ASKED, REMINDED, ANOTHER), 8, Next(Step.WAIT, day(9))),
        ((ASKED, REMINDED, ANOTHER), 9, Next(Step.GIVE_BACK)),
        # Where there is nobody else, it is given back at the same time.
        ((ASKED, REMINDED), 9, Next(Step.GIVE_BACK)),
        # A job that comes late reminds first.
        ((ASKED,), 30, Next(Step.REMIND)),
        # Whatever a person does lets the time begin anew.
        ((ASKED, theirs(Did.COMMENTED, 2)), 3, Next(Step.WAIT, day(4))),
        ((ASKED, theirs(Did.COMMITTED, 2)), 3, Next(Step.WAIT, day(4))),
        ((ASKED, theirs(Did.DRAFTED, 2), theirs(Did.READIED, 3)), 4, Next(Step.WAIT, day(5))),
        ((ASKED, REMINDED, theirs(Did.COMMENTED, 5)), 5, Next(Step.WAIT, day(9))),
        # What people took part in is never closed.
        ((ASKED, theirs(Did.COMMENTED, 2), REMINDED, ANOTHER), 30, WAIT),
        ((ASKED, REMINDED, ANOTHER, theirs(Did.REOPENED, 10)), 30, WAIT),
        ((ASKED, theirs(Did.COMMENTED, 2), REMINDED), 30, Next(Step.ANOTHER)),
        # A review, or a person who asks others, ends it for good.
        ((ASKED, theirs(Did.REVIEWED, 2, "changes_requested")), 30, WAIT),
        ((ASKED, theirs(Did.REVIEWED, 2, "commented")), 30, WAIT),
        ((ASKED, REMINDED, ANOTHER, theirs(Did.REVIEWED, 6, "approved")), 30, WAIT),
        ((ASKED, theirs(Did.ASKED, 2, "cy")), 30, WAIT),
        # A bot's comment is nobody's, and a marker that a person quotes is no reminder.
        ((ASKED, ours(Did.COMMENTED, 2, text="coverage")), 3, Next(Step.REMIND)),
        ((ASKED, theirs(Did.COMMENTED, 1, text=REMINDER)), 3, Next(Step.REMIND)),
        ((ASKED, ours(Did.REVIEWED, 2, "commented")), 3, Next(Step.REMIND)),
        # Whoever takes it off their list lets the next one be asked, who has as much time.
        ((ASKED, theirs(Did.UNASKED, 4, "ada"), ANOTHER), 8, Next(Step.WAIT, day(9))),
    ],
)
def test_what_is_next(events: tuple[Happened, ...], now: int, expected: Next) -> None:
    assert next_step(*events, now=now) == expected


def test_a_job_that_comes_late_reminds_nobody_at_the_weekend() -> None:
    assert next_step(ASKED, now=6) == Next(Step.WAIT, datetime(2026, 6, 8, tzinfo=UTC))


def test_where_nobody_is_asked_somebody_is() -> None:
    assert next_step(now=1, requested=()) == Next(Step.ASK)
    assert next_step(ASKED, theirs(Did.UNASKED, 2, "ada"), now=2, requested=()) == Next(Step.ASK)
    assert next_step(theirs(Did.REVIEWED, 2, "approved"), now=2, requested=()) == WAIT


def test_where_kotsu_yml_wants_no_reminder_nothing_follows() -> None:
    assert next_step(ASKED, now=30, given=Patience(0, TWO_DAYS.calendar)) == WAIT


def test_what_is_too_long_to_be_read_is_left_alone() -> None:
    assert TWO_DAYS.next_step(Conversation((), whole=False), (), day(1), day(30)) == WAIT


@pytest.mark.parametrize(
    ("events", "objection"),
    [
        ((), ""),
        ((theirs(Did.COMMENTED, 1, text="Nice."),), ""),
        ((theirs(Did.REVIEWED, 1, "approved"),), ""),
        ((theirs(Did.REVIEWED, 1, "changes_requested"),), "changes are requested"),
        (
            (theirs(Did.REVIEWED, 1, "changes_requested"), theirs(Did.REVIEWED, 2, "commented")),
            "changes are requested",
        ),
        ((theirs(Did.REVIEWED, 1, "changes_requested"), theirs(Did.REVIEWED, 2, "approved")), ""),
        ((theirs(Did.REVIEWED, 1, "dismissed"),), ""),
        ((theirs(Did.UNMERGED, 1),), "a person stopped it"),
        ((ours(Did.UNMERGED, 1),), ""),
        ((theirs(Did.DRAFTED, 1), theirs(Did.READIED, 2)), "a person stopped it"),
        ((ours(Did.DRAFTED, 1), ours(Did.READIED, 2)), ""),
        ((theirs(Did.COMMENTED, 1, text="/kotsu rebase"),), "a person gave a command"),
        ((theirs(Did.ASKED, 1, "ada"),), "a person asked for a review"),
        ((theirs(Did.ASKED, 1, "ada"), theirs(Did.REVIEWED, 2, "approved")), ""),
        ((ours(Did.ASKED, 1, "ada"),), ""),
        ((ours(Did.COMMENTED, 1, text="/kotsu help tells more"),), ""),
    ],
)
def test_what_speaks_against_a_merge_without_a_person(events: tuple[Happened, ...], objection: str) -> None:
    assert Conversation(events).objection == objection


def test_a_review_that_was_dismissed_says_nothing() -> None:
    against = Happened(Did.REVIEWED, "bob", day(1), name="changes_requested", number=7)
    taken = Happened(Did.DISMISSED, "ada", day(2), number=7)
    other = Happened(Did.DISMISSED, "ada", day(2), number=8)
    assert Conversation((against, taken)).objection == ""
    assert Conversation((against, other)).objection == "changes are requested"


def review(number: int, name: str, *, of: int, who: str = "bob") -> Happened:
    return Happened(Did.REVIEWED, who, day(number), name=name, number=of)


def test_an_approval_of_something_else_counts_for_nothing_but_that_somebody_was_here() -> None:
    approved = review(2, "approved", of=7)
    talk = Conversation((ASKED, approved), changed_at=day(3), outdated=frozenset({7}))
    assert talk.objection == "what was approved is not what it proposes now"
    assert (talk.reviewed_at, talk.lapsed) == (None, ["bob"])
    assert (talk.is_seen, talk.is_discussed) == (True, True)
    again = replace(talk, events=(*talk.events, review(4, "approved", of=8)))
    assert (again.objection, again.reviewed_at, again.lapsed) == ("", day(4), [])


def test_a_no_stays_one_whatever_is_proposed_by_now() -> None:
    talk = Conversation((ASKED, review(2, "changes_requested", of=7)), outdated=frozenset({7}))
    assert (talk.objection, talk.reviewed_at) == ("changes are requested", day(2))


def test_a_review_that_github_dismissed_by_itself_is_asked_for_again_and_a_persons_word_is_not() -> None:
    approved, by_itself = (
        review(2, "dismissed", of=7),
        Happened(Did.DISMISSED, BOT, day(3), person=False, number=7),
    )
    assert Conversation((approved, by_itself)).reviewed_at is None
    assert Conversation((approved, by_itself)).lapsed == ["bob"]
    person = replace(by_itself, who="ada", person=True)
    assert Conversation((approved, person)).reviewed_at == day(2)


def test_who_was_asked_again_is_not_asked_a_third_time() -> None:
    talk = Conversation((review(2, "approved", of=7), ours(Did.ASKED, 4, "bob")), outdated=frozenset({7}))
    assert talk.lapsed == []


def test_what_changed_is_waited_for_anew() -> None:
    talk = Conversation((ASKED,), changed_at=day(2))
    assert TWO_DAYS.next_step(talk, ("ada",), day(1), day(3)) == Next(Step.WAIT, day(4))


def test_a_question_that_a_person_asks_after_an_approval_is_open() -> None:
    events = (review(2, "approved", of=7), theirs(Did.ASKED, 3, "bob"))
    assert Conversation(events).objection == "a person asked for a review"
    assert Conversation((*events, review(4, "approved", of=8))).objection == ""


@pytest.mark.parametrize(
    ("author", "committer", "text", "objects"),
    [
        ("1+kotsu[bot]@x", "1+kotsu[bot]@x", "Fix\n\nKotsu-Key: a\n", False),
        ("1+kotsu[bot]@x", "noreply@github.com", "Fix\n\nKotsu-Key: a\n", False),
        ("1+kotsu[bot]@x", "bob@x", "Fix\n\nKotsu-Key: a\n", True),
        ("bob@x", "bob@x", "Fix\n\nKotsu-Key: a\n", True),
        ("1+other[bot]@x", "1+other[bot]@x", "Format", True),
    ],
)
def test_only_our_own_commits_are_merged_without_a_person(
    author: str, committer: str, text: str, *, objects: bool
) -> None:
    commit = Happened(Did.COMMITTED, author, day(1), name=committer, text=text)
    assert bool(Conversation((commit,)).objection) is objects


@pytest.mark.parametrize(
    ("events", "now", "expected"),
    [
        # Asked on the first, red from the second on, green again on the eighth.
        ((ASKED, ours(Did.DRAFTED, 2), ours(Did.READIED, 8)), 9, Next(Step.WAIT, day(10))),
        ((ASKED, REMINDED, ours(Did.DRAFTED, 4), ours(Did.READIED, 8)), 9, Next(Step.WAIT, day(10))),
        ((ASKED, REMINDED, ANOTHER, ours(Did.DRAFTED, 8), ours(Did.READIED, 9)), 9, Next(Step.WAIT, day(11))),
    ],
)
def test_the_time_in_which_it_was_a_draft_is_nobodys(
    events: tuple[Happened, ...], now: int, expected: Next
) -> None:
    assert next_step(*events, now=now) == expected


@pytest.mark.parametrize(
    ("events", "seen"),
    [
        ((), False),
        ((theirs(Did.COMMENTED, 1, text="Nice."),), True),
        ((theirs(Did.COMMENTED, 1, text=" /Kotsu rebase"),), False),
        ((theirs(Did.REVIEWED, 1, "commented"),), True),
        ((theirs(Did.ASKED, 1, "ada"),), True),
        ((ASKED, REMINDED, ours(Did.REVIEWED, 2, "approved")), False),
    ],
)
def test_a_pull_request_is_seen_once_a_person_looks_at_it(
    events: tuple[Happened, ...], *, seen: bool
) -> None:
    assert Conversation(events).is_seen is seen


def test_of_what_is_too_long_to_read_somebody_has_seen_something() -> None:
    assert Conversation((), whole=False).is_seen


def test_whoever_made_it_a_draft_or_ready_last_counts() -> None:
    assert Conversation((theirs(Did.DRAFTED, 1), ours(Did.READIED, 2), ASKED)).drafted_by == BOT
    assert Conversation((ours(Did.READIED, 1), theirs(Did.DRAFTED, 2))).drafted_by == "bob"
    assert Conversation((ASKED,)).drafted_by == ""
