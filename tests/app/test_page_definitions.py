"""Every number of every page leads to its definition, and every page of ours to pages that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import pages
from app.pages import PAGES, definitions
from app.pages.page import Page
from tests.app.looking import Looker
from tests.app.serving import Server

FOLDER = Path(pages.__file__).parent
MODULES = sorted(FOLDER.glob("*.py"))
LISTED = [one for one in PAGES if "{" not in one.path]
_ABOUT = re.compile(r'about="([^"]+)"')


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_what_a_column_is_about_is_defined(path: Path) -> None:
    assert set(_ABOUT.findall(path.read_text("utf-8"))) <= definitions.all_of_them().keys()


@pytest.mark.parametrize("page", LISTED, ids=lambda page: page.name)
def test_what_a_figure_is_about_is_defined(looker: Looker, page: Page) -> None:
    shown = page.show(looker.view())
    assert {figure.about for figure in shown.figures} <= definitions.all_of_them().keys()
    names = [table.name for table in shown.tables]
    assert len(names) == len({*names})


def test_every_page_is_there_to_read_to_script_and_to_calculate(server: Server) -> None:
    for page in LISTED:
        told = server.get(f"{page.at({}, {}).stem}.json").json()
        assert told["page"] == page.name
        text = server.get(page.path).text
        assert 'aria-current="page"' in text
        assert "style=" not in text
        assert "<script>" not in text
        for address in re.findall(r'href="([^"]+\.csv[^"]*)"', text):
            assert server.get(address.replace("&amp;", "&")).status_code == 200


def test_no_definition_is_one_that_nothing_is_about() -> None:
    texts = "".join(path.read_text("utf-8") for path in MODULES)
    assert [name for name in definitions.all_of_them() if f'"{name}"' not in texts] == []


def test_a_definition_ends_as_a_sentence_and_names_an_address_as_its_source() -> None:
    for name, about in definitions.all_of_them().items():
        assert about["words"].endswith("."), name
        assert about.get("source", "https://").startswith("https://"), name
