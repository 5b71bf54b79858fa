"""Improvements are found by walking the package, and two files are all that one needs."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from codemods import engine, registry, testing


def test_two_files_make_an_improvement(package: ModuleType) -> None:
    assert registry.ids(package) == {"more-greetings": "pkg.python.more_greetings"}
    improvement = registry.catalogue(package)["more-greetings"]
    assert (improvement.kind, improvement.about.title) == ("python", "Greet more people")
    assert improvement.rationale == "Greetings are warmer in the plural. They cost nothing more."
    assert testing.complaints(improvement) == []
    for case in testing.cases(improvement.page):
        testing.check(improvement, case)


def test_the_engine_runs_it(package: ModuleType) -> None:
    name = registry.ids(package)["more-greetings"]
    facts = testing.facts({})
    examined = engine.examine(engine.Task("a.py", b"hello\nhello\n", ((name, facts),)))
    (finding,) = examined.findings["more-greetings"]
    assert finding.edit is not None
    assert finding.edit.after == b"hellos\nhellos\n"
    assert examined.problems == ()


@pytest.mark.usefixtures("package")
def test_its_options_are_read_without_importing_it() -> None:
    assert registry.options("pkg.python.more_greetings") == {"loud": True}
    assert "pkg.python.more_greetings" not in sys.modules


def test_what_it_says_of_itself_is_read_without_importing_it() -> None:
    modules = registry.ids()
    for id_, module in list(modules.items())[::20]:
        told, loaded = registry.summary(module), registry.load(module)
        about = loaded.about
        assert (told.title, told.risk, told.minutes) == (about.title, about.risk, about.minutes), id_
        assert (told.category, told.applicability) == (about.category, about.applicability)
        assert told.rationale == loaded.rationale
        assert set(told.references) <= set(about.references)


@pytest.mark.usefixtures("package")
def test_a_summary_imports_nothing() -> None:
    assert registry.summary("pkg.python.more_greetings").title == "Greet more people"
    assert "pkg.python.more_greetings" not in sys.modules


def test_what_an_improvement_clashes_with_is_there() -> None:
    known = registry.catalogue()
    clashes = {id_: known[id_].about.clashes for id_ in known}
    assert {id_: some for id_, some in clashes.items() if not known.keys() >= set(some)} == {}
    assert any(clashes.values())


def test_a_page_that_is_wrong_is_refused(package: ModuleType) -> None:
    improvement = registry.catalogue(package)["more-greetings"]
    wrong = testing.cases("## It stays\n```python\nhello\n```\n")[0]
    with pytest.raises(AssertionError, match="not as written"):
        testing.check(improvement, wrong)


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("## Nothing\nno block\n", "not 0"),
        ("## Same\n```python\na\n```\n```python\na\n```\n", "are equal"),
        ("## Other\n```ruby\nputs\n```\n", "a block of ruby"),
        ("## Facts\n```facts\nflor: '3.9'\n```\n```python\na\n```\n", "flor"),
        ("## Norway\n```facts\nfloor: 3.10\n```\n```python\na\n```\n", "in quotes"),
    ],
)
def test_a_case_that_is_not_well_formed_is_named(page: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        testing.cases(page)


def test_a_heading_within_a_block_is_text_of_the_block() -> None:
    (case,) = testing.cases("# Page\n## One\n````text\n## two\n```python\n```\n````\n")
    assert case.before == "## two\n```python\n```\n"


@pytest.mark.usefixtures("package")
def test_an_improvement_that_lacks_everything_is_told_so(tmp_path: Path) -> None:
    room = tmp_path / "pkg" / "python"
    module = (room / "more_greetings.py").read_text("utf-8").replace(" They cost nothing more.", "")
    module = module.replace("Greet more people", "greeting more people.").replace("None known.", "none")
    (room / "bare.py").write_text(module, "utf-8")
    page = (room / "more_greetings.md").read_text("utf-8").partition("## Somebody says good")[0]
    (room / "bare.md").write_text(page, "utf-8")
    importlib.invalidate_caches()
    assert testing.complaints(registry.load("pkg.python.bare")) == [
        "a title without a period",
        "a title that opens with an imperative",
        "a sentence of risk",
        "a rationale of at least two sentences",
        "as many cases that must not change",
    ]


def test_another_source_has_another_fingerprint(package: ModuleType) -> None:
    (ours,) = registry.catalogue(package).values()
    assert ours.fingerprint == registry.load(ours.module.__name__).fingerprint
    assert ours.fingerprint not in {i.fingerprint for i in registry.catalogue().values()}
