"""Keeps the one issue that shows a repository: found again, read, and written where it changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from codemods import inventory
from codemods.model import Problem, Tree
from workers import dashboard, logs, owed, parting, wishes
from workers.answered import Word, is_no
from workers.config import Config
from workers.dashboard import Closed, Dependency, Seen
from workers.github import GitHubError, GoneError, PassingError, RefusedError, Repo
from workers.github.talk import Issue
from workers.ledger import Job, ProposalRow
from workers.messages import DASHBOARD, Priority
from workers.model import Report, State, Wanted
from workers.owed import Digest
from workers.parting import Ours
from workers.world import World

_MOST_CLOSED = 50

log = logs.get(__name__)


def heard(here: World, job: Job, repo: Repo, config: Config) -> Wanted:
    """Return what people ticked in the issue, and said elsewhere; what they want again is free again."""
    rows = here.book.proposals(repo.about.repository.id)
    said = dict(wishes.said(rows))
    issue = _issue(here, repo) if config.dashboard else None
    if issue is None:
        return Wanted(now=frozenset(said))
    # In one that a person has closed nothing is shown any more, so that a tick would count for ever.
    ticked = dashboard.ticked(issue.body) if issue.state == State.OPEN else ()
    now, again = ({box.key for box in ticked if box.verb == verb} for verb in ("now", "again"))
    if issue.state == State.OPEN:
        for key in dashboard.wanted(issue.body) & said.keys() - now:
            _release(here, job, repo, said.pop(key))
    for row in rows:
        if row.state == State.CLOSED and row.key in again and is_no(row.word, (), ()):
            _release(here, job, repo, row)
    refused = dashboard.never(issue.body) - again | {box.key for box in ticked if box.verb == "never"}
    wanted = frozenset(now | again | said.keys()) - refused
    return Wanted(now=wanted, never=refused, ticked=frozenset(ticked))


def show(  # noqa: PLR0913 -- a scan's circumstances
    here: World,
    job: Job,
    repo: Repo,
    config: Config,
    *,
    wanted: Wanted,
    tree: Tree,
    report: Report,
    strangers: Sequence[str] = (),
    digest: Digest = owed.NOTHING,
) -> None:
    """Bring the issue up to date after a scan; it is nice to have, and no reason to fail.

    ``strangers`` are teams whose budgets kotsu.yml or CODEOWNERS names without a right to them, ``digest``
    are the promises in comments that people should read first.
    """
    with _nice_to_have():
        rows = here.book.proposals(repo.about.repository.id)
        opened = {row.key for row in rows if row.state == State.OPEN}
        kept = here.book.withheld(repo.about.repository.id)
        is_sure = all(p.beside for p in report.problems) and not report.unknown
        left = wishes.left(wanted.now, opened, kept, is_sure=is_sure)
        if config.dashboard:
            problems = [*map(_said, report.problems), *map(_strange, strangers)]
            seen = Seen(problems=problems, promises=digest)
            _show(here, job, repo, replace(wanted, now=left), tree, seen)
        else:
            _switch_off(here, job, repo)
        for key, row in wishes.said(rows).items():
            if key not in left:
                _release(here, job, repo, row)


def stop(here: World, job: Job, repo: Repo, tree: Tree) -> None:
    """Let the issue say that nothing is proposed, where there is one; what is ticked in it waits."""
    with _nice_to_have():
        issue = _shown(here, repo)
        ticked = dashboard.ticked(issue.body) if issue else ()
        if issue is not None and all(box.verb == "now" for box in ticked):
            now = frozenset(box.key for box in ticked)
            _show(here, job, repo, Wanted(now, dashboard.never(issue.body), frozenset(ticked)), tree, Seen())


def refresh(here: World, job: Job, repo: Repo) -> None:
    """Bring the issue's part about pull requests up to date, where there is one."""
    with _nice_to_have():
        if (issue := _shown(here, repo)) is None:
            return
        body = dashboard.refreshed(issue.body, here.book.proposals(repo.about.repository.id, State.OPEN))
        if not _same(body, issue.body):
            here.must_hold(job)
            repo.talk.update_issue(issue.number, body)


def _shown(here: World, repo: Repo) -> Issue | None:
    """Return the issue that the ledger knows of, None where it is closed."""
    known = here.book.repository(repo.about.repository.id)
    issue = repo.talk.issue(known.dashboard) if known and known.dashboard else None
    return issue if issue is not None and issue.state == State.OPEN else None


@contextmanager
def _nice_to_have() -> Iterator[None]:
    try:
        yield
    except PassingError:
        raise
    except GitHubError as error:
        log.warning("dashboard not shown", reason=str(error))


def attend(here: World, job: Job, repo: Repo) -> None:
    """Look at the repository where somebody ticked a box of its issue: the look does what is ticked."""
    number = int(str(job.detail["number"]))
    issue = repo.talk.issue(number)
    known = here.book.repository(repo.about.repository.id)
    ours = issue is not None and issue.author == here.app.login
    if issue is None or known is None or not ours or known.dashboard not in (number, None):
        return
    if dashboard.ticked(issue.body):
        here.scan_soon(known.id, job.installation_id or 0, Priority.PERSON)


def is_board(here: World, repo: Repo, number: int) -> bool:
    """Say whether an issue is the one that shows the repository."""
    known = here.book.repository(repo.about.repository.id)
    if known is not None and known.dashboard is not None:
        return known.dashboard == number
    issue = repo.talk.issue(number)
    return issue is not None and _is_ours(here, issue)


def _show(  # noqa: PLR0913, PLR0917 -- the same
    here: World, job: Job, repo: Repo, wanted: Wanted, tree: Tree, seen: Seen
) -> None:
    rows = here.book.proposals(repo.about.repository.id)
    opened = [row for row in rows if row.state == State.OPEN]
    keys = {row.key for row in opened}
    closed = [r for r in _newest(rows) if r.state == State.CLOSED and r.key not in keys]
    answers = [Closed(r.key, r.title, r.number, r.word, r.until) for r in closed if is_no(r.word, (), ())]
    seen = replace(
        seen,
        kept=here.book.withheld(repo.about.repository.id),
        closed=answers[:_MOST_CLOSED],
        never=wanted.never,
        dependencies=[
            Dependency(r.path, r.name, r.written)
            for m in inventory.read(tree).manifests
            for r in m.requirements
        ],
        wanted=wanted.now,
    )
    _write(here, job, repo, dashboard.render(opened, seen), wanted)


def _said(problem: Problem) -> str:
    return f"`{problem.path}:{problem.line}`: {problem.message}" if problem.path != "." else problem.message


def _strange(team: str) -> str:
    return f"`{team}` is named here and has no access to this repository: its budget is left alone."


def _write(here: World, job: Job, repo: Repo, body: str, wanted: Wanted) -> None:
    """Write the issue, unless a person closed or deleted it: that is an answer."""
    repository_id = repo.about.repository.id
    known = here.book.repository(repository_id)
    issue = _issue(here, repo)
    if issue is None:
        if known is None or known.dashboard is None:
            here.must_hold(job)
            issue = repo.talk.create_issue(dashboard.TITLE, body)
            here.book.set_dashboard(repository_id, issue.number)
        return
    if issue.state != State.OPEN and not dashboard.is_off(issue.body):
        return
    if issue.state == State.OPEN and wanted.ticked != frozenset(dashboard.ticked(issue.body)):
        # Somebody ticked or unticked while we were looking: to write now would lose it.
        here.scan_soon(repository_id, job.installation_id or 0, Priority.PERSON)
        return
    if issue.state != State.OPEN or not _same(body, issue.body):
        here.must_hold(job)
        repo.talk.update_issue(issue.number, body, state="open" if issue.state != State.OPEN else "")


def _switch_off(here: World, job: Job, repo: Repo) -> None:
    """Close the issue that kotsu.yml does not want any more; its body says that it was not a person."""
    repository_id = repo.about.repository.id
    known = here.book.repository(repository_id)
    if known is None or known.dashboard is None:
        return
    issue = repo.talk.issue(known.dashboard)
    if issue is not None and not dashboard.is_off(issue.body):
        here.must_hold(job)
        repo.talk.update_issue(issue.number, dashboard.switched(issue.body, off=True), state="closed")
    here.book.set_dashboard(repository_id, None)


def _issue(here: World, repo: Repo) -> Issue | None:
    """Return the issue, found again by its author and its first words where the ledger forgot its number."""
    repository_id = repo.about.repository.id
    known = here.book.repository(repository_id)
    if known is not None and known.dashboard is not None:
        return repo.talk.issue(known.dashboard)
    try:
        found = next((i for i in repo.talk.issues_of(here.app.login) if _is_ours(here, i)), None)
    except (GoneError, RefusedError):
        # Issues are switched off there, or not for us.
        return None
    if found is not None:
        here.book.set_dashboard(repository_id, found.number)
    return found


def _is_ours(here: World, issue: Issue) -> bool:
    return issue.body.startswith(DASHBOARD) and issue.author == here.app.login


def _release(here: World, job: Job, repo: Repo, row: ProposalRow) -> None:
    if row.number < 0:
        # A branch that never was a pull request: only the ledger knows of its end.
        said = {"word": Word.SUPERSEDED.value, "until": None}
        here.book.change_proposal(row.repository_id, row.number, here.clock(), **said)
        return
    try:
        pull = repo.pull(row.number)
    except GoneError:
        return
    if pull.state == State.CLOSED:
        parting.release(Ours(here, job, repo, pull, row))


def _newest(rows: list[ProposalRow]) -> list[ProposalRow]:
    """Return the newest pull request of each key."""
    return list({row.key: row for row in reversed(rows)}.values())[::-1]


def _same(one: str, other: str) -> bool:
    return one.replace("\r\n", "\n") == other.replace("\r\n", "\n")
