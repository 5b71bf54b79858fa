"""Does what people tick in the boxes of a pull request, and empties the boxes again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workers import boxes, logs, obeying, parting
from workers.commands import Command, Verb
from workers.github import GoneError, Repo
from workers.ledger import Job, WordRow
from workers.model import State
from workers.parting import Ours
from workers.world import World

_STRONGEST = (Verb.NEVER, Verb.SNOOZE, Verb.REBASE)

log = logs.get(__name__)


def look(here: World, job: Job, repo: Repo, number: int) -> bool:
    """Attend to the boxes of a pull request by its number; true where it was closed by one of them."""
    row = here.book.proposal(repo.about.repository.id, number)
    if row is None:
        return False
    try:
        return attend(Ours(here, job, repo, repo.pull(number), row))
    except GoneError:
        return False


def attend(ours: Ours) -> bool:
    """Do what is ticked; true where the pull request was closed by that.

    Only who may write to the repository can tick a box, so nobody's rights are asked for. Of several boxes
    the strongest counts. The box is emptied last: a job that was killed finds it ticked.
    """
    ticked = {box.verb for box in boxes.ticked(boxes.footer(ours.pull.body))}
    verb = next((v for v in _STRONGEST if v in ticked), None)
    if verb is not None:
        is_done, words = _OBEYING[verb](ours, Command(verb))
        _remember(ours, verb, "done" if is_done else words)
        if is_done and verb is not Verb.REBASE:
            day = f"{ours.here.clock():%Y-%m-%d}"
            source = f"box:{verb}:{day}"
            parting.say_once(ours.here, ours.job, ours.repo, ours.pull.number, words, source=source)
    _emptied(ours)
    return verb in (Verb.NEVER, Verb.SNOOZE)


def _emptied(ours: Ours) -> None:
    """Empty the boxes, and take back the word of an earlier closing from what is open."""
    now = ours.repo.pull(ours.pull.number) if boxes.ticked(boxes.footer(ours.pull.body)) else ours.pull
    body = parting.forgotten(now.body) if now.state == State.OPEN else parting.untouched(now.body)
    if body != now.body:
        ours.here.must_hold(ours.job)
        ours.repo.talk.write_pull(now.number, body)


def _remember(ours: Ours, verb: Verb, outcome: str) -> None:
    here, number, who = ours.here, ours.pull.number, str(ours.job.detail.get("who") or "")
    source = f"box:{number}:{verb}:{here.clock().isoformat()}"
    here.book.words.take(
        ours.row.repository_id, WordRow(source, number, verb.value, who, outcome, here.clock())
    )
    log.info("box ticked", command=verb.value, outcome=outcome, number=number, who=who)


_OBEYING: Mapping[Verb, Callable[[Ours, Command], tuple[bool, str]]] = {
    Verb.NEVER: obeying.never,
    Verb.SNOOZE: obeying.snooze,
    Verb.REBASE: obeying.rebase,
}
