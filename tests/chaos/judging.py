"""Compares what must be in the end with what GitHub and the ledger have; each wrong is a sentence."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import select

from app import events
from demo.github import LocalGitHub, git
from demo.github.state import Issue
from workers import marker
from workers.ledger import JobState, Ledger, Unavailable
from workers.ledger.tables import delivery, job
from workers.model import State

Expected = Mapping[str, Mapping[str, str]]
"""By repository and key: whether its one pull request is ``open``, ``merged`` or ``closed`` in the end."""
STILL = 60.0
"""The seconds without a change after which nothing is expected to become better by itself."""
LONGEST = 900.0
"""The seconds after which even what changes still has gone on for too long."""
_FINE = range(200, 300)


def in_the_end(  # noqa: PLR0913 -- how long it waits is said by name
    hub: LocalGitHub,
    book: Ledger,
    expected: Expected,
    meanwhile: Callable[[], object] = lambda: None,
    *,
    still: float = STILL,
    longest: float = LONGEST,
) -> list[str]:
    """Wait until nothing is wrong, or nothing has changed for ``still`` seconds; return what is wrong."""
    end, last, before = time.monotonic() + still, time.monotonic() + longest, frozenset[str]()
    while True:
        hub.settle()
        meanwhile()
        over = time.monotonic() > min(end, last)
        try:
            # To look at all repositories is in vain, and takes time from the jobs, as long as there are any.
            found = (() if over else list(_jobs(book))) or wrongs(hub, book, expected)
        except Unavailable as error:
            found = [f"the database does not answer: {error}"]
        if not found or over:
            return list(found)
        # GitHub is asked what was missed again and again, whether anything is wrong or not.
        if (now := frozenset(words for words in found if "(reconcile)" not in words)) != before:
            end, before = time.monotonic() + still, now
        time.sleep(0.5)


def wrongs(hub: LocalGitHub, book: Ledger, expected: Expected) -> list[str]:
    """Return all that is wrong; nobody may be at work any more."""
    return [*work(hub, book, expected), *_deliveries(hub, book)]


def work(hub: LocalGitHub, book: Ledger, expected: Expected) -> list[str]:
    """Return what is wrong with what was done, whoever asked for it."""
    found = [words for name, keys in expected.items() for words in _repository(hub, book, name, keys)]
    return [*found, *_jobs(book)]


def _state(issue: Issue) -> str:
    return "merged" if issue.pull and issue.pull.merge_sha else issue.state


def _repository(hub: LocalGitHub, book: Ledger, name: str, keys: Mapping[str, str]) -> Iterator[str]:
    pulls = {issue.number: issue for issue in hub.pulls(name)}
    heads = {number: issue.pull.head.removeprefix("kotsu/") for number, issue in pulls.items() if issue.pull}
    for key, state in keys.items():
        has = [_state(issue) for number, issue in pulls.items() if heads[number] == key]
        if has != [state]:
            yield f"{name}: {key} must be {state}, and is {', '.join(has) or 'missing'}"
    yield from (f"{name}: {key} was never expected" for key in set(heads.values()) - {*keys})
    for number, issue in pulls.items():
        yield from (f"{name}#{number} {words}" for words in _pull(hub, name, issue))
    refs = git.refs(hub.find(name).folder, "refs/heads/kotsu/")
    branches = {ref.removeprefix("refs/heads/kotsu/") for ref in refs}
    yield from (f"{name}: nobody knows the branch kotsu/{key}" for key in branches - set(heads.values()))
    yield from _rows(hub, book, name)


def _pull(hub: LocalGitHub, name: str, issue: Issue) -> Iterator[str]:
    pull = issue.pull
    if pull is None or marker.metadata(issue.body or "").get("key") != pull.head.removeprefix("kotsu/"):
        yield "has a text that does not know its key"
        return
    if "kotsu" not in issue.labels and issue.state == "open":
        yield "has no label"
    checks = [c for c in hub.find(name).checks if c.head_sha == pull.head_sha]
    if pull.draft and issue.state == "open" and checks and all(c.conclusion == "success" for c in checks):
        yield "is green, and a draft still"
    said = Counter(comment.body for comment in issue.comments)
    yield from (f"has {count} comments that say: {body[:60]}" for body, count in said.items() if count > 1)


def _rows(hub: LocalGitHub, book: Ledger, name: str) -> Iterator[str]:
    """Compare what the ledger knows of a repository's pull requests with what there is."""
    found = hub.find(name)
    there = {
        issue.number: (_state(issue), issue.pull.head, found.branch(issue.pull.head))
        for issue in hub.pulls(name)
        if issue.pull
    }
    known = {row.number: (row.state, row.branch, row.head_sha) for row in book.proposals(found.id)}
    for number, (state, branch, head) in known.items():
        # What was over before we heard of it comes from GitHub's list, which does not say where its head is.
        if not head and state != State.OPEN and number in there:
            known[number] = (state, branch, there[number][2])
    for number in sorted({*there, *known}):
        if there.get(number) != known.get(number):
            yield f"{name}#{number} is {there.get(number)}, and the ledger knows {known.get(number)}"


def _jobs(book: Ledger) -> Iterator[str]:
    for state in (JobState.QUEUED, JobState.RUNNING, JobState.POISONED):
        for left in book.jobs(state):
            why = left.last_error or left.lease_owner or "nobody has begun it"
            yield f"job {left.id} ({left.key}) is {state.value} at try {left.tries}: {why}"


def _deliveries(hub: LocalGitHub, book: Ledger) -> Iterator[str]:
    """Look for deliveries that asked for something and have no job that was done."""
    wanted = select(delivery.c.guid, job.c.state).select_from(
        delivery.outerjoin(job, job.c.id == delivery.c.job_id)
    )
    with book.engine.connect() as connection:
        done = {row.guid: row.state for row in connection.execute(wanted)}
    taken = {told.guid for told in hub.deliveries if told.status in _FINE}
    for told in {told.guid: told for told in list(hub.deliveries)}.values():
        asks = events.read(told.event, told.guid, told.payload).kind is not None
        if told.guid not in taken and told.guid not in done:
            yield f"{told.event} {told.guid} was never taken"
        elif asks and done.get(told.guid) != JobState.DONE:
            became = done.get(told.guid) or "lost"
            yield f"{told.event} {told.guid} asked for something, and its job is {became}"


def said(log: str) -> list[str]:
    """Return the bugs that a log tells of: what is expected to fail has a sentence, and no stack."""
    found = []
    for line in log.splitlines():
        if not line.startswith("{"):
            found += [line] if "Traceback" in line else []
        elif stack := json.loads(line).get("exception"):
            found.append(f"{json.loads(line)['event']}: {stack.splitlines()[-1]}")
    return [f"the log has a stack of: {one[:200]}" for one in found]
