"""Each name goes to whoever knows it, and what is known of a repository serves the next scan too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from codemods import registry
from codemods.model import Releases
from codemods.tree import Files
from demo.index import LocalIndex
from tests.forge import Forge
from workers import config, facts, lookup
from workers.settings import Settings

_HOSTS = frozenset({"127.0.0.1"})


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[Forge]:
    with Forge(tmp_path / "forge") as forge:
        forge.tag("octo/act", "v1.0.0", "2024-01-01")
        yield forge


@pytest.fixture
def index() -> Iterator[LocalIndex]:
    with LocalIndex({}) as index:
        index.release("shelf", "1.0")
        yield index


def _settings(tmp_path: Path, index: LocalIndex, hosts: frozenset[str] = _HOSTS) -> Settings:
    return Settings(tmp_path, "sqlite://", index_url=index.url, hosts=hosts, named=hosts)


def test_names_go_to_the_index_and_addresses_to_their_hosts(
    forge: Forge, index: LocalIndex, tmp_path: Path
) -> None:
    address = forge.address("octo/act")
    found = lookup.answer({"shelf", address}, _settings(tmp_path, index), lookup.Memory())
    assert [r.tag for r in found[address].releases] == ["v1.0.0"]
    assert [str(r.version) for r in found["shelf"].releases] == ["1.0"]


def test_a_host_that_nobody_admitted_is_not_asked(forge: Forge, index: LocalIndex, tmp_path: Path) -> None:
    hosts = frozenset({"github.com"})
    given = Settings(tmp_path, "sqlite://", index_url=index.url, hosts=hosts)
    address = forge.address("octo/act")
    found = lookup.answer({address, "git+https://[/x/y"}, given, lookup.Memory())
    assert found[address].error == "its host `127.0.0.1` is not asked: KOTSU_HOSTS does not name it"
    assert found["git+https://[/x/y"].error
    assert forge.asked == []


def test_images_go_to_their_registries(index: LocalIndex, tmp_path: Path) -> None:
    found = lookup.answer({"image+127.0.0.1/octo/act"}, _settings(tmp_path, index), lookup.Memory())
    assert "registry" in found["image+127.0.0.1/octo/act"].error


def test_where_no_host_is_asked_addresses_are_left_out(
    forge: Forge, index: LocalIndex, tmp_path: Path
) -> None:
    given = _settings(tmp_path, index, frozenset())
    assert set(lookup.answer({"shelf", forge.address("octo/act")}, given, lookup.Memory())) == {"shelf"}
    assert forge.asked == []


def test_an_address_is_asked_once_for_all_repositories(
    forge: Forge, index: LocalIndex, tmp_path: Path
) -> None:
    memory, given, address = lookup.Memory(), _settings(tmp_path, index), forge.address("octo/act")
    first = lookup.answer({address}, given, memory)
    asked = len(forge.asked)
    assert lookup.answer({address}, given, memory) == first
    assert len(forge.asked) == asked


def test_what_went_wrong_is_asked_again_and_what_is_old_too(
    forge: Forge, index: LocalIndex, tmp_path: Path
) -> None:
    memory, given, missing = lookup.Memory(), _settings(tmp_path, index), forge.address("octo/none")
    assert lookup.answer({missing}, given, memory)[missing].error
    asked = len(forge.asked)
    assert lookup.answer({missing}, given, memory)[missing].error
    assert len(forge.asked) > asked
    memory.keep({"git+x": Releases("git+x")}, 10.0)
    assert memory.recall(["git+x"], 10.0 + lookup.KEPT - 1)
    assert not memory.recall(["git+x"], 10.0 + lookup.KEPT)


def test_what_was_not_asked_for_is_counted_in_words() -> None:
    steps = b"on: push\njobs:\n  a:\n    steps:\n      - uses: octo/a@v1\n      - uses: octo/b@v1\n"
    tree = Files({"requirements.txt": b"shelf==1.0\n", ".github/workflows/a.yml": steps})
    known = registry.catalogue()
    _, problems = facts.answer(tree, known, config.defaults(), date(2026, 11, 24), facts.nothing)
    (problem,) = problems
    assert "the releases of 1 dependency and 2 actions, hooks or images were not asked for" in problem.message
