"""Does what somebody told us in a comment, once, and answers with a reaction and one reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from workers import board, calm, commands, follow_up, logs, obeying, parting, telling
from workers.commands import Command, Misunderstood, Verb
from workers.github import GitHubError, GoneError, PassingError, Pull, Repo
from workers.github.talk import Said
from workers.ledger import Job, ProposalRow, WordRow
from workers.world import World

log = logs.get(__name__)

_DONE, _REFUSED = "done", "refused"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a comment stands: on a pull request of ours, or (without one) on the dashboard."""

    pull: Pull | None = None
    row: ProposalRow | None = None


def answer(here: World, job: Job, repo: Repo) -> None:
    """Answer the job's comment; whoever may not tell us anything gets no word, and the ledger the reason.

    Killed in the middle, it is done again: every step of it can be done twice.
    """
    repository_id, comment_id = repo.about.repository.id, int(str(job.detail["comment"]))
    source = f"comment:{comment_id}"
    known = here.book.words.find(repository_id, source)
    if known is not None and known.outcome:
        return
    said = repo.talk.comment(comment_id)
    heard = commands.spoken(said.body) if said else None
    if said is None or heard is None:
        log.info("comment ignored", reason="it is gone, or does not speak to us any more")
        return
    place = _place(here, repo, said.number)
    refusal = _unheard(repo, said, place, begun=known is not None)
    row = WordRow(source, said.number, heard[:500], said.who, refusal, here.clock())
    row = here.book.words.take(repository_id, row)
    if refusal or place is None:
        log.info("comment ignored", reason=refusal, who=said.who)
        return
    outcome = _answered(here, job, repo, replace(said, body=f"/kotsu {row.command}"), place)
    here.book.words.end(repository_id, source, outcome)
    log.info("comment answered", command=row.command, outcome=outcome, who=said.who)


def _unheard(repo: Repo, said: Said, place: _Place | None, *, begun: bool) -> str:
    """Return why a comment is not heard, ``""`` where it is: an outsider cannot make us talk."""
    if not said.by_person:
        return "ignored: a bot wrote it"
    if said.edited and not begun:
        return "ignored: it was edited"
    if place is None:
        return "ignored: it stands on nothing of ours"
    if not repo.talk.may_write(said.who):
        return "ignored: its author may not write to the repository"
    return ""


def _place(here: World, repo: Repo, number: int) -> _Place | None:
    known = repo.about.repository
    try:
        pull = repo.pull(number)
    except GoneError:
        return _Place() if board.is_board(here, repo, number) else None
    row = here.book.proposal(known.id, number)
    if row is None and pull.branch.startswith("kotsu/"):
        follow_up.adopt(here.book, repo, here.app.login, here.clock())
        row = here.book.proposal(known.id, number)
    return _Place(pull, row) if row else None


def _answered(here: World, job: Job, repo: Repo, said: Said, place: _Place) -> str:
    """React, do it, reply, react; return what came of it."""
    _react(here, job, repo, said.id, "eyes")
    command = commands.read(commands.spoken(said.body) or "", here.clock())
    is_done, words = _done(here, job, repo, command, place)
    parting.say_once(here, job, repo, said.number, words, source=f"comment:{said.id}")
    _react(here, job, repo, said.id, "+1" if is_done else "confused")
    return _DONE if is_done else _REFUSED


def _react(here: World, job: Job, repo: Repo, comment_id: int, content: str) -> None:
    here.must_hold(job)
    try:
        repo.talk.react(comment_id, content)
    except (PassingError, GoneError):
        # What is gone, or not for us any more, asks for nothing more: the next try finds out.
        raise
    except GitHubError as error:
        log.info("no reaction", reason=str(error))


def _done(
    here: World, job: Job, repo: Repo, command: Command | Misunderstood, place: _Place
) -> tuple[bool, str]:
    if isinstance(command, Misunderstood):
        return False, command.sentence
    if command.verb is Verb.HELP:
        return True, commands.help_table()
    if command.verb is Verb.WHY:
        return _why(here, repo, command, place)
    if place.pull is None or place.row is None:
        return False, f"`/kotsu {command.verb}` is for pull requests; here I know `why NAME` and `help`."
    ours = parting.Ours(here, job, repo, place.pull, place.row)
    return _OBEYING[command.verb](ours, command)


def _why(here: World, repo: Repo, command: Command, place: _Place) -> tuple[bool, str]:
    if command.name:
        return True, telling.about(here.book, repo.about.repository.id, command.name)
    if place.row is None:
        return False, f"Which name? `/kotsu why NAME` tells what is known of {calm.code('NAME')}."
    return True, telling.of(here, place.row)


_OBEYING: Mapping[Verb, Callable[[parting.Ours, Command], tuple[bool, str]]] = {
    Verb.REBASE: obeying.rebase,
    Verb.RECREATE: obeying.recreate,
    Verb.SNOOZE: obeying.snooze,
    Verb.IGNORE: obeying.ignore,
    Verb.NEVER: obeying.never,
    Verb.SPLIT: obeying.split,
}
