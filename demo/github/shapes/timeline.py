"""How what happened to a pull request looks in GitHub's JSON."""

from __future__ import annotations

from datetime import datetime

from demo.github import git
from demo.github.shapes import commits, issues
from demo.github.shapes.accounts import moment, node, user
from demo.github.shapes.commits import root
from demo.github.state import Account, Comment, Event, Issue, Json, Pull, Repository, Review, World


def events(world: World, repository: Repository, found: Issue) -> list[Json]:
    """Return everything that happened, the oldest first; commits keep the time that they carry."""
    dated: list[tuple[datetime, Json]] = [
        (comment.created_at, _comment(world, repository, found, comment)) for comment in found.comments
    ]
    if pull := found.pull:
        dated += [(e.at, _event(world, repository, found, e)) for e in pull.events]
        dated += [(r.at, review(world, repository, found, r)) for r in pull.reviews]
        dated += [(c.committer.date, _commit(world, repository, c.sha)) for c in _commits(repository, pull)]
    return [shape for _, shape in sorted(dated, key=lambda pair: pair[0])]


def _commits(repository: Repository, pull: Pull) -> list[git.Commit]:
    fork = git.merge_base(repository.folder, pull.base_sha, pull.head_sha) or pull.base_sha
    return git.log(repository.folder, f"{fork}..{pull.head_sha}", limit=250)


def _comment(world: World, repository: Repository, found: Issue, comment: Comment) -> Json:
    shape = issues.comment(world, repository, found, comment)
    return {**shape, "event": "commented", "actor": shape["user"]}


def _commit(world: World, repository: Repository, sha: str) -> Json:
    return {**commits.git_commit(world, repository, sha), "event": "committed"}


def _event(world: World, repository: Repository, found: Issue, event: Event) -> Json:
    shape = {
        "id": event.id,
        "node_id": node("EV", event.id),
        "url": f"{root(world, repository)}/issues/events/{event.id}",
        "actor": user(world, event.who),
        "event": event.kind,
        "commit_id": None,
        "commit_url": None,
        "created_at": moment(event.at),
        "performed_via_github_app": None,
    }
    if event.kind.startswith("review_request"):
        shape["review_requester"] = user(world, event.who)
        shape |= _asked(world, repository, event.about)
    if event.kind == "review_dismissed":
        review_id = int(str(event.about))
        shape["dismissed_review"] = {
            "state": "changes_requested",
            "review_id": review_id,
            "dismissal_message": f"No longer true of #{found.number}",
        }
    return shape


def _asked(world: World, repository: Repository, about: Account | str | None) -> Json:
    if isinstance(about, Account):
        return {"requested_reviewer": user(world, about)}
    return {"requested_team": issues.team(world, repository, str(about))}


def review(world: World, repository: Repository, found: Issue, given: Review) -> Json:
    """Return a review as the timeline carries it."""
    html = f"{world.url}/{repository.full_name}/pull/{found.number}"
    address = f"{root(world, repository)}/pulls/{found.number}"
    return {
        "id": given.id,
        "node_id": node("PRR", given.id),
        "user": user(world, given.author),
        "body": given.body,
        "commit_id": given.commit,
        "submitted_at": moment(given.at),
        "state": given.state,
        "html_url": f"{html}#pullrequestreview-{given.id}",
        "pull_request_url": address,
        "author_association": "MEMBER",
        "_links": {
            "html": {"href": f"{html}#pullrequestreview-{given.id}"},
            "pull_request": {"href": address},
        },
        "event": "reviewed",
    }
