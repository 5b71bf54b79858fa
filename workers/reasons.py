"""Why something that was found is not proposed now: each reason has one sentence for people and one id."""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """Why something that was found is not proposed now; the value is the sentence people read."""

    ADVICE = "It needs a person: no edit is provably right."
    DECLINED = "A pull request for it was closed without merging, and that is an answer."
    SNOOZED = "Somebody asked to see it again later."
    COOLING = "It was closed a while ago without a no, and rests."
    DISABLED = "It is switched off in kotsu.yml."
    BROKEN_CONFIGURATION = "A mistake in kotsu.yml may be about it: it waits until the file is mended."
    ONBOARDING = "It waits until the pull request that adds kotsu.yml is merged."
    POLICY = "The policy of this server does not allow it, whatever kotsu.yml says."
    PAUSED = "It pauses, as few of its pull requests were merged, until a person lets it go on."
    REPOSITORY_PAUSED = "The repository is paused, until whoever may write to it resumes it on its page."
    UNSAFE = "It may change behaviour, and kotsu.yml asks for safe improvements only (`unsafe: false`)."
    LEFT_ALONE = "Its branch or pull request holds what is not ours to write."
    FIX_FIRST = "It waits until the security fix of the same dependency is merged: both would move it."
    SAME_CODE = "It waits until another pull request that changes the same code is merged."
    SERIES_LIMIT = (
        "It waits until an earlier part is merged: `limits.series` says how many are open at a time."
    )
    CAMPAIGN = "It belongs to a campaign of the organisation, whose wave is not open yet."
    OPEN_LIMIT = "As many pull requests are open as `limits.open` allows."
    GENTLE = (
        "It is early days here: as many pull requests are open as `limits.first` allows at the beginning."
    )
    DAY_LIMIT = "As many new pull requests were opened today as `limits.per-day` allows."
    MINUTES = "The minutes of review that `capacity.minutes-per-week` allows are spent."
    TEAM_BUDGET = "The budget of the team that reviews it is spent."
    ORGANISATION_BUDGET = "The organisation's budget is spent."
    OUT_OF_HOURS = "Pull requests are opened in the hours and on the days that `capacity` names."

    @property
    def passes(self) -> bool:
        """Whether it is one of pace: it passes by itself, and who does not want to wait may say so."""
        return self in _PASSING

    @property
    def id(self) -> str:
        """The reason's name for scripts, in kebab-case."""
        return self.name.lower().replace("_", "-")


_PASSING = frozenset(
    {
        Reason.SNOOZED,
        Reason.COOLING,
        Reason.SERIES_LIMIT,
        Reason.OPEN_LIMIT,
        Reason.GENTLE,
        Reason.DAY_LIMIT,
        Reason.MINUTES,
        Reason.TEAM_BUDGET,
        Reason.ORGANISATION_BUDGET,
        Reason.OUT_OF_HOURS,
    }
)
LASTING = frozenset(
    reason.id
    for reason in (
        Reason.ADVICE,
        Reason.DECLINED,
        Reason.DISABLED,
        Reason.POLICY,
        Reason.PAUSED,
        Reason.REPOSITORY_PAUSED,
        Reason.UNSAFE,
        Reason.LEFT_ALONE,
    )
)
"""The ids of those that stay until somebody changes their mind, or the code: to wait would not help."""
