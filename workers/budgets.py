"""Keeps what a repository knows of the budgets that it shares, for those who may look at it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # as in `workers.capacity`
    from workers.wants import Budget, Capacity


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much attention there is: open pull requests, new ones a day, minutes a week; None has no bound."""

    open: int | None = None
    per_day: int | None = None
    minutes: int | None = None


_UNBOUND = Bounds()


@dataclass(frozen=True, slots=True)
class Shared:
    """The bounds of the organisation and of teams (by name), and by whose clock (``zone``) a week begins."""

    zone: str = "UTC"
    organisation: Bounds = _UNBOUND
    teams: Mapping[str, Bounds] = field(default_factory=dict)


def key(repository: int) -> str:
    """Return under which key it is remembered what a repository knows of shared budgets."""
    return f"budgets:{repository}"


def of(capacity: Capacity) -> Shared:
    """Return what a configuration says of them: of the teams, those that have to do with the repository."""
    teams = {name: _bounds(budget) for name, budget in capacity.teams.items()}
    return Shared(capacity.time_zone, _bounds(capacity.organisation), teams)


def _bounds(budget: Budget) -> Bounds:
    return Bounds(budget.open, budget.per_day, budget.minutes_per_week)


def written(shared: Shared) -> str:
    """Return it in a form that `read` knows."""
    return json.dumps(asdict(shared), ensure_ascii=False)


def read(text: str) -> Shared | None:
    """Return what was written, None where another version wrote it in a way of its own."""
    try:
        said = json.loads(text)
        teams = {name: Bounds(**bounds) for name, bounds in said["teams"].items()}
        return Shared(said["zone"], Bounds(**said["organisation"]), teams)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
