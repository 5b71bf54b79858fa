"""Who takes the App's access away in the middle of a job is obeyed before the next write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from demo.github.api import Exchange
from demo.github.ci import Files, Job
from tests.road import CLOCK, CONFIG, FILES, NAME, PLENTY, Road
from workers import tasks
from workers.messages import Kind, command_key, follow_up_key, remove_key, scan_key

Fate = Callable[[Road], None]
LINES = b"black==1.0\nruff==1.0\n"


def suspended(road: Road) -> None:
    road.hub.suspend(road.installation)


def taken_out(road: Road) -> None:
    road.installation.repositories = set()


def transferred(road: Road) -> None:
    road.hub.find(NAME).owner = road.hub.world.account("elsewhere", "Organization")


def uninstalled(road: Road) -> None:
    """The event comes at once, and another worker forgets the installation meanwhile."""
    road.hub.uninstall(road.installation)
    key = remove_key(road.installation.id)
    id_ = road.world.book.enqueue(Kind.REMOVE, key, road.world.clock(), installation_id=road.installation.id)
    tasks.perform(road.world, id_)


def _passes_alone(files: Files, _: int) -> str:
    return "failure" if b"ruff==1.1" in files["requirements.txt"] else "success"


def a_draft_that_is_green(road: Road) -> None:
    road.add({"shop/clock.py": CLOCK, CONFIG: PLENTY + b"reviewers: [ada-example]\n"})
    road.hub.reviewing.collaborators(NAME, "ada-example")
    road.scan()
    _follow(road)


def a_red_one_to_be_closed(road: Road) -> None:
    road.add({"shop/clock.py": CLOCK})
    road.hub.ci.script(NAME, Job(says=lambda files, _: _red(files)))
    road.hub.settle()
    road.scan()
    road.hub.settle()
    road.ahead += timedelta(days=15)
    _follow(road)


def _red(files: Files) -> str:
    return "failure" if b"timezone" in files["shop/clock.py"] else "success"


def a_red_group(road: Road) -> None:
    for name in ("black", "ruff"):
        road.index.release(name, "1.0")
        road.index.release(name, "1.1")
    road.add({"requirements.txt": LINES})
    road.hub.ci.script(NAME, Job(says=_passes_alone))
    road.hub.settle()
    road.scan()
    road.hub.settle()
    _follow(road)


def a_command(road: Road) -> None:
    road.add({"shop/clock.py": CLOCK})
    road.hub.people.grant(NAME, "ada-example")
    road.scan()
    comment = road.hub.comment(NAME, 1, "/kotsu snooze 30d")
    key = command_key(road.hub.find(NAME).id, comment.id)
    road.enqueue(Kind.COMMAND, key, number=1, comment=comment.id)


def a_question_for_a_kotsu_yml(road: Road) -> None:
    road.hub.repository(NAME, FILES)
    road.enqueue(Kind.SCAN, scan_key(road.hub.find(NAME).id))


def _follow(road: Road) -> None:
    road.enqueue(Kind.FOLLOW_UP, follow_up_key(road.hub.find(NAME).id, 1), number=1)


def _is_write(exchange: Exchange) -> bool:
    query = str(exchange.body.get("query")) if isinstance(exchange.body, dict) else ""
    if exchange.template == "/graphql":
        return query.startswith("mutation")
    return exchange.writes and "token" not in exchange.path and exchange.template != "git"


def _seen(road: Road) -> object:
    """Return all that a person could see of what we do."""
    world, found = road.hub.world, next(iter(road.hub.world.repositories.values()))
    assert len(world.repositories) == 1
    pulls = [
        (p.state, p.body, p.labels, len(p.comments), [len(c.reactions) for c in p.comments], p.pull.draft)
        for p in found.pulls
        if p.pull
    ]
    return pulls, road.branches(found.full_name)


@pytest.mark.parametrize("fate", [suspended, taken_out, transferred, uninstalled])
@pytest.mark.parametrize(
    ("begin", "step"),
    [
        (a_draft_that_is_green, "GET /issues/1/timeline"),
        (a_red_one_to_be_closed, "GET /issues/1/comments"),
        (a_red_group, "GET /git/ref/heads/kotsu"),
        (a_command, "GET /permission$"),
        (a_command, "POST /reactions$"),
        (a_command, "GET /issues/1/comments"),
        (a_question_for_a_kotsu_yml, "GET /pulls"),
    ],
)
def test_what_is_taken_away_in_the_middle_of_a_job_is_not_written_to(
    road: Road, fate: Fate, begin: Callable[[Road], None], step: str
) -> None:
    begin(road)
    road.hub.settle()
    method, path = step.split(" ")
    before: list[object] = []

    def happens() -> None:
        fate(road)
        before.append(_seen(road))
        road.news()

    road.hub.meanwhile(method, path, happens)
    road.run()
    # A step that is never come to would prove nothing.
    assert len(before) == 1
    for _ in range(2):
        road.wait(1801)
    # One is refused before anybody knows; nothing is tried beyond it.
    tried = [f"{e.method} {e.path}" for e in road.news() if _is_write(e)]
    assert len(tried) <= 1, tried
    assert _seen(road) == before[0]
    assert (road.parked(), set(road.jobs()) <= {"done"}) == ([], True)
