"""Opens pull requests: one branch and one pull request for each key, found again rather than made twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from codemods.model import Edit
from workers import answered, git, history, marker, rebuild, replay, snapshot, tracing, unmoved
from workers.github import File, GitHubError, GoneError, PassingError, Pull, Repo
from workers.github.branches import NOWHERE
from workers.github.commits import Commit
from workers.history import History, Kind
from workers.ledger import ProposalRow
from workers.model import Proposal, Stage, is_answered, mark
from workers.rebuild import Asked, Cause
from workers.replay import Carried, Stuck

__all__ = ["Asked", "Base", "LeftAloneError", "Published", "find", "open"]


class LeftAloneError(Exception):
    """A branch or pull request that is not ours to write; the text is the sentence people read."""


@dataclass(frozen=True, slots=True)
class Base:
    """What a proposal is written onto: the branch by name, its commit, and the modes of the files.

    ``store`` is the bare mirror that has the commit.
    """

    branch: str
    commit: str
    modes: Mapping[str, str]
    store: Path


@dataclass(frozen=True, slots=True)
class Published:
    """A proposal's pull request; ``notes`` are what could not be done around it.

    ``written`` is the commit of ours that its branch was given, ``""`` where it was left as it is; ``unsure``
    says that GitHub did not know yet whether it conflicts.
    """

    pull: Pull
    created: bool
    notes: tuple[str, ...] = ()
    written: str = ""
    unsure: bool = False


def find(repo: Repo, proposal: Proposal) -> Pull | None:
    """Return the newest pull request of a proposal's branch: GitHub knows it even when we forgot."""
    return repo.pull_of(proposal.branch)


@tracing.span("publish")
def open(  # noqa: A001 -- reads as publish.open
    repo: Repo, base: Base, proposal: Proposal, row: ProposalRow | None, *, asked: Asked = Asked.NOTHING
) -> Published:
    """Open the proposal's pull request, or bring the one that is open up to date.

    ``row`` is what the ledger knows of the open one, ``asked`` what somebody wants of it. LeftAloneError
    where a person's commit is in the way, or a person has said no.
    """
    known = find(repo, proposal)
    if known is not None and known.state == "open":
        return _update(_Open(repo, base, proposal, known, row, asked))
    if asked is not Asked.RECREATE and known and known.state == "closed" and _is_answered(proposal, known):
        raise LeftAloneError(f"#{known.number} was closed without merging, and that is an answer")
    head, written = _built(repo, base, proposal, known, row)
    if proposal.open_as == "branch" and (row is None or row.stage == Stage.BRANCH):
        return Published(_alone(repo, proposal, head, row), created=row is None, written=written)
    draft = proposal.open_as != "ready"
    pull = repo.create_pull(proposal.branch, base.branch, proposal.title, proposal.body, draft=draft)
    if pull is None:
        pull = find(repo, proposal)
        if pull is None:
            raise PassingError(f"GitHub says that {proposal.branch} has a pull request, and lists none")
    notes = _dress(repo, proposal, pull)
    if head != written:
        # A newer release may have come meanwhile: as with what is open, their commits come along.
        try:
            found = _update(_Open(repo, base, proposal, pull, None, asked))
            return replace(
                found, created=True, notes=(*notes, *found.notes), written=found.written or written
            )
        except LeftAloneError as error:
            notes = (*notes, str(error))
    return Published(pull, created=True, notes=notes, written=written)


def _built(
    repo: Repo, base: Base, proposal: Proposal, known: Pull | None, row: ProposalRow | None
) -> tuple[str, str]:
    """Bring a proposal's branch about, and return its head and our commit on it.

    One that stands as it should is kept, and so is one to which a person pushed before it was a pull request.
    """
    waits = row.number < 0 if row is not None else known is None and proposal.open_as == "branch"
    head = repo.branch(proposal.branch) if waits else None
    if head is not None:
        if row is not None and row.digest == proposal.digest and head == row.head_sha:
            return head, row.written or head
        found = history.of(repo.commits, base.commit, head)
        if isinstance(found, History) and found.ours and not found.is_ours:
            return head, found.ours.sha
    commit = _commit(repo, base, proposal).sha
    if not repo.create_branch(proposal.branch, commit):
        _take_over(repo, proposal, commit, known)
    return commit, commit


def _alone(repo: Repo, proposal: Proposal, head: str, row: ProposalRow | None) -> Pull:
    """Return what stands for the pull request of a branch that has none yet: its number is negative."""
    page = f"{repo.home}/{repo.about.repository.full_name}/tree/{proposal.branch}"
    return Pull(
        number=-1 - int(mark(proposal.branch)[:7], 16),
        url=page,
        state="open",
        title=proposal.title,
        body=proposal.body,
        head_sha=head,
        branch=proposal.branch,
        created=row.opened_at if row else datetime.now(UTC),
        closed=None,
    )


def _is_answered(proposal: Proposal, closed: Pull) -> bool:
    about = marker.metadata(closed.body)
    no = answered.is_no(marker.word(about), marker.versions(about), proposal.versions)
    return no and is_answered(proposal.answers, marker.answers(about))


@dataclass(frozen=True, slots=True)
class _Open:
    """A pull request that is open, with all that is known of it and wanted of it."""

    repo: Repo
    base: Base
    proposal: Proposal
    pull: Pull
    row: ProposalRow | None
    asked: Asked

    @property
    def about(self) -> Mapping[str, object]:
        """What its body says."""
        return marker.metadata(self.pull.body)

    @property
    def is_seen(self) -> bool:
        """Whether its branch stands where it was seen last; where the ledger was lost, nobody has seen it."""
        return self.row is not None and bool(self.row.digest) and self.row.head_sha == self.pull.head_sha


def _update(here: _Open) -> Published:
    """Bring an open pull request up to date: its branch only where something requires it."""
    repo, base, proposal, pull, row = here.repo, here.base, here.proposal, here.pull, here.row
    if pull.base != base.branch:
        raise LeftAloneError(f"#{pull.number} was pointed at another branch than `{base.branch}` by somebody")
    if row is not None and row.stage == Stage.HELD and here.asked is Asked.NOTHING:
        raise LeftAloneError(f"#{pull.number} was made a draft by somebody")
    branch = None if here.is_seen and here.asked is Asked.NOTHING else _branch(here)
    is_same = _is_same(here, branch)
    mergeable: bool | None = True
    if is_same and here.asked is Asked.NOTHING:
        mergeable = repo.pull(pull.number).mergeable
    if branch is None and (mergeable is False or not is_same):
        branch = _branch(here)
    seen = branch if isinstance(branch, History) else None
    why = rebuild.cause(
        here.asked,
        is_same=is_same,
        is_fresh=seen is not None and seen.ground == base.commit,
        is_ours=seen is not None and seen.is_ours,
        mergeable=mergeable,
    )
    made, head = _rebuilt(here, branch, why) if why and branch else (None, seen.head if seen else "")
    if why or here.about.get("digest") != proposal.digest:
        pull = replace(pull, title=_title(here), body=_body(here, why, made or (seen.ours if seen else None)))
        repo.update_pull(pull.number, pull.title, pull.body)
    dressed = row is not None and bool(row.digest) and row.number > 0
    notes = () if dressed else _dress(repo, proposal, pull)
    # GitHub is late to show a branch's new head on its pull request; we know it.
    pull = replace(pull, head_sha=head or pull.head_sha)
    written = made.sha if made else ""
    return Published(pull, created=False, notes=notes, written=written, unsure=mergeable is None)


def _branch(here: _Open) -> History | str:
    """Return what is on a pull request's branch, or why that cannot be read."""
    head = here.repo.branches.stands(here.pull.branch)
    if head == NOWHERE:
        raise LeftAloneError(f"#{here.pull.number} has no branch any more")
    return history.of(here.repo.commits, here.base.commit, head)


def _is_same(here: _Open, branch: History | str | None) -> bool:
    """Say whether a pull request changes what is proposed; our commit knows it best, then its body."""
    change = branch.change if isinstance(branch, History) else ""
    if known := change or str(here.about.get("change") or ""):
        return known == here.proposal.change
    digest = here.about.get("digest") or (here.row.digest if here.row else "")
    return digest in (here.proposal.digest, here.proposal.former)


def _title(here: _Open) -> str:
    """Return the title that a pull request is to have: one that a person has given it stays."""
    is_own = here.about.get("title", mark(here.pull.title)) != mark(here.pull.title)
    return here.pull.title if is_own else here.proposal.title


def _body(here: _Open, why: Cause | None, ours: Commit | None) -> str:
    """Return the body that a pull request is to have.

    It keeps since when it proposes what it does, by GitHub's clock: earlier reviews are about something else.
    """
    known, body = str(here.about.get("change") or ""), here.proposal.body
    is_other = why is Cause.CHANGED or known not in ("", here.proposal.change)
    since = ours.committer.date if is_other and ours else here.about.get("changed")
    return marker.with_metadata(body, changed=since) if since else body


def _rebuilt(here: _Open, branch: History | str, why: Cause) -> tuple[Commit, str]:
    """Build a pull request's branch anew; return our commit on it, and its head.

    What people committed comes along, or everything stays as it is.
    """
    repo, pull = here.repo, here.pull
    carried: Sequence[Carried] = ()
    head = branch.head if isinstance(branch, History) else repo.branches.stands(pull.branch)
    if here.asked is not Asked.RECREATE:
        if isinstance(branch, str) or branch.ours is None:
            _leave(here, why, head, branch if isinstance(branch, str) else _DROPPED)
        carried = () if branch.is_ours else _carried(here, branch, why)
    made = top = _commit(repo, here.base, here.proposal)
    for step in carried:
        by = (step.commit.author, made.author)
        top = repo.commits.write(top.sha, step.message, step.files, tree=step.tree, by=by)
        if top.tree != step.tree:
            raise LeftAloneError(
                f"#{pull.number}: GitHub makes another tree of {step.commit.sha[:9]} than git"
            )
    if not repo.branches.move(pull.branch, head, top.sha):
        raise LeftAloneError(f"#{pull.number}: somebody is pushing to its branch just now")
    return made, top.sha


_DROPPED = "our commit is not on it any more"


def _carried(here: _Open, branch: History, why: Cause) -> Sequence[Carried]:
    """Return people's commits as they are on top of what we propose; LeftAloneError where one is stuck."""
    repo, base = here.repo, here.base
    merges = [step for step in branch.steps if step.merged]
    forks = {step.commit.sha: repo.commits.ahead(step.before, step.merged).fork for step in merges}
    origin = _origin(here) if any(step.kind is Kind.AMENDED for step in branch.steps) else None
    needed = {branch.ground, *forks.values(), *(step.merged for step in merges)}
    needed |= {step.commit.sha for step in branch.steps}
    needed |= {origin.sha, *origin.parents} if origin else set()
    try:
        snapshot.more(base.store, repo.clone_url, needed, repo.token())
        found = replay.run(base.store, (base.commit, files(here.proposal, base.modes)), branch, forks, origin)
    except git.GitError as error:
        words = f"#{here.pull.number} has commits that are not ours, and git says: {error}"
        raise LeftAloneError(words) from None
    if isinstance(found, Stuck):
        _leave(here, why, branch.head, found)
    return found


def _origin(here: _Open) -> Commit | None:
    """Return the commit of ours that somebody has written again."""
    try:
        return here.repo.commits.read(here.row.written) if here.row and here.row.written else None
    except GoneError:
        return None


def _leave(here: _Open, why: Cause, head: str, said: Stuck | str) -> NoReturn:
    """Say once for each head why a branch stays as it is, and leave it alone."""
    if here.repo.branches.stands(here.base.branch) != here.base.commit:
        raise LeftAloneError(f"#{here.pull.number}: `{here.base.branch}` has moved on just now")
    words = unmoved.remark(why, said, urlsplit(here.repo.home).netloc)
    here.repo.remarks.say(here.pull.number, "unmoved", words, head)
    raise LeftAloneError(f"#{here.pull.number} has commits that are not ours. {unmoved.sentence(said)}")


def _take_over(repo: Repo, proposal: Proposal, commit: str, known: Pull | None) -> None:
    """Reuse a branch that an interrupted run or an earlier pull request left behind."""
    head = repo.branches.stands(proposal.branch)
    merged = known is not None and known.state == "merged" and known.head_sha == head
    if head != NOWHERE and not merged and not history.is_ours(repo.commits.read(head)):
        raise LeftAloneError(f"the branch {proposal.branch} has commits that are not ours")
    if not repo.branches.move(proposal.branch, head, commit):
        raise LeftAloneError(f"somebody is pushing to the branch {proposal.branch} just now")


def _commit(repo: Repo, base: Base, proposal: Proposal) -> Commit:
    """Write a proposal's commits onto its base, and return the last one."""
    parent, made = base.commit, None
    for subject, edits in proposal.commits or ((proposal.title, proposal.edits),):
        text = history.message(subject, proposal.key, proposal.change)
        made = repo.commits.write(parent, text, _as_files(edits, base.modes))
        parent = made.sha
    if made is None:
        raise ValueError(f"{proposal.key} has no commit")
    return made


def files(proposal: Proposal, modes: Mapping[str, str]) -> list[File]:
    """Return a proposal's files as its last commit shall hold them; ``modes`` are git's, by path."""
    return _as_files(proposal.edits, modes)


def _as_files(edits: Sequence[Edit], modes: Mapping[str, str]) -> list[File]:
    return [File(e.path, modes.get(e.path, "100644"), e.after) for e in edits]


def _dress(repo: Repo, proposal: Proposal, pull: Pull) -> tuple[str, ...]:
    """Add labels; a pull request without them is still worth having. Nobody is asked before it is green."""
    labels = [name for name in proposal.labels if name.lower() not in pull.labels]
    try:
        if labels:
            repo.label(pull.number, labels)
    except PassingError:
        raise
    except GitHubError as error:
        return (str(error),)
    return ()
