"""An index in front of the index: it shows what a tool may take, and nothing that would be built."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator, Mapping

import httpx
import pytest
from packaging.version import Version

from demo.index import LocalIndex
from workers import html_listings, indexes, origins
from workers.lockers import entries, stand_ins, verbatim, view
from workers.lockers.view import Rules
from workers.sandbox import NoAnswerError

JSON = {"Accept": indexes.MEDIA_TYPE}


@pytest.fixture
def index() -> Iterator[LocalIndex]:
    with LocalIndex({}) as index:
        for version in ("1.0", "1.1", "2.0"):
            index.release("shelf", version)
        index.release("shelf", "2.1", wheel=False)
        yield index


def shown(index: LocalIndex, rules: Rules, name: str = "shelf") -> list[str]:
    """Return the names of the files that a view shows."""
    with view.opened(lambda n: indexes.page(n, origins.places([index.url])), rules) as seen:
        answer = httpx.get(f"{seen.address}{name}/", headers=JSON)
    return [f["filename"] for f in answer.json()["files"]] if answer.status_code == 200 else []


def test_what_would_have_to_be_built_is_not_shown(index: LocalIndex) -> None:
    assert {name.split("-")[1].removesuffix(".tar.gz") for name in shown(index, Rules())} == {
        "1.0",
        "1.1",
        "2.0",
    }


def test_of_what_moves_only_that_version_is_shown(index: LocalIndex) -> None:
    rules = Rules({"shelf": {Version("1.0"): ["shelf-1.0.tar.gz"]}}, {"shelf": Version("1.1")})
    assert shown(index, rules) == ["shelf-1.1.tar.gz", "shelf-1.1-py3-none-any.whl"]
    assert shown(index, Rules({}, {"shelf": Version("2.1")})) == []


def test_what_was_uploaded_to_a_locked_release_later_is_not_shown(index: LocalIndex) -> None:
    rules = Rules({"shelf": {Version("1.0"): ["shelf-1.0-py3-none-any.whl"]}})
    assert [n for n in shown(index, rules) if "-1.0" in n] == ["shelf-1.0-py3-none-any.whl"]
    digest = next(f for f in index.projects["shelf"]["files"] if f["filename"] == "shelf-1.0.tar.gz")
    by_digest = Rules({"shelf": {Version("1.0"): [digest["hashes"]["sha256"]]}}, strict=True)
    assert shown(index, by_digest) == ["shelf-1.0.tar.gz"]


def test_a_stand_in_is_shown_and_can_be_fetched(index: LocalIndex) -> None:
    name, wheel = stand_ins.wheel("shelf", "2.1", ["plank==1.0"])
    rules = Rules({"shelf": {Version("2.1"): ["shelf-2.1.tar.gz"]}}, {}, {name: wheel}, strict=True)
    with view.opened(lambda n: indexes.page(n, origins.places([index.url])), rules) as seen:
        files = httpx.get(f"{seen.address}shelf/", headers=JSON).json()["files"]
        assert [f["filename"] for f in files] == ["shelf-2.1.tar.gz", name]
        assert httpx.get(files[1]["url"]).content == wheel
        assert httpx.get(files[0]["url"]).status_code == 404
        assert seen.real(files[0]["url"].encode()) == b"%s" % _url(index, "shelf-2.1.tar.gz").encode()


def test_a_name_is_asked_for_as_indexes_write_it(index: LocalIndex) -> None:
    rules = Rules({}, {"shelf": Version("1.1")})
    assert shown(index, rules, "Shelf") == ["shelf-1.1.tar.gz", "shelf-1.1-py3-none-any.whl"]
    asked = len(index.requests)
    assert shown(index, rules, "%2e%2e") == []
    assert len(index.requests) == asked


def test_an_index_that_fails_is_no_refusal(index: LocalIndex) -> None:
    index.fail("/simple/shelf/", 503, times=2)
    with view.opened(lambda n: indexes.page(n, origins.places([index.url])), Rules()) as seen:
        assert httpx.get(f"{seen.address}shelf/").status_code == 502
        with pytest.raises(NoAnswerError, match="the index gave no answer"):
            seen.check("pdm.lock")


def _url(index: LocalIndex, filename: str) -> str:
    files = indexes.page("shelf", origins.places([index.url])) or ()
    return str(next(f["url"] for f in files if f["filename"] == filename))


def test_a_page_for_tools_that_read_no_json_says_the_same(index: LocalIndex) -> None:
    index.release("shelf", "2.2", requires_python=">=3.9,<4", yanked='it "breaks" <b>')
    with view.opened(lambda n: indexes.page(n, origins.places([index.url])), Rules()) as seen:
        page = httpx.get(f"{seen.address}shelf/").text
        said = httpx.get(f"{seen.address}shelf/", headers=JSON).json()["files"]
    told = html_listings.read(page, "shelf")["files"]
    assert isinstance(told, list)
    assert [(f["filename"], f["requires-python"], f["yanked"]) for f in told] == [
        (f["filename"], f["requires-python"], bool(f["yanked"])) for f in said
    ]
    assert [f["hashes"] for f in told] == [f["hashes"] for f in said]


def test_an_unknown_name_a_failing_index_and_a_wrong_path_are_errors(index: LocalIndex) -> None:
    index.fail("/simple/broken/", times=9)
    with view.opened(lambda n: indexes.page(n, origins.places([index.url])), Rules()) as seen:
        assert httpx.get(f"{seen.address}unknown/", headers=JSON).status_code == 404
        assert httpx.get(f"{seen.address}broken/", headers=JSON).status_code == 502
        assert httpx.get(f"{seen.root}/simple/").status_code == 404
        assert httpx.get(f"{seen.root[:-1]}/simple/shelf/").status_code == 404
        assert httpx.head(f"{seen.address}shelf/", headers=JSON).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(seen.address)


def test_a_tool_that_goes_away_is_no_news(index: LocalIndex, capfd: pytest.CaptureFixture[str]) -> None:
    def slow(name: str) -> indexes.Page | None:
        asked.set()
        gone.wait(20)
        return indexes.page(name, origins.places([index.url]))

    asked, gone = threading.Event(), threading.Event()
    with view.opened(slow, Rules()) as seen:
        host, _, path = seen.address.removeprefix("http://").partition("/")
        with socket.create_connection(tuple(host.split(":"))) as connection:
            connection.sendall(f"GET /{path}shelf/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert asked.wait(20)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        gone.set()
        assert httpx.get(f"{seen.address}shelf/", headers=JSON).status_code == 200
    assert capfd.readouterr().err == ""


HOSTILE_POETRY = {
    "a path": 'shelf = {path = "../../etc"}',
    "a repository": 'shelf = {git = "https://127.0.0.1/x"}',
    "an address": 'shelf = {url = "http://127.0.0.1/x.whl"}',
    "a list": 'shelf = [{version = "1"}, {file = "x.whl"}]',
    "another index": 'shelf = {version = "1", source = "mine"}',
}


@pytest.mark.parametrize("line", HOSTILE_POETRY.values(), ids=HOSTILE_POETRY)
@pytest.mark.parametrize("table", ["dependencies", "dev-dependencies", "group.dev.dependencies"])
def test_what_leads_out_of_poetry_s_index_is_refused(line: str, table: str) -> None:
    with pytest.raises(NoAnswerError, match="does not come from the index"):
        verbatim.for_poetry("pyproject.toml", f"[tool.poetry.{table}]\n{line}\n".encode())


@pytest.mark.parametrize(
    "text",
    [
        '[project]\ndependencies = ["shelf @ file:///etc/passwd"]\n',
        '[project]\noptional-dependencies.x = ["shelf @ git+https://127.0.0.1/x"]\n',
        '[dependency-groups]\nx = ["shelf @ http://127.0.0.1/x.whl"]\n',
        '[project]\ndynamic = ["dependencies"]\n',
        '[tool.pdm.dev-dependencies]\nx = ["-e file:///tmp/x"]\n',
        '[tool.pdm.resolution.overrides]\nshelf = "file:///etc/passwd"\n',
        '[tool.pdm.resolution]\nhook = "x"\n',
        '[[tool.pdm.source]]\nurl = "http://127.0.0.1/"\n',
    ],
)
def test_what_leads_out_of_pdm_s_index_is_refused(text: str) -> None:
    with pytest.raises(NoAnswerError):
        verbatim.for_pdm("pyproject.toml", text.encode())


@pytest.mark.parametrize(
    "text",
    [
        '[packages]\nshelf = {path = "."}\n',
        '[packages]\nshelf = {editable = true, version = "*"}\n',
        '[packages]\nshelf = "git+https://127.0.0.1/x"\n',
        '[[source]]\nurl = "https://127.0.0.1/simple"\n',
        '[[source]]\nurl = "https://${HOST}/simple"\n',
    ],
)
def test_what_leads_out_of_pipenv_s_index_is_refused(text: str) -> None:
    with pytest.raises(NoAnswerError):
        verbatim.for_pipenv("Pipfile", text.encode())


def test_of_a_project_nothing_is_left_that_runs() -> None:
    text = (
        b'[build-system]\nrequires = ["evil"]\nbuild-backend = "evil"\nbackend-path = ["."]\n'
        b'[project]\nname = "shop"\nversion = "1"\ndependencies = ["shelf>=1"]\n'
        b'[project.scripts]\nx = "evil:x"\n'
        b'[tool.poetry.build]\nscript = "evil.py"\n[tool.poetry.requires-plugins]\nevil = "*"\n'
        b'[tool.pdm.scripts]\npre_lock = "evil"\n[tool.pdm.options]\nlock = ["--evil"]\n'
        b'plugins = ["evil"]\n[tool.pdm.version]\nsource = "call"\ngetter = "evil:x"\n'
    )
    for made in (verbatim.for_poetry("pyproject.toml", text), verbatim.for_pdm("pyproject.toml", text)):
        assert b"evil" not in made
        assert b"shelf>=1" in made


LOCK = b"""\
# This file is automatically @generated by Poetry 2.2.1 and should not be changed by hand.

[[package]]
name = "plank"
version = "1.0"
files = []

[package.extras]
x = ["y"]

[[package]]
name = "Shelf"
version = "1.0"
files = [{file = "shelf-1.0.tar.gz", hash = "sha256:00"}]

[extras]
all = ["plank"]

[metadata]
content-hash = "0"
"""


def test_a_lock_file_is_cut_at_its_entries_and_put_together_again() -> None:
    cut = entries.parsed(LOCK, _nothing)
    assert b"".join(cut.texts) == LOCK
    assert cut.without(()) == LOCK
    assert cut.without({"plank"}) == LOCK.replace(
        LOCK[LOCK.index(b"[[p") : LOCK.index(b'[[package]]\nname = "S')], b""
    )
    assert cut.locked() == {"plank": {Version("1.0"): []}, "shelf": {Version("1.0"): ["shelf-1.0.tar.gz"]}}
    assert list(cut.wheels()) == ["shelf-1.0-py3-none-any.whl"]
    assert cut.restored(LOCK.replace(b"shelf-1.0.tar.gz", b"shelf-1.0-py3-none-any.whl")) == LOCK


@pytest.mark.parametrize(
    "text",
    [
        b"package = [{name = 'x', version = '1'}]\n",
        b"[[package]]\nname = 'x'\n",
        b"[[package]] # x\nname = 'x'\nversion = '1'\n",
    ],
)
def test_a_lock_file_that_cannot_be_cut_is_refused(text: bytes) -> None:
    with pytest.raises(NoAnswerError):
        entries.parsed(text, _nothing)


def _nothing(_: Mapping[str, object]) -> list[tuple[str, str]]:
    return []
