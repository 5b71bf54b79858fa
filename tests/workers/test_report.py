"""A week in a few sentences: each number with what it is of, and nothing that nobody knows."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.outlines import DAY, outline
from workers.answered import Word
from workers.evaluation import letter, report
from workers.evaluation.outline import Outline
from workers.evaluation.report import Known, Report, Section
from workers.ledger.exposures import ExposureRow
from workers.ledger.freshness import FreshnessRow
from workers.ledger.horizons import HorizonRow
from workers.ledger.pauses import PauseRow
from workers.model import CONFIGURE, Stage

WEEK, MONDAY = "2026-W09", datetime(2026, 2, 23, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SUNDAY = MONDAY + timedelta(days=6, hours=23, minutes=59)
EMPTY = Known("acme", {1: "acme/shop", 2: "acme/site"}, ())


def done(state: str, closed: datetime = MONDAY, **more: object) -> Outline:
    return outline(state, opened=MONDAY - 30 * DAY, **{"closed_at": closed, **more})


def made(known: Known = EMPTY, **more: object) -> dict[str, Section]:
    told = report.made(replace(known, **more), WEEK, NOW)
    return {section.name: section for section in told.sections}


def whole(**more: object) -> list[Report]:
    return [report.made(replace(EMPTY, **more), WEEK, NOW)]


# --- which week


def test_the_last_week_is_the_one_that_is_over() -> None:
    assert report.last(NOW) == WEEK
    assert report.last(datetime(2027, 1, 4, tzinfo=UTC)) == "2026-W53"
    assert report.begin(WEEK) == MONDAY


@given(st.datetimes(datetime(1980, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 -- hypothesis wants bounds without a zone
def test_the_last_week_ended_less_than_a_week_ago(now: datetime) -> None:
    end = report.begin(report.last(now)) + timedelta(days=7)
    assert end <= now < end + timedelta(days=7)


@pytest.mark.parametrize("text", ["", "2026", "2026-W", "2026-W54", "W09", "2026-W9x", "2026-02-23"])
def test_what_is_no_week_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        report.begin(text)


# --- what it tells


def test_what_ended_in_the_week_counts_and_nothing_else() -> None:
    some = [
        done("merged"),
        done("merged", SUNDAY),
        done("merged", MONDAY - timedelta(seconds=1)),
        done("merged", MONDAY + 7 * DAY),
        done("closed"),
        done("closed", word=Word.SUPERSEDED),
        done("merged", key=CONFIGURE),
    ]
    merged = made(outlines=some)["merged"]
    assert merged.sentence == (
        "2 of 3 that were decided this week were merged. In 90 days 3 of 4 were merged and stayed: 75 % (95 "
        "% interval 30 to 95 %)."
    )
    assert len(merged.rows) == 2


def test_what_was_taken_back_was_merged_and_did_not_stay() -> None:
    merged = made(outlines=[done("merged", reverted_at=MONDAY + DAY), done("merged", edited=True)])["merged"]
    assert merged.sentence.startswith("2 of 2 that were decided this week were merged, 1 of them taken back")
    assert [row[2].text for row in merged.rows] == ["taken back", "edited first"]


def test_what_waits_is_told_by_whom_it_waits_for_the_longest_first() -> None:
    some = [
        outline(opened=NOW - 3 * DAY, repository_id=1, cost=4),
        outline(opened=NOW - 9 * DAY, team="acme/apples", cost=5),
        outline(opened=NOW - 2 * DAY, team="acme/apples", cost=6),
        outline(stage=Stage.RED),
        outline(reviewed_at=NOW),
        outline(stage=Stage.BRANCH, number=-4),
    ]
    waiting = made(outlines=some)["waiting"]
    assert waiting.sentence == "3 of 5 open pull requests wait for a review of 15 minutes."
    assert [[cell.text for cell in row] for row in waiting.rows] == [
        ["acme/apples", "2", "11", "9"],
        ["acme/shop", "1", "4", "3"],
    ]


def fresh(repository_id: int, day: date, days: int) -> FreshnessRow:
    return FreshnessRow(repository_id, day, 10, 8, days, 1, 1, 1)


def test_whether_it_is_fresher_is_told_of_those_that_were_known_before() -> None:
    rows = [
        fresh(1, date(2026, 2, 20), 1461),
        fresh(1, date(2026, 2, 28), 1096),
        fresh(2, date(2026, 2, 28), 3653),
        fresh(1, date(2026, 3, 2), 0),
    ]
    fresher = made(freshness=rows)["fresher"]
    assert fresher.sentence == (
        "Dependencies are 13.0 libyears behind: 16 of 20 in 2 of 2 repositories are known. "
        "The 1 that were known before the week are 1.0 libyears less than before it."
    )


def test_where_nothing_is_known_nothing_is_called_fresh() -> None:
    fresher = made()["fresher"]
    assert (fresher.sentence, fresher.figures["libyears"]) == ("Nothing is known of it yet.", None)
    new = made(freshness=[fresh(1, date(2026, 2, 28), 1096)])["fresher"]
    assert new.figures["change"] is None


def test_what_ends_is_told_once_with_where_it_is() -> None:
    rows = [
        HorizonRow(1, "python", "Python 3.9", date(2026, 2, 1)),
        HorizonRow(1, "package", "Django 4.2", date(2026, 4, 30)),
        HorizonRow(2, "package", "Django 4.2", date(2026, 4, 30)),
        HorizonRow(2, "python", "Python 3.10", date(2026, 10, 31)),
    ]
    ending = made(endings=rows)["ending"]
    assert ending.sentence == "1 end within 90 days and 1 have ended already, in 2 of 2 repositories."
    assert [row[2].text for row in ending.rows] == ["acme/shop", "acme/shop, acme/site"]


def test_weaknesses_come_and_go() -> None:
    def weak(name: str, since: datetime, gone: datetime | None = None) -> ExposureRow:
        return ExposureRow(1, name, "django", "high", "", None, since, gone)

    old, lately = MONDAY - 20 * DAY, MONDAY + DAY
    seen = [weak("A", old), weak("B", lately), weak("C", old, lately), weak("D", old, MONDAY - DAY)]
    section = made(exposures=seen)["weaknesses"]
    assert section.sentence == (
        "2 published weaknesses are in use in 1 of 2 repositories; 1 came this week, and 1 went."
    )
    assert [row[0].text for row in section.rows] == ["A", "B"]


def test_hours_are_a_range_and_may_be_a_loss() -> None:
    assert made(outlines=[done("merged", minutes=66, cost=6), done("closed", cost=30)])["toil"].figures == {
        "low": 0.5,
        "high": 1.0,
        "ended": 2,
    }
    assert made(outlines=[done("closed", cost=30)])["toil"].figures["low"] == -0.5


def test_what_pauses_is_told_until_it_goes_on() -> None:
    rows = [
        PauseRow(7, "aware-utcnow", NOW, 3, 20),
        PauseRow(7, "raise", NOW, 0, 20, team="acme/apples"),
        PauseRow(7, "sweep", NOW, 0, 20, place=2),
        PauseRow(7, "heal", NOW, 0, 20, ended=NOW),
        PauseRow(7, "untold", NOW, 0, 0),
    ]
    paused = made(pauses=rows)["paused"]
    assert [[cell.text for cell in row] for row in paused.rows] == [
        ["aware-utcnow", "everybody", "3 of 20 merged"],
        ["raise", "acme/apples", "0 of 20 merged"],
        ["sweep", "acme/site", "0 of 20 merged"],
        ["untold", "everybody", ""],
    ]
    assert made()["paused"].sentence == "No improvement pauses."


def test_a_long_list_is_cut_and_says_how_much_is_missing() -> None:
    merged = made(outlines=[done("merged") for _ in range(23)])["merged"]
    assert (len(merged.rows), merged.more) == (20, 3)
    assert "And 3 more." in letter.markdown(whole(outlines=[done("merged") for _ in range(23)]))


# --- how it is written

EVIL = "</td><script>alert(1)</script> @acme/all ![x](https://evil.example/p.png) | fixes #1"


def test_the_mail_needs_nothing_from_elsewhere_and_runs_nothing() -> None:
    evil = done("merged", title=EVIL, url='javascript:alert("x")')
    page = letter.html(whole(outlines=[evil, done("merged")]))
    assert "&lt;script&gt;" in page
    assert not re.search(
        r"<(script|img|link|iframe|style|object|form)\b|javascript:|\son\w+=|@import|url\(", page
    )
    assert re.findall(r'href="([^"]*)"', page) == ["https://github.example/acme/shop/pull/1"]


def test_the_markdown_pings_nobody_and_embeds_nothing() -> None:
    text = letter.markdown(whole(outlines=[done("merged", title=EVIL)]))
    assert text.startswith("# acme in week 2026-W09\n\n## Merged\n\n1 of 1 that were decided")
    assert not re.search(r"@acme/all|<script|!\[|\bfixes #1", text)
    (row,) = [line for line in text.splitlines() if "alert" in line]
    assert len(re.findall(r"(?<!\\)\|", row)) == 4


def test_scripts_get_the_figures_by_name() -> None:
    (told,) = json.loads(letter.as_json(whole(outlines=[done("merged")])))["reports"]
    assert (told["organisation"], told["week"], told["begin"]) == ("acme", WEEK, "2026-02-23T00:00:00+00:00")
    assert told["sections"]["merged"]["merged"] == 1
    assert list(told["sections"]) == [
        *("merged", "waiting", "fresher", "ending", "weaknesses", "toil", "paused")
    ]


@pytest.mark.parametrize("form", list(letter.FORMATS))
def test_where_nothing_happened_nothing_is_invented(form: str) -> None:
    text = letter.FORMATS[form](whole())
    assert "0 of 0 that were decided this week were merged." in text
    assert not re.search(r"\bnan\b|None\b|interval", text)
