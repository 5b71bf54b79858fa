"""The arithmetic: what so many repositories cost, by what a scan and a pull request cost."""

from __future__ import annotations

from dataclasses import dataclass

_HOURS = 7 * 24
_WEEKS = 52
_KEPT = 30 / 7
"""Weeks for which the ledger keeps deliveries, jobs and scans."""
LEAST, MOST = 5_000, 12_500
"""Requests an hour that GitHub gives an installation, and those that it gives the largest ones."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one scan, or one pull request from its opening to its merge, costs.

    ``counted`` are requests to GitHub that count for an installation; ``free`` are those that do not: the
    App's own, for tokens, and what is answered with "not modified". ``index`` are requests to package
    indexes, ``received`` the bytes of all answers, ``cpu`` the seconds of the worker and what it starts, and
    ``stored`` bytes of the database.
    """

    counted: float
    free: float
    index: float
    received: float
    cpu: float
    stored: float


@dataclass(frozen=True, slots=True)
class Rates:
    """What happens: scans and pull requests of a repository in a week, and what a mirror takes, in bytes.

    ``busy`` is the share of its time that a worker's core may have something to do.
    """

    scans: float = 15.0
    pulls: float = 0.5
    mirror: float = 5e6
    busy: float = 0.5


@dataclass(frozen=True, slots=True)
class Cost:
    """What a fleet needs: cores of workers, requests an hour, and bytes of database (in a year) and disk."""

    cores: float
    requests: float
    database: float
    mirrors: float

    def share(self, budget: int = LEAST) -> float:
        """Return which share of an installation's requests that is, if all repositories are in one."""
        return self.requests / budget


def cost(repositories: int, scan: Spent, pull: Spent, fixed: float, rates: Rates) -> Cost:
    """Return what so many repositories cost; ``fixed`` bytes of the database each has, whatever happens."""
    scans, pulls = repositories * rates.scans, repositories * rates.pulls
    seconds = scans * scan.cpu + pulls * pull.cpu
    # What is about pull requests is kept for good, all else for a month.
    stored = repositories * fixed + scans * _KEPT * scan.stored + pulls * _WEEKS * pull.stored
    return Cost(
        cores=seconds / (_HOURS * 3600 * rates.busy),
        requests=(scans * scan.counted + pulls * pull.counted) / _HOURS,
        database=stored,
        mirrors=repositories * rates.mirror,
    )
