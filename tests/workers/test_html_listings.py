"""The pages of an index without JSON: what they say is taken, what they cannot know is not made up."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from packaging.version import Version

from codemods.model import Release
from demo.index import LocalIndex, recorded
from tests.workers.world import World, edits, words
from workers import html_listings, indexes, listings

_SHA = "a" * 64


def _read(*lines: str) -> tuple[Release, ...]:
    return listings.read(html_listings.read("\n".join(lines), "a-b"), "a-b")


def _link(filename: str, attributes: str = "", fragment: str = f"#sha256={_SHA}") -> str:
    return f'<a href="https://files.test/x/{filename}{fragment}"{attributes}>{filename}</a>'


def test_a_page_says_the_same_as_json_but_for_the_times() -> None:
    with LocalIndex() as new, LocalIndex(old=True) as old:
        names = sorted(recorded())
        modern, ancient = indexes.answer(names, new.url), indexes.answer(names, old.url)
    assert {n: a.error for n, a in ancient.items()} == dict.fromkeys(names, "")
    for name in names:
        wanted = [(r.version, r.requires_python, r.yanked, r.wheel, r.hashes) for r in modern[name].releases]
        found = ancient[name].releases
        assert [(r.version, r.requires_python, r.yanked, r.wheel, r.hashes) for r in found] == wanted
        assert {r.uploaded for r in found} == {""}


def test_json_is_asked_for_first() -> None:
    with LocalIndex() as index:
        indexes.answer(["click"], index.url)
        accepted = index.requests[0].headers["accept"]
    assert accepted.startswith("application/vnd.pypi.simple.v1+json,")
    assert "text/html;q=0.1" in accepted


def test_attributes_of_a_link_are_unescaped() -> None:
    (release,) = _read(_link("a_b-1.0.tar.gz", ' data-requires-python="&gt;=3.9,&lt;4"'))
    assert release == Release(Version("1.0"), "", ">=3.9,<4", wheel=False, hashes=(_SHA,))


def test_yanked_needs_no_reason() -> None:
    (release,) = _read(_link("a_b-1.0.tar.gz", " data-yanked"))
    assert release.yanked


def test_a_file_may_stand_anywhere() -> None:
    lines = ['<a href="../../a_b-1.0.tar.gz">x</a>', '<a href="a_b-2.0%2Bcu-py3-none-any.whl?t=1">x</a>']
    found = _read(*lines)
    assert [(str(r.version), r.wheel, r.hashes) for r in found] == [("1.0", False, ()), ("2.0+cu", True, ())]


def test_what_belongs_to_another_name_is_left_out() -> None:
    assert _read(_link("other-1.0.tar.gz"), _link("a-b-c-1.0.tar.gz"), '<a href="/">home</a>', "<a>") == ()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('<meta name="pypi:repository-version" content="2.1">', "newer version"),
        ('<meta name="pypi:project-status" content="quarantined">', "quarantine"),
        ("<![nonsense", "cannot be read"),
        (f'<a href="&#{"9" * 5_000};">', "cannot be read"),
    ],
)
def test_a_page_that_must_not_be_used_says_why(line: str, words: str) -> None:
    with pytest.raises(listings.UnusableError, match=words):
        _read(line, _link("a_b-1.0.tar.gz"))


@pytest.mark.parametrize(
    "start", ["<!--", "<a ", "<a x='\"", "<![CDATA[", "<script></", "</", "&#", '<a href="']
)
def test_a_page_that_never_ends_a_tag_costs_no_time(start: str) -> None:
    began = time.monotonic()
    assert _read(start * 200_000) == ()
    assert time.monotonic() - began < 5


def test_a_page_with_too_many_links_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "MOST_FILES", 3)
    with pytest.raises(listings.UnusableError, match="more than"):
        _read(*[_link(f"a_b-{n}.tar.gz") for n in range(4)])


def test_a_release_of_unknown_age_waits_and_says_so(tmp_path: Path) -> None:
    with LocalIndex({}, old=True) as index:
        for version in ("1.0", "2.0"):
            index.release("shelf", version)
        world = World(index, tmp_path)
        waiting = world.proven({"requirements.txt": "shelf==1.0\n"}, release_age=3)
        told_not_to_wait = world.proven({"requirements.txt": "shelf==1.0\n"}, release_age=0)
    assert edits(waiting) == {}
    assert words(waiting) == ["`shelf` 2.0 has no upload time on the index, so its age is unknown"]
    assert edits(told_not_to_wait) == {"shelf": {"requirements.txt": "shelf==2.0\n"}}


@pytest.mark.parametrize(
    "said",
    [
        "&#27;[31m&gt;=3",
        "@everyone",
        "[x](javascript:alert)",
        "&gt;=3\n",
        "&gt;=3" * 200_000,
        "&gt;=3`<b>",
    ],
)
def test_words_that_somebody_uploaded_reach_nobody(said: str) -> None:
    (release,) = _read(_link("a_b-1.0.tar.gz", f' data-requires-python="{said}" data-yanked="{said}"'))
    assert release.requires_python == "unreadable"
    assert release == Release(Version("1.0"), "", "unreadable", yanked=True, wheel=False, hashes=(_SHA,))


def test_a_file_name_that_is_none_is_left_out() -> None:
    names = [
        "a_b-1.0\x1b[31m.tar.gz",
        "a_b-@everyone.tar.gz",
        "a_b-1.0.exe",
        "..%2f..%2fa",
    ]
    assert _read(*map(_link, names)) == ()
