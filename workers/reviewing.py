"""Asks for reviews, reminds once, asks another, and gives back what nobody finds the time for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from workers import hours, logs, parting, reviewers
from workers.answered import Word
from workers.case import Case
from workers.conversation import REMINDER
from workers.github import GitHubError, RefusedError
from workers.hours import Hours
from workers.model import Blame
from workers.patience import Next, Patience, Step
from workers.reviewers import Load

_AGAIN = timedelta(days=1)
"""When to try again where nobody could be asked."""
_RECENT = timedelta(days=28)
_BACK = timedelta(days=28)
_FILES = 10
_CANDIDATES = 6

log = logs.get(__name__)


def attend(case: Case) -> None:
    """Do what is next so that somebody looks at it: what GitHub says of it is the truth."""
    try:
        _attend(case)
    except RefusedError as error:
        # A permission was taken back, or something is locked: the pull request itself stays as it is.
        log.warning("review not seen to", number=case.pull.number, reason=str(error))
        case.note(due=case.here.clock() + _AGAIN)


def _attend(case: Case) -> None:
    if case.pull.draft:
        return
    if not case.talk.whole:
        case.note(due=case.here.clock() + _AGAIN)
        return
    _noted(case)
    now, calendar = case.here.clock(), hours.working(case.config.capacity)
    waiting = Patience(case.config.review.remind_after, calendar)
    found = waiting.next_step(case.talk, case.pull.requested, case.row.opened_at, now)
    if found.step is Step.ASK:
        _ask(case, case.config.review.ask, calendar)
    elif found.step is Step.REMIND:
        _remind(case, calendar)
    elif found.step is Step.ANOTHER:
        _ask_another(case, calendar, found)
    elif found.step is Step.GIVE_BACK:
        _give_back(case, calendar)
    elif found.due:
        case.note(due=found.due)


def _noted(case: Case) -> None:
    """Let the ledger say what GitHub says, so that the next one's turn is known."""
    talk, row = case.talk, case.row
    # Who has answered was asked as well.
    known = [name for name in row.reviewers if name.lower() not in talk.refused]
    values: dict[str, object] = {
        "reviewers": _once(*known, *case.pull.requested),
        "asked_at": max((event.at for event in talk.asked), default=row.asked_at),
        "reviewed_at": talk.reviewed_at,
        "nudges": int(talk.reminded_at is not None),
    }
    if changed := {name: value for name, value in values.items() if value != getattr(row, name)}:
        case.note(**changed)


def _once(*names: str) -> tuple[str, ...]:
    return tuple({name.lower(): name for name in names}.values())


def _due(case: Case, calendar: Hours, now: datetime) -> datetime | None:
    days = case.config.review.remind_after
    return calendar.after(now, days) if days else None


def _ask(case: Case, count: int, calendar: Hours) -> Sequence[str]:
    """Ask people whose turn it is, and write it down; return who was asked."""
    now, row = case.here.clock(), case.row
    if not case.talk.asked and row.asked_at and not row.reviewers and now < row.asked_at + _AGAIN:
        case.note(due=row.asked_at + _AGAIN)
        return ()
    absent = reviewers.away(case.config.review.away, calendar.today(now))
    done = {event.name.lower() for event in case.talk.asked} | case.talk.refused
    done |= {case.pull.author.lower()}
    wanted = [name for name in row.wanted if name.lower() not in done]
    # Who reviewed what it proposed before knows it already.
    away = {*absent, *case.talk.refused, *(name.lower() for name in case.pull.requested)}
    asked, refused = _asked(case, [name for name in case.talk.lapsed if name.lower() not in away], count)
    if not asked:
        asked, refused = _asked(case, [name for name in wanted if name.lower() not in absent], count)
    if not asked and set(row.wanted) <= set(refused):
        # Nobody is named, or nobody of that name is here: whoever wrote the lines knows them best.
        asked, _ = _asked(case, _authors(case, {*done, *absent}), count)
    if asked:
        log.info("review asked", number=case.pull.number, reviewers=len(asked))
        names = _once(*row.reviewers, *case.pull.requested, *asked)
        case.note(reviewers=names, asked_at=now, due=_due(case, calendar, now))
    elif back := [absent[name.lower()] for name in wanted if name.lower() in absent]:
        case.note(due=calendar.since(min(back) + _AGAIN))
    elif not case.talk.asked:
        case.note(asked_at=now, due=now + _AGAIN)
    return asked


def _asked(case: Case, pool: Sequence[str], count: int) -> tuple[list[str], list[str]]:
    """Ask so many of the pool; return who was, and who cannot be: another's turn comes earlier then."""
    asked: list[str] = []
    refused: list[str] = []
    load = _load(case) if pool else Load()
    while len(asked) < count:
        left = [name for name in pool if name not in (*asked, *refused)]
        turn = reviewers.chosen(
            left, count - len(asked), load, f"{case.repo.about.repository.id}/{case.row.key}"
        )
        if not turn:
            break
        case.here.must_hold(case.job)
        strangers = case.repo.reviews.ask(case.pull.number, turn)
        asked += [name for name in turn if name not in strangers]
        refused += strangers
        for name, words in strangers.items():
            log.warning("reviewer cannot be asked", number=case.pull.number, reviewer=name, reason=words)
    return asked, refused


def _load(case: Case) -> Load:
    attention, installation = case.here.book.attention, case.job.installation_id or 0
    since = case.here.clock() - _RECENT
    return Load(attention.waiting(installation), attention.asked_since(installation, since))


def _authors(case: Case, without: Collection[str]) -> list[str]:
    """Return who wrote most of the lines that it touches, of those who may write here."""
    reviews = case.repo.reviews
    hunks = sorted(reviews.patches(case.pull.number).items(), key=lambda item: -len(item[1]))[:_FILES]
    lines = {path: reviewers.touched(patch) for path, patch in hunks} if case.talk.ground else {}
    blamed = [(lines[path], _blame(case, case.talk.ground, path)) for path in lines]
    known = [name for name in reviewers.authors(blamed) if name.lower() not in without][:_CANDIDATES]
    return [name for name in known if reviews.writes(name)][: reviewers.FEW]


def _blame(case: Case, commit: str, path: str) -> Sequence[Blame]:
    try:
        return case.repo.blame(commit, path)
    except GitHubError as error:
        log.info("authors of lines unknown", reason=str(error))
        return ()


def _remind(case: Case, calendar: Hours) -> None:
    """Remind whoever is asked, in the one comment that mentions anybody; whoever is away is left in peace."""
    now, days = case.here.clock(), case.config.review.remind_after
    absent = reviewers.away(case.config.review.away, calendar.today(now))
    present = [name for name in case.pull.requested if name.lower() not in absent]
    if not present:
        if not _ask(case, 1, calendar):
            back = min(absent[name.lower()] for name in case.pull.requested)
            case.note(due=calendar.since(back + _AGAIN))
        return
    case.here.must_hold(case.job)
    named = " ".join(f"@{name}" for name in present)
    words = (
        f"{named} this has waited for your review for {_days(days)}. It is the only reminder: "
        f"after {days} more somebody else is asked, and then it is closed until later. "
        "Whoever makes it a draft, or writes a comment, keeps it open."
    )
    case.repo.talk.say(case.pull.number, f"{words}\n\n{REMINDER}\n")
    case.note(nudges=1, due=_due(case, calendar, now))


def _ask_another(case: Case, calendar: Hours, found: Next) -> None:
    if not _ask(case, 1, calendar):
        case.note(due=found.due)


def _give_back(case: Case, calendar: Hours) -> None:
    """Close it until later, which is nobody's no."""
    until = (case.here.clock() + _BACK).replace(microsecond=0)
    parting.close(
        case.ours,
        Word.EXPIRED,
        until=until,
        sentence="Nobody has found the time for a review, so this is closed. That is not taken for a no: "
        f"it may come back after {calendar.today(until).isoformat()}.",
    )
    log.info("pull request given back", number=case.pull.number)


def _days(count: int) -> str:
    return f"{count} working day{'s' * (count != 1)}"
