"""One budget while it is spent: pull requests that are open, those that are new, and minutes of review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Literal

from workers.evaluation.learning import STEADY, Pace
from workers.reasons import Reason

What = Literal["open", "per-day", "minutes", ""]
"""Which bound is reached; ``""``: none."""


class Whose(Enum):
    """Whose budget it is; the value is the words for it."""

    LIMITS = "`limits`"
    GENTLE = "the first weeks"
    REPOSITORY = "`capacity`"
    TEAM = "the team"
    ORGANISATION = "the organisation"


@dataclass(frozen=True, slots=True)
class Price:
    """What a pull request costs: minutes of review, of a team's budget too (``""``: of none)."""

    team: str
    cost: int


@dataclass(slots=True)
class Purse:
    """What is left of a budget; None has no bound.

    ``minutes`` are left of the ``whole`` week, ``aside`` of them went to what waits elsewhere and comes
    first. ``touched`` says whether any was spent this week. ``until`` is when the budget ends to be one, or
    when there is a new one where the ``pace`` is slower than a day.
    """

    whose: Whose
    open: int | None = None
    new: int | None = None
    minutes: int | None = None
    whole: int = 0
    team: str = ""
    touched: bool = False
    aside: int = 0
    until: datetime | None = None
    pace: Pace = STEADY

    @property
    def is_shared(self) -> bool:
        """Whether other repositories spend it too."""
        return self.whose in (Whose.TEAM, Whose.ORGANISATION)

    def pays(self, price: Price) -> bool:
        """Say whether it is charged for a pull request."""
        return self.whose is not Whose.TEAM or self.team.lower() == price.team.lower()

    def lacks(self, price: Price) -> What:
        """Return what there is not enough of; what is larger than a whole week may have one for itself."""
        if self.open is not None and self.open <= 0:
            return "open"
        if self.new is not None and self.new <= 0:
            return "per-day"
        has_week = self.whole > 0 and not self.touched
        return "minutes" if self._is_beyond(price) and not has_week else ""

    def overdraws(self, price: Price) -> bool:
        """Say whether a pull request goes beyond the budget."""
        return bool(self.lacks(price)) or self._is_beyond(price)

    def take(self, price: Price, *, aside: bool = False) -> None:
        """Spend it; ``aside`` for what waits elsewhere."""
        self.open = self.open if self.open is None else self.open - 1
        self.new = self.new if self.new is None else self.new - 1
        self.minutes = self.minutes if self.minutes is None else self.minutes - price.cost
        self.aside += price.cost if aside else 0
        self.touched = True

    def reason(self, what: What) -> Reason:
        """Return the reason for which there is no room."""
        if self.whose is Whose.GENTLE:
            return Reason.GENTLE
        if self.is_shared:
            return Reason.TEAM_BUDGET if self.whose is Whose.TEAM else Reason.ORGANISATION_BUDGET
        return {"open": Reason.OPEN_LIMIT, "per-day": Reason.DAY_LIMIT}.get(what, Reason.MINUTES)

    def says(self, what: What, price: Price) -> str:
        """Return the sentence for it."""
        if self.whose is Whose.LIMITS and what == "per-day" and self.pace.days > 1:
            return (
                f"Of the last {self.pace.decided} that were decided here {self.pace.merged} were merged, so "
                f"what `limits.per-day` allows in a day comes in {self.pace.days} days."
            )
        if self.whose in (Whose.LIMITS, Whose.GENTLE):
            return self.reason(what).value
        budget = (
            f"the budget of `{self.team}`" if self.whose is Whose.TEAM else f"{self.whose.value}'s budget"
        )
        budget = (
            budget if self.is_shared else f"`capacity.{'minutes-per-week' if what == 'minutes' else what}`"
        )
        if what == "open":
            return f"As many pull requests are open as {budget} allows."
        if what == "per-day":
            return f"As many new pull requests were opened today as {budget} allows."
        return f"Its review takes about {price.cost} minutes, and {budget} {self._left()}."

    def _left(self) -> str:
        left = (self.minutes or 0) + self.aside
        words = f"has {max(0, left)} of {self.whole} left this week"
        if left < 0:
            words += f" ({-left} were spent beyond it, on what could not wait)"
        return words + (f", {self.aside} of them for what comes first elsewhere" if self.aside > 0 else "")

    def _is_beyond(self, price: Price) -> bool:
        return self.minutes is not None and price.cost > self.minutes
