"""A whole story, told again from its events, ends as it did."""

from __future__ import annotations

from demo.github.ci import Files, Job
from demo.github.state import Issue
from tests.road import CLOCK, CONFIG, NAME, PLENTY, UTCNOW, Road
from tests.workers.test_whole_lives import GROUP, LINES, LINTERS, RUFF, moved
from workers.ledger import Ledger
from workers.ledger.history import replayed


def told(book: Ledger) -> None:
    """See that the events come to what the rows say."""
    assert replayed(book.history.read()) == book.history.state()


def kinds(road: Road, issue: Issue) -> list[str]:
    return [one.kind for one in road.world.book.history.read(road.hub.find(NAME).id, issue.number)]


def test_a_story_with_everything_in_it_is_told_again_as_it_was(road: Road) -> None:
    def says(files: Files, _: int) -> str:
        return "failure" if "ruff" in moved(files) else "success"

    for name in LINTERS:
        road.index.release(name, "1.0")
        road.index.release(name, "1.1")
    branches = b"rules:\n- match: {improvement: aware-utcnow}\n  open-as: branch\n"
    road.add({"requirements.txt": LINES, "shop/clock.py": CLOCK, CONFIG: PLENTY + branches})
    road.hub.reviewing.collaborators(NAME, "ada-example")
    road.hub.ci.script(NAME, Job(says=says))
    road.hub.settle()
    road.scan()
    road.settle()
    told(road.world.book)
    # The branch becomes a pull request once it is green, the red group loses its culprit.
    for _ in range(6):
        road.days(0.1)
        road.settle()
    told(road.world.book)
    group, clock = road.pull(GROUP), road.pull(UTCNOW)
    assert RUFF in road.keys()  # noqa: SIM118 -- a road is no mapping
    assert "red" in kinds(road, group)
    # The base moves on so that one conflicts; another is closed, opened again, and closed for good.
    road.hub.push(NAME, {"requirements.txt": b"# Linters.\n" + LINES})
    road.follow(group.number)
    road.settle()
    culprit = road.pull(RUFF)
    for end in (road.hub.close, road.hub.people.reopen, road.hub.close):
        end(NAME, culprit.number)
        road.follow(culprit.number)
        told(road.world.book)
    ends = [kind for kind in kinds(road, culprit) if kind != "looked at"]
    assert ends[-3:] == ["closed", "open", "closed"]
    # A person merges the rest.
    for issue in (group, clock):
        road.hub.merge(NAME, issue.number)
        road.follow(issue.number)
        assert "merged" in kinds(road, issue)
    road.settle()
    told(road.world.book)
    assert len(road.world.book.history.read()) > 12
