"""Pull requests in outline, as tests of the evaluation need them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from tests.fleet import NOW
from workers.evaluation.outline import Outline

DAY = timedelta(days=1)
_IDS = count(1)
PLAIN = Outline(
    id=0,
    repository_id=1,
    installation_id=7,
    number=1,
    key="aware-utcnow",
    improvement="aware-utcnow",
    title="Know the zone",
    url="https://github.example/acme/shop/pull/1",
    state="open",
    stage="ready",
    team="",
    minutes=10,
    cost=3,
    opened_at=NOW - 10 * DAY,
    closed_at=None,
    reviewed_at=None,
    asked_at=None,
    reverted_at=None,
    word="",
    closed_by="",
    because="",
    broke="",
    edited=None,
    overdraft=False,
)


def outline(state: str = "open", *, opened: datetime = NOW - 10 * DAY, **more: object) -> Outline:
    """Return one; what has ended did so a day ago, unless it says another moment."""
    number = next(_IDS)
    closed = None if state == "open" else max(opened, NOW - DAY)
    said = {"id": number, "number": number, "state": state, "opened_at": opened, "closed_at": closed}
    return replace(PLAIN, **{**said, **more})  # type: ignore[arg-type]  # columns by name


def merged(count: int = 1, **more: object) -> list[Outline]:
    return [outline("merged", **more) for _ in range(count)]


def closed(count: int = 1, **more: object) -> list[Outline]:
    return [outline("closed", **more) for _ in range(count)]
