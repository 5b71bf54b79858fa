"""The measures: what an operator is told in a bounded number of series, and the dashboard of them."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.measuring import Measuring
from app.metrics import Metrics
from tests.fleet import NOW
from tests.workers.bookkeeping import of, pushed
from workers.ledger import Ledger

DASHBOARD = Path(__file__).parents[2] / "docs/grafana.json"
MINUTE = timedelta(minutes=1)


def shown(book: Ledger, now: datetime = NOW) -> str:
    return told(Measuring(book, lambda: now))


def told(measuring: Measuring) -> str:
    return Metrics().render(measuring.measured()).decode()


def proposed(book: Ledger, number: int, improvement: str = "pinned-action") -> None:
    book.save_proposal(
        1,
        key=f"{improvement}/{number}",
        improvement=improvement,
        title="Title",
        branch=f"kotsu/{improvement}/{number}",
        number=number,
        url="https://github.test",
        head_sha="a" * 40,
        digest="d",
        minutes=5,
        now=NOW,
    )


@pytest.fixture
def known(book: Ledger) -> Ledger:
    book.upsert_repository(of(), NOW)
    return book


def test_fates_and_acceptance_are_told_by_improvement(known: Ledger) -> None:
    for number in range(1, 5):
        proposed(known, number)
    known.close_proposal(1, 1, "merged", NOW)
    known.close_proposal(1, 2, "closed", NOW, closed_by="ada")
    text = shown(known)
    assert 'kotsu_fates{fate="merged",improvement="pinned-action"} 1.0' in text
    assert 'kotsu_fates{fate="open",improvement="pinned-action"} 2.0' in text
    assert 'kotsu_accepted_ratio{improvement="pinned-action"} 0.5' in text


def test_no_series_is_about_one_repository_or_pull_request(known: Ledger) -> None:
    few = len(shown(known).splitlines())
    for number in range(1, 30):
        proposed(known, number)
    assert len(shown(known).splitlines()) == few + 1
    assert of().name not in shown(known)


def test_a_fate_that_nothing_has_any_more_is_no_series(known: Ledger) -> None:
    proposed(known, 1)
    measures = Metrics()
    assert b'fate="open"' in measures.render(Measuring(known, lambda: NOW).measured())
    known.close_proposal(1, 1, "merged", NOW)
    assert b'fate="open"' not in measures.render(Measuring(known, lambda: NOW).measured())


def test_what_became_of_pull_requests_is_asked_once_a_minute(known: Ledger) -> None:
    now = [NOW]
    measuring = Measuring(known, lambda: now[0])
    proposed(known, 1)
    assert 'fate="open",improvement="pinned-action"} 1.0' in told(measuring)
    proposed(known, 2)
    assert 'fate="open",improvement="pinned-action"} 1.0' in told(measuring)
    now[0] += MINUTE
    assert 'fate="open",improvement="pinned-action"} 2.0' in told(measuring)


def test_where_nothing_came_or_ended_there_is_no_number(book: Ledger) -> None:
    text = shown(book)
    assert "kotsu_last_delivery_seconds NaN" in text
    assert 'kotsu_day_scan_seconds{quantile="0.5"} NaN' in text
    assert "kotsu_day_scans 0.0" in text


def test_the_last_delivery_and_the_scans_of_a_day_are_told(known: Ledger) -> None:
    known.record(pushed(), NOW)
    for minutes in (*range(1, 20), 60):
        scan = known.start_scan(1, "a" * 40, NOW)
        known.finish_scan(scan, "done", {}, NOW + minutes * MINUTE)
    text = shown(known, NOW + 90 * MINUTE)
    assert "kotsu_last_delivery_seconds 5400.0" in text
    assert "kotsu_day_scans 20.0" in text
    for quantile, minutes in (("0.5", 11), ("0.95", 60), ("1", 60)):
        assert f'kotsu_day_scan_seconds{{quantile="{quantile}"}} {minutes * 60}.0' in text
    assert "kotsu_day_scans 0.0" in shown(known, NOW + timedelta(days=2))


# --- the dashboard


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return found


def test_the_dashboard_asks_for_measures_that_there_are(known: Ledger) -> None:
    proposed(known, 1)
    known.close_proposal(1, 1, "merged", NOW)
    measures = Metrics()
    measures.delivery("push", "recorded")
    measures.hint("sent")
    text = measures.render(Measuring(known, lambda: NOW).measured()).decode()
    told_of = {line.partition(" ")[0].partition("{")[0] for line in text.splitlines() if line[0] != "#"}
    labels = set(re.findall(r'(\w+)="', text))
    asked = [target["expr"] for panel in panels() for target in panel["targets"]]
    named = {name for expression in asked for name in re.findall(r"kotsu_\w+", expression)}
    assert named <= told_of
    groups = [group for expression in asked for group in re.findall(r"by \(([^)]*)\)", expression)]
    assert {label.strip() for group in groups for label in group.split(",")} <= labels
    assert {name for name in told_of if not name.endswith("_created")} == named


def test_no_two_panels_of_the_dashboard_lie_on_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert all(x < 24 for x, _ in cells)
        taken |= cells
    assert len({panel["id"] for panel in panels()}) == len(panels())
