"""Keeps one issue for each promise, where kotsu.yml asks for that."""

from __future__ import annotations

from collections.abc import Mapping

from workers import logs, reminders
from workers.github import GitHubError, PassingError, Repo
from workers.ledger import Job
from workers.model import State
from workers.reminders import Noted, Reminder
from workers.world import World

_MOST_NEW, _MOST_CLOSED = 5, 50
"""Issues that are opened and closed after one scan: a repository full of promises must not drown in them."""

log = logs.get(__name__)


def attend(here: World, job: Job, repo: Repo, found: Mapping[str, Reminder], unread: frozenset[str]) -> None:
    """Bring the issues of promises in step with a scan; they are nice to have, and no reason to fail.

    ``found`` are those that shall be there, by key, ``unread`` the files that nobody could read.
    """
    try:
        _keep(here, job, repo, found, unread)
    except PassingError:
        raise
    except GitHubError as error:
        log.warning("issues of promises not kept", reason=str(error))


def _keep(here: World, job: Job, repo: Repo, found: Mapping[str, Reminder], unread: frozenset[str]) -> None:
    noted = [Noted(i.number, i.state, i.body) for i in repo.talk.issues_of(here.app.login)]
    steps = reminders.steps(found, noted, unread)
    for reminder in steps.open[:_MOST_NEW]:
        here.must_hold(job)
        repo.talk.create_issue(reminder.title, reminder.body)
    for one, reminder in steps.reopen[:_MOST_NEW]:
        here.must_hold(job)
        repo.talk.update_issue(one.number, reminder.body, state=State.OPEN)
    for one, body in steps.close[:_MOST_CLOSED]:
        here.must_hold(job)
        repo.talk.update_issue(one.number, body, state=State.CLOSED)
