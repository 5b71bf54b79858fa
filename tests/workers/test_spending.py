"""What repositories of one installation know of one another's spending, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from tests.fleet import NOW
from tests.workers.bookkeeping import SOON, at_once, of
from workers import capacity
from workers.capacity import Claim, Spent
from workers.config import Config
from workers.ledger import Ledger, Standing, WithheldRow
from workers.model import CONFIGURE
from workers.purses import Price
from workers.reasons import Reason

TEAM = "acme/team"
PRICE = Price(TEAM, 4)
HERE, THERE, INSTALLATION = 1, 2, 7
DAY = timedelta(days=1)


def known(book: Ledger, *numbers: int, installation: int = INSTALLATION) -> None:
    for number in numbers:
        book.upsert_repository(of(number, installation), NOW)


def opened(book: Ledger, repository: int, number: int = 5, key: str = "k", at: datetime = NOW) -> None:
    row = {
        "key": key,
        "improvement": "i",
        "title": "t",
        "branch": f"kotsu/{key}",
        "number": number,
        "url": "u",
    }
    row |= {"head_sha": "a" * 40, "digest": "d", "minutes": 3, "team": TEAM, "cost": 4, "now": at}
    book.save_proposal(repository, **row)  # type: ignore[arg-type]


def waits(book: Ledger, repository: int, reason: Reason = Reason.TEAM_BUDGET, seen: datetime = NOW) -> None:
    row = WithheldRow("k", "i", "t", reason.id, "A sentence.", (), NOW - DAY, seen, 4, 45, TEAM)
    book.replace_withheld(repository, [row])


def reserve(book: Ledger, repository: int, key: str = "k", minutes: int = 9, now: datetime = NOW) -> bool:
    given = Config.model_validate(
        {"capacity": {"team": TEAM, "teams": {TEAM: {"minutes_per_week": minutes}}}}
    )

    def judge(spent: list[Spent]) -> capacity.Verdict:
        return capacity.fits(given, PRICE, spent, now)

    done = book.spending.reserve(INSTALLATION, repository, key, PRICE, now=now, judge=judge)  # type: ignore[arg-type]
    return done.reason is None


def test_a_repository_knows_what_the_others_spend(book: Ledger) -> None:
    known(book, HERE, THERE)
    opened(book, HERE)
    assert book.spending.outside(INSTALLATION, HERE, NOW).spent == ()
    assert book.spending.outside(INSTALLATION, THERE, NOW).spent == (Spent(PRICE, NOW),)


def test_what_was_closed_long_ago_is_no_longer_spent(book: Ledger) -> None:
    known(book, HERE, THERE)
    opened(book, HERE, 5, "old")
    opened(book, HERE, 6, "open")
    book.close_proposal(HERE, 5, "merged", NOW)
    seen = [len(book.spending.outside(INSTALLATION, THERE, NOW + n * DAY).spent) for n in (1, 9)]
    assert seen == [2, 1]


def test_to_ask_for_a_kotsu_yml_costs_no_budget_anything(book: Ledger) -> None:
    known(book, HERE, THERE)
    opened(book, HERE, key=CONFIGURE)
    assert book.spending.outside(INSTALLATION, THERE, NOW).spent == ()
    bounds = {"open": 1, "per_day": 1}
    given = Config.model_validate({"capacity": {"organisation": bounds}})
    judge = partial(capacity.fits, given, PRICE, now=NOW)
    done = book.spending.reserve(INSTALLATION, THERE, "k", PRICE, now=NOW, judge=judge)
    assert done.reason is None


def test_another_installation_is_another_organisation(book: Ledger) -> None:
    known(book, HERE)
    known(book, THERE, installation=8)
    opened(book, HERE)
    waits(book, HERE)
    assert book.spending.outside(8, THERE, NOW) == capacity.Outside(place="2:")


def test_what_waits_elsewhere_for_what_is_shared_is_a_claim(book: Ledger) -> None:
    known(book, HERE, THERE)
    waits(book, HERE)
    claim = Claim(PRICE, 45, NOW - DAY, "1:k")
    assert book.spending.outside(INSTALLATION, THERE, NOW).claims == (claim,)
    own = book.spending.outside(INSTALLATION, HERE, NOW)
    assert (own.claims, own.since) == ((), {"k": NOW - DAY})


def test_no_claim_has_what_waits_for_its_own_repository_or_was_not_seen_for_long(book: Ledger) -> None:
    known(book, HERE, THERE)
    waits(book, HERE, Reason.OPEN_LIMIT)
    assert book.spending.outside(INSTALLATION, THERE, NOW).claims == ()
    waits(book, HERE, seen=NOW - 9 * DAY)
    assert book.spending.outside(INSTALLATION, THERE, NOW).claims == ()
    waits(book, HERE)
    book.set_state(HERE, Standing.SKIPPED, "It is archived.", NOW)
    assert book.spending.outside(INSTALLATION, THERE, NOW).claims == ()


def test_a_place_that_is_kept_is_spent_until_it_is_given_back(book: Ledger) -> None:
    known(book, HERE, THERE)
    assert reserve(book, HERE, minutes=4)
    assert not reserve(book, THERE, minutes=4)
    book.spending.release(HERE, "k")
    assert reserve(book, THERE, minutes=4)


def test_a_place_that_is_kept_is_known_to_the_others_before_they_plan(book: Ledger) -> None:
    known(book, HERE, THERE)
    assert reserve(book, HERE)
    assert book.spending.outside(INSTALLATION, THERE, NOW).spent == (Spent(PRICE, NOW),)
    assert book.spending.outside(INSTALLATION, HERE, NOW).spent == ()
    opened(book, HERE)
    assert book.spending.outside(INSTALLATION, THERE, NOW).spent == (Spent(PRICE, NOW),)


def test_the_same_place_is_kept_once(book: Ledger) -> None:
    known(book, HERE)
    assert reserve(book, HERE, minutes=4)
    assert reserve(book, HERE, minutes=4, now=NOW + SOON)


def test_a_place_whose_pull_request_is_known_is_spent_once(book: Ledger) -> None:
    known(book, HERE, THERE)
    assert reserve(book, HERE, minutes=8)
    opened(book, HERE)
    assert reserve(book, THERE, minutes=8)


def test_the_place_of_a_worker_that_was_lost_is_free_after_a_day(book: Ledger) -> None:
    known(book, HERE, THERE)
    assert reserve(book, HERE, minutes=4)
    assert not reserve(book, THERE, minutes=4, now=NOW + DAY - SOON)
    assert reserve(book, THERE, minutes=4, now=NOW + DAY)


def test_a_repository_that_is_removed_takes_its_places_along(book: Ledger) -> None:
    known(book, HERE, THERE)
    assert reserve(book, HERE, minutes=4)
    book.remove_repositories([HERE], NOW)
    assert reserve(book, THERE, minutes=4)


def test_two_workers_do_not_both_spend_the_last_minute(book: Ledger) -> None:
    numbers = range(1, 9)
    known(book, *numbers)
    done = at_once(len(numbers), lambda n: partial(reserve, book, numbers[n], minutes=9)())
    assert sorted(done) == [False] * 6 + [True] * 2
