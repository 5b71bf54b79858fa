"""Whatever an index answers, it is read or refused in words; nothing else happens."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemods.model import Release
from workers import html_listings, listings

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_NAMES = st.sampled_from(
    ["a-1.0.tar.gz", "a-1.0-py3-none-any.whl", "a-2!1.0rc1.zip", "a-.zip", "a-1.whl", f"a-{'9' * 5_000}.zip"]
)
_TIMES = st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-01", "9999-99-99T99:99:99Z"])
_FILE = st.fixed_dictionaries(
    {},
    optional={
        "filename": _NAMES | _VALUES,
        "hashes": st.fixed_dictionaries({"sha256": st.just("a" * 64) | _VALUES}) | _VALUES,
        "requires-python": st.sampled_from([">=3.9", ">=3.9,,", "`", ""]) | _VALUES,
        "upload-time": _TIMES | _VALUES,
        "yanked": _VALUES,
    },
)
_ANSWER = st.fixed_dictionaries(
    {"name": st.just("a") | _VALUES, "files": st.lists(_FILE | _VALUES, max_size=4) | _VALUES},
    optional={
        "meta": st.fixed_dictionaries({"api-version": st.just("1.4") | _VALUES}) | _VALUES,
        "project-status": _VALUES,
    },
)
_PARTS = st.sampled_from(
    [
        "<a",
        ' href="',
        "a-1.0.tar.gz",
        "#sha256=",
        ">",
        '"',
        "'",
        "<!--",
        "-->",
        "<![",
        "<meta name=",
        "&#x",
        "<",
    ]
)


def _sound(releases: tuple[Release, ...]) -> bool:
    ordered = [r.version for r in releases] == sorted(r.version for r in releases)
    return ordered and all(isinstance(r.requires_python, str) and len(r.uploaded) < 40 for r in releases)


@given(_ANSWER | _VALUES)
def test_any_json_is_read_or_refused(answer: Any) -> None:
    with suppress(listings.UnusableError):
        assert _sound(listings.read(json.loads(json.dumps(answer)), "a"))


@given(st.lists(_PARTS | st.text(max_size=5), max_size=40).map("".join))
def test_any_page_is_read_or_refused(page: str) -> None:
    with suppress(listings.UnusableError):
        assert _sound(listings.read(html_listings.read(page, "a"), "a"))


@pytest.mark.parametrize("filename", [f"a-{'9' * 5_000}.tar.gz", f"a-{'9' * 5_000}-py3-none-any.whl"])
def test_a_number_that_is_too_long_is_no_version(filename: str) -> None:
    page = f'<a href="{filename}">x</a><a href="a-1.0.tar.gz">x</a>'
    (release,) = listings.read(html_listings.read(page, "a"), "a")
    assert str(release.version) == "1.0"


def _odd(**file: str) -> dict[str, Any]:
    return {"name": "shelf", "files": [file, {"filename": "shelf-1.0.tar.gz", "url": "shelf-1.0.tar.gz"}]}


@pytest.mark.parametrize("filename", ["shelf.whl", ".whl", "shelf-1.0.whl", "-.whl", "shelf-.tar.gz"])
def test_a_file_whose_name_is_none_spoils_no_other(filename: str) -> None:
    assert [str(r.version) for r in listings.read(_odd(filename=filename), "shelf")] == ["1.0"]


@pytest.mark.parametrize("url", ["https://[", "https://h[test/shelf-2.0.tar.gz"])
def test_a_file_whose_address_is_none_spoils_no_other(url: str) -> None:
    found = listings.whole(
        _odd(filename="shelf-2.0.tar.gz", url=url), "shelf", "https://h.test/simple/shelf/"
    )
    assert [file["url"] for file in found] == ["https://h.test/simple/shelf/shelf-1.0.tar.gz"]
