"""What Prometheus reads: counters of this process, and the state of the ledger."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE

from app import events
from workers.evaluation.acceptance import Acceptance
from workers.ledger import JobState, Tally
from workers.ledger.vitals import Vital
from workers.messages import Priority

__all__ = ["CONTENT_TYPE", "Became", "Measured", "Metrics"]

_QUANTILES = (0.5, 0.95, 1.0)

_EVENTS = events.NAMES | {"check_run", "ping"}
"""Events that are counted under their own name; a label must not grow with what is sent.

The two that ask nothing of us GitHub sends to every App that writes checks.
"""


@dataclass(frozen=True, slots=True)
class Became:
    """What became of pull requests: how many, by improvement and fate, and how often each is accepted."""

    fates: Mapping[tuple[str, str], int]
    accepted: Mapping[str, Acceptance]


@dataclass(frozen=True, slots=True)
class Measured:
    """What the ledger knows in numbers."""

    tally: Tally
    vital: Vital
    became: Became


class Metrics:
    """The measures of one process; each has its own registry."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._deliveries = Counter(
            "kotsu_deliveries", "Webhook deliveries.", ["event", "outcome"], registry=self._registry
        )
        self._hints = Counter("kotsu_hints", "Hints to the broker.", ["outcome"], registry=self._registry)
        self._jobs = Gauge("kotsu_jobs", "Jobs in the ledger.", ["state"], registry=self._registry)
        self._oldest = Gauge(
            "kotsu_oldest_job_seconds", "How long the first waiting job is overdue.", registry=self._registry
        )
        self._waits = Gauge(
            "kotsu_waiting_job_seconds",
            "How long the first waiting job of a priority is overdue.",
            ["priority"],
            registry=self._registry,
        )
        self._resting = Gauge(
            "kotsu_resting_installations",
            "Installations whose jobs wait, all or but for people's, as GitHub asks.",
            registry=self._registry,
        )
        self._proposals = Gauge(
            "kotsu_proposals", "Pull requests that were opened.", ["state"], registry=self._registry
        )
        self._fates = Gauge(
            "kotsu_fates",
            "Pull requests by what became of them: as many series as improvements have fates.",
            ["improvement", "fate"],
            registry=self._registry,
        )
        self._accepted = Gauge(
            "kotsu_accepted_ratio",
            "Share of an improvement's decided pull requests that were merged and stayed.",
            ["improvement"],
            registry=self._registry,
        )
        self._pauses = Gauge(
            "kotsu_paused_improvements", "Pauses of improvements that last.", registry=self._registry
        )
        self._rests = Gauge(
            "kotsu_paused_repositories", "Repositories that people paused.", registry=self._registry
        )
        self._delivered = Gauge(
            "kotsu_last_delivery_seconds", "How long the last delivery is ago.", registry=self._registry
        )
        self._scans = Gauge("kotsu_day_scans", "Scans that ended within a day.", registry=self._registry)
        self._took = Gauge(
            "kotsu_day_scan_seconds",
            "How long the scans of a day took.",
            ["quantile"],
            registry=self._registry,
        )
        self._reachable = Gauge(
            "kotsu_database_reachable", "Whether the ledger can be read.", registry=self._registry
        )

    def delivery(self, event: str, outcome: str) -> None:
        """Count a delivery; ``event`` is empty where nobody vouched for it."""
        self._deliveries.labels(event if event in _EVENTS else "other", outcome).inc()

    def hint(self, outcome: str) -> None:
        """Count a hint: ``sent``, ``failed`` or ``dropped``."""
        self._hints.labels(outcome).inc()

    def render(self, found: Measured | None) -> bytes:
        """Return the text that Prometheus reads; without what was measured the ledger cannot be read."""
        self._reachable.set(found is not None)
        if found is not None:
            self._tell(found.tally)
            self._live(found.vital)
            self._become(found.became)
        return generate_latest(self._registry)

    def _tell(self, tally: Tally) -> None:
        for state in JobState:
            self._jobs.labels(state.value).set(tally.jobs.get(state, 0))
        for outcome in ("open", "merged", "closed"):
            self._proposals.labels(outcome).set(tally.proposals.get(outcome, 0))
        self._oldest.set(tally.oldest.total_seconds())
        for priority in Priority:
            wait = tally.waits.get(priority, timedelta())
            self._waits.labels(priority.name.lower()).set(wait.total_seconds())
        self._resting.set(tally.resting)

    def _live(self, vital: Vital) -> None:
        self._pauses.set(vital.pauses)
        self._rests.set(vital.rests)
        # Where none ever came, the number is none: an alert on it would be about nothing.
        self._delivered.set(vital.delivered.total_seconds() if vital.delivered is not None else math.nan)
        self._scans.set(len(vital.scans))
        for quantile in _QUANTILES:
            at = min(int(len(vital.scans) * quantile), len(vital.scans) - 1)
            took = vital.scans[at].total_seconds() if vital.scans else math.nan
            self._took.labels(f"{quantile:g}").set(took)

    def _become(self, became: Became) -> None:
        self._fates.clear()
        self._accepted.clear()
        for (improvement, fate), count in became.fates.items():
            self._fates.labels(improvement, fate).set(count)
        for improvement, accepted in became.accepted.items():
            self._accepted.labels(improvement).set(accepted.share)
