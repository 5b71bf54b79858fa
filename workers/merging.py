"""Merges what has passed everything, where kotsu.yml says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from workers import hours, logs, ripeness
from workers.case import Case
from workers.checks import Colour, Demands, End
from workers.github import RefusedError
from workers.messages import Priority
from workers.model import State
from workers.ripeness import Decision, Facts, Move

_LATELY = timedelta(days=14)
"""How long what breaks on the default branch can be because of something of ours."""

log = logs.get(__name__)


def attend(case: Case) -> bool:
    """Merge it if it may be; return whether it may still be merged without a review."""
    if not case.row.automerge:
        # What kotsu.yml allowed once it may not any more.
        take_back(case)
        return False
    try:
        return _attend(case)
    except RefusedError as error:
        # A permission was taken back, or something is locked: people can still do it.
        log.warning("merging refused", number=case.pull.number, reason=str(error))
        return False


def take_back(case: Case) -> None:
    """Tell GitHub not to merge by itself what we told it to, and what is not green any more, or a person's.

    It would wait for what the branch requires alone: not for what kotsu.yml does, nor for a person's no.
    """
    if not case.pull.is_told_by_us:
        return
    case.here.must_hold(case.job)
    try:
        case.repo.merges.disable(case.pull.node)
        log.info("GitHub told not to merge", number=case.pull.number)
    except RefusedError as error:
        log.warning("GitHub was not told about merging", number=case.pull.number, reason=str(error))


def _attend(case: Case) -> bool:
    base = case.repo.branch(case.pull.base) or ""
    now = case.here.clock()
    decision = ripeness.decide(_facts(case, base), hours.of(case.config.capacity), now)
    log.info("merging considered", number=case.pull.number, move=decision.move.name.lower(), why=decision.why)
    if decision.due:
        case.note(due=decision.due)
    return _done(case, base, decision)


def _facts(case: Case, base: str) -> Facts:
    merges, verdict, pull = case.repo.merges, case.verdict, case.pull
    # GitHub can be late to say that it is no draft any more.
    word = "draft" if pull.draft else "unknown" if pull.word == "draft" else pull.word
    objection = case.talk.objection or _forbidden(case)
    asks = word not in {"draft", "unknown"} and not objection
    queue, queued = merges.queue(pull.base, pull.number) if asks else (False, False)
    return Facts(
        proven=verdict.proven and verdict.colour is Colour.GREEN,
        objection=objection,
        state=word,
        waiting=verdict.colour is Colour.WAITING,
        enabled=bool(pull.enabled_by),
        ours=pull.is_told_by_us,
        waits=merges.ways().waits if word == "blocked" else False,
        queue=queue,
        queued=queued,
        rebased_at=case.row.based_at if case.row.based == base else None,
        other_at=_other_at(case, base),
        broken=_broken(case, base),
        moved=case.moved,
    )


def _forbidden(case: Case) -> str:
    """Return why the server's policy is against it: it may have come after the last scan."""
    return "the policy of this server forbids it" if case.config.forbids("automerge") else ""


def _other_at(case: Case, base: str) -> datetime | None:
    """Return when another one that is to be merged was to be written on this base."""
    rows = case.here.book.proposals(case.row.repository_id, State.OPEN)
    moments = [row.based_at for row in rows if row.automerge and row.based == base and row.id != case.row.id]
    return max(filter(None, moments), default=None)


def _broken(case: Case, base: str) -> Mapping[str, datetime]:
    """Return the checks of the base that fail, and did not before our last one was merged."""
    now, merges = case.here.clock(), case.repo.merges
    rows = case.here.book.proposals(case.row.repository_id, State.MERGED)
    moments = [(row.closed_at, row.number) for row in rows if row.closed_at and row.closed_at > now - _LATELY]
    failing = _failing(case, base) if moments else {}
    if not failing:
        return {}
    before = merges.before(max(moments)[1])
    known = _failing(case, before) if before else {}
    return {name: moment for name, moment in failing.items() if name not in known}


def _failing(case: Case, commit: str) -> Mapping[str, datetime]:
    newest = {run.name: run for run in sorted(case.repo.checks.runs(commit), key=lambda run: run.order)}
    demands = Demands(ignore=case.config.checks.ignore)
    failed = (run for run in newest.values() if run.end is End.FAILED and not demands.ignores(run.name))
    return {run.name: run.ended for run in failed if run.ended}


def _done(case: Case, base: str, decision: Decision) -> bool:
    """Do what was decided; return whether it may still be merged without a review."""
    if decision.move in (Move.NO, Move.WAIT):
        return decision.move.needs_nobody
    case.here.must_hold(case.job)
    if decision.move is Move.REBASE:
        case.note(based=base, based_at=case.here.clock())
        case.here.scan_soon(*_place(case), Priority.MERGE, rebase=[case.row.key])
        return True
    if decision.move is Move.MERGE:
        return _merged(case)
    try:
        _tell(case, decision.move)
    except RefusedError as error:
        log.warning("GitHub was not told about merging", number=case.pull.number, reason=str(error))
        return False
    return decision.move.needs_nobody


def _tell(case: Case, move: Move) -> None:
    merges, pull = case.repo.merges, case.pull
    if move is Move.DISABLE:
        merges.disable(pull.node)
    elif move is Move.ENQUEUE:
        merges.enqueue(pull.node, pull.head_sha)
    else:
        queue, _ = merges.queue(pull.base, pull.number)
        merges.enable(pull.node, pull.head_sha, "" if queue else next(iter(merges.ways().methods), ""))


def _merged(case: Case) -> bool:
    """Merge exactly the head that was judged; return whether it may work later where it did not now."""
    merges, now = case.repo.merges, case.here.clock()
    refused = merges.merge(case.pull.number, case.pull.head_sha, merges.ways().methods)
    if not refused:
        log.info("pull request merged", number=case.pull.number, base=case.pull.base)
        case.here.book.close_proposal(case.row.repository_id, case.pull.number, State.MERGED, now)
        case.here.scan_soon(*_place(case), Priority.MERGE)
        _let_others_follow(case)
        return True
    log.warning("pull request not merged", number=case.pull.number, reason=refused)
    if "modified" in refused:
        # The base moved at that very moment.
        case.note(due=now + ripeness.SOON)
        return True
    return False


def _let_others_follow(case: Case) -> None:
    place = case.here.book.repository(case.row.repository_id)
    for row in case.here.book.proposals(case.row.repository_id, State.OPEN):
        if row.automerge and place is not None:
            case.here.attend_soon(place, row.number)


def _place(case: Case) -> tuple[int, int]:
    return case.row.repository_id, case.job.installation_id or 0
