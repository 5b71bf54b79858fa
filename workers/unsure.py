"""Decides when to ask GitHub again for what it has not worked out: less and less often."""

from __future__ import annotations

from datetime import datetime, timedelta

_DAY = timedelta(days=1)
STEPS = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6), _DAY)
"""How long after the last look the next one follows; the last of them holds from then on."""


def again(since: datetime, now: datetime) -> datetime:
    """Return when to look again at a pull request whose head and base have stood still ``since`` a moment.

    The moments follow from that one alone, so that however often it is looked at in between, they stay.
    """
    moment = min(since, now)
    for step in STEPS:
        moment += step
        if moment > now:
            return moment
    return moment + ((now - moment) // _DAY + 1) * _DAY
