"""What README, docs/, CONTRIBUTING and CHANGELOG tell people to type, set and open is there."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from pydantic import BaseModel

from app import cli, events, metrics
from codemods import registry
from demo.github import hub
from tests.chaos import chaos, kills
from tests.fuzz import fuzz
from workers import config, permissions
from workers.commands import Verb
from workers.github import app
from workers.wants import Campaign, Capacity, Checks, Limits, Review

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
_WRITTEN = (*(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG")), *DOCS.glob("*.md"))
PAGES = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in sorted(_WRITTEN)}
README = PAGES["README.md"]
MANUAL = "\n".join(text for name, text in PAGES.items() if name.startswith(("README", "docs/")))
CONFIGURATION, SECURITY = PAGES["docs/configuration.md"], PAGES["docs/security.md"]
FOREIGN = {"--detach", "--build", "--rm", "--scale"}  # of docker compose
pages = pytest.mark.parametrize("name", PAGES)


def code(text: str) -> str:
    """Everything that is set as code: blocks and spans, one below the other."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)
    rest = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.DOTALL | re.MULTILINE)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", rest)])


def options() -> set[str]:
    commands: list[click.Command] = [cli.main, chaos.main, kills.main, fuzz.main]
    for place, _ in cli._COMMANDS.values():
        module, _, name = place.partition(":")
        commands.append(getattr(importlib.import_module(module), name))
    return {opt for command in commands for param in command.params for opt in param.opts}


def test_the_two_commands_stand_first() -> None:
    first = re.search(r"^```console\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert first
    assert re.findall(r"^\$ ([\w ]+?) *(?:#|$)", first[1], re.MULTILINE) == ["make demo", "make test"]


def configurations() -> list[str]:
    """Return a repository's kotsu.yml, and its organisation's."""
    return re.findall(r"^```yaml\n(.*?)^```$", CONFIGURATION, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("organisation", [False, True])
def test_the_configurations_of_the_manual_are_accepted(*, organisation: bool) -> None:
    read = config.read(configurations()[organisation], "configuration.md", organisation=organisation)
    assert isinstance(read, config.Config), str(read)


def test_the_manual_shows_every_option() -> None:
    shown: dict[str, Any] = {}
    for block in configurations():
        for name, value in yaml.safe_load(block).items():
            shown[name] = {**shown.get(name, {}), **value} if isinstance(value, dict) else value
    assert shown.keys() == _options(config.Config) - {"version"}
    for name, model in (("limits", Limits), ("capacity", Capacity), ("checks", Checks), ("review", Review)):
        assert shown[name].keys() == _options(model)
    assert shown["campaigns"]["utcnow-2026"].keys() == _options(Campaign)


def _options(model: type[BaseModel]) -> set[str]:
    return {str(field.alias) for field in model.model_fields.values()}


def test_the_manual_names_each_permission_that_is_asked_for_once() -> None:
    said = re.findall(r"^\| ([a-z ]+?)(?: \(.*?\))?: (read|read and write) \|", SECURITY, re.MULTILINE)
    names = [name.removeprefix("commit ").replace(" ", "_") for name, _ in said]
    levels = {"read": "read", "read and write": "write"}
    assert len(set(names)) == len(names)
    assert dict(zip(names, (levels[level] for _, level in said), strict=True)) == hub.PERMISSIONS
    assert hub.PERMISSIONS == app.PERMISSIONS


def test_the_manual_gives_each_permission_the_reason_that_the_set_up_shows() -> None:
    said = re.findall(r"^\| (?:commit )?([a-z ]+?)(?: \(.*?\))?: read.*? \| (.*) \|$", SECURITY, re.MULTILINE)
    reasons = {name: one.why for name, one in permissions.PERMISSIONS.items()}
    assert {name.replace(" ", "_"): why for name, why in said} == reasons


def test_the_manual_names_each_event_that_is_listened_to_once() -> None:
    (said,) = re.findall(r"Events: ([a-z\s,]+)\.", SECURITY)
    names = [" ".join(name.split()).replace(" ", "_") for name in said.split(",")]
    assert sorted(names) == hub.EVENTS
    assert {*names} == {name for name in events._MEANINGS if not name.startswith("installation")}


def test_the_steps_of_the_flow_are_modules() -> None:
    table = PAGES["CONTRIBUTING.md"].partition("| step | does |")[2].partition("\n\n")[0]
    first = [line.split("|")[1] for line in table.splitlines()[2:]]
    steps = {name.removeprefix("app.") for cell in first for name in re.findall(r"`([a-z_.]+)`", cell)}
    rooms = {step.partition(".")[0] for step in steps}
    assert len(rooms) > 20
    assert {
        r for r in rooms if not any((ROOT / top / f"{r}.py").exists() for top in ("app", "workers"))
    } == set()


@pages
def test_a_command_that_is_named_exists(name: str) -> None:
    named = re.findall(r"(?:^| |bin/)kotsu (?!demo/)([a-z]+)\b(?!:)", code(PAGES[name]), re.MULTILINE)
    assert set(named) <= set(cli._COMMANDS)


def test_every_command_of_a_comment_is_in_the_manual() -> None:
    assert set(re.findall(r"`/kotsu ([a-z]+)", MANUAL)) == {*Verb}


def test_every_command_is_in_the_manual() -> None:
    assert set(re.findall(r"`kotsu ([a-z]+)", MANUAL)) == set(cli._COMMANDS)


@pages
def test_an_option_that_is_named_exists(name: str) -> None:
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", code(PAGES[name])))
    assert named <= options() | FOREIGN


def test_the_manual_and_the_settings_know_the_same_environment() -> None:
    settings = (ROOT / "workers" / "settings.py").read_text("utf-8")
    known = {name.removesuffix("_FILE") for name in re.findall(r"KOTSU_[A-Z_]+", settings)}
    told = {name.removesuffix("_FILE") for name in re.findall(r"KOTSU_[A-Z_]+", MANUAL)}
    assert told == known


def test_a_metric_that_is_named_exists() -> None:
    shown = metrics.Metrics().render(None).decode()
    known = set(re.findall(r"^# HELP (kotsu_\w+)", shown, re.MULTILINE))
    assert set(re.findall(r"`(kotsu_[a-z_]+)`", MANUAL)) <= known


@pages
def test_a_target_of_make_that_is_named_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"^(?:\$ )?make ([a-z]+)", code(PAGES[name]), re.MULTILINE)) <= targets


@pages
def test_a_file_that_is_named_exists(name: str) -> None:
    linked = re.findall(r"\]\((?!https?://)([^)#]+)(?:#[^)]*)?\)", PAGES[name])
    assert [path for path in linked if not (ROOT / name).parent.joinpath(path).exists()] == []
    paths = re.findall(r"(?<![\w/.<-])((?:app|codemods|demo|tests|workers|\.ci)/[\w./-]+)", code(PAGES[name]))
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pages
def test_a_heading_that_is_linked_exists(name: str) -> None:
    linked = re.findall(r"\]\((?!https?://)([^)#]*)#([^)]+)\)", PAGES[name])
    for page, anchor in linked:
        path = (ROOT / name).parent / page if page else ROOT / name
        headings = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert anchor in anchors, f"{page}#{anchor}"


def test_every_page_of_the_manual_is_in_the_navigation_and_the_readme() -> None:
    site = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]["nav"]
    written = {path.name for path in DOCS.glob("*.md")}
    assert {page for entry in site for page in entry.values()} - {"improvements/index.md"} == written
    assert set(re.findall(r"\]\(docs/([a-z-]+\.md)\)", README)) == written - {"index.md"}


@pages
def test_a_module_that_is_named_exists(name: str) -> None:
    named = set(re.findall(r"\b((?:app|codemods|workers)\.[a-z_]+)\b", code(PAGES[name])))
    rooms = [ROOT / module.replace(".", "/") for module in named]
    assert [room for room in rooms if not room.is_dir() and not room.with_suffix(".py").exists()] == []


def test_the_excerpt_of_the_readme_names_improvements_that_exist() -> None:
    excerpt = re.findall(r"^ +([a-z]+(?:-[a-z]+)+)(?:/\S+)?  ", README, re.MULTILINE)
    assert excerpt
    assert set(excerpt) <= set(registry.ids())
