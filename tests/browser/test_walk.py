"""A real browser walks the pages of three hundred repositories: nothing complains, and nobody is kept out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from selenium.webdriver.common.keys import Keys

from app.pages import PAGES
from tests.browser.crawl import EACH, Answer
from tests.browser.walking import NARROW, WIDE, Walker

pytestmark = pytest.mark.browser

STATEMENTS, BYTES = 20, 150_000
COLOURS = ("color-contrast",)


def pages(answers: Sequence[Answer]) -> list[Answer]:
    return [one for one in answers if one.is_page]


def first(answers: Sequence[Answer], path: str) -> Answer:
    """The first page of a kind."""
    return next(one for one in answers if one.kind == path)


# --- what needs no browser


def test_every_link_of_ours_answers(answers: list[Answer]) -> None:
    assert [(one.path, one.status, one.found_on) for one in answers if one.status >= 400] == []


def test_what_a_link_points_at_within_a_page_is_there(answers: list[Answer]) -> None:
    assert {one.path: one.missing for one in answers if one.missing} == {}


def test_every_page_is_reached_from_the_front_page(answers: list[Answer]) -> None:
    assert {one.path for one in PAGES} - {one.kind for one in answers} == set()
    named = [one.path for one in PAGES if "{" in one.path]
    assert {path for path in named if sum(one.kind == path for one in answers) < EACH} == set()


def test_no_page_asks_the_database_often_or_is_large(answers: list[Answer]) -> None:
    told = {one.path: (one.statements, one.size) for one in pages(answers)}
    assert {path: said for path, said in told.items() if said[0] > STATEMENTS or said[1] > BYTES} == {}


# --- in the browser


def test_no_page_makes_the_browser_complain_or_is_wider_than_a_telephone(
    answers: list[Answer], walker: Walker
) -> None:
    found: dict[str, object] = {}
    walker.look(NARROW)
    walker.complaints()
    for one in pages(answers):
        walker.go(one.path)
        wide = walker.asks("document.documentElement.scrollWidth")
        if said := [*walker.complaints(), *([f"{wide} px wide"] if wide > NARROW[0] else [])]:
            found[one.path] = said
    assert found == {}


@pytest.mark.parametrize("path", [one.path for one in PAGES])
@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
def test_no_page_keeps_anybody_out(
    answers: list[Answer], walker: Walker, path: str, size: tuple[int, int], scheme: str
) -> None:
    walker.look(size, scheme)
    walker.go(first(answers, path).path)
    assert walker.barriers() == []
    walker.look(size, {"light": "dark", "dark": "light"}[scheme])
    assert walker.barriers(COLOURS) == []


def test_the_first_tab_leads_to_the_content_and_the_next_ones_through_the_pages(walker: Walker) -> None:
    walker.look(WIDE)
    walker.go("/repositories")
    body = walker.driver.switch_to.active_element
    body.send_keys(Keys.TAB)
    assert walker.asks("document.activeElement.getAttribute('href')") == "#main"
    box = walker.driver.switch_to.active_element.rect
    assert box["x"] >= 0
    assert box["y"] >= 0
    names = []
    for _ in range(len(PAGES)):
        walker.driver.switch_to.active_element.send_keys(Keys.TAB)
        names.append(walker.asks("document.activeElement.textContent"))
        assert walker.asks("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert {"Kotsu", "Overview", "Repositories"} <= set(names)
    walker.go("/repositories")
    walker.driver.switch_to.active_element.send_keys(Keys.TAB)
    walker.driver.switch_to.active_element.send_keys(Keys.ENTER)
    walker.driver.switch_to.active_element.send_keys(Keys.TAB)
    assert walker.asks("document.getElementById('main').contains(document.activeElement)")


def test_without_scripts_every_page_says_the_same(answers: list[Answer], walker: Walker) -> None:
    walker.look(WIDE)
    for one in PAGES:
        path = first(answers, one.path).path
        walker.go(path)
        said = walker.text
        with walker.without_scripts():
            walker.go(path)
            assert walker.text == said
    walker.complaints()
