"""The catalogue as people and scripts read it."""

from __future__ import annotations

import json
from types import ModuleType

import pytest
from click.testing import CliRunner

from app import cataloguing, cli
from codemods import registry
from codemods.model import About, Applicability, Category
from codemods.registry import Improvement
from workers import config, plan
from workers.config import Config

KEYS = ["id", "kind", "title", "category", "applicability"]
KEYS += ["risk", "rationale", "references", "options", "minutes", "default"]
FRONT = "---\nbenchmark:\n  before: slow()\n  after: quick()\n  times: 3\n---\n"
PAGE = """\
# mend-wheels

## It rolls

```python
roll()
```

## It squeaks

```python
a = 1
roll(old)
```

```python
a = 1
roll(new)
```

## It squeaks again

```python
roll(old, old)
```

```python
roll(new, new)
```
"""


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def improvement(
    name: str = "mend_wheels",
    page: str = PAGE,
    *,
    kind: str = "python",
    about: About | None = None,
) -> Improvement:
    module = ModuleType(name, "Wheels break. They should not.")
    module.ABOUT = about or made()  # type: ignore[attr-defined]

    class Paged(Improvement):
        @property
        def written(self) -> str:
            return page

    return Paged(name.replace("_", "-"), kind, module)


def made(
    title: str = "Mend the wheels",
    category: Category = Category.HYGIENE,
    applicability: Applicability = Applicability.SAFE,
    **more: object,
) -> About:
    return About(title, category, applicability, "None.", ("https://a.example/",), (), 5, **more)  # type: ignore[arg-type]


def shown(found: Improvement, capsys: pytest.CaptureFixture[str]) -> str:
    cataloguing.explained(found)
    return capsys.readouterr().out


# --- list


def test_the_list_names_everything_once_and_says_how_to_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    *lines, last = run("list").splitlines()
    found = registry.catalogue()
    assert sorted(line.split()[0] for line in lines if line.startswith("  ")) == sorted(found)
    assert last.startswith(f"{len(found)} improvements: ")
    assert last.endswith(". `kotsu show ID` explains one.")


def test_the_list_goes_by_category_the_most_valuable_first() -> None:
    headings = [line for line in run("list").splitlines()[:-1] if line and not line.startswith(" ")]
    known = {i.about.category for i in registry.catalogue().values()}
    assert headings == [c.capitalize() for c in plan.ORDER if c in known]


def test_in_a_pipe_each_improvement_is_one_plain_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    printed = run("list")
    assert "\x1b" not in printed
    for found in registry.catalogue().values():
        (line,) = (text for text in printed.splitlines() if text.startswith(f"  {found.id} "))
        title = line.split(maxsplit=2)[2].removesuffix(" (off unless kotsu.yml names it)")
        assert line.split(maxsplit=2)[:2] == [found.id, found.about.applicability]
        assert title == found.about.title


def test_fifty_improvements_fit_into_80_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    sizes = list(Applicability)
    many = [
        improvement(
            f"number_{n}" + "_long" * (n % 4),
            about=made("Mend " + "very " * 10 + f"old {n}", plan.ORDER[n % 7], sizes[n % 3]),
        )
        for n in range(50)
    ]
    cataloguing.listed(many)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    starts = {line.index("Mend") for line in lines if "Mend" in line}
    assert len(starts) == 1
    assert {len(line) - len(line.lstrip()) for line in lines if line.startswith("   ")} == starts
    assert lines[-1].startswith("50 improvements: 17 safe, 17 unsafe, 16 advice.")


def test_what_is_off_by_default_says_so_and_how_to_say_yes(capsys: pytest.CaptureFixture[str]) -> None:
    asked = improvement(about=made(default=False))
    cataloguing.listed([asked, improvement("other", about=made())])
    assert capsys.readouterr().out.count("(off unless kotsu.yml names it)") == 1
    assert f"  improvements:\n    {asked.id}: true\n" in shown(asked, capsys)
    assert "To say yes" not in shown(improvement(about=made()), capsys)


def test_the_list_for_scripts_stays_as_it_is() -> None:
    listed = json.loads(run("list", "--json"))
    assert [list(one) for one in listed] == [KEYS] * len(registry.ids())
    assert [one["id"] for one in listed] == list(registry.ids())


# --- show


@pytest.mark.parametrize("id_", registry.ids())
def test_each_improvement_can_be_shown_at_80_columns(id_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    printed, found = run("show", id_), registry.catalogue()[id_]
    assert "\x1b" not in printed
    prose = printed.partition("For example")[0].splitlines()
    assert max(map(len, prose)) <= 80
    assert " ".join(found.rationale.split()) in " ".join(printed.split())
    assert " ".join(found.about.risk.split()) in " ".join(printed.split())
    for expected in (found.about.title, found.about.category, *found.about.references, *found.about.options):
        assert expected in printed


def test_the_first_case_that_changes_is_the_example(capsys: pytest.CaptureFixture[str]) -> None:
    printed = shown(improvement(), capsys)
    example = printed.partition("For example\n")[2].partition("\n\n")[0]
    assert example.splitlines() == [
        "  # It squeaks",
        "  --- a/module.py",
        "  +++ b/module.py",
        "  @@ -1,2 +1,2 @@",
        "   a = 1",
        "  -roll(old)",
        "  +roll(new)",
    ]


def test_what_is_left_alone_is_named_ten_times_at_most(capsys: pytest.CaptureFixture[str]) -> None:
    cases = "".join(f"## It rolls {n} times\n\n```python\nroll()\n```\n\n" for n in range(10))
    printed = shown(improvement(page=cases), capsys)
    assert printed.count("- It rolls") == 10
    assert "more" not in printed
    printed = shown(improvement(page=PAGE + "\n" + cases), capsys)
    assert printed.count("- It rolls") == 10
    assert "- … and 1 more" in printed
    assert "- It squeaks" not in printed


def test_a_page_without_a_change_has_no_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert "For example" not in shown(improvement(page="## It rolls\n\n```python\nroll()\n```\n"), capsys)


def test_what_was_measured_is_shown_and_not_as_front_matter(capsys: pytest.CaptureFixture[str]) -> None:
    with_front = shown(improvement(page=FRONT + PAGE), capsys)
    measured = with_front.partition("How much faster\n")[2].partition("\n\nLeft alone")[0]
    assert measured.startswith("  Measured: 3 times as fast")
    assert measured.endswith("  # before\n  slow()\n  # after\n  quick()")
    assert "benchmark" not in with_front
    assert "How much faster" not in shown(improvement(), capsys)


def test_options_are_shown_as_kotsu_yml_takes_them() -> None:
    printed = run("show", "unbounded-request")
    block = printed.partition("with their defaults\n")[2].partition("\n\n")[0]
    read = config.read(block.replace("\n  ", "\n").removeprefix("  "), "kotsu.yml")
    assert isinstance(read, Config)
    assert read.options("unbounded-request") == {"timeout": 30}
    assert "Options" not in run("show", "aware-utcnow")


@pytest.mark.parametrize(
    ("id_", "comment"),
    [("aware-utcnow", "# kotsu: ignore[aware-utcnow]"), ("upgrade-dependency", "# kotsu: hold")],
)
def test_it_says_how_to_say_no(id_: str, comment: str) -> None:
    printed = run("show", id_)
    assert f"    improvements:\n      {id_}: false\n" in printed
    assert comment in printed
    assert ("NAME: false" in printed) is (id_ == "upgrade-dependency")


@pytest.mark.parametrize("applicability", Applicability)
def test_applicability_is_told_in_words(
    applicability: Applicability, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = shown(improvement(about=made(applicability=applicability)), capsys)
    assert f"\n{applicability.capitalize()}: " in printed


def test_brackets_and_colons_are_only_text(capsys: pytest.CaptureFixture[str]) -> None:
    printed = shown(improvement(about=made("Mend [bold]wheels[/bold] :wheel:")), capsys)
    assert printed.startswith("Mend [bold]wheels[/bold] :wheel:\n")


def test_what_is_shown_to_scripts_stays_as_it_is() -> None:
    assert list(json.loads(run("show", "aware-utcnow", "--json"))) == [*KEYS, "benchmark", "page"]


def test_an_unknown_id_gets_a_suggestion() -> None:
    result = CliRunner().invoke(cli.main, ["show", "aware-utcnwo"])
    assert result.exit_code == 2
    assert "Did you mean 'aware-utcnow'?" in result.output
