"""The overview: whether all gets fresher, what is due and who is waited for, of what the visitor may see."""

from __future__ import annotations

from datetime import timedelta

from app.pages import health, overview, pulls, runway
from app.visitors import Visitor
from tests.app.looking import ACME, ADA, BOB, LOCAL, OTHER, SHOP, SITE, VAULT, Looker, column, figures
from tests.fleet import NOW
from workers.ledger import WithheldRow
from workers.ledger.exposures import ExposureRow
from workers.ledger.freshness import FreshnessRow
from workers.ledger.horizons import HorizonRow
from workers.messages import Kind
from workers.reasons import Reason

DAY, WEEK = timedelta(days=1), timedelta(days=7)
TODAY = NOW.date()


def fresh(looker: Looker, repository: int, weeks: int, days: int) -> None:
    """Write that a repository was so many days behind so many weeks ago."""
    row = FreshnessRow(repository, TODAY - weeks * WEEK, 12, 10, days, 1, 2, 3)
    looker.book.freshness.note(row)


def ends(looker: Looker, repository: int, *rows: tuple[str, int]) -> None:
    found = [HorizonRow(repository, "python", what, TODAY + days * DAY) for what, days in rows]
    looker.book.horizons.replace(repository, found)


def weak(looker: Looker, repository: int) -> None:
    row = ExposureRow(repository, "CVE-1", "django", "high", "", TODAY, NOW)
    looker.book.exposures.note(repository, [row], NOW)


def test_of_an_empty_ledger_nothing_is_claimed(looker: Looker) -> None:
    shown = looker.at(overview)
    assert shown.lead == "How fresh the dependencies are is learned when repositories are looked at."
    assert figures(shown) == {
        "libyears": None,
        "behind": None,
        "due": 0,
        "over": 0,
        "weaknesses": 0,
        "reviews": 0,
    }
    assert [count for _, count, _ in shown.values["steps"]] == [0] * 5  # type: ignore[attr-defined]


def test_it_is_said_whether_all_gets_fresher(looker: Looker) -> None:
    for weeks, days in ((5, 7_305), (4, 3_653), (0, 731)):
        fresh(looker, SHOP, weeks, days)
    fresh(looker, SITE, 4, 3_653)
    shown = looker.at(overview)
    assert shown.lead == (
        "Getting fresher: 12.0 libyears behind in 2 repositories, 146 days less for each dependency than in "
        "the week of 2026-02-02."
    )
    assert column(shown, "freshness", "libyears") == [12.0, 20.0, 20.0, 20.0, 20.0, 20.0]
    assert column(shown, "freshness", "repositories")[-1] == 1
    assert figures(shown)["behind"] == 12


def test_that_it_gets_staler_is_not_hidden(looker: Looker) -> None:
    fresh(looker, SHOP, 1, 100)
    fresh(looker, SHOP, 0, 400)
    assert looker.at(overview).lead.startswith(
        "Getting staler: 1.1 libyears behind in 1 repositories, 30 days more"
    )


def test_a_new_repository_makes_nothing_staler(looker: Looker) -> None:
    fresh(looker, SHOP, 1, 400)
    fresh(looker, SHOP, 0, 400)
    fresh(looker, SITE, 0, 400)
    assert looker.at(overview).lead.startswith("Getting neither fresher nor staler")


def test_what_can_still_be_done_in_time_comes_first(looker: Looker) -> None:
    ends(looker, SHOP, ("Python 3.9", -30), ("Python 3.10", 90), ("Python 3.11", 91))
    ends(looker, SITE, ("Python 3.10", 90))
    weak(looker, SHOP)
    shown = looker.at(overview)
    assert column(shown, "due", "what") == ["Python 3.10", "Python 3.9", "CVE-1 in django"]
    assert column(shown, "due", "days") == [90, -30, None]
    assert column(shown, "due", "repositories") == [2, 1, 1]
    assert [figures(shown)[key] for key in ("due", "over", "weaknesses")] == [1, 1, 1]


def test_what_asks_for_the_visitor_stands_before_what_waits_longer(looker: Looker) -> None:
    looker.pull(SHOP, 1, reviewers=("bob",), asked_at=NOW - 9 * DAY)
    looker.pull(SHOP, 2, reviewers=("Ada",), asked_at=NOW - DAY)
    looker.pull(SHOP, 3, stage="red")
    looker.pull(SHOP, 4, reviewed_at=NOW)
    shown = looker.at(overview)
    assert column(shown, "reviews", "pull") == ["Mend 2", "Mend 1"]
    assert shown.table("reviews").note == "1 of them ask for you, and stand first."
    nobody = looker.at(overview, Visitor("eve", "key", {SHOP: "pull"}))
    assert column(nobody, "reviews", "pull") == ["Mend 1", "Mend 2"]
    assert nobody.table("reviews").note == ""


def test_the_five_steps_count_what_is_in_them(looker: Looker) -> None:
    scan = looker.book.start_scan(SHOP, "a" * 40, NOW - DAY)
    looker.book.finish_scan(scan, "done", {}, NOW)
    looker.book.start_scan(SITE, "a" * 40, NOW - DAY)
    looker.pull(SHOP, 1, stage="draft")
    looker.pull(SHOP, 2)
    looker.pull(SHOP, 3, state="merged", opened=NOW - 2 * DAY)
    looker.pull(SHOP, 4, state="merged")
    waits = WithheldRow("k", "i", "Mend", Reason.TEAM_BUDGET.id, "Later.", since=NOW, seen=NOW)
    never = WithheldRow("l", "i", "Mend", Reason.ADVICE.id, "A person.")
    looker.book.replace_withheld(SHOP, [waits, never])
    steps = looker.at(overview).values["steps"]
    assert [(link.words, count) for link, count, _ in steps] == [  # type: ignore[attr-defined]
        ("Discover", 1),
        ("Draft", 1),
        ("Secure capacity", 1),
        ("Assign", 1),
        ("Evaluate", 1),
    ]


def given_up(looker: Looker, repository: int | None) -> None:
    looker.book.enqueue(Kind.SCAN, f"scan:{repository}", NOW, repository_id=repository)
    job = looker.book.claim("w", NOW, DAY)
    assert job
    looker.book.fail(job, "the sky fell", NOW)


def test_what_has_stopped_is_there_with_the_reason(looker: Looker) -> None:
    given_up(looker, SHOP)
    looker.book.pauses.begin(ACME, "stray-print", NOW, merged=3, decided=20)
    looker.book.pauses.begin(ACME, "bare-except", NOW, merged=1, decided=20, place=SITE)
    looker.book.pauses.begin(ACME, "old-one", NOW, merged=1, decided=20)
    looker.book.pauses.end(ACME, "old-one", "ada", NOW)
    shown = looker.at(overview)
    assert column(shown, "stopped", "what") == ["scan acme/shop", "stray-print", "bare-except"]
    assert column(shown, "stopped", "why") == [
        "the sky fell",
        "it pauses",
        "it pauses in acme/site: 1 of the 20 decided when it began were merged",
    ]
    assert (
        column(looker.at(overview, LOCAL), "stopped", "why")[1]
        == "it pauses: 3 of the 20 decided when it began were merged"
    )
    assert column(looker.at(overview, BOB), "stopped", "what") == ["scan acme/shop", "stray-print"]


def test_where_a_mistake_in_kotsu_yml_stops_something_it_is_said(looker: Looker) -> None:
    kept = WithheldRow("kotsu.yml", "", "Everything", Reason.BROKEN_CONFIGURATION.id, "Mend line 4.")
    for repository in (SITE, VAULT):
        looker.book.replace_withheld(repository, [kept])
    looker.book.replace_withheld(SHOP, [WithheldRow("k", "k", "Mend", Reason.ADVICE.id, "See line 1.")])
    assert column(looker.at(overview), "stopped", "what") == ["acme/site"]
    assert column(looker.at(overview), "stopped", "why") == ["a mistake in its kotsu.yml"]
    assert column(looker.at(overview, BOB), "stopped", "what") == []


def test_a_team_that_pauses_is_named_to_those_whose_pull_requests_are_its_own(looker: Looker) -> None:
    looker.book.pauses.begin(ACME, "stray-print", NOW, merged=0, decided=20, team="acme/core")
    looker.pull(SITE, 1, team="Acme/Core")
    assert column(looker.at(overview), "stopped", "why") == ["it pauses for acme/core"]
    assert column(looker.at(overview, BOB), "stopped", "why") == []
    assert column(looker.at(overview, LOCAL), "stopped", "why") == [
        "it pauses for acme/core: 0 of the 20 decided when it began were merged"
    ]


def test_many_lost_jobs_of_others_hide_none_of_theirs(looker: Looker) -> None:
    given_up(looker, SHOP)
    for _ in range(101):
        given_up(looker, VAULT)
    assert column(looker.at(overview), "stopped", "what") == ["scan acme/shop"]
    assert figures(looker.at(health))["given-up"] == 1
    everything = looker.at(health, LOCAL)
    assert (figures(everything)["given-up"], len(everything.table("given-up").rows)) == (102, 100)
    assert everything.table("given-up").more == "/health?given-up-from=100#given-up"


def test_a_step_and_a_figure_count_what_they_lead_to(looker: Looker) -> None:
    for number, stage in enumerate(("branch", "draft", "red"), 1):
        looker.pull(SHOP, number, stage=stage)
    found = [ExposureRow(SHOP, "CVE-1", name, "high", "", TODAY, NOW) for name in ("django", "flask")]
    looker.book.exposures.note(SHOP, found, NOW)
    shown = looker.at(overview)
    steps = {link.words: count for link, count, _ in shown.values["steps"]}  # type: ignore[attr-defined]
    assert steps["Draft"] == len(looker.at(pulls, state="draft").table("pulls").rows) == 1
    assert figures(shown)["weaknesses"] == len(looker.at(runway).table("weaknesses").rows) == 2


def test_nothing_of_what_is_elsewhere_is_shown_or_counted(looker: Looker) -> None:
    fresh(looker, VAULT, 0, 400)
    ends(looker, VAULT, ("Python 3.10", 9))
    weak(looker, VAULT)
    looker.pull(VAULT, 1)
    looker.pull(VAULT, 2, state="merged", opened=NOW - 2 * DAY)
    looker.book.replace_withheld(
        VAULT, [WithheldRow("k", "i", "Mend", Reason.TEAM_BUDGET.id, "Later.", since=NOW, seen=NOW)]
    )
    scan = looker.book.start_scan(VAULT, "a" * 40, NOW)
    looker.book.finish_scan(scan, "done", {}, NOW)
    given_up(looker, VAULT)
    given_up(looker, None)
    looker.book.pauses.begin(OTHER, "stray-print", NOW, merged=3, decided=20)
    looker.book.pauses.begin(ACME, "bare-except", NOW, merged=1, decided=20, place=VAULT)
    shown = looker.at(overview)
    assert [one.value for one in shown.figures] == [None, None, 0, 0, 0, 0]
    assert [len(table.rows) for table in shown.tables[:-1]] == [0, 0, 0, 0]
    assert column(shown, "busiest", "repository") == ["acme/shop", "acme/site"]
    assert [count for _, count, _ in shown.values["steps"]] == [0] * 5  # type: ignore[attr-defined]
    assert [len(table.rows) > 0 for table in looker.at(overview, LOCAL).tables] == [True] * 5
    assert ADA.login not in str(shown)
