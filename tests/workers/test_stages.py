"""The next step of a pull request: in no case is anybody asked about what fails because of us."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from workers import stages
from workers.checks import Colour
from workers.model import Stage
from workers.stages import Standing, Step

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PATIENCE = timedelta(days=14)
LONG, SHORT = NOW - PATIENCE, NOW - PATIENCE + timedelta(seconds=1)
EVERY = [
    Standing(draft, colour, *told, since)
    for draft, colour, told, since in product(
        (True, False), Colour, product((True, False), repeat=4), (None, SHORT, LONG)
    )
]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (Standing(draft=True, colour=Colour.WAITING), Step.WAIT),
        (Standing(draft=False, colour=Colour.WAITING), Step.WAIT),
        (Standing(draft=True, colour=Colour.WAITING, stuck_since=SHORT), Step.WAIT),
        (Standing(draft=True, colour=Colour.WAITING, stuck_since=LONG), Step.GIVE_UP),
        (Standing(draft=True, colour=Colour.WAITING, seen=True, stuck_since=LONG), Step.WAIT),
        (Standing(draft=True, colour=Colour.GREEN, conflicts=True, stuck_since=LONG), Step.WAIT),
        (Standing(draft=True, colour=Colour.GREEN), Step.READY),
        (Standing(draft=True, colour=Colour.GREEN, touched=True), Step.READY),
        (Standing(draft=True, colour=Colour.GREEN, people=True), Step.HOLD),
        (Standing(draft=True, colour=Colour.RED, people=True, red_since=LONG), Step.HOLD),
        (Standing(draft=False, colour=Colour.GREEN), Step.ASK),
        (Standing(draft=False, colour=Colour.GREEN, people=True), Step.ASK),
        (Standing(draft=True, colour=Colour.RED), Step.RED),
        (Standing(draft=True, colour=Colour.RED, red_since=SHORT), Step.RED),
        (Standing(draft=True, colour=Colour.RED, red_since=LONG), Step.CLOSE),
        (Standing(draft=False, colour=Colour.RED, red_since=SHORT), Step.REDRAFT),
        (Standing(draft=False, colour=Colour.RED, people=True, red_since=LONG), Step.RED),
        (Standing(draft=False, colour=Colour.RED, seen=True, red_since=LONG), Step.RED),
        (Standing(draft=True, colour=Colour.RED, touched=True, red_since=LONG), Step.RED),
    ],
)
def test_each_case_has_its_step(at: Standing, expected: Step) -> None:
    assert stages.step(at, NOW, PATIENCE) is expected


@pytest.mark.parametrize("at", EVERY, ids=str)
def test_nobody_is_asked_unless_nothing_fails_because_of_us(at: Standing) -> None:
    step = stages.step(at, NOW, PATIENCE)
    if step in (Step.READY, Step.ASK):
        assert at.colour is Colour.GREEN
        assert not at.conflicts
    if step is Step.CLOSE:
        assert at.colour is Colour.RED
        assert not any((at.people, at.touched, at.seen))
    if at.draft and at.people:
        assert step is Step.HOLD
    assert stages.step(at, NOW, timedelta()) is not Step.CLOSE


@pytest.mark.parametrize(
    ("step", "draft", "expected"),
    [
        (Step.WAIT, True, Stage.DRAFT),
        (Step.WAIT, False, Stage.READY),
        (Step.READY, False, Stage.READY),
        (Step.HOLD, True, Stage.HELD),
        (Step.REDRAFT, True, Stage.RED),
    ],
)
def test_the_stage_is_what_the_step_makes_of_it(step: Step, expected: Stage, *, draft: bool) -> None:
    assert stages.stage(step, draft=draft) is expected


@pytest.mark.parametrize(
    ("step", "since", "begins", "hours"),
    [
        (Step.WAIT, None, NOW + timedelta(minutes=30), 0.5),
        (Step.WAIT, None, NOW, 24),
        (Step.RED, SHORT, NOW, 1),
        (Step.RED, NOW - timedelta(days=1), NOW, 24),
        (Step.REDRAFT, None, NOW, 24),
        (Step.READY, None, NOW, None),
        (Step.HOLD, None, NOW, None),
    ],
)
def test_the_clock_wakes_what_no_event_will(
    step: Step, since: datetime | None, begins: datetime, hours: float | None
) -> None:
    at = Standing(draft=True, colour=Colour.RED, red_since=since)
    due = stages.due(step, at, NOW, begins_until=begins, patience=PATIENCE)
    assert due == (None if hours is None else NOW + timedelta(hours=hours))
