"""Notices that an open pull request conflicts with its base, which GitHub finds out only when it is asked."""

from __future__ import annotations

from datetime import timedelta

from workers.case import Case
from workers.messages import Priority
from workers.model import State

SOON = timedelta(minutes=5)
"""When to ask again whether a pull request conflicts."""


def attend(case: Case) -> None:
    """Ask for a scan, which builds it anew, where a pull request conflicts; look again where nobody knows.

    It is the last that is done about a pull request: of all moments to look again, the earliest counts.
    """
    repository, soon = case.repo.about.repository, case.here.clock() + SOON
    row = case.here.book.proposal(repository.id, case.row.number)
    if row is None or row.state != State.OPEN or case.pull.base != repository.default_branch:
        return
    if case.pull.mergeable is False:
        case.here.scan_soon(repository.id, case.job.installation_id or 0, Priority.MERGE)
    elif case.pull.mergeable is None and (row.due is None or row.due > soon):
        case.note(due=soon)
