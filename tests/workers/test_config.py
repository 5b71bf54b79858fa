"""A repository says what it wants, and that holds."""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest
import yaml

from codemods import registry
from workers import config
from workers.config import Config

SOURCE = ".github/kotsu.yml"


def said(text: str, package: ModuleType) -> Config:
    result = config.read(text, SOURCE, package)
    assert isinstance(result, Config), str(result)
    return result


EMPTY = ["", "\n", "# only a comment\n", "---\n", "--- ~\n", "{}", "\ufeff", "%YAML 1.1\n---\n"]


@pytest.mark.parametrize("text", EMPTY)
def test_an_empty_file_means_the_defaults(text: str) -> None:
    assert config.read(text, SOURCE) == config.defaults()


def test_the_defaults_are_the_promised_ones() -> None:
    known = config.defaults()
    assert (known.limits.open, known.limits.first, known.limits.per_day) == (3, 2, 1)
    assert (known.limits.files, known.limits.lines, known.limits.series) == (20, 200, 1)
    assert known.release_age == 3
    assert (known.labels, known.reviewers, known.ignore) == (("kotsu",), (), ())
    assert known.enabled
    assert known.unsafe


EVERYTHING = """\
version: 1
enabled: yes
improvements:
  plain-change: off
  raise-version/django: false
  raise-version/Typing_Extensions:
    enabled: no
  add-timeout:
    ignore: [scripts/, "*_cli.py"]
    seconds: 30
    only-calls: true
ignore:
  - legacy/
  - "**/migrations/*"
unsafe: false
limits: {open: 5, first: 4, per-day: 2, files: 3, lines: 80}
release-age: 7
labels: ["kotsu", "type: upkeep"]
reviewers: [octocat, octo-org/back-end]
"""


def test_a_full_file_is_read(stubs: ModuleType) -> None:
    known = said(EVERYTHING, stubs)
    assert known.limits == config.Limits(open=5, first=4, per_day=2, files=3, lines=80)
    assert (known.release_age, known.unsafe) == (7, False)
    assert known.reviewers == ("octocat", "octo-org/back-end")
    assert known.options("add-timeout") == {"seconds": 30, "only-calls": True}
    assert known.options("plain-change") == {}
    assert pickle.loads(pickle.dumps(known)) == known


def test_line_ends_and_a_byte_order_mark_change_nothing(stubs: ModuleType) -> None:
    data = b"\xef\xbb\xbf" + EVERYTHING.replace("\n", "\r\n").encode()
    assert config.read(data, SOURCE, stubs) == said(EVERYTHING, stubs)


def test_a_key_is_switched_off_and_its_siblings_stay(stubs: ModuleType) -> None:
    known = said(EVERYTHING, stubs)
    assert not known.enabled_for("plain-change")
    assert not known.enabled_for("raise-version/django")
    assert known.enabled_for("raise-version/django-filter")
    assert known.enabled_for("raise-version")
    assert known.enabled_for("add-timeout")


def test_a_name_is_the_same_however_it_is_spelled(stubs: ModuleType) -> None:
    assert not said(EVERYTHING, stubs).enabled_for("raise-version/typing-extensions")
    assert not said("improvements: {raise-version/Django: no}", stubs).enabled_for("raise-version/django")


def test_a_key_that_is_wanted_runs_although_its_improvement_is_off(stubs: ModuleType) -> None:
    known = said("improvements: {raise-version: false, raise-version/django: true}", stubs)
    assert known.runs("raise-version")
    assert known.enabled_for("raise-version/django")
    assert not known.enabled_for("raise-version/flask")
    assert not said("improvements: {raise-version: false}", stubs).runs("raise-version")


def test_a_file_that_says_no_to_everything_means_everything(stubs: ModuleType) -> None:
    known = said("enabled: false\nimprovements: {plain-change: true}", stubs)
    assert not known.enabled_for("plain-change")
    assert not known.runs("plain-change")


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("legacy/a.py", True),
        ("legacy/deep/a.py", True),
        ("src/legacy/a.py", True),
        ("migrations/0001.py", True),
        ("shop/migrations/0001.py", True),
        ("scripts/run.py", True),
        ("src/my_cli.py", True),
        ("legacy.py", False),
        ("src/legacies/a.py", False),
        ("src/my_cli.pyi", False),
        ("shop/migration.py", False),
    ],
)
def test_globs_read_as_in_git(path: str, stubs: ModuleType, ignored: bool) -> None:  # noqa: FBT001 -- a table's column
    assert said(EVERYTHING, stubs).ignored(path, "add-timeout") is ignored


def test_what_one_improvement_leaves_alone_the_others_do_not(stubs: ModuleType) -> None:
    assert not said(EVERYTHING, stubs).ignored("scripts/run.py", "plain-change")


def test_a_glob_of_many_stars_costs_nothing() -> None:
    known = Config(ignore=("*a" * 40 + "b",))
    begin = time.perf_counter()
    assert not known.ignored("a" * 4000, "x")
    assert time.perf_counter() - begin < 0.5


@pytest.mark.parametrize("key", ["plain-change", "raise-version/django", "raise-version/zope.interface"])
def test_the_snippet_says_no_to_its_key(key: str, stubs: ModuleType) -> None:
    known = said(Config.snippet(key), stubs)
    assert not known.enabled_for(key)
    assert known.enabled_for("add-timeout")


def test_the_schema_is_one_and_takes_what_the_reader_takes(stubs: ModuleType) -> None:
    schema = config.schema(stubs)
    checker = jsonschema.Draft202012Validator
    checker.check_schema(schema)
    assert schema["$schema"].endswith("2020-12/schema")
    assert set(schema["properties"]["improvements"]["properties"]) == {
        "add-timeout",
        "plain-change",
        "raise-version",
    }
    checker(schema).validate(yaml.safe_load(EVERYTHING))


def test_the_schema_says_what_is_off_by_default() -> None:
    said_of = config.schema()["properties"]["improvements"]["properties"]
    off = {id_ for id_, form in said_of.items() if "off unless it stands here" in form["description"]}
    assert off == {i.id for i in registry.catalogue().values() if not i.about.default}


def test_every_field_of_the_schema_is_described(stubs: ModuleType) -> None:
    schema = config.schema(stubs)
    inner = (model["properties"] for model in schema["$defs"].values() if "properties" in model)
    fields = {**schema["properties"], **{name: field for model in inner for name, field in model.items()}}
    assert {"per-day", "automerge", "package", "remind-after"} <= fields.keys()
    assert [name for name, field in fields.items() if not field.get("description", field.get("$ref"))] == []


def test_our_own_file_is_one() -> None:
    root = Path(__file__).parents[2]
    assert isinstance(config.read((root / SOURCE).read_bytes(), SOURCE), Config)


def test_reading_a_file_loads_nothing_heavy() -> None:
    code = "import sys, workers.config as c; c.read('limits: {open: 1}', 'f'); print(*sys.modules, sep='\\n')"
    root = Path(__file__).parents[2]
    loaded = set(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
        ).stdout.split()
    )
    heavy = {"libcst", "githubkit", "celery", "redis", "fastapi", "httpx", "sqlalchemy", "rich", "tomlkit"}
    assert loaded.isdisjoint(heavy)
