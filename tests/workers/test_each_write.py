"""At each write of a life the worker dies, or GitHub's answer is lost: in the end everything is done once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from demo.faults import Fault, pattern
from demo.github import git
from demo.github.ci import Files, Job
from demo.github.state import Issue, Pull
from demo.loopback import Answer, Wire
from tests.road import CLOCK, CONFIG, FILES, NAME, PLENTY, UTCNOW, Road
from tests.workers.cases import MONDAY
from workers import onboarding
from workers.answered import Word
from workers.github import App, Known, Repo
from workers.ledger import ProposalRow
from workers.messages import Kind, command_key, dashboard_key, follow_up_key, scan_key
from workers.model import Stage

BRANCH = f"kotsu/{UTCNOW}"
ADA, BOB = "ada-example", "bob-example"
WRITES = ("post", "patch", "put", "delete", "change", "query")
UNHEARD = ("access_tokens", "/installation/token", "git-upload-pack", "/graphql")
SMALL = {"shop/clock.py": CLOCK}


class KilledError(BaseException):
    """What no handler catches: the process ends here."""


@dataclass
class Blows:
    """The blows that fall while something is done: each kind of write gets each of them once."""

    road: Road
    fallen: list[str] = field(default_factory=list)

    def falls(self, blow: str) -> bool:
        if blow in self.fallen:
            return False
        self.fallen.append(blow)
        return True

    def ends(self) -> set[str]:
        """Return how the paths end that were written to."""
        return {re.split("[ /?]", blow)[-1] for blow in self.fallen}

    def survive(self, act: Callable[[], object]) -> set[str]:
        """Do something again and again until no blow falls any more; return the writes that were hit."""
        self.fallen.clear()
        quiet = 0
        # In a round without a blow a job may be parked that has been hit too often: the next one is another.
        while quiet < 2:
            before = len(self.fallen)
            with suppress(KilledError):
                act()
            # A lease has to run out, or patience.
            with suppress(KilledError):
                self.road.wait(1801)
            quiet = 0 if len(self.fallen) > before else quiet + 1
        return self.ends()


@dataclass
class Mortal:
    """A client whose worker dies at each kind of write twice: just before it, and behind its effect."""

    inside: Any
    blows: Blows

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inside, name)
        return partial(self._call, name, found) if name in WRITES else found

    def _call(self, name: str, found: Callable[..., Any], what: str, *given: Any, **more: Any) -> Any:
        if name == "query" and not what.startswith("mutation"):
            return found(what, *given, **more)
        blow = what.partition("{ ")[2].partition("(")[0] if name in ("query", "change") else what
        self._dies(f"before {name} {blow}")
        answer = found(what, *given, **more)
        self._dies(f"after {name} {blow}")
        return answer

    def _dies(self, blow: str) -> None:
        if self.blows.falls(blow):
            raise KilledError


@dataclass
class Edge:
    """The App, in the hands of a worker that dies."""

    inside: App
    blows: Blows

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inside, name)

    @contextmanager
    def open(self, installation_id: int, repository_id: int, known: Known | None = None) -> Iterator[Repo]:
        with self.inside.open(installation_id, repository_id, known) as repo:
            repo._client = Mortal(repo._client, self.blows)  # type: ignore[assignment]  # as good as one
            yield repo


class Lost(Fault):
    """The answer to each kind of write gets lost once: in turn behind an error, and with the connection."""

    blows: Blows

    def meets(self, method: str, path: str) -> bool:
        if method == "GET" or path.endswith(UNHEARD) or not self.blows.falls(f"{method} {path}"):
            return False
        self.answer = Answer(502) if len(self.blows.fallen) % 2 else Answer(0, wire=Wire.RESET)
        return True


@pytest.fixture(params=["killed", "lost"])
def blows(road: Road, request: pytest.FixtureRequest) -> Iterator[Callable[[], Blows]]:
    """Let blows fall from now on."""
    road.hub.world.now = lambda: MONDAY + road.ahead
    object.__setattr__(road.world, "clock", road.hub.world.now)
    app = road.world.app

    def begin() -> Blows:
        made = Blows(road)
        if request.param == "killed":
            object.__setattr__(road.world, "app", Edge(app, made))
        else:
            fault = Lost("*", pattern(""), None, 10_000, after_effect=True)
            fault.blows = made
            road.hub._api.faults.order(fault)
        return made

    yield begin
    road.hub.recover()


Begin = Callable[[], Blows]


def opened(road: Road, *jobs: Job, config: bytes = b"", files: dict[str, bytes] | None = None) -> Issue:
    """Open the one pull request of a repository, and let its checks end."""
    road.add({**SMALL, **(files or {}), CONFIG: PLENTY + config})
    road.hub.reviewing.collaborators(NAME, ADA, BOB)
    road.hub.ci.script(NAME, *jobs)
    road.hub.settle()
    road.scan()
    road.hub.settle()
    return road.pull(UTCNOW)


def pull(issue: Issue) -> Pull:
    assert issue.pull is not None
    return issue.pull


def row(road: Road, number: int = 1) -> ProposalRow:
    found = road.world.book.proposal(road.hub.find(NAME).id, number)
    assert found is not None
    return found


def asked(issue: Issue) -> list[str]:
    """Return everybody who was ever asked for a review."""
    return [str(getattr(e.about, "login", "")) for e in pull(issue).events if e.kind == "review_requested"]


def events(issue: Issue, kind: str) -> int:
    return [e.kind for e in pull(issue).events].count(kind)


def attend(road: Road) -> None:
    road.enqueue(Kind.FOLLOW_UP, follow_up_key(road.hub.find(NAME).id, 1), number=1)
    road.run()


def scan(road: Road) -> None:
    road.enqueue(Kind.SCAN, scan_key(road.hub.find(NAME).id))
    road.run()


def test_people_are_asked_reminded_and_told_once(road: Road, blows: Begin) -> None:
    issue = opened(road, config=b"reviewers: [ada-example, bob-example]\n")
    life = blows()
    hit = life.survive(partial(attend, road))
    assert hit == {"markPullRequestReadyForReview", "requested_reviewers"}
    assert (events(issue, "ready_for_review"), len(asked(issue)), issue.comments) == (1, 1, [])
    for comments, names in ((1, 1), (1, 2), (2, 2)):
        road.ahead += timedelta(days=7)
        life.survive(partial(attend, road))
        assert (len(issue.comments), len(set(asked(issue))), len(asked(issue))) == (comments, names, names)
    assert (issue.state, row(road).word, road.branches()) == ("closed", Word.EXPIRED, set())


def test_what_is_red_becomes_a_draft_and_is_closed_with_one_sentence(road: Road, blows: Begin) -> None:
    issue = opened(road, Job(says=lambda files, attempt: _red(files, attempt) if attempt else "success"))
    life = blows()
    assert "markPullRequestReadyForReview" in life.survive(partial(attend, road))
    road.hub.ci.rerun(NAME, pull(issue).head_sha)
    road.hub.settle()
    assert life.survive(partial(attend, road)) == {"convertPullRequestToDraft"}
    assert (pull(issue).draft, events(issue, "convert_to_draft"), row(road).stage) == (True, 1, Stage.RED)
    road.ahead += timedelta(days=15)
    assert len(life.survive(partial(attend, road))) == 3
    assert (issue.state, len(issue.comments), road.branches()) == ("closed", 1, set())
    assert (row(road).state, row(road).word) == ("closed", Word.RED)


def _red(files: Files, _: int) -> str:
    return "failure" if b"timezone" in files["shop/clock.py"] else "success"


@pytest.mark.parametrize("way", ["merge", "enqueuePullRequest", "enablePullRequestAutoMerge"])
def test_what_may_be_merged_without_a_person_is_and_nobody_is_asked(
    road: Road, blows: Begin, way: str
) -> None:
    issue = opened(road, Job(), config=b"automerge: true\nreviewers: [ada-example, bob-example]\n")
    found = road.hub.find(NAME)
    road.hub.ci.require(NAME, "tests")
    found.merging.queue = way == "enqueuePullRequest"
    found.merging.waits, found.merging.approvals = (True, 1) if way.startswith("enable") else (False, 0)
    life = blows()
    assert way in life.survive(partial(attend, road))
    once = {"enqueuePullRequest": "added_to_merge_queue"}.get(way, "auto_merge_enabled")
    assert events(issue, once) == (way != "merge")
    assert (pull(issue).merged_at is not None) == (way == "merge")
    # Where a review is required, somebody gives it.
    assert len(asked(issue)) == found.merging.approvals
    assert (issue.comments, row(road).state) == ([], "merged" if way == "merge" else "open")


def test_a_command_is_obeyed_and_answered_once(road: Road, blows: Begin) -> None:
    issue = opened(road)
    comment = road.hub.comment(NAME, 1, "/kotsu snooze 30d")
    life, key = blows(), command_key(road.hub.find(NAME).id, comment.id)

    def tell() -> None:
        road.enqueue(Kind.COMMAND, key, number=1, comment=comment.id)
        road.run()

    assert life.survive(tell) >= {"reactions", "comments", "updateRefs"}
    assert [r.content for r in comment.reactions] == ["eyes", "+1"]
    assert len(issue.comments) == 2
    assert (issue.state, row(road).word, road.branches()) == ("closed", Word.SNOOZE, set())


@pytest.mark.parametrize("verb", ["never", "snooze"])
def test_a_box_is_obeyed_and_answered_once(road: Road, blows: Begin, verb: str) -> None:
    issue = opened(road)
    road.hub.people.tick(NAME, 1, f"kotsu:{verb} ")
    assert blows().survive(partial(attend, road)) >= {"1", "comments", "updateRefs"}
    assert (issue.state, row(road).word, road.branches()) == ("closed", verb, set())
    assert (len(issue.comments), "[x]" in (issue.body or "")) == (1, False)


def test_a_branch_is_built_anew_with_what_people_committed_once(road: Road, blows: Begin) -> None:
    issue = opened(road, files={"NEWS.md": b"Old.\n"})
    road.hub.push(NAME, {"NEWS.md": b"New.\n"}, "Tell of it", branch=BRANCH)
    road.hub.push(NAME, {"shop/clock.py": CLOCK.replace(b"\n\nBORN", b"\n# When.\nBORN")})
    assert blows().survive(partial(scan, road)) >= {"trees", "commits", "updateRefs"}
    found = road.hub.find(NAME)
    tip = git.commit(found.folder, found.branch(BRANCH) or "")
    ours = git.commit(found.folder, tip.parents[0])
    assert tip.message.startswith("Tell of it")
    assert ours.parents == (found.branch("main"),)
    assert (issue.state, issue.comments, road.keys("acme/shop", "all")) == ("open", [], [UTCNOW])


def test_why_a_branch_stays_is_said_once(road: Road, blows: Begin) -> None:
    issue = opened(road)
    mended = road.proposed(UTCNOW, "shop/clock.py")
    theirs = road.hub.push(NAME, {"NEWS.md": b"Aware.\n"}, branch=BRANCH)
    road.hub.push(NAME, {"shop/clock.py": mended})
    assert blows().survive(partial(scan, road)) == {"comments"}
    assert (issue.state, len(issue.comments), road.hub.find(NAME).branch(BRANCH)) == ("open", 1, theirs)


def test_a_repository_is_asked_once_and_the_question_taken_back_once(road: Road, blows: Begin) -> None:
    road.hub.repository(NAME, SMALL)
    life = blows()
    hit = life.survive(partial(scan, road))
    assert hit >= {"trees", "commits", "refs", "pulls", "labels"}
    assert (road.keys(state="all"), road.branches()) == ([onboarding.KEY], {onboarding.KEY})
    issue = road.pull(onboarding.KEY)
    assert "kotsu" in issue.labels
    road.hub.repository("acme/.github", {"kotsu.yml": b"onboarding: false\n"})
    life.survive(partial(scan, road))
    assert (issue.state, row(road, issue.number).word) == ("closed", Word.DONE)
    (said,) = issue.comments
    assert said.body.startswith(onboarding.UNASKED)
    assert len(road.keys(state="all")) == len({*road.keys(state="all")})
    assert road.branches() == {*road.keys()}


def test_there_is_one_dashboard_and_what_is_ticked_comes_once(road: Road, blows: Begin) -> None:
    repository = road.add({**FILES, CONFIG: b"dashboard: true\nlimits: {open: 1, first: 9, per-day: 9}\n"})
    road.hub.people.grant(NAME, ADA)
    life = blows()
    assert "issues" in life.survive(partial(scan, road))
    (board,) = road.hub.people.issues(NAME)
    (first,) = road.keys()
    wanted = next(key for key in road.withheld() if f"<!-- kotsu:now {key} -->" in (board.body or ""))
    road.hub.people.tick(NAME, board.number, f"kotsu:now {wanted} ")

    def look() -> None:
        road.enqueue(Kind.DASHBOARD, dashboard_key(repository.id), number=board.number)
        road.run()

    assert str(board.number) in life.survive(look)
    assert road.hub.people.issues(NAME) == [board]
    assert sorted(road.keys(state="all")) == sorted([first, wanted])
    assert road.branches() == {first, wanted}
    assert "[x]" not in (board.body or "")
