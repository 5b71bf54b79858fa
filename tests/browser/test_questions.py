"""Four questions that somebody who has never seen the pages can answer from them at a glance."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from codemods import lifecycles
from demo.seeded.town import DECLINING, NOW, OVERLOADED, STOPPED, STOPPED_BECAUSE, TEAMS
from demo.seeded.wares import PAUSED, UNWANTED
from tests.browser.walking import WIDE, Walker

pytestmark = pytest.mark.browser


def glance(walker: Walker, path: str, link: str = "") -> str:
    """Return what stands at the top of a page, which is reached from the front page."""
    walker.look(WIDE)
    walker.go("/")
    walker.driver.find_element("css selector", f"nav a[href='{link or path}']").click()
    if link:
        walker.go(path)
    return walker.text


def first_named(words: str, names: set[str]) -> str:
    """Return which of the names comes first, whatever stands before it."""
    found = {name: words.find(name) for name in names}
    return min((name for name, place in found.items() if place >= 0), key=lambda name: found[name])


def test_what_will_be_end_of_life_in_90_days(walker: Walker) -> None:
    python, debian = (lifecycles.known()[table] for table in ("python", "debian"))
    ends = python.cycles["3.10"].ends
    assert ends < (NOW + timedelta(days=90)).date() < python.cycles["3.11"].ends
    words = glance(walker, "/runway?within=90", "/runway")
    line = next(line for line in words.splitlines() if "Python 3.10" in line and re.search(r"\d", line))
    assert ends.isoformat() in line
    assert debian.cycles["11"].ends.isoformat() in words
    assert "Python 3.11" not in words
    assert "Python 3.12" not in words


def test_which_team_is_overloaded(walker: Walker) -> None:
    words = glance(walker, "/capacity")
    assert first_named(words, {team.name for team in TEAMS}) == OVERLOADED


def test_why_a_repository_has_no_pull_request(walker: Walker) -> None:
    words = glance(walker, f"/repositories/{STOPPED}", "/repositories")
    assert STOPPED_BECAUSE.replace("`", "") in words.replace("`", "")


def test_which_improvement_should_be_switched_off(walker: Walker) -> None:
    words = glance(walker, "/improvements")
    lead = walker.driver.find_element("css selector", ".lead").text
    assert UNWANTED in lead
    assert first_named(words, {"upgrade-dependency", UNWANTED, "unbounded-job"}) == UNWANTED
    assert PAUSED in words
    assert DECLINING not in lead
