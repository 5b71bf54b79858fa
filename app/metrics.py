"""What Prometheus reads: counters of this process, and the state of the ledger."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE

from app import events
from workers.ledger import JobState, Tally
from workers.messages import Priority

__all__ = ["CONTENT_TYPE", "Metrics"]

_EVENTS = events.NAMES | {"check_run", "ping"}
"""Events that are counted under their own name; a label must not grow with what is sent.

The two that ask nothing of us GitHub sends to every App that writes checks.
"""


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
        self._reachable = Gauge(
            "kotsu_database_reachable", "Whether the ledger can be read.", registry=self._registry
        )

    def delivery(self, event: str, outcome: str) -> None:
        """Count a delivery; ``event`` is empty where nobody vouched for it."""
        self._deliveries.labels(event if event in _EVENTS else "other", outcome).inc()

    def hint(self, outcome: str) -> None:
        """Count a hint: ``sent``, ``failed`` or ``dropped``."""
        self._hints.labels(outcome).inc()

    def render(self, tally: Tally | None) -> bytes:
        """Return the text that Prometheus reads; without a tally the ledger cannot be read."""
        self._reachable.set(tally is not None)
        if tally is not None:
            for state in JobState:
                self._jobs.labels(state.value).set(tally.jobs.get(state, 0))
            for outcome in ("open", "merged", "closed"):
                self._proposals.labels(outcome).set(tally.proposals.get(outcome, 0))
            self._oldest.set(tally.oldest.total_seconds())
            for priority in Priority:
                wait = tally.waits.get(priority, timedelta())
                self._waits.labels(priority.name.lower()).set(wait.total_seconds())
            self._resting.set(tally.resting)
        return generate_latest(self._registry)
