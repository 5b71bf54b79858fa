"""What a repository can say in kotsu.yml, and what holds when it says nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, PrivateAttr, model_validator

from codemods import places
from codemods.debts import TAGS
from codemods.model import plain
from workers.strict import Strict
from workers.wanted_tls import Tls
from workers.weekdays import DAYS, Day
from workers.wording import (
    Applicabilities,
    Categories,
    Date,
    Glob,
    Globs,
    Hours,
    Label,
    Name,
    Patterns,
    Reviewer,
    Steps,
    Tag,
    Zone,
)

Option = int | str | bool


class Limits(Strict):
    """How much is proposed at a time."""

    open: int = Field(
        default=3, ge=0, le=100, description="Pull requests of ours that may be open at the same time."
    )
    first: int = Field(
        default=2, ge=0, le=100, description="Pull requests that a new repository gets at once."
    )
    per_day: int = Field(
        default=1, ge=0, le=100, description="New pull requests per day after the first ones."
    )
    files: int = Field(default=20, ge=1, le=300, description="Files that one pull request changes at most.")
    lines: int = Field(
        default=200, ge=1, le=10_000, description="Lines that one pull request changes at most."
    )
    series: int = Field(
        default=1,
        ge=1,
        le=100,
        description="Parts of one large improvement that may be open at the same time.",
    )


class Target(Strict):
    """What a repository says of one target of an improvement."""

    enabled: bool = Field(default=True, description="Whether it is proposed.")


class Form(Target):
    """What a repository can write of one improvement; the improvement's own options come on top."""

    ignore: tuple[Glob, ...] = Field(default=(), max_length=200, description="Paths that it leaves alone.")


class Switch(Form):
    """What a repository wrote of one improvement, with the values of the options that were set."""

    options: dict[str, Option] = Field(default_factory=dict)


class Budget(Strict):
    """How much attention there is; what is not said has no bound of its own."""

    open: int | None = Field(
        default=None, ge=0, le=10_000, description="Pull requests of ours that may be open at the same time."
    )
    per_day: int | None = Field(default=None, ge=0, le=10_000, description="New pull requests per day.")
    minutes_per_week: int | None = Field(
        default=None, ge=0, le=100_000, description="Minutes of review that new pull requests may cost."
    )


class Capacity(Budget):
    """How much attention there is and when, beside the limits of the one repository."""

    time_zone: Zone = Field(default="UTC", description="Whose clock `hours` and `days` mean.")
    hours: Hours = Field(default="00:00-24:00", description="When pull requests are opened, `09:00-17:00`.")
    days: tuple[Day, ...] = Field(
        default=DAYS, max_length=7, description="On which days pull requests are opened, `monday`."
    )
    gentle: int = Field(
        default=14,
        ge=0,
        le=365,
        description="Days at the beginning in which no more than `limits.first` are open at a time.",
    )
    team: Reviewer | None = Field(
        default=None, description="The team whose budget this repository's pull requests cost."
    )
    teams: dict[Reviewer, Budget] = Field(
        default_factory=dict,
        description="Budgets of teams over all repositories.",
    )
    organisation: Budget = Field(
        default_factory=Budget, description="The budget over all repositories, in the organisation's file."
    )


class Checks(Strict):
    """What a pull request has to pass before anybody is asked."""

    required: tuple[Name, ...] = Field(
        default=(), max_length=100, description="Checks that must pass beside those that GitHub requires."
    )
    ignore: tuple[Name, ...] = Field(
        default=(), max_length=100, description="Checks whose outcome says nothing; `*` stands for anything."
    )
    wait: int = Field(
        default=60, ge=1, le=10_080, description="Minutes after which a check that has not begun is missing."
    )
    close_after: int = Field(
        default=14,
        ge=0,
        le=365,
        description="Days after which a pull request that fails because of us is closed; 0: never.",
    )
    bisect: int = Field(
        default=12,
        ge=0,
        le=100,
        description="Runs that the search for a culprit in a group may cost.",
    )


class Todo(Strict):
    """Which comments are promises, and what is made of them beside pull requests."""

    tags: tuple[Tag, ...] = Field(
        default=TAGS, min_length=1, max_length=20, description="What such a comment begins with."
    )
    issues: bool = Field(
        default=False, description="Whether each promise gets an issue, which is closed when it is gone."
    )
    words: int = Field(
        default=3, ge=1, le=50, description="Words that a promise has at least that gets an issue."
    )
    length: int = Field(
        default=20, ge=1, le=500, description="Characters that a promise has at least that gets an issue."
    )


class Review(Strict):
    """Who is asked, and how often."""

    ask: int = Field(
        default=1, ge=1, le=15, description="How many of the possible reviewers are asked at a time."
    )
    remind_after: int = Field(
        default=3,
        ge=0,
        le=90,
        description="Working days after which a reviewer is reminded, once; after as many more another is "
        "asked, and then the pull request is closed for four weeks; 0: never.",
    )
    away: dict[Reviewer, Date] = Field(
        default_factory=dict, description="People who are not asked up to a day, `ada: 2026-12-31`."
    )


class Match(Strict):
    """What a rule is about; every word that is there has to match, any item of a list will do."""

    improvement: Patterns = Field(default=(), description="Improvements by id; `*` stands for anything.")
    category: Categories = Field(default=(), description="Categories, such as `upgrade`.")
    applicability: Applicabilities = Field(default=(), description="`safe` or `unsafe`.")
    package: Patterns = Field(
        default=(), description="Names of distributions, actions, hooks or images; `*` stands for anything."
    )
    path: Globs = Field(default=(), description="Globs; every file that is changed has to match one.")
    update: Steps = Field(default=(), description="`major`, `minor` or `patch`.")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A mistake of which it is known what it is about: that waits until the file is mended.

    ``place`` is file, line and column; it is about an improvement (by id, or one target of it by key), or
    else about whatever matches.
    """

    place: str
    name: str = ""
    match: Match | None = None


class Wishes(Strict):
    """What can be said of all pull requests, and by a rule of some."""

    enabled: bool = Field(default=True, description="Whether anything is proposed at all.")
    unsafe: bool = Field(
        default=True, description="Whether edits are proposed whose behaviour wants a review."
    )
    release_age: int = Field(
        default=3, ge=0, le=365, description="Days a release must be old to be proposed."
    )
    labels: tuple[Label, ...] = Field(
        default=("kotsu",), max_length=20, description="Labels that every pull request gets."
    )
    reviewers: tuple[Reviewer, ...] = Field(
        default=(),
        max_length=15,
        description="Who is asked to review: logins, or teams as `organisation/team`.",
    )
    automerge: bool = Field(
        default=False, description="Whether what passed all required checks is merged without a review."
    )
    open_as: Literal["draft", "ready", "branch"] = Field(
        default="draft",
        description="How a proposal begins: as a draft until its checks are green, ready at once, or as a "
        "branch that becomes a pull request when it is green.",
    )


def _description(name: str) -> str | None:
    return Wishes.model_fields[name].description


class Rule(Strict):
    """What holds for some pull requests instead of what is said of all; a later rule has the last word.

    How old a release must be is decided before it is known which files change: `release-age` goes by
    everything but the path.
    """

    match: Match = Field(description="What it is about.")
    enabled: bool | None = Field(default=None, description=_description("enabled"))
    unsafe: bool | None = Field(default=None, description=_description("unsafe"))
    release_age: int | None = Field(default=None, ge=0, le=365, description=_description("release_age"))
    labels: tuple[Label, ...] | None = Field(default=None, max_length=20, description=_description("labels"))
    reviewers: tuple[Reviewer, ...] | None = Field(
        default=None, max_length=15, description=_description("reviewers")
    )
    automerge: bool | None = Field(default=None, description=_description("automerge"))
    open_as: Literal["draft", "ready", "branch"] | None = Field(
        default=None, description=_description("open_as")
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(getattr(self.match, name) for name in Match.model_fields):
            raise ValueError('the rule matches nothing: write `match: {improvement: "*"}` if it is about all')
        if self.model_fields_set <= {"match"}:
            raise ValueError(f"the rule says nothing: it can set {', '.join(_SETTABLE)}")
        if self.match.path and self.release_age is not None:
            raise ValueError("`release-age` cannot depend on a path: match packages")
        return self


_SETTABLE = [name.replace("_", "-") for name in Rule.model_fields if name != "match"]


class Campaign(Strict):
    """One improvement over many repositories in waves, in the organisation's file."""

    improvement: Name = Field(description="The improvement's id, or its key.")
    repositories: Patterns = Field(
        default=("*",), description="Names of repositories; `*` stands for anything."
    )
    waves: tuple[Annotated[int, Field(ge=1, le=10_000)], ...] = Field(
        default=(1, 5),
        max_length=10,
        description="Repositories of each wave; the last has the rest.",
    )
    brake: int = Field(
        default=20, ge=1, le=100, description="Percent that fail or are rejected at which it stops."
    )


class Config(Wishes):
    """Everything a repository can say, with what holds when it says nothing."""

    version: int = Field(default=1, ge=1, le=1, description="The version of this file's format.")
    improvements: dict[str, Switch] = Field(
        default_factory=dict,
        description="Improvements by id, or by id and target (`upgrade-dependency/django`).",
    )
    ignore: tuple[Glob, ...] = Field(
        default=(), max_length=200, description="Paths that no improvement touches; `*` crosses folders."
    )
    limits: Limits = Field(default_factory=Limits, description="How much is proposed at a time.")
    capacity: Capacity = Field(
        default_factory=Capacity, description="How much attention there is, whose, and when."
    )
    checks: Checks = Field(
        default_factory=Checks, description="What a pull request has to pass before anybody is asked."
    )
    review: Review = Field(default_factory=Review, description="Who is asked to review, and how often.")
    tls: Tls = Field(default_factory=Tls, description="Which versions and ciphers of TLS are too old.")
    todo: Todo = Field(default_factory=Todo, description="What is made of promises in comments.")
    rules: tuple[Rule, ...] = Field(
        default=(), max_length=100, description="What holds for some pull requests; the last word counts."
    )
    dashboard: bool = Field(
        default=False, description="Whether one issue shows everything that is open, waiting and withheld."
    )
    onboarding: bool = Field(
        default=True, description="Whether a repository without this file gets a proposal of one first."
    )
    campaigns: dict[Name, Campaign] = Field(
        default_factory=dict, description="Improvements over many repositories, in the organisation's file."
    )

    _doubts: tuple[Doubt, ...] = PrivateAttr(default=())
    _forbidden: frozenset[str] = PrivateAttr(default=frozenset())

    @property
    def doubts(self) -> Sequence[Doubt]:
        """What mistakes leave open while the rest of the file holds."""
        return self._doubts

    def doubting(self, doubts: Sequence[Doubt]) -> Self:
        """Return the same with doubts."""
        doubtful = self.model_copy()
        doubtful._doubts = tuple(doubts)  # noqa: SLF001 -- its own class
        return doubtful

    def forbidding(self, names: frozenset[str]) -> Self:
        """Return the same, of which these switches are off for whatever a file says."""
        bound = self.model_copy()
        bound._forbidden = names  # noqa: SLF001 -- its own class
        return bound

    def forbids(self, name: str) -> bool:
        """Say whether the server's policy says no to a key, or to ``automerge`` or ``unsafe``."""
        return same(name) in self._forbidden or name.partition("/")[0] in self._forbidden

    def ageless(self) -> Self:
        """Return the same for which no release is too young."""
        rules = (rule.model_copy(update={"release_age": None}) for rule in self.rules)
        return self.model_copy(update={"release_age": 0, "rules": tuple(rules)})

    def enabled_for(self, key: str) -> bool:
        """Say whether an improvement (by id) or a target of it (by key) is wanted; the key's word counts."""
        said = {same(name): switch.enabled for name, switch in self.improvements.items()}
        improvement = key.partition("/")[0]
        return self.enabled and said.get(same(key), said.get(improvement, True))

    def insists_on(self, key: str) -> bool:
        """Say whether an improvement (by id) or a target of it (by key) is switched on in so many words."""
        said = {same(name): switch for name, switch in self.improvements.items()}
        switch = said.get(same(key), said.get(key.partition("/")[0]))
        return switch is not None and switch.enabled and "enabled" in switch.model_fields_set

    def runs(self, improvement: str, *, by_default: bool = True) -> bool:
        """Say whether an improvement has to run: it is wanted, or at least one target of it is.

        One that does not run by default has to be named.
        """
        targets = [name for name in self.improvements if name.startswith(f"{improvement}/")]
        ruled = any(rule.enabled and improvement in rule.match.improvement for rule in self.rules)
        named = by_default or improvement in self.improvements or ruled
        return any(self.enabled_for(name) for name in (*([improvement] if named else ()), *targets))

    def options(self, improvement: str) -> Mapping[str, Option]:
        """Return the options that were set for an improvement; the others keep their defaults."""
        switch = self.improvements.get(improvement)
        return switch.options if switch else {}

    def ignored(self, path: str, improvement: str) -> bool:
        """Say whether an improvement leaves a path alone."""
        return places.matches(path, self.globs(improvement))

    def globs(self, improvement: str) -> tuple[str, ...]:
        """Return the globs of the paths that an improvement leaves alone."""
        switch = self.improvements.get(improvement)
        return self.ignore + (switch.ignore if switch else ())

    @staticmethod
    def snippet(key: str) -> str:
        """Return the lines of kotsu.yml that say no to a key (or to an improvement, by its id)."""
        return f"improvements:\n  {key}: false\n"


def same(key: str) -> str:
    """Return a key with its target as package indexes write it, where `Django` is `django`."""
    improvement, _, target = key.partition("/")
    return f"{improvement}/{plain(target)}" if target else improvement
