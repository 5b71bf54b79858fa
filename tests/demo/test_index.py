"""The local index says what the package index says, and says it wrongly when asked to."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from demo.index import CONTENT_TYPE, LocalIndex

ACCEPT = {"Accept": CONTENT_TYPE}


@pytest.fixture
def index() -> Iterator[LocalIndex]:
    with LocalIndex() as index:
        yield index


def get(index: LocalIndex, name: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{index.url}{name}/", headers=ACCEPT | headers, timeout=2)


def test_recorded_releases_have_all_that_a_choice_needs(index: LocalIndex) -> None:
    answer = get(index, "requests")
    assert answer.headers["content-type"] == CONTENT_TYPE
    assert answer.json()["name"] == "requests"
    for file in answer.json()["files"]:
        assert {"filename", "hashes", "upload-time", "requires-python", "yanked"} <= file.keys()


def test_a_name_in_other_letters_leads_to_the_right_one(index: LocalIndex) -> None:
    answer = get(index, "PyYAML")
    assert answer.status_code == 301
    assert answer.headers["location"].endswith("/simple/pyyaml/")


def test_an_unknown_name_is_not_found(index: LocalIndex) -> None:
    assert get(index, "no-such-project").status_code == 404


def test_an_unchanged_answer_costs_nothing(index: LocalIndex) -> None:
    tag = get(index, "click").headers["etag"]
    assert get(index, "click", **{"If-None-Match": tag}).status_code == 304


def test_a_release_appears_when_it_is_published(index: LocalIndex) -> None:
    index.release("widgets", "2.0", requires_python=">=3.12", yanked="broken")
    found = get(index, "widgets").json()
    assert found["versions"] == ["2.0"]
    assert [(f["requires-python"], f["yanked"]) for f in found["files"]] == [(">=3.12", "broken")] * 2


def test_faults_come_once_and_only_where_they_were_ordered(index: LocalIndex) -> None:
    index.fail("/requests/", 500)
    index.speak_html("/click/")
    index.redirect("/attrs/", "http://169.254.169.254/")
    assert get(index, "requests").status_code == 500
    assert get(index, "requests").status_code == 200
    assert "html" in get(index, "click").headers["content-type"]
    assert get(index, "attrs").headers["location"] == "http://169.254.169.254/"


def test_connections_break_on_order(index: LocalIndex) -> None:
    index.truncate("/requests/")
    index.reset("/click/")
    for name in ("requests", "click"):
        with pytest.raises(httpx.TransportError):
            get(index, name)


def test_a_slow_index_is_slow(index: LocalIndex) -> None:
    index.delay("/requests/", 0.2)
    started = time.monotonic()
    assert get(index, "requests").status_code == 200
    assert time.monotonic() - started >= 0.2
