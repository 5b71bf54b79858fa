from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from codemods import registry
from codemods.registry import Improvement
from demo.manual import __main__ as manual
from demo.manual import configuration, improvements, picture
from workers import config

DOCS = Path(__file__).parents[2] / "docs"
FEW = ("aware-utcnow", "django-url-to-re-path", "upgrade-dependency", "end-of-life", "unbounded-job")


@pytest.fixture(scope="module")
def catalogue() -> Mapping[str, Improvement]:
    return registry.catalogue()


def options(page: str) -> set[str]:
    return set(re.findall(r"^\| `([\w.\[\]-]+)` \|", page, re.MULTILINE))


def test_the_reference_of_kotsu_yml_is_that_of_today() -> None:
    page = (DOCS / "configuration.md").read_text("utf-8")
    assert configuration.renewed(page) == page, "make docs writes it"


def test_the_picture_shows_what_the_demo_proposes_today() -> None:
    assert (DOCS / picture.NAME).read_text("utf-8") == picture.drawn(), "make docs draws it"


def test_the_picture_needs_nothing_from_elsewhere_and_holds_the_whole_diff() -> None:
    drawn = (DOCS / picture.NAME).read_text("utf-8")
    root = ET.fromstring(drawn)
    said = [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert sum(line.startswith("+    ") for line in said) == 2
    assert any(line.startswith("Its review is estimated at") for line in said)
    assert not re.search(r"href|url\(|<script|@import", drawn)


def test_the_reference_names_every_option_of_the_schema() -> None:
    schema = config.schema()
    named = options(configuration.reference(schema))
    own = schema["properties"]["improvements"]["properties"]["unbounded-job"]["anyOf"][1]["properties"]
    assert {f"unbounded-job.{name}" for name in own if name not in {"enabled", "ignore"}} <= named
    for definition in schema["$defs"].values():
        for name, said in definition["properties"].items():
            assert "$ref" in str(said) or any(one.endswith(name) for one in named), name
    assert {n for n, s in schema["properties"].items() if "$ref" not in str(s)} - {"improvements"} <= named


def test_a_page_without_a_place_for_the_reference_is_not_overwritten() -> None:
    with pytest.raises(ValueError, match="no place"):
        configuration.renewed("# Configuration\n")


def test_every_improvement_has_a_page_and_stands_in_the_index_once(
    catalogue: Mapping[str, Improvement],
) -> None:
    pages = improvements.pages(catalogue.values())
    assert pages.keys() == {"index.md", *(f"{id_}.md" for id_ in catalogue)}
    assert sorted(re.findall(r"\]\(([a-z0-9-]+)\.md\)", pages["index.md"])) == sorted(catalogue)


def test_a_page_says_why_the_risk_an_example_and_how_to_say_no(catalogue: Mapping[str, Improvement]) -> None:
    page = improvements.pages([catalogue["aware-utcnow"]])["aware-utcnow.md"]
    assert page.startswith("# Replace the deprecated utcnow() with an exact equivalent\n")
    assert "Safe: the code does the same as before." in page
    assert "\n+" in page.partition("```diff")[2]
    assert "  aware-utcnow: false\n" in page.partition("## To say no")[2]
    assert "To say yes" not in page


def test_a_page_shows_how_to_ask_for_what_is_off(catalogue: Mapping[str, Improvement]) -> None:
    off = next(one for one in catalogue.values() if not one.about.default and not one.about.options)
    assert f"  {off.id}: true\n" in improvements.pages([off])[f"{off.id}.md"].partition("## To say yes")[2]


def test_no_code_of_a_case_ends_its_block(catalogue: Mapping[str, Improvement]) -> None:
    for page in improvements.pages(catalogue.values()).values():
        fence = ""
        for line in page.split("\n"):
            mark = re.match(r"`{3,}", line)
            if not fence and mark:
                fence = mark[0]
            elif fence and line.rstrip() == fence:
                fence = ""
        assert fence == "", page[:80]


def test_a_title_is_read_letter_by_letter_but_for_its_code() -> None:
    said = improvements.plain("`__init__` and __all__ of <module>")
    assert said == r"`__init__` and \_\_all\_\_ of \<module>"


def test_the_site_is_built_and_every_link_leads_somewhere(
    catalogue: Mapping[str, Improvement], tmp_path: Path
) -> None:
    manual.build(DOCS, [catalogue[id_] for id_ in FEW if id_ in catalogue], tmp_path / "site")
    assert (tmp_path / "site" / "improvements" / "aware-utcnow" / "index.html").exists()
    for page in (tmp_path / "site").rglob("*.html"):
        text = page.read_text("utf-8")
        assert not re.search(r'(?:src|<link[^>]* href)="?https?://', text), page


def test_a_link_that_leads_nowhere_ends_the_build(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("# Kotsu\n\n[Gone](gone.md)\n", "utf-8")
    with pytest.raises(SystemExit):
        manual.build(docs, [], tmp_path / "site")
    assert not (tmp_path / "site").exists()
