"""Whether it is merged without a person, read as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from workers import hours, ripeness
from workers.ripeness import PATIENCE, PAUSE, Facts, Move
from workers.wants import Capacity

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
READY = Facts(proven=True, objection="", state="clean")
ALWAYS = hours.of(Capacity())


@pytest.mark.parametrize(
    ("more", "move", "due"),
    [
        ({}, Move.MERGE, None),
        ({"state": "unstable"}, Move.MERGE, None),
        ({"state": "has_hooks"}, Move.MERGE, None),
        ({"queue": True}, Move.ENQUEUE, None),
        ({"queue": True, "state": "behind"}, Move.ENQUEUE, None),
        ({"queue": True, "queued": True}, Move.WAIT, None),
        ({"proven": False}, Move.NO, None),
        ({"proven": False, "waiting": True}, Move.WAIT, None),
        ({"objection": "no"}, Move.NO, None),
        ({"objection": "no", "waiting": True}, Move.NO, None),
        ({"objection": "no", "enabled": True}, Move.NO, None),
        ({"objection": "no", "enabled": True, "ours": True}, Move.DISABLE, None),
        ({"state": "draft"}, Move.NO, None),
        ({"state": "unknown"}, Move.WAIT, NOW + HOUR / 12),
        ({"state": "unknown", "moved": NOW - HOUR}, Move.WAIT, NOW + HOUR / 3),
        ({"state": "blocked"}, Move.NO, None),
        ({"state": "blocked", "waits": True}, Move.ENABLE, None),
        ({"state": "blocked", "waits": True, "enabled": True, "ours": True}, Move.NO, None),
        ({"state": "blocked", "waits": True, "proven": False}, Move.NO, None),
        ({"state": "behind"}, Move.REBASE, NOW + PATIENCE),
        ({"state": "dirty"}, Move.REBASE, NOW + PATIENCE),
        ({"state": "dirty", "queue": True}, Move.REBASE, NOW + PATIENCE),
        ({"state": "behind", "rebased_at": NOW - HOUR / 2}, Move.WAIT, NOW + HOUR / 2),
        ({"state": "behind", "rebased_at": NOW - HOUR}, Move.NO, None),
        ({"state": "behind", "other_at": NOW - HOUR / 2}, Move.WAIT, NOW + HOUR / 2),
        ({"state": "behind", "other_at": NOW - HOUR}, Move.REBASE, NOW + PATIENCE),
        ({"other_at": NOW}, Move.MERGE, None),
        ({"broken": {"tests": NOW - HOUR}}, Move.WAIT, NOW + HOUR),
        ({"broken": {"tests": NOW - PAUSE + HOUR / 2}}, Move.WAIT, NOW + HOUR / 2),
        ({"broken": {"tests": NOW - PAUSE}}, Move.NO, None),
        ({"broken": {"tests": NOW - HOUR}, "state": "blocked", "waits": True}, Move.ENABLE, None),
    ],
)
def test_what_is_done(more: dict[str, object], move: Move, due: datetime | None) -> None:
    found = ripeness.decide(replace(READY, **more), ALWAYS, NOW)  # type: ignore[arg-type]  # columns of a table
    assert (found.move, found.due) == (move, due)
    assert found.why


def test_out_of_hours_nothing_is_merged_until_they_begin() -> None:
    when = hours.of(Capacity(hours="12:00-13:00", days=("tuesday",)))
    never = ripeness.decide(READY, hours.of(Capacity(days=())), NOW)
    assert (never.move, never.due) == (Move.NO, None)
    found = ripeness.decide(READY, when, NOW)
    assert (found.move, found.due) == (Move.WAIT, NOW + timedelta(days=1, hours=2))
    assert ripeness.decide(READY, when, NOW + timedelta(days=1, hours=2)).move is Move.MERGE


def test_a_person_is_asked_exactly_where_it_cannot_be_merged_without_one() -> None:
    alone = {move for move in Move if move.needs_nobody}
    assert alone == {Move.WAIT, Move.MERGE, Move.ENQUEUE, Move.REBASE}
