"""htmx: what it swaps, and that everything is the same without it."""

from __future__ import annotations

import pytest
from selenium.webdriver.support.wait import WebDriverWait

from demo.seeded.town import Town
from tests.browser.walking import WIDE, Walker

pytestmark = pytest.mark.browser


def test_more_rows_take_the_place_of_the_content_alone(walker: Walker) -> None:
    names = sorted(place.repository.full_name.lower() for place in Town().places)
    walker.look(WIDE)
    walker.go("/repositories")
    walker.complaints()
    walker.asks("(window.kept = true)")
    walker.driver.find_element("link text", "More").click()
    wait = WebDriverWait(walker.driver, 60)
    wait.until(lambda _: names[100] in walker.text)
    assert names[0] not in walker.text
    assert walker.asks("window.kept") is True
    assert walker.asks("location.search") == "?repositories-from=100"
    walker.driver.back()
    wait.until(lambda _: names[0] in walker.text)
    assert walker.complaints() == []


def test_more_rows_come_without_scripts_too(walker: Walker) -> None:
    names = sorted(place.repository.full_name.lower() for place in Town().places)
    walker.look(WIDE)
    with walker.without_scripts():
        walker.go("/repositories")
        walker.driver.find_element("link text", "More").click()
        WebDriverWait(walker.driver, 60).until(lambda _: names[100] in walker.text)
        assert names[0] not in walker.text
