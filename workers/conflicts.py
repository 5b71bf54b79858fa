"""Notices that an open pull request conflicts with its base, which GitHub finds out only when it is asked."""

from __future__ import annotations

from workers import unsure
from workers.case import Case
from workers.messages import Priority
from workers.model import State


def attend(case: Case) -> None:
    """Ask for a scan, which builds it anew, where a pull request conflicts; look again where nobody knows.

    It is the last that is done about a pull request: of all moments to look again, the earliest counts.
    """
    repository, now = case.repo.about.repository, case.here.clock()
    row = case.here.book.proposal(repository.id, case.row.number)
    if row is None or row.state != State.OPEN or case.pull.base != repository.default_branch:
        return
    if case.pull.mergeable is False:
        case.here.scan_soon(repository.id, case.job.installation_id or 0, Priority.MERGE)
    elif case.pull.mergeable is None:
        again = unsure.again(case.moved or now, now)
        if row.due is None or row.due > again:
            case.note(due=again)
