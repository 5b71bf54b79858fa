"""Release notes: those of the way from the old version to the new one, newest first, no more than fits."""

from __future__ import annotations

import pytest
from packaging.version import Version

from codemods.model import Upgrade
from workers import notes
from workers.model import Background, Note


def note(tag: str, text: str = "words", day: str = "2026-01-05") -> Note:
    return Note(tag, text, f"https://github.com/octo/shelf/releases/tag/{tag}", day)


def upgrade(before: str | None, after: str, name: str = "shelf", repository: str = "") -> Upgrade:
    return Upgrade(name, Version(before) if before else None, Version(after), repository=repository)


def chosen(moved: Upgrade, *tags: str) -> list[str]:
    return [n.tag for n in notes.chosen(moved, [note(tag) for tag in tags])]


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        (["v3.0", "v2.0", "v1.5", "v1.0", "v0.9"], ["v2.0", "v1.5"]),
        (["1.10", "1.9", "2.0"], ["2.0", "1.10", "1.9"]),
        (
            ["release-2.0", "rel_1_5", "version-1.2", "R1.1"],
            ["release-2.0", "rel_1_5", "version-1.2", "R1.1"],
        ),
        (["v2.0rc1", "v1.5.dev1", "nightly", "2.0-beta", ""], []),
        (["shelf-v2.0", "v2.0", "v1.5", "oak-1.2"], ["shelf-v2.0"]),
        (["Shelf==2.0", "shelf/1.5", "oak==1.2"], ["Shelf==2.0", "shelf/1.5"]),
        (["oak-1.2", "py3-oak-1.3"], []),
        (["v2.0", "v2.0.0"], ["v2.0"]),
    ],
)
def test_those_on_the_way_are_chosen(tags: list[str], found: list[str]) -> None:
    assert chosen(upgrade("1.0", "2.0"), *tags) == found


def test_of_many_the_newest_are_chosen() -> None:
    tags = [f"v1.{n}" for n in range(1, 50)]
    assert chosen(upgrade("1.0", "2.0"), *tags) == [f"v1.{n}" for n in range(49, 39, -1)]


def test_who_comes_from_nowhere_reads_of_the_one_release() -> None:
    assert chosen(upgrade(None, "2.0"), "v2.0", "v1.5") == ["v2.0"]


def test_a_prerelease_counts_where_one_is_wanted() -> None:
    assert chosen(upgrade("1.0", "2.0rc2"), "v2.0", "v2.0rc2", "v2.0rc1") == ["v2.0rc2", "v2.0rc1"]


def test_a_short_tag_stands_for_all_that_begin_with_it() -> None:
    moved = upgrade("4", "5", "actions/checkout", "https://github.com/actions/checkout")
    assert chosen(moved, "v6.0.0", "v5.1.0", "v5.0.0", "v4.9.9", "v3.0.0") == ["v5.1.0", "v5.0.0"]


# --- as they are written


def blocks(*told: Note, room: int = 10_000) -> str:
    return notes.blocks({upgrade("1.0", "2.0"): Background("https://github.com/octo/shelf", told)}, room)


def test_each_upgrade_has_a_block_that_is_closed_until_somebody_opens_it() -> None:
    address = "https://github.com/octo/shelf/releases/tag"
    assert blocks(note("v2.0", "Thanks @ada"), note("v1.5", "", "soon"), note("v1.2", "x", "soon")) == (
        "<details><summary>Release notes of shelf, 1.0 to 2.0</summary>\n\n"
        f"### [2.0]({address}/v2.0), 2026-01-05\n\nThanks @\u200bada\n\n"
        f"### [1.2]({address}/v1.2)\n\nx\n\n</details>"
    )


def test_where_nothing_is_said_there_is_no_block() -> None:
    assert blocks() == ""
    assert blocks(note("v2.0", "<!-- nothing -->")) == ""


def test_a_tag_cannot_leave_its_link() -> None:
    found = blocks(note("v2.0+a)<b>`@x`"), note("v2.0"))
    assert "](https://github.com/octo/shelf/releases/tag/v2.0)" in found
    assert blocks(Note("v2.0", "x", "https://github.com/o/r/releases/tag/a)<b>")).count("<b>") == 0


@pytest.mark.parametrize("room", [-5, 0, 100, 400, 500, 1_000, 5_000, 20_000])
def test_all_of_it_stays_in_its_room(room: int) -> None:
    told = tuple(note(f"v1.{n}", "long words\n" * 1_000) for n in range(9, 0, -1))
    known = {upgrade("1.0", "2.0", name): Background(notes=told) for name in ("shelf", "oak", "pine")}
    found = notes.blocks(known, room)
    assert len(found) <= max(room, 0)
    assert found.count("<details>") == found.count("</details>")
    assert (found.count("<details>") == 3) is (room >= 5_000)
