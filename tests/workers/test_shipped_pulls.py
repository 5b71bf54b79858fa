"""A platform team's release brings its own migrations into the pull request, where the operator allows it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import libcst as cst
import pytest
from click.testing import CliRunner
from packaging.version import Version

from app import cli
from codemods import registry, shipped
from codemods.model import Upgrade
from codemods.shipped import Refused
from demo.github import git
from tests.road import NAME, Road
from tests.workers import shipping
from workers import config, enclosure, freight, syscalls

KEY = "upgrade-dependency/corp-auth"
CODE = b"import corp_auth\n\nUSER = corp_auth.login('me')\nTOKEN = corp_auth.token\n"
FILES = {
    "requirements.txt": b"corp-auth==3.2\n",
    "shop/auth.py": CODE,
    "shop/other.py": b"import corp_auth\n\ncorp_auth.login('you')  # kotsu: ignore[corp-auth-sign-in]\n",
    "legacy/old.py": CODE,
    ".github/kotsu.yml": b"release-age: 0\nignore: [legacy/**]\n",
}
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine not in syscalls.MACHINES,
    reason="nothing can be enclosed elsewhere",
)


def added(road: Road, data: bytes, *, allowed: bool = True, **files: bytes) -> str:
    """Make a repository that uses corp-auth 3.2, and publish 4.0; return its hash."""
    for version in ("3.2", "4.0"):
        road.index.release("corp-auth", version)
    digest = road.index.hold("corp_auth-4.0-py3-none-any.whl", data)
    known = {"corp-auth": frozenset({digest})} if allowed else {}
    object.__setattr__(road.world.settings, "migrations", known)
    object.__setattr__(
        road.world, "catalogue", {"upgrade-dependency": registry.catalogue()["upgrade-dependency"]}
    )
    road.add({**FILES, **files})
    return digest


@pytest.fixture
def _computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what is brought run in this process: it is ours, and each one that is started takes a second."""

    def run(source: str, facts: object, texts: Sequence[str], _: object) -> list[str]:
        held: dict[str, Any] = {}
        exec(source, held)
        return [held["rewrite"](cst.parse_module(text), facts).code for text in texts]

    monkeypatch.setattr(enclosure, "run", run)


def subjects(road: Road) -> list[str]:
    written = git.run(road.hub.find(NAME).folder, "log", "--format=%s", f"main..kotsu/{KEY}")
    return written.decode().splitlines()


def body(road: Road) -> str:
    return road.pull(KEY).body or ""


def test_the_pull_request_holds_the_bump_and_what_it_brings(road: Road) -> None:
    added(road, shipping.wheel())
    road.scan()
    assert subjects(road) == ["Migrate: corp-auth-sign-in", "Upgrade corp-auth from 3.2 to 4.0"]
    assert road.proposed(KEY, "shop/auth.py") == CODE.replace(b"login", b"sign_in")
    for path in ("shop/other.py", "legacy/old.py"):
        assert road.proposed(KEY, path) == FILES[path]
    text = body(road)
    assert "5 uses of 2 changed APIs in 3 files; 1 rewritten, 4 for you." in text
    assert "`corp_auth.token` is gone. Ask @\u200bplatform." in text
    assert "### Migrations that corp-auth 4.0 brings" in text
    assert "needs-review" in road.pull(KEY).labels
    # Its words ping nobody and close nothing.
    assert "> It closes" in text
    for active in ("@corp", "@platform", "#12", "#3"):
        assert active not in text


@pytest.mark.usefixtures("_computed")
def test_a_second_scan_runs_nothing_again_and_writes_nothing(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(road, shipping.wheel())
    road.scan()
    road.news()
    monkeypatch.setattr(enclosure, "run", None)
    road.scan()
    assert road.writes() == []


@pytest.mark.usefixtures("_computed")
def test_it_is_built_anew_as_a_whole(road: Road) -> None:
    added(road, shipping.wheel())
    road.scan()
    road.hub.push(NAME, {"shop/auth.py": CODE + b"corp_auth.login('her')\n"})
    road.scan()
    assert subjects(road) == ["Migrate: corp-auth-sign-in", "Upgrade corp-auth from 3.2 to 4.0"]
    assert road.proposed(KEY, "shop/auth.py").count(b"sign_in") == 2


@pytest.mark.usefixtures("_computed")
def test_a_worker_that_dies_in_the_middle_is_followed_by_one_that_ends(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(road, shipping.wheel())

    class KilledError(BaseException):
        """As if the process were gone."""

    def killed(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(enclosure, "run", killed)
        with pytest.raises(KilledError):
            road.scan()
    assert road.keys() == []
    road.wait()
    road.scan()
    assert subjects(road) == ["Migrate: corp-auth-sign-in", "Upgrade corp-auth from 3.2 to 4.0"]


class Memory(dict[str, str]):
    """A memory of scans that forgets nothing."""

    def recall(self, keys: Sequence[str]) -> dict[str, str]:
        return {key: self[key] for key in keys if key in self}

    def remember(self, items: Mapping[str, str]) -> None:
        self.update(items)


def test_what_is_remembered_of_one_repository_is_not_told_in_another() -> None:
    (migration,) = shipped.migrations(
        shipped.listed(shipping.TOML),
        {"kotsu_migrations.sign_in": shipping.SOURCE},
        "corp-auth",
        Version("4.0"),
    )
    facts, asked = shipped.Facts("3.2", "4.0", "4.0"), list[Sequence[str]]()

    def leaky(_: object, __: object, texts: Sequence[str]) -> list[str]:
        asked.append(texts)
        return [f"{text}# {texts[0]}" for text in texts]

    run = freight.remembering(leaky, Memory())
    first = run(migration, facts, ["secret = 1\n", "x = 1\n"])
    assert run(migration, facts, ["secret = 1\n", "x = 1\n"]) == first
    assert run(migration, facts, ["x = 1\n"]) == ["x = 1\n# x = 1\n"]
    assert len(asked) == 2


# --- where nothing of it is applied


def alone(road: Road) -> str:
    """Return the body of a pull request that holds the version alone."""
    assert subjects(road) == ["Upgrade corp-auth from 3.2 to 4.0"]
    assert road.proposed(KEY, "shop/auth.py") == CODE
    return body(road)


def test_what_nobody_allowed_is_told_with_its_hash_and_never_run(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = added(road, shipping.wheel(), allowed=False)
    monkeypatch.setattr(enclosure, "run", None)
    road.scan()
    text = alone(road)
    assert f"`corp-auth: [{digest}]`" in text
    assert "corp_auth.token" not in text


@pytest.mark.parametrize(
    "said",
    [
        b"improvements: {upgrade-dependency: {shipped-migrations: false}}\n",
        b"rules: [{match: {path: '*.py'}, enabled: false}]\n",
    ],
)
def test_a_repository_can_say_no(road: Road, said: bytes) -> None:
    added(road, shipping.wheel(), **{".github/kotsu.yml": b"release-age: 0\n" + said})
    road.scan()
    assert "Migrations that" not in alone(road)


@pytest.mark.parametrize(
    ("said", "is_kept"),
    [
        ("ignore: ['*.py']", True),
        ("improvements: {upgrade-dependency: {ignore: ['*.py']}}", True),
        ("rules: [{match: {path: [shop/**, legacy/**]}, enabled: false}]", True),
        ("rules: [{match: {path: shop/**}, unsafe: false}]", True),
        ("rules: [{match: {path: '*.py', update: major}, unsafe: [no]}]", True),
        ("rules: [{match: {path: '*.py', update: patch}, enabled: false}]", False),
        ("rules: [{match: {path: legacy/**}, enabled: false}]", False),
        ("rules: [{match: {path: '*.py', package: other}, enabled: false}]", False),
        ("rules: [{match: {path: '*.py', applicability: safe}, enabled: false}]", False),
        ("release-age: 0", False),
    ],
)
def test_a_repository_can_say_no_for_paths(said: str, *, is_kept: bool) -> None:
    upgrade = Upgrade("corp-auth", Version("3.2"), Version("4.0"))
    read = config.read(said, "kotsu.yml")
    known = read.sound if isinstance(read, config.Broken) else read
    assert known
    assert freight.kept(known, upgrade)("shop/auth.py") is is_kept


def test_no_file_of_a_repository_can_say_yes() -> None:
    for text in (
        "migrations: {corp-auth: ['*']}",
        "improvements: {corp-auth-sign-in: true}",
        "improvements: {upgrade-dependency: {migrations: corp-auth}}",
    ):
        assert isinstance(config.read(text, "kotsu.yml", organisation=True), config.Broken)


def test_a_floor_that_still_admits_the_old_version_keeps_the_old_code(road: Road) -> None:
    project = b'[project]\nname = "shop"\nversion = "1"\ndependencies = ["corp-auth>=3.0,<4"]\n'
    added(road, shipping.wheel(), **{"pyproject.toml": project, "requirements.txt": b"# nothing\n"})
    road.scan()
    assert road.proposed(KEY, "shop/auth.py") == CODE


def test_what_goes_wrong_costs_its_own_migration_and_nothing_else(road: Road) -> None:
    toml = shipping.TOML + shipping.TABLE.replace('"sign-in"', '"second"').replace(".sign_in", ".second")
    source = shipping.SOURCE.replace("    return", "    open('/etc/passwd')\n    return")
    other = {"corp_auth/kotsu_migrations/second.py": shipping.SOURCE}
    added(road, shipping.wheel(toml, source, **other))
    road.scan()
    assert subjects(road) == ["Migrate: corp-auth-second", "Upgrade corp-auth from 3.2 to 4.0"]
    words = "it asked the system for what it does not get here"
    assert f"Its migration `corp-auth-sign-in` was not applied: {words}" in body(road)


def test_what_does_not_parse_is_not_applied(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    added(road, shipping.wheel())
    monkeypatch.setattr(enclosure, "run", lambda _, __, texts, *___: ["import ("] * len(texts))
    road.scan()
    assert "cannot stand there (" in alone(road)


def test_what_no_step_can_read_costs_no_scan(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    added(road, shipping.wheel())
    monkeypatch.setattr(enclosure, "run", lambda *_: ["too", "many", "texts"])
    road.scan()
    assert "was not applied: what it makes cannot be read (ValueError)." in alone(road)


@pytest.mark.usefixtures("_computed")
@pytest.mark.parametrize("allowed", [True, False])
def test_what_others_brought_is_never_merged_without_a_review(road: Road, *, allowed: bool) -> None:
    said = b"automerge: true\nrules: [{match: {applicability: unsafe}, automerge: true}]\nrelease-age: 0\n"
    added(road, shipping.wheel(), allowed=allowed, **{".github/kotsu.yml": said})
    road.scan()
    (row,) = road.world.book.proposals(road.hub.find(NAME).id)
    assert row.automerge is not allowed


def test_without_an_enclosure_the_upgrade_comes_alone(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    added(road, shipping.wheel())
    monkeypatch.setattr(enclosure, "run", lambda *_: Refused(f"this system {syscalls.WORDS['filter']}"))
    road.scan()
    assert "was not applied: this system takes no filter of system calls." in alone(road)


def test_a_mistake_in_the_file_is_told(road: Road) -> None:
    added(road, shipping.wheel(shipping.TOML.replace(">=4", ">=5")))
    road.scan()
    assert "has a mistake: migration 1: crosses has to be `>=` and a version up to 4.0." in alone(road)


# --- on a laptop


def planned(road: Road, folder: Path, *options: str, allowed: str = "") -> str:
    for path, data in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    file = folder.parent / "migrations.yml"
    file.write_text(allowed, "utf-8")
    environment: dict[str, Any] = {
        "KOTSU_INDEX_URL": road.index.url,
        "KOTSU_DATA_DIR": str(folder.parent / "data"),
        "KOTSU_MIGRATIONS": str(file),
    }
    arguments = ["plan", str(folder), "--only", "upgrade-dependency", *options]
    done = CliRunner().invoke(cli.main, arguments, env=environment)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.usefixtures("_computed")
def test_kotsu_plan_shows_what_the_server_would_open(road: Road, tmp_path: Path) -> None:
    digest = added(road, shipping.wheel())
    road.scan()
    said = json.loads(planned(road, tmp_path / "shop", "--json", allowed=f"corp-auth: [{digest}]\n"))
    (proposal,) = said["proposals"]
    assert proposal["files"] == ["requirements.txt", "shop/auth.py"]
    assert "### Migrations that corp-auth 4.0 brings" in proposal["body"]


def test_kotsu_plan_says_what_nobody_allowed(road: Road, tmp_path: Path) -> None:
    digest = added(road, shipping.wheel())
    assert f"corp-auth: [{digest}]" in planned(road, tmp_path / "shop")
