"""Judges the checks of a pull request beside those of its base: what fails because of us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, StrEnum
from fnmatch import fnmatchcase

_LONGEST = 80
_NAMED = 3
_NEVER = datetime.min.replace(tzinfo=UTC)


class Colour(StrEnum):
    """What the checks of a pull request come to."""

    WAITING = "waiting"
    """Something still runs, or has not begun."""
    GREEN = "green"
    """Nothing fails because of us."""
    RED = "red"
    """Something fails because of us."""


class End(Enum):
    """How one run of a check stands."""

    QUEUED = "has not begun"
    RUNNING = "runs"
    PASSED = "passed"
    SKIPPED = "was skipped"
    FAILED = "failed"
    VOID = "ended without a word"
    """Cancelled, stale, or in need of somebody's hand: neither good nor bad."""


class Standing(Enum):
    """How a check stands on one commit, all its runs taken together."""

    ABSENT = "absent"
    QUEUED = "queued"
    RUNNING = "running"
    PASSED = "passed"
    SKIPPED = "skipped"
    FAILED = "failed"
    VOID = "void"
    FLAKY = "flaky"
    """It failed and then passed, and nothing had changed."""


class Outcome(StrEnum):
    """What a check says of a pull request."""

    PASSES = "passes"
    SKIPPED = "skipped"
    WAITS = "waits"
    NEW_FAILURE = "new failure"
    FAILS_ON_BASE = "fails on base too"
    FLAKY = "flaky on the same commit"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a check, or one word of a commit status: moments are aware, None where not known.

    ``check`` is the check run's number (0: a status), ``job`` that of the Actions job behind it (0: none);
    ``said`` is what it said of itself, ``order`` what decides between runs of the same moment.
    """

    name: str
    end: End
    began: datetime | None = None
    ended: datetime | None = None
    url: str = ""
    check: int = 0
    job: int = 0
    said: str = ""
    order: int = 0


@dataclass(frozen=True, slots=True)
class Failing:
    """A check that fails because of us: its name, its page, an excerpt of what it said, and since when."""

    name: str
    url: str
    excerpt: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks come to, in a sentence; ``proven``: every required one passed on exactly this head.

    ``stuck`` names the required ones that are missing, and how, where nothing else is to be said.
    """

    colour: Colour
    sentence: str
    failing: tuple[Failing, ...] = ()
    proven: bool = False
    stuck: str = ""


@dataclass(frozen=True, slots=True)
class Demands:
    """What must pass by name, and whose outcome says nothing (patterns in which ``*`` is anything)."""

    required: frozenset[str] = frozenset()
    ignore: tuple[str, ...] = ()

    def ignores(self, name: str) -> bool:
        """Say whether a check's outcome says nothing."""
        return any(
            fnmatchcase(name, pattern.replace("[", "[[]").replace("?", "[?]")) for pattern in self.ignore
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one check: its outcome, how it stands on both sides, and the run that decides here."""

    name: str
    outcome: Outcome
    required: bool
    base: Standing
    run: Run | None

    @property
    def colour(self) -> Colour:
        """What a pull request with this check alone would be."""
        if self.outcome is Outcome.NEW_FAILURE:
            return Colour.RED
        held = self.outcome is Outcome.WAITS or (self.outcome is Outcome.MISSING and self.required)
        return Colour.WAITING if held else Colour.GREEN


def judge(
    head: Sequence[Run], base: Sequence[Run], demands: Demands, *, late: bool, watched: bool = True
) -> Verdict:
    """Return what the runs of a pull request's head come to beside those of its base.

    ``late``: what has not begun by now is missing. ``watched`` False: no workflow could ever begin, so that
    where there is no check there is nothing to wait for.
    """
    found = results(head, base, demands, late=late)
    if red := [r for r in found if r.colour is Colour.RED]:
        return Verdict(Colour.RED, _red(red), tuple(map(_failing, red)))
    if waiting := [r for r in found if r.colour is Colour.WAITING]:
        return Verdict(Colour.WAITING, _waiting(waiting), stuck=_stuck(waiting))
    if not found and watched and not late:
        return Verdict(Colour.WAITING, "No check has begun yet.")
    return Verdict(Colour.GREEN, _green(found), proven=_is_proven(found, head, demands))


def results(head: Sequence[Run], base: Sequence[Run], demands: Demands, *, late: bool) -> tuple[Result, ...]:
    """Return what became of each check that ran here or on the base, or has to, by name."""
    here, there = by_name(head), by_name(base)
    names = (here.keys() | there.keys() | demands.required) - {""}
    return tuple(
        Result(
            name,
            outcome(standing(here.get(name, ())), before, late=late),
            name in demands.required,
            before,
            _deciding(here.get(name, ())),
        )
        for name in sorted(names)
        if not demands.ignores(name)
        for before in [standing(there.get(name, ()))]
    )


def standing(runs: Sequence[Run]) -> Standing:
    """Return how a check stands after all its runs on one commit.

    A run that begins after another has ended takes its place; what runs side by side counts together. A
    run that was skipped or cancelled takes back nothing that was said.
    """
    last = _last(runs)
    ends = {run.end for run in last}
    for end in (End.RUNNING, End.QUEUED, End.FAILED):
        if end in ends:
            return Standing[end.name]
    if End.PASSED in ends:
        return Standing.FLAKY if any(run.end is End.FAILED for run in runs) else Standing.PASSED
    return Standing.SKIPPED if End.SKIPPED in ends else Standing.VOID if ends else Standing.ABSENT


def outcome(head: Standing, base: Standing, *, late: bool) -> Outcome:
    """Return what a check says that stands so on the head and so on the base."""
    if head is Standing.FAILED:
        return _failure(base, late=late)
    if head in (Standing.QUEUED, Standing.VOID, Standing.ABSENT):
        return Outcome.MISSING if late else Outcome.WAITS
    return _PLAIN[head]


_PLAIN: Mapping[Standing, Outcome] = {
    Standing.PASSED: Outcome.PASSES,
    Standing.SKIPPED: Outcome.SKIPPED,
    Standing.FLAKY: Outcome.FLAKY,
    Standing.RUNNING: Outcome.WAITS,
}


def _failure(base: Standing, *, late: bool) -> Outcome:
    """Return whose failure it is: ours, unless the base fails as well, or only sometimes."""
    if base is Standing.FAILED:
        return Outcome.FAILS_ON_BASE
    if base is Standing.FLAKY:
        return Outcome.FLAKY
    undecided = base in (Standing.RUNNING, Standing.QUEUED) and not late
    return Outcome.WAITS if undecided else Outcome.NEW_FAILURE


def _last(runs: Sequence[Run]) -> list[Run]:
    """Return the runs whose place no other has taken."""
    said = [r for r in runs if r.end not in (End.SKIPPED, End.VOID)] or list(runs)
    return [run for run in said if not any(_replaces(other, run) for other in said)]


def _replaces(later: Run, run: Run) -> bool:
    if later is run or run.ended is None or later.began is None:
        return False
    return later.began > run.ended or (later.began == run.ended and later.order > run.order)


def _deciding(runs: Sequence[Run]) -> Run | None:
    """Return the run that people should look at: one that failed, else the last."""
    last = _last(runs)
    return next((run for run in last if run.end is End.FAILED), last[-1] if last else None)


def by_name(runs: Sequence[Run]) -> Mapping[str, list[Run]]:
    """Return the runs of each check, the first that began first."""
    found: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda r: (r.began is not None, r.began or _NEVER, r.order)):
        found.setdefault(run.name, []).append(run)
    return found


def _is_proven(found: Sequence[Result], head: Sequence[Run], demands: Demands) -> bool:
    """Say whether every required check passed; where none is required, that some did and none is in doubt.

    What was skipped is no proof, and one that kotsu.yml ignores proves itself like any other.
    """
    here = by_name(head)
    passed = (Standing.PASSED, Standing.FLAKY)
    if demands.required:
        return all(standing(here.get(name, ())) in passed for name in demands.required)
    doubtful = (Outcome.FAILS_ON_BASE, Outcome.MISSING)
    return any(r.outcome is Outcome.PASSES for r in found) and not any(r.outcome in doubtful for r in found)


def _failing(result: Result) -> Failing:
    run = result.run
    return Failing(result.name, run.url, since=run.ended) if run else Failing(result.name, "")


def _red(found: Sequence[Result]) -> str:
    many = len(found) > 1
    compared = all(r.base in (Standing.PASSED, Standing.SKIPPED) for r in found)
    beside = "not on the base" if compared else "and nothing says that the base fails too"
    return f"{_names(found)} fail{'' if many else 's'} here, {beside}."


def _waiting(found: Sequence[Result]) -> str:
    if missing := [r for r in found if r.outcome is Outcome.MISSING]:
        is_, has = ("are", "have") if len(missing) > 1 else ("is", "has")
        return f"{_names(missing)} {is_} required and {has} not run."
    return f"{_names(found)} {'have' if len(found) > 1 else 'has'} not ended yet."


def _stuck(found: Sequence[Result]) -> str:
    """Return which required checks are missing: what a sentence about them begins with."""
    missing = [r for r in found if r.outcome is Outcome.MISSING]
    if not missing:
        return ""
    many = len(missing) > 1
    begun = any(r.run is not None and r.run.end is not End.QUEUED for r in missing)
    how = "ended without a word" if begun else f"{'have' if many else 'has'} not begun"
    return f"the required check{'s' * many} {_names(missing)}, which {how}"


def _green(found: Sequence[Result]) -> str:
    if not found:
        return "Nothing checks it: there is no check here, none on the base, and none is required."
    return " ".join(_said(found))


def _said(found: Sequence[Result]) -> Iterator[str]:
    ran = [r for r in found if r.outcome in (Outcome.PASSES, Outcome.FLAKY) and r.run]
    yield f"{len(ran)} check{'s' * (len(ran) != 1)} passed."
    words = {
        Outcome.FAILS_ON_BASE: "{} fail{s} on the base too.",
        Outcome.FLAKY: "{} both failed and passed on one commit.",
        Outcome.MISSING: "{} did not run here.",
        Outcome.SKIPPED: "{} {were} skipped.",
    }
    for outcome_, sentence in words.items():
        if those := [r for r in found if r.outcome is outcome_]:
            one = len(those) == 1
            yield sentence.format(_names(those), s="s" * one, were="was" if one else "were")


def _names(found: Sequence[Result]) -> str:
    named = [quoted(r.name) for r in found[:_NAMED]]
    if rest := len(found) - len(named):
        named.append(f"{rest} more")
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def quoted(name: str) -> str:
    """Return a check's name as a span of code, in which nothing is a mention, a link or HTML."""
    plain = "".join(c if c.isprintable() and c != "`" else " " for c in name).strip() or "?"
    return f"`{plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + '…'}`"
