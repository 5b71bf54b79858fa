"""A day with Kotsu, as a person who installs it and reviews its pull requests lives through it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from demo.github.ci import Job, fails_on
from tests.road import CONFIG, FILES, JOB, NAME, SHELF, UTCNOW, Road


@pytest.mark.usefixtures("told")
def test_a_day_with_kotsu(road: Road) -> None:
    road.hub.repository(NAME, FILES)
    road.hub.ci.script(NAME, Job(says=fails_on(b"timeout-minutes", "ci.yml")))
    road.hub.find(NAME).collaborators["ada-example"] = "write"

    # Ada installs the App: one pull request that asks how she wants it, and nothing else.
    road.hub.install("acme")
    road.settle()
    (asking,) = road.hub.pulls(NAME, "open")
    assert asking.pull
    assert asking.title == "Configure Kotsu"
    assert "utcnow" in (asking.body or "")

    # She edits the file on its branch, and reads what would follow.
    wishes = b"dashboard: true\nlimits:\n  open: 9\n  first: 9\n  per-day: 9\nreviewers: [ada-example]\n"
    road.hub.push(NAME, {CONFIG: wishes}, "Ask for a dashboard", branch="kotsu/configure")
    road.settle()
    tip = road.hub.find(NAME).branch("kotsu/configure")
    (said,) = (c for c in road.hub.find(NAME).checks if c.head_sha == tip and c.app == "kotsu")
    assert (said.conclusion, said.output["title"]) == (
        "success",
        "With this file: 3 pull requests, as without it",
    )

    # She merges it, and three pull requests come; two are green and wait for her, one is red and does not.
    road.hub.merge(NAME, asking.number)
    road.settle()
    assert sorted(road.keys()) == [UTCNOW, JOB, SHELF]
    for key, draft, asked in (
        (UTCNOW, False, ["ada-example"]),
        (JOB, True, []),
        (SHELF, False, ["ada-example"]),
    ):
        pull = road.pull(key).pull
        assert pull
        assert (pull.draft, [r.login for r in pull.reviewers]) == (draft, asked)

    # She merges one, and puts off another.
    road.hub.merge(NAME, road.pull(UTCNOW).number)
    put_off = road.pull(SHELF)
    road.hub.comment(NAME, put_off.number, "/kotsu snooze 30d")
    road.settle()
    assert road.keys() == [JOB]
    assert put_off.state == "closed"

    # The dashboard says it all.
    (dashboard,) = (i for i in road.hub.find(NAME).issues.values() if not i.pull)
    said_there = dashboard.body or ""
    assert "Give jobs a time limit: its checks fail because of it, so nobody is asked" in said_there
    until = (road.world.clock() + timedelta(days=30)).date().isoformat()
    assert f"`{SHELF}`): It is snoozed until {until}." in said_there
    assert "utcnow" not in said_there

    # A month later the other one comes back by itself.
    road.days(31)
    road.settle()
    assert SHELF in set(road.keys())
