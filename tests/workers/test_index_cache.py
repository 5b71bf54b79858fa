"""What is kept of the indexes' answers: for how long, what is asked again, and what a broken entry costs."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from packaging.version import Version

from codemods.model import Release, Releases
from demo.index import CONTENT_TYPE, LocalIndex, recorded
from demo.loopback import Answer, Loopback, Request
from workers import index_cache, indexes, origins

_QUICK = indexes.Limits(request=1.0, total=5.0, pause=0.0)
_RELEASE = Release(Version("1.0"), "2026-01-01T00:00:00Z", ">=3.9", wheel=False, hashes=("a" * 64, "b" * 64))


class Index(Loopback):
    """An index with one distribution, whose headers a test decides on; it remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.headers: dict[str, str] = {}
        self.status = 200
        self.asked: list[Mapping[str, str]] = []

    @property
    def address(self) -> str:
        return f"{self.url}/simple/"

    def _answer(self, request: Request) -> Answer:
        self.asked.append(request.headers)
        body = json.dumps({"name": "shelf", "files": [{"filename": "shelf-1.0.tar.gz"}]}).encode()
        if self.status == 304:
            return Answer(304)
        return Answer(self.status, body, {"Content-Type": CONTENT_TYPE, **self.headers})


@pytest.fixture
def index() -> Iterator[Index]:
    with Index() as made:
        yield made


def _ask(index: Index, store: Path, user: str = "") -> Releases:
    address = index.address.replace("http://", f"http://{user}@") if user else index.address
    return indexes.answer(["shelf"], address, limits=_QUICK, store=store)["shelf"]


def _entry(store: Path) -> Path:
    (found,) = store.rglob("shelf.json")
    return found


def _let_pass(store: Path, seconds: float) -> None:
    for path in store.rglob("*.json"):
        then = path.stat().st_mtime - seconds
        os.utime(path, (then, then))


def test_what_is_kept_is_what_was_read(tmp_path: Path) -> None:
    names = sorted(recorded())
    with LocalIndex() as local:
        first = indexes.answer(names, local.url, store=tmp_path)
        again = indexes.answer(names, local.url, store=tmp_path)
        assert again == first == indexes.answer(names, local.url)
        marks = ["if-none-match" in request.headers for request in local.requests]
    assert marks == [False] * len(names) + [True] * len(names) + [False] * len(names)


def test_a_new_release_is_seen_when_the_index_says_that_something_changed(tmp_path: Path) -> None:
    with LocalIndex({}) as local:
        local.release("shelf", "1.0")
        indexes.answer(["shelf"], local.url, store=tmp_path)
        local.release("shelf", "2.0")
        found = indexes.answer(["shelf"], local.url, store=tmp_path)["shelf"]
    assert [str(r.version) for r in found.releases] == ["1.0", "2.0"]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 600),
        ({"etag": '"a"'}, 0),
        ({"last-modified": "Thu, 01 Jan 2026 00:00:00 GMT"}, 0),
        ({"etag": '"a"', "cache-control": "public, max-age=60"}, 60),
        ({"cache-control": "max-age=600, public", "age": "500"}, 100),
        ({"cache-control": "max-age=600", "age": "900"}, 0),
        ({"cache-control": "max-age=31536000"}, 3600),
        ({"cache-control": "max-age=31536000", "age": "86400"}, 3600),
        ({"cache-control": "no-cache, max-age=600"}, 0),
        ({"cache-control": "s-maxage=5"}, 600),
        ({"cache-control": "max-age=-1"}, 600),
        ({"cache-control": "max-age=60", "age": "soon"}, 60),
    ],
)
def test_an_answer_holds_as_long_as_its_headers_say(headers: dict[str, str], seconds: int) -> None:
    said = index_cache.said(headers, ())
    assert said is not None
    assert said.seconds == seconds


def test_what_holds_is_not_asked_for_again(index: Index, tmp_path: Path) -> None:
    index.headers = {"Cache-Control": "max-age=60"}
    first = _ask(index, tmp_path)
    _let_pass(tmp_path, 50)
    assert _ask(index, tmp_path) == first
    assert len(index.asked) == 1
    _let_pass(tmp_path, 20)
    assert _ask(index, tmp_path) == first
    assert len(index.asked) == 2


def test_an_index_without_any_of_these_headers_is_asked_every_ten_minutes(
    index: Index, tmp_path: Path
) -> None:
    for passed, asked in ((0, 1), (590, 1), (20, 2), (0, 2)):
        _let_pass(tmp_path, passed)
        assert _ask(index, tmp_path).error == ""
        assert len(index.asked) == asked


def test_what_is_confirmed_holds_again(index: Index, tmp_path: Path) -> None:
    index.headers = {"ETag": '"one"', "Last-Modified": "yesterday", "Cache-Control": "max-age=60"}
    first = _ask(index, tmp_path)
    _let_pass(tmp_path, 70)
    index.status = 304
    assert [_ask(index, tmp_path) for _ in range(3)] == [first] * 3
    assert len(index.asked) == 2
    assert index.asked[1]["if-none-match"] == '"one"'
    assert index.asked[1]["if-modified-since"] == "yesterday"


def test_an_index_that_confirms_what_nobody_has_is_an_error(index: Index, tmp_path: Path) -> None:
    index.status = 304
    assert _ask(index, tmp_path).error == "the index failed (304)"


def test_what_must_not_be_stored_is_not(index: Index, tmp_path: Path) -> None:
    index.headers = {"ETag": '"one"'}
    _ask(index, tmp_path)
    index.headers = {"ETag": '"two"', "Cache-Control": "no-store"}
    _ask(index, tmp_path)
    assert list(tmp_path.rglob("shelf.json")) == []


def test_a_name_that_is_not_known_is_kept_too(index: Index, tmp_path: Path) -> None:
    index.status = 404
    first = _ask(index, tmp_path)
    assert first.error == "the index does not know it (404)"
    index.status = 200
    assert _ask(index, tmp_path) == first
    _let_pass(tmp_path, 601)
    assert _ask(index, tmp_path).error == ""


def test_a_name_that_is_not_known_may_be_tomorrow(index: Index, tmp_path: Path) -> None:
    index.status, index.headers = 404, {"Cache-Control": "max-age=3600"}
    _ask(index, tmp_path)
    index.status = 200
    _let_pass(tmp_path, 601)
    assert _ask(index, tmp_path).error == ""


def test_an_error_is_neither_kept_nor_hidden_by_what_is(index: Index, tmp_path: Path) -> None:
    index.headers = {"ETag": '"one"'}
    first = _ask(index, tmp_path)
    index.status = 500
    assert _ask(index, tmp_path).error == "the index failed (500)"
    index.status = 200
    assert _ask(index, tmp_path) == first


def _with(**changes: object) -> Callable[[Path], object]:
    return lambda path: path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    "broken",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-10]),
        lambda path: path.write_bytes(b"\xff\x00"),
        lambda path: path.write_bytes(b"[" * 100_000),
        lambda path: path.write_bytes(b"[]"),
        lambda path: (path.unlink(), path.symlink_to(path)),
        lambda path: os.utime(path, (time.time() + 500, time.time() + 500)),
        _with(format=index_cache.FORMAT + 1),
        _with(format=index_cache.FORMAT - 1),
        _with(releases=[["1.0"]]),
        _with(releases=[["nonsense", "", "", 0, 0, ""]]),
        _with(releases=[["1.0", "", "", 0, 0, 7]]),
        _with(releases=7),
        _with(seconds=None),
    ],
)
def test_an_entry_that_cannot_be_read_is_as_if_not_there(
    index: Index, tmp_path: Path, broken: Callable[[Path], object]
) -> None:
    index.headers = {"Cache-Control": "max-age=600"}
    first = _ask(index, tmp_path)
    broken(_entry(tmp_path))
    assert _ask(index, tmp_path) == first
    assert len(index.asked) == 2
    assert _ask(index, tmp_path) == first
    assert len(index.asked) == 2


def test_a_folder_that_cannot_be_written_costs_only_time(index: Index, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")
    assert [_ask(index, taken).error for _ in range(2)] == ["", ""]
    assert len(index.asked) == 2


def test_two_users_of_an_index_do_not_share_and_no_password_is_kept(index: Index, tmp_path: Path) -> None:
    for user in ("one:canary", "two:canary", "one:canary2"):
        _ask(index, tmp_path, user)
    assert len(index.asked) == 2
    kept = [(str(path), path.read_text()) for path in tmp_path.rglob("*.json")]
    assert len(kept) == 2
    assert "canary" not in str(kept)


def test_the_oldest_entries_go_when_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = index_cache.shelf(tmp_path, origins.place("https://one.test/simple"))
    for number in range(20):
        shelf.keep(f"name{number}", index_cache.Said((_RELEASE,), 60))
        os.utime(shelf.folder / f"name{number}.json", (number, number))
    size = (shelf.folder / "name0.json").stat().st_size
    monkeypatch.setattr(index_cache, "LARGEST", 10 * size)
    index_cache.prune(tmp_path)
    assert {p.stem for p in tmp_path.rglob("*.json")} == {f"name{n}" for n in range(13, 20)}
    index_cache.prune(tmp_path)
    assert len(list(tmp_path.rglob("*.json"))) == 7


def test_many_at_once_leave_whole_entries(tmp_path: Path) -> None:
    names = [f"name{number}" for number in range(5)]
    shelf = index_cache.shelf(tmp_path, origins.place("https://one.test/simple"))
    said = index_cache.Said((_RELEASE,) * 200, 60, '"tag"', "yesterday")
    torn: list[object] = []

    def work(turn: int) -> None:
        for name in names * 20:
            if turn % 2:
                shelf.keep(name, said)
            elif (found := shelf.read(name)) and found != (said, True):
                torn.append(found)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert torn == []
    assert sorted(p.name for p in shelf.folder.iterdir()) == [f"{name}.json" for name in names]


def test_a_warm_start_of_five_hundred_names_asks_nobody(tmp_path: Path) -> None:
    place = origins.place("http://127.0.0.1:9/simple/")
    shelf = index_cache.shelf(tmp_path, place)
    names = [f"name{number}" for number in range(500)]
    for name in names:
        shelf.keep(name, index_cache.Said((_RELEASE,) * 60, 600))
    started = time.monotonic()
    found = indexes.answer(names, place.address, store=tmp_path)
    assert time.monotonic() - started < 3
    assert {answer.error for answer in found.values()} == {""}
