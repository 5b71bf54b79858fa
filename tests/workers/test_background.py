"""What new releases bring: asked for a few, of who knows it, and never in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from packaging.version import Version

from codemods.model import Releases, Upgrade
from demo.index import LocalIndex
from workers import background
from workers.background import Forge
from workers.model import Background, Note
from workers.settings import Settings

HOME = "https://github.com"


class Reader:
    """A GitHub that remembers what it was asked for; it does not answer for ``ill`` repositories."""

    def __init__(self, ill: Sequence[str] = ()) -> None:
        self.asked: list[str] = []
        self.ill = ill

    def __call__(self, repository: str) -> Sequence[Note] | None:
        self.asked.append(repository)
        return None if repository in self.ill else (Note("v2.0", "news", f"{repository}/releases/tag/v2.0"),)


def move(name: str, repository: str = "") -> Upgrade:
    return Upgrade(name, Version("1.0"), Version("2.0"), repository=repository)


def told(
    upgrades: Sequence[Upgrade], reader: Reader | None, folder: Path, index: LocalIndex | None = None
) -> Mapping[Upgrade, Background]:
    url = index.url if index else "http://127.0.0.1:9/simple/"
    given = Settings(data_dir=folder, database_url="", index_url=url)
    releases = {u.name: Releases(u.name, index=url) for u in upgrades if not u.repository}
    return background.asking(given, Forge(HOME, reader) if reader else None)(upgrades, releases)


def test_several_upgrades_of_one_repository_ask_it_once(tmp_path: Path) -> None:
    reader = Reader()
    moves = [move(name) for name in ("shelf", "shelf-oak")]
    with LocalIndex({}) as index:
        for one in moves:
            for version in ("1.0", "2.0"):
                index.release(one.name, version, says=["Project-URL: Source, https://github.com/octo/shelf"])
        found = told(moves, reader, tmp_path, index)
    assert reader.asked == [f"{HOME}/octo/shelf"]
    assert [b.repository for b in found.values()] == [f"{HOME}/octo/shelf"] * 2
    assert [n.text for n in found[moves[0]].notes] == ["news"]


def test_without_a_github_there_are_links_and_differences(tmp_path: Path) -> None:
    with LocalIndex({}) as index:
        index.release("shelf", "1.0")
        index.release("shelf", "2.0", requires=["oak"], says=["Home-page: https://github.com/octo/shelf"])
        (found,) = told([move("shelf")], None, tmp_path, index).values()
    assert found == Background(f"{HOME}/octo/shelf", (), ("needs `oak` in addition",))


def test_an_action_is_where_its_name_says(tmp_path: Path) -> None:
    reader = Reader()
    (found,) = told([move("octo/act", f"{HOME}/octo/act.git")], reader, tmp_path).values()
    assert reader.asked == [f"{HOME}/octo/act"]
    assert [n.tag for n in found.notes] == ["v2.0"]


def test_other_hosts_are_not_asked(tmp_path: Path) -> None:
    reader = Reader()
    (found,) = told([move("octo/act", "https://gitlab.com/octo/act")], reader, tmp_path).values()
    assert reader.asked == []
    assert found == Background()


def test_few_repositories_are_asked(tmp_path: Path) -> None:
    reader = Reader()
    found = told([move(f"octo/a{n}", f"{HOME}/octo/a{n}") for n in range(99)], reader, tmp_path)
    assert len(reader.asked) == 10
    assert len(found) == 30


def test_nobody_is_asked_any_more_after_nobody_answered(tmp_path: Path) -> None:
    reader = Reader(ill=[f"{HOME}/octo/a1"])
    found = told([move(f"octo/a{n}", f"{HOME}/octo/a{n}") for n in range(4)], reader, tmp_path)
    assert reader.asked == [f"{HOME}/octo/a0", f"{HOME}/octo/a1"]
    assert [len(b.notes) for b in found.values()] == [1, 0, 0, 0]


def test_what_no_index_knows_has_no_background(tmp_path: Path) -> None:
    (found,) = told([move("shelf")], Reader(), tmp_path).values()
    assert found == Background()
