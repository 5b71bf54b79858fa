"""Every number of every page leads to its definition, and every page of ours to pages that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import pages
from app.pages import definitions

FOLDER = Path(pages.__file__).parent
MODULES = sorted(FOLDER.glob("*.py"))
_ABOUT = re.compile(r'about="([^"]+)"')


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_what_a_column_is_about_is_defined(path: Path) -> None:
    assert set(_ABOUT.findall(path.read_text("utf-8"))) <= definitions.all_of_them().keys()


def test_no_definition_is_one_that_nothing_is_about() -> None:
    texts = "".join(path.read_text("utf-8") for path in MODULES)
    assert [name for name in definitions.all_of_them() if f'"{name}"' not in texts] == []


def test_a_definition_ends_as_a_sentence_and_names_an_address_as_its_source() -> None:
    for name, about in definitions.all_of_them().items():
        assert about["words"].endswith("."), name
        assert about.get("source", "https://").startswith("https://"), name
