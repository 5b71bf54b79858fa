"""Attends to one pull request of ours: learns what became of it, and does the next step of its life."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from workers import (
    bisecting,
    board,
    boxes,
    branch_first,
    configured,
    conflicts,
    examine,
    follow_up,
    heeding,
    logs,
    marker,
    merging,
    parting,
    reviewing,
    sides,
    stages,
    ticking,
    watching,
)
from workers.answered import Word
from workers.case import Case
from workers.checks import Colour, Verdict, quoted
from workers.config import Broken, Config
from workers.conversation import Did, Happened
from workers.github import Pull, RefusedError, Repo
from workers.ledger import Job, ProposalRow
from workers.ledger.marks import LIFE
from workers.messages import Priority
from workers.model import State
from workers.parting import Ours
from workers.stages import Standing, Step
from workers.world import World

_DAY = timedelta(days=1)
_ADDRESS = re.compile(r"https?://[^\s()<>\[\]\"'`]{1,500}")

log = logs.get(__name__)


def attend(here: World, job: Job, repo: Repo) -> None:
    """Learn what became of the job's pull request, and do what is next; one that is done makes room.

    The job names its number, or the branch on which something happened: its own, or one beside it.
    """
    repository_id = repo.about.repository.id
    number = _number(here, job, repository_id)
    if number is not None and number < 0:
        branch_first.attend(here, job, repo, number)
        return
    row = here.book.proposal(repository_id, number) if number else None
    if row is not None and row.state == State.MERGED and row.closed_by:
        # Nothing becomes of it any more, but perhaps of the branch that it came into.
        watching.attend(here, repo, row)
        return
    pull = follow_up.learn(here.book, repo, number, here.clock()) if number else None
    if pull is None:
        return
    if pull.state == State.OPEN:
        _attend_open(here, job, repo, pull)
    else:
        _attend_closed(here, job, repo, pull)
        here.scan_soon(repository_id, job.installation_id or 0, Priority.MERGE)
    board.refresh(here, job, repo)


def _number(here: World, job: Job, repository_id: int) -> int | None:
    """Return the number of the pull request that the job is about; None when it has none."""
    if "number" in job.detail:
        return int(str(job.detail["number"]))
    numbers = {row.branch: row.number for row in here.book.proposals(repository_id, State.OPEN)}
    branch = str(job.detail.get("branch", ""))
    return numbers.get(branch, numbers.get(sides.parent(branch)))


def _attend_closed(here: World, job: Job, repo: Repo, pull: Pull) -> None:
    """Do what is left of a closing: a job that did not live to its end left a box ticked, or a branch."""
    row = here.book.proposal(repo.about.repository.id, pull.number)
    if row is None:
        return
    ours, word = Ours(here, job, repo, pull, row), marker.word(marker.metadata(pull.body))
    if word and any(box.verb == word for box in boxes.ticked(boxes.footer(pull.body))):
        ticking.attend(ours)
    else:
        parting.end(ours)


def _attend_open(here: World, job: Job, repo: Repo, pull: Pull) -> None:
    row = here.book.proposal(repo.about.repository.id, pull.number)
    if row is None or row.state != State.OPEN or repo.about.skipped:
        return
    if boxes.ticked(boxes.footer(pull.body)):
        if ticking.attend(Ours(here, job, repo, pull, row)):
            return
        pull = repo.pull(pull.number)
    given, now = configured.of(here, repo), here.clock()
    if isinstance(given, Broken):
        log.info("pull request left alone: kotsu.yml has mistakes", number=pull.number)
        here.book.change_proposal(row.repository_id, row.number, now, due=now + _DAY)
        return
    talk = heeding.read(repo, pull)
    case = Case(here, job, repo, pull, row, given, Verdict(Colour.WAITING, ""), talk)
    _taken_back(case)
    people = talk.drafted_by not in ("", pull.author)
    if pull.draft and people:
        _moved(case, Step.HOLD)
        merging.take_back(case)
        return
    seen = examine.head(repo, given, pull.head_sha, pull.base, now, opened=pull.created)
    verdict = examine.explained(repo, seen, examine.known(row, pull.head_sha))
    older = _is_from_before(here, row)
    at = Standing(
        draft=pull.draft,
        colour=verdict.colour,
        people=people,
        touched=seen.touched or talk.is_reopened or older,
        seen=talk.is_seen,
        conflicts=pull.mergeable is False,
        red_since=max((f.since for f in verdict.failing if f.since), default=None),
        stuck_since=seen.progress if verdict.stuck and talk.active_at is None else None,
    )
    step = stages.step(at, now, _patience(given))
    log.info(step.value, number=pull.number, checks=verdict.sentence)
    begins = seen.since + examine.waiting(given)
    due = stages.due(step, at, now, begins_until=begins, patience=_patience(given))
    case = replace(case, verdict=verdict, theirs=at.is_theirs, older=older, moved=seen.moved)
    _take(case, step, due)
    conflicts.attend(case)


def _is_from_before(here: World, row: ProposalRow) -> bool:
    """Say whether a pull request was opened before any was a draft first.

    People know it as ready: it does not become a draft, nobody is asked or reminded, and it is not closed.
    """
    _, began = here.book.marks.read(LIFE)
    return began is not None and row.opened_at < began


def _patience(config: Config) -> timedelta:
    return timedelta(days=config.checks.close_after)


def _taken_back(case: Case) -> None:
    """Forget why we closed a pull request that a person opened again: its next end is another one."""
    pull = case.pull
    if marker.word(marker.metadata(pull.body)):
        case.here.must_hold(case.job)
        case.repo.talk.write_pull(pull.number, parting.forgotten(pull.body))
        case.note(word="", until=None)


def _take(case: Case, step: Step, due: datetime | None) -> None:
    """Do a step: GitHub is written first, then the ledger, then whoever is next has a turn."""
    if (act := _ACTS.get(step)) is not None:
        case.here.must_hold(case.job)
        try:
            act(case)
        except RefusedError as error:
            log.warning("pull request stays as it is", number=case.pull.number, reason=str(error))
            case.note(due=case.here.clock() + _DAY)
            return
        case = _read_again(case, step)
    _moved(
        case, step, **({"due": due} if due else {}), failure=examine.failure(case.verdict, case.pull.head_sha)
    )
    if step not in (Step.READY, Step.ASK):
        merging.take_back(case)
    if step in (Step.RED, Step.REDRAFT):
        bisecting.attend(case)
    elif step is Step.CLOSE and not bisecting.attend(case):
        _close(case, Word.RED, _failed(case))
    elif step is Step.GIVE_UP:
        _close(
            case,
            Word.STUCK,
            f"This has waited for {_span(case)} for {case.verdict.stuck}, and nobody can merge it",
        )
    elif step in (Step.READY, Step.ASK) and not merging.attend(case) and not case.older:
        reviewing.attend(case)


def _read_again(case: Case, step: Step) -> Case:
    """Return a case as it stands after a step: GitHub asks the owners of code when it is ready."""
    number, did = case.pull.number, Did.DRAFTED if step is Step.REDRAFT else Did.READIED
    pull = case.repo.pull(number)
    talk = heeding.read(case.repo, pull)
    # GitHub can be late to say what was just done.
    last = Happened(did, case.pull.author, case.here.clock(), person=False)
    talk = replace(talk, events=(*talk.events, last))
    return replace(case, pull=replace(pull, draft=step is Step.REDRAFT), talk=talk)


def _moved(case: Case, step: Step, **columns: object) -> None:
    columns["stage"] = stages.stage(step, draft=case.pull.draft)
    changed = {name: value for name, value in columns.items() if getattr(case.row, name) != value}
    if changed:
        case.note(**changed)


def _close(case: Case, word: Word, why: str) -> None:
    until = (case.here.clock() + examine.APART).replace(microsecond=0)
    words = f"{why}, so it is closed; it is not proposed again before {until:%Y-%m-%d}."
    parting.close(case.ours, word, until=until, sentence=words)


def _failed(case: Case) -> str:
    first = case.verdict.failing[0]
    name = quoted(first.name)
    where = f"[{name}]({first.url})" if _ADDRESS.fullmatch(first.url) else name
    return f"{where} has failed because of this change for {_span(case)}"


def _span(case: Case) -> str:
    days = case.config.checks.close_after
    return f"{days} day{'s' * (days != 1)}"


def _ready(case: Case) -> None:
    case.repo.life.ready(case.pull.node)


def _redraft(case: Case) -> None:
    case.repo.life.draft(case.pull.node)


_ACTS: Mapping[Step, Callable[[Case], None]] = {Step.READY: _ready, Step.REDRAFT: _redraft}
