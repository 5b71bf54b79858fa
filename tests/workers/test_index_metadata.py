"""What single releases say of themselves: asked of the index, found where it says, never with its secrets."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from packaging.version import Version

from demo.index import CONTENT_TYPE, LocalIndex
from demo.loopback import Answer, Loopback, Request, Wire
from workers import index_metadata, indexes
from workers.described import Described
from workers.index_metadata import Limits, Wanted

ONE, TWO = Version("1.0"), Version("2.0")
WHEEL = "shelf-1.0-py3-none-any.whl"
SAID = b"Metadata-Version: 2.1\nName: shelf\nVersion: 1.0\nRequires-Dist: oak>=1\n"


def named(host: str) -> bool:
    return host == "127.0.0.1"


def ask(
    url: str, *versions: Version, limits: Limits | None = None, store: Path | None = None, **more: object
) -> dict[Version, Described]:
    parts = urlsplit(url)
    address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    wanted = Wanted("shelf", str(more.pop("index", address)), versions or (ONE,))
    found = index_metadata.answer([wanted], (url,), limits=limits, store=store, **more)  # type: ignore[arg-type]  # handed on
    return {version: said for (_, version), said in found.items()}


@pytest.fixture
def index() -> Iterator[LocalIndex]:
    with LocalIndex({}) as found:
        found.release("shelf", "1.0", requires=["oak>=1"])
        found.release("shelf", "2.0", tags=["cp313-cp313-win32"], says=["Home-page: https://github.com/o/r"])
        yield found


def test_each_release_says_what_it_needs_and_has(index: LocalIndex) -> None:
    found = ask(index.url, ONE, TWO)
    assert found[ONE] == Described((WHEEL,), ("oak>=1",))
    assert found[TWO].wheels == ("shelf-2.0-cp313-cp313-win32.whl",)
    assert found[TWO].addresses == ("https://github.com/o/r",)
    assert [r.path for r in index.requests if r.path.startswith("/simple")] == ["/simple/shelf/"]


def test_a_page_for_people_does_as_well() -> None:
    with LocalIndex({}, old=True) as index:
        index.release("shelf", "1.0", requires=["oak>=1"])
        assert ask(index.url)[ONE].requires == ("oak>=1",)


def test_an_answer_is_kept_for_an_hour(index: LocalIndex, tmp_path: Path) -> None:
    first = ask(index.url, ONE, store=tmp_path)
    asked = len(index.requests)
    assert ask(index.url, ONE, store=tmp_path) == first
    assert len(index.requests) == asked
    (kept,) = tmp_path.glob("*/*.json")
    for moment in (time.time() - 3700, time.time() + 3700):
        os.utime(kept, (moment, moment))
        asked = len(index.requests)
        assert ask(index.url, ONE, store=tmp_path) == first
        assert len(index.requests) == asked + 2


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format":0}', '{"format":1,"wheels":7}', "\x00", "[" * 9999]
)
def test_a_spoiled_entry_is_as_if_not_there(index: LocalIndex, tmp_path: Path, text: str) -> None:
    first = ask(index.url, ONE, store=tmp_path)
    (kept,) = tmp_path.glob("*/*.json")
    kept.write_text(text)
    assert ask(index.url, ONE, store=tmp_path) == first


def test_a_store_that_cannot_be_written_costs_nothing(index: LocalIndex, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert ask(index.url, ONE, store=tmp_path / "file")[ONE].requires == ("oak>=1",)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda i: i.fail("/simple/", 500),
        lambda i: i.fail("/files/", 404),
        lambda i: i.truncate("/simple/"),
        lambda i: i.reset("/simple/"),
        lambda i: i.speak_html("/simple/"),
        lambda i: i.redirect("/simple/", "https://example.com/simple/shelf/"),
        lambda i: i.redirect("/simple/", f"{i.url}shelf/", times=9),
        lambda i: i.redirect("/files/", "http://169.254.169.254/x"),
        lambda i: i.redirect("/files/", "https://127.0.0.1:9/x"),
        lambda i: i.redirect("/files/", "file:///etc/passwd"),
        lambda i: i.redirect("/files/", "https://user@example.com/x"),
        lambda i: i.delay("/files/", 2),
    ],
)
def test_what_goes_wrong_leaves_a_release_out(index: LocalIndex, spoil: Callable[[LocalIndex], None]) -> None:
    spoil(index)
    assert ask(index.url, limits=Limits(request=0.5)).get(ONE, Described()).requires is None


def test_an_index_that_is_not_the_operators_is_not_asked(index: LocalIndex) -> None:
    assert ask(index.url, index="https://pypi.example.com/simple/") == {}
    assert index.requests == []


def test_what_is_too_large_is_not_read(index: LocalIndex) -> None:
    assert ask(index.url, limits=Limits(metadata=10)) == {}
    assert ask(index.url, limits=Limits(listing=indexes.Limits(body=10))) == {}


def test_what_takes_too_long_is_given_up(index: LocalIndex) -> None:
    index.delay("/simple/", 1)
    assert ask(index.url, limits=Limits(total=0.2)) == {}


# --- files on other hosts


@pytest.fixture
def elsewhere() -> Iterator[tuple[Loopback, list[Request]]]:
    """Another host, which has one file's metadata."""
    asked: list[Request] = []

    def answer(request: Request) -> Answer:
        asked.append(request)
        return (
            Answer(200, SAID) if request.path.endswith(f"{WHEEL}.metadata") else Answer(404, wire=Wire.WHOLE)
        )

    with Loopback(answer) as server:
        yield server, asked


def _listing(
    asked: list[Request], url: str, core: object = "yes", name: str = WHEEL
) -> Callable[[Request], Answer]:
    file = {"filename": name, "hashes": {}, "url": url, "core-metadata": core}
    body = json.dumps({"meta": {"api-version": "1.1"}, "name": "shelf", "files": [file]}).encode()

    def answer(request: Request) -> Answer:
        asked.append(request)
        return Answer(200, body, {"Content-Type": CONTENT_TYPE})

    return answer


def test_a_file_on_another_host_is_fetched_without_credentials(
    elsewhere: tuple[Loopback, list[Request]],
) -> None:
    host, there = elsewhere
    here: list[Request] = []
    with Loopback(_listing(here, f"{host.url}/{WHEEL}#sha256=0")) as index:
        url = index.url.replace("://", "://ada:secret@") + "/simple/"
        assert ask(url, allowed=named)[ONE].requires == ("oak>=1",)
    assert base64.b64decode(here[0].headers["authorization"].removeprefix("Basic ")) == b"ada:secret"
    assert ["authorization" in r.headers for r in there] == [False]


def test_a_file_on_a_private_host_that_nobody_named_is_not_fetched(
    elsewhere: tuple[Loopback, list[Request]],
) -> None:
    host, there = elsewhere
    for url in (host.url, host.url.replace("http:", "https:")):
        with Loopback(_listing([], f"{url}/{WHEEL}")) as index:
            assert ask(f"{index.url}/simple/") == {}
    assert there == []


@pytest.mark.parametrize(
    ("core", "known"),
    [
        (True, True),
        ({"sha256": hashlib.sha256(SAID).hexdigest()}, True),
        ({"sha256": "0" * 64}, False),
        ({}, True),
        (False, False),
        (None, True),
    ],
)
def test_metadata_is_what_the_index_says_it_is(
    elsewhere: tuple[Loopback, list[Request]], core: object, *, known: bool
) -> None:
    with Loopback(_listing([], f"{elsewhere[0].url}/{WHEEL}", core)) as index:
        found = ask(f"{index.url}/simple/", allowed=named)[ONE]
    assert (found.requires is not None, found.wheels) == (known, (WHEEL,))


def test_metadata_that_is_not_promised_may_be_missing(elsewhere: tuple[Loopback, list[Request]]) -> None:
    with Loopback(_listing([], f"{elsewhere[0].url}/{WHEEL}?moved", None)) as index:
        assert ask(f"{index.url}/simple/", allowed=named) == {ONE: Described((WHEEL,))}
    with Loopback(_listing([], f"{elsewhere[0].url}/{WHEEL}?moved")) as index:
        assert ask(f"{index.url}/simple/", allowed=named) == {}


@pytest.mark.parametrize(
    "name",
    [
        "shelf-1.0.tar.gz",
        "shelf-1.0.whl",
        "other-1.0-py3-none-any.whl",
        "shelf-2.0-py3-none-any.whl",
        f"shelf-1.0-{'9' * 300}-py3-none-any.whl",
    ],
)
def test_a_file_that_is_no_wheel_of_the_release_does_not_count(name: str) -> None:
    with Loopback(_listing([], "x", name=name)) as index:
        assert ask(f"{index.url}/simple/")[ONE] == Described()
