"""What can be done on GitHub, by the App through the API or by a person, with all that follows from it."""

from __future__ import annotations

from demo.github import ci, git, webhooks
from demo.github.shapes import issues
from demo.github.state import Account, Comment, Event, Issue, Label, Pull, Repository, Review, World

_BRANCH = "refs/heads/"


def move_ref(world: World, repository: Repository, ref: str, sha: str | None, who: Account) -> None:
    """Point a ref at a commit, or delete it, and bring the pull requests of that branch along."""
    before = git.resolve(repository.folder, ref)
    git.move_ref(repository.folder, ref, sha)
    ref_moved(world, repository, ref, before, who)


def ref_moved(world: World, repository: Repository, ref: str, before: str | None, who: Account) -> None:
    """Tell of a ref that was just moved, and bring the pull requests of that branch along."""
    after = git.resolve(repository.folder, ref)
    repository.pushed_at = world.now()
    if world.webhook_url:
        webhooks.pushed(world, repository, ref, before, who)
    for issue in repository.pulls:
        pull = issue.pull
        if pull is None or issue.state != "open" or f"{_BRANCH}{pull.head}" != ref:
            continue
        if after is None:
            close(world, repository, issue, who)
        else:
            pull.head_sha, issue.updated_at = after, world.now()
            pull.base_sha = repository.branch(pull.base) or pull.base_sha
            webhooks.pull(world, repository, issue, "synchronize", who, before=before, after=after)
            ci.run(world, repository, after)
    if after is not None and ref.startswith(_BRANCH):
        ci.run(world, repository, after, ci.PUSHES)


def open_issue(world: World, repository: Repository, title: str, body: str | None, who: Account) -> Issue:
    """Open an issue."""
    number, now = len(repository.issues) + 1, world.now()
    issue = Issue(next(world.ids), number, who, title, body, now, now)
    repository.issues[number] = issue
    shape = issues.issue(world, repository, issue)
    webhooks.happened(world, "issues", repository, who, {"action": "opened", "issue": shape})
    return issue


def open_pull(  # noqa: PLR0913 -- what a pull request is made of
    world: World,
    repository: Repository,
    who: Account,
    *,
    head: str,
    base: str,
    title: str,
    body: str | None,
    draft: bool = False,
) -> Issue:
    """Open a pull request between two branches that exist."""
    number, now = len(repository.issues) + 1, world.now()
    head_sha, base_sha = repository.branch(head), repository.branch(base)
    pull = Pull(head, base, head_sha or "", base_sha or "", draft)
    issue = Issue(next(world.ids), number, who, title, body, now, now, pull=pull)
    repository.issues[number] = issue
    webhooks.pull(world, repository, issue, "opened", who)
    ci.run(world, repository, pull.head_sha)
    return issue


def close(
    world: World, repository: Repository, issue: Issue, who: Account, reason: str | None = None
) -> None:
    """Close an issue or a pull request."""
    if issue.state == "closed":
        return
    issue.state, issue.closed_at, issue.updated_at = "closed", world.now(), world.now()
    issue.state_reason = None if issue.pull else reason or "completed"
    record(world, issue, "closed", who)
    _tell(world, repository, issue, "closed", who)


def reopen(world: World, repository: Repository, issue: Issue, who: Account) -> None:
    """Open a closed issue or pull request again."""
    if issue.state == "open":
        return
    issue.state, issue.closed_at, issue.updated_at = "open", None, world.now()
    issue.state_reason = None if issue.pull else "reopened"
    record(world, issue, "reopened", who)
    _tell(world, repository, issue, "reopened", who)


def draft(world: World, repository: Repository, issue: Issue, who: Account, *, draft: bool) -> None:
    """Make a pull request a draft, or take it out of draft."""
    if issue.pull is None or issue.pull.draft is draft:
        return
    issue.pull.draft, issue.updated_at = draft, world.now()
    record(world, issue, "convert_to_draft" if draft else "ready_for_review", who)
    webhooks.pull(world, repository, issue, "converted_to_draft" if draft else "ready_for_review", who)


def review(world: World, issue: Issue, who: Account, state: str = "commented") -> Review:
    """Write a review: ``approved``, ``changes_requested`` or ``commented``."""
    assert issue.pull  # noqa: S101 -- only pull requests are reviewed
    made = Review(next(world.ids), who, state, "Seen.", issue.pull.head_sha, world.now())
    issue.pull.reviews.append(made)
    return made


def edited(world: World, repository: Repository, issue: Issue, who: Account) -> None:
    """Tell that a title or body was changed."""
    issue.updated_at = world.now()
    _tell(world, repository, issue, "edited", who)


def _tell(world: World, repository: Repository, issue: Issue, action: str, who: Account) -> None:
    if issue.pull:
        webhooks.pull(world, repository, issue, action, who)
    else:
        shape = issues.issue(world, repository, issue)
        webhooks.happened(world, "issues", repository, who, {"action": action, "issue": shape})


def record(world: World, issue: Issue, kind: str, who: Account, about: Account | str | None = None) -> None:
    """Remember what happened to a pull request for its timeline."""
    if issue.pull:
        issue.pull.events.append(Event(next(world.ids), kind, who, world.now(), about))


def merge(
    world: World, repository: Repository, issue: Issue, who: Account, method: str = "merge"
) -> str | None:
    """Merge a pull request, ``squash`` in one commit; return its id, None when it conflicts or is closed."""
    pull = issue.pull
    base = repository.branch(pull.base) if pull else None
    if pull is None or base is None or issue.state != "open":
        return None
    tree = git.merged_tree(repository.folder, base, pull.head_sha)
    if tree is None:
        return None
    person = git.Person(who.login, f"{who.login}@users.noreply.github.com", world.now())
    message = f"Merge pull request #{issue.number} from {repository.owner.login}/{pull.head}\n\n{issue.title}"
    parents = [base, pull.head_sha] if method == "merge" else [base]
    sha = git.write_commit(repository.folder, tree, parents, message, (person, person))
    pull.queued, pull.auto_merge = False, None
    pull.merge_sha, pull.merged_at, pull.merged_by = sha, world.now(), who
    issue.state, issue.closed_at, issue.updated_at = "closed", world.now(), world.now()
    record(world, issue, "merged", who)
    record(world, issue, "closed", who)
    move_ref(world, repository, f"{_BRANCH}{pull.base}", sha, who)
    webhooks.pull(world, repository, issue, "closed", who)
    return sha


def comment(world: World, repository: Repository, issue: Issue, body: str, who: Account) -> Comment:
    """Write a comment."""
    now = world.now()
    made = Comment(next(world.ids), who, body, now, now)
    issue.comments.append(made)
    issue.updated_at = now
    payload = {
        "action": "created",
        "issue": issues.issue(world, repository, issue),
        "comment": issues.comment(world, repository, issue, made),
    }
    webhooks.happened(world, "issue_comment", repository, who, payload)
    return made


def label(world: World, repository: Repository, issue: Issue, names: list[str]) -> None:
    """Put labels on an issue; one that the repository does not know is made on the way."""
    for name in names:
        known = repository.labels.setdefault(name.lower(), Label(next(world.ids), name))
        if known.name not in issue.labels:
            issue.labels.append(known.name)
    issue.updated_at = world.now()
