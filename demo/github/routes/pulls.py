"""Pull requests: listed, opened, changed, merged, and who is asked to look."""

from __future__ import annotations

from demo.github import git, mergeability, moves
from demo.github.call import Call, RefusedError, Reply, Route, invalid, page
from demo.github.routes.issues import check_text
from demo.github.shapes import commits, issues, timeline
from demo.github.state import Issue, Pull


def list_(call: Call) -> Reply:
    """Return pull requests, newest first, by state, head and base."""
    query, found = call.query, list(reversed(call.repository.pulls))
    if query.get("sort") == "updated":
        found.sort(key=lambda issue: issue.updated_at, reverse=True)
    if query.get("direction") == "asc":
        found.reverse()
    state, head, base = query.get("state", "open"), query.get("head"), query.get("base")
    # A head without its owner is no filter at all, to the surprise of many.
    owner, _, branch = (head or "").rpartition(":")
    found = [i for i in found if state in ("all", i.state)]
    found = [i for i in found if not base or _pull(i).base == base]
    if owner:
        mine = owner.lower() == call.repository.owner.login.lower()
        found = [i for i in found if mine and _pull(i).head == branch]
    return page(call, [issues.pull(call.world, call.repository, i) for i in found])


def create(call: Call) -> Reply:
    """Open a pull request."""
    call.need("PullRequest", "head", "base", "title")
    repository = call.repository
    check_text(call, "PullRequest")
    owner, _, head = str(call.body["head"]).rpartition(":")
    base = str(call.body["base"])
    foreign = owner and owner.lower() != repository.owner.login.lower()
    tip, ground = None if foreign else repository.branch(head), repository.branch(base)
    if ground is None:
        raise invalid("PullRequest", "invalid", "base")
    if tip is None:
        raise invalid("PullRequest", "invalid", "head")
    same = [
        i for i in repository.pulls if i.state == "open" and (_pull(i).head, _pull(i).base) == (head, base)
    ]
    if same:
        text = f"A pull request already exists for {repository.owner.login}:{head}."
        raise invalid("PullRequest", "custom", message=text)
    if git.is_ancestor(repository.folder, tip, ground):
        raise invalid("PullRequest", "custom", message=f"No commits between {base} and {head}")
    if call.body.get("draft") and not repository.drafts:
        text = "Draft pull requests are not supported in this repository."
        raise invalid("PullRequest", "custom", message=text)
    issue = moves.open_pull(
        call.world,
        repository,
        call.who,
        head=head,
        base=base,
        title=call.body["title"],
        body=call.body.get("body"),
        draft=bool(call.body.get("draft")),
    )
    return Reply(201, issues.full_pull(call.world, repository, issue))


def show(call: Call) -> Reply:
    """Return a pull request."""
    return Reply(200, issues.full_pull(call.world, call.repository, _issue(call)))


def update(call: Call) -> Reply:
    """Change title, body, base or state."""
    issue, world, repository = _issue(call), call.world, call.repository
    check_text(call, "PullRequest")
    if "base" in call.body:
        if repository.branch(call.body["base"]) is None:
            raise invalid("PullRequest", "invalid", "base")
        _pull(issue).base = call.body["base"]
        _pull(issue).base_sha = repository.branch(call.body["base"]) or ""
    if {"title", "body", "base"} & call.body.keys():
        issue.title = call.body.get("title", issue.title)
        issue.body = call.body.get("body", issue.body)
        moves.edited(world, repository, issue, call.who)
    if call.body.get("state") == "closed":
        moves.close(world, repository, issue, call.who)
    elif call.body.get("state") == "open" and issue.state == "closed":
        if _pull(issue).merged_at or repository.branch(_pull(issue).head) is None:
            text = f"state cannot be changed. The {_pull(issue).head} branch has been deleted."
            raise invalid("PullRequest", "custom", "state", text)
        moves.reopen(world, repository, issue, call.who)
    return Reply(200, issues.full_pull(world, repository, issue))


def list_files(call: Call) -> Reply:
    """Return the files of a pull request."""
    pull = _pull(_issue(call))
    fork = git.merge_base(call.repository.folder, pull.base_sha, pull.head_sha) or pull.base_sha
    return page(call, commits.files(call.world, call.repository, fork, pull.head_sha))


def list_commits(call: Call) -> Reply:
    """Return the commits of a pull request, oldest first."""
    pull, repository = _pull(_issue(call)), call.repository
    found = git.log(repository.folder, f"{pull.base_sha}..{pull.head_sha}", limit=250)
    return page(call, [commits.commit(call.world, repository, c) for c in reversed(found)])


def merge(call: Call) -> Reply:
    """Merge, where nothing that the branch asks for is missing, and the head is the one that is meant."""
    issue, merging = _issue(call), call.repository.merging
    method = call.body.get("merge_method", "merge")
    if call.body.get("sha", _pull(issue).head_sha) != _pull(issue).head_sha:
        raise RefusedError(409, "Head branch was modified. Review and try the merge again.")
    if method not in merging.methods:
        raise RefusedError(405, f"{method.title()} merges are not allowed on this repository.")
    if merging.queue:
        raise RefusedError(405, "Changes must be made through the merge queue")
    ready = mergeability.state(call.repository, issue) in mergeability.READY
    sha = moves.merge(call.world, call.repository, issue, call.who, method) if ready else None
    if sha is None:
        raise RefusedError(405, "Pull Request is not mergeable")
    return Reply(200, {"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


def ask_reviewers(call: Call) -> Reply:
    """Ask people and teams to review; one that is no collaborator spoils the whole request."""
    issue, repository = _issue(call), call.repository
    logins, teams = call.body.get("reviewers") or [], call.body.get("team_reviewers") or []
    strangers = [name for name in logins if name.lower() not in repository.collaborators]
    if strangers or not set(teams) <= repository.teams:
        text = "Reviews may only be requested from collaborators. One or more of the users or teams"
        text += f" you specified is not a collaborator of the {repository.full_name} repository."
        raise RefusedError(422, text)
    if issue.author.login in logins:
        raise RefusedError(422, "Review cannot be requested from pull request author.")
    pull = _pull(issue)
    for account in (call.world.account(login) for login in logins):
        if account not in pull.reviewers:
            pull.reviewers.append(account)
            moves.record(call.world, issue, "review_requested", call.who, account)
    for slug in teams:
        if slug not in pull.teams:
            pull.teams.append(slug)
            moves.record(call.world, issue, "review_requested", call.who, slug)
    return Reply(201, issues.pull(call.world, repository, issue))


def list_timeline(call: Call) -> Reply:
    """Return what happened to a pull request, oldest first."""
    return page(call, timeline.events(call.world, call.repository, call.issue()))


def _issue(call: Call) -> Issue:
    issue = call.issue("pull_number")
    if issue.pull is None:
        raise RefusedError(404, "Not Found")
    return issue


def _pull(issue: Issue) -> Pull:
    assert issue.pull  # noqa: S101 -- only pull requests come here
    return issue.pull


_ROOT = "/repos/{owner}/{repo}/pulls"
_TIMELINE = "/repos/{owner}/{repo}/issues/{issue_number}/timeline"
ROUTES = (
    Route("GET", _TIMELINE, "issues|pull_requests:read", list_timeline),
    Route("GET", _ROOT, "pull_requests:read", list_),
    Route("POST", _ROOT, "pull_requests:write", create),
    Route("GET", f"{_ROOT}/{{pull_number}}", "pull_requests:read", show),
    Route("PATCH", f"{_ROOT}/{{pull_number}}", "pull_requests:write", update),
    Route("GET", f"{_ROOT}/{{pull_number}}/files", "pull_requests:read", list_files),
    Route("GET", f"{_ROOT}/{{pull_number}}/commits", "pull_requests:read", list_commits),
    Route("PUT", f"{_ROOT}/{{pull_number}}/merge", "contents:write", merge),
    Route("POST", f"{_ROOT}/{{pull_number}}/requested_reviewers", "pull_requests:write", ask_reviewers),
)
