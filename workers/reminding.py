"""Keeps one issue for each promise, where kotsu.yml asks for that."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workers import logs, reminders
from workers.github import GitHubError, PassingError, Repo
from workers.ledger import Job
from workers.model import State
from workers.reminders import Noted, Reminder
from workers.world import World

_MOST_NEW, _MOST_CLOSED = 5, 50
"""Issues that are opened and closed after one scan: a repository full of promises must not drown in them."""

log = logs.get(__name__)


_IsUnread = Callable[[str], bool]


def attend(  # noqa: PLR0913 -- whose, and what was found
    here: World,
    job: Job,
    repo: Repo,
    found: Mapping[str, Reminder],
    is_unread: _IsUnread,
    *,
    quiet: bool = False,
) -> None:
    """Bring the issues of promises in step with a scan; they are nice to have, and no reason to fail.

    ``found`` are those that shall be there, by key; ``is_unread`` says of a path that nobody could read it.
    Where it is ``quiet``, none is opened.
    """
    try:
        _keep(here, job, repo, found, is_unread, quiet=quiet)
    except PassingError:
        raise
    except GitHubError as error:
        log.warning("issues of promises not kept", reason=str(error))


def _keep(  # noqa: PLR0913 -- as `attend`
    here: World,
    job: Job,
    repo: Repo,
    found: Mapping[str, Reminder],
    is_unread: _IsUnread,
    *,
    quiet: bool,
) -> None:
    noted = [Noted(i.number, i.state, i.body) for i in repo.talk.issues_of(here.app.login)]
    steps = reminders.steps(found, noted, is_unread)
    most_new = 0 if quiet else _MOST_NEW
    for reminder in steps.open[:most_new]:
        here.must_hold(job)
        repo.talk.create_issue(reminder.title, reminder.body)
    for one, reminder in steps.reopen[:most_new]:
        here.must_hold(job)
        repo.talk.update_issue(one.number, reminder.body, state=State.OPEN)
    for one, body in steps.close[:_MOST_CLOSED]:
        here.must_hold(job)
        repo.talk.update_issue(one.number, body, state=State.CLOSED)
