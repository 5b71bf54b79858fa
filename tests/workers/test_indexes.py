"""A package index that misbehaves on loopback: each fault stays with its package and is told in words."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from packaging.version import Version

from workers import indexes, listings

_QUICK = indexes.Limits(request=2.0, total=10.0, pause=0.0, body=200_000)
_JSON = indexes.MEDIA_TYPE


def _file(name: str, version: str, **more: object) -> dict[str, object]:
    return {
        "filename": f"{name.replace('-', '_')}-{version}-py3-none-any.whl",
        "url": "https://files.test/x",
        "hashes": {"sha256": f"{hash(version) % 10}" * 64},
        "upload-time": "2026-01-01T00:00:00.5Z",
        "requires-python": ">=3.9",
        **more,
    }


def _listing(name: str, *files: dict[str, object], **more: object) -> dict[str, object]:
    return {"meta": {"api-version": "1.4"}, "name": name, "files": list(files), **more}


class _Index(ThreadingHTTPServer):
    """An index whose answers are functions of its requests; it remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.lock = threading.Lock()
        self.busy = self.busiest = self.connections = self.mebibytes = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/simple/"

    def times(self, name: str) -> int:
        return sum(path == f"/simple/{name}/" for path, _ in self.asked)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Index

    def setup(self) -> None:
        super().setup()
        with self.server.lock:
            self.server.connections += 1

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.asked.append((self.path, dict(self.headers)))
            self.server.busy += 1
            self.server.busiest = max(self.server.busiest, self.server.busy)
        try:
            name = self.path.removeprefix("/simple/").strip("/")
            getattr(self, f"_{name.replace('-', '_').rstrip('0123456789')}", self._good)(name)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            with self.server.lock:
                self.server.busy -= 1

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name that the parent gives
        pass

    def _send(self, status: int, body: bytes = b"", media: str = _JSON, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def _good(self, name: str) -> None:
        self._send(200, json.dumps(_listing(name, _file(name, "1.0"), _file(name, "1.1"))).encode())

    def _missing(self, _: str) -> None:
        self._send(404)

    def _gone(self, _: str) -> None:
        self._send(410)

    def _secret(self, _: str) -> None:
        self._send(401)

    def _broken(self, _: str) -> None:
        self._send(500, b"<h1>oops</h1>", "text/html")

    def _tagged(self, name: str) -> None:
        if self.headers["If-None-Match"]:
            self.send_response(304)
            self.end_headers()
        else:
            self._send(200, json.dumps(_listing(name, _file(name, "1.0"))).encode(), ETag='"one"')

    def _flaky(self, name: str) -> None:
        if self.server.times(name) == 1:
            self._send(503)
        else:
            self._good(name)

    def _slow(self, _: str) -> None:
        time.sleep(3)

    def _cut(self, name: str) -> None:
        self._send(200, json.dumps(_listing(name, _file(name, "1.0"))).encode()[:-20])

    def _short(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", _JSON)
        self.send_header("Content-Length", "5000")
        self.end_headers()
        self.wfile.write(b"{")
        self.close_connection = True

    def _html(self, _: str) -> None:
        self._send(200, b"<html></html>", "text/html; charset=utf-8")

    def _text(self, _: str) -> None:
        self._send(200, b"{}", "text/plain")

    def _newer(self, name: str) -> None:
        self._send(200, json.dumps(_listing(name, meta={"api-version": "2.0"})).encode())

    def _huge(self, name: str) -> None:
        self._send(200, json.dumps(_listing(name, padding="x" * 300_000)).encode())

    def _endless(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", _JSON)
        self.end_headers()
        for _turn in range(1000):
            self.wfile.write(b" " * 10_000)
        self.close_connection = True

    def _enormous(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", _JSON)
        self.end_headers()
        for _turn in range(200):
            self.wfile.write(b" " * 1024 * 1024)
            self.server.mebibytes += 1
        self.close_connection = True

    def _drip(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", _JSON)
        self.end_headers()
        for _turn in range(30):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.1)
        self.close_connection = True

    def _deep(self, _: str) -> None:
        self._send(200, b"[" * 100_000)

    def _list(self, _: str) -> None:
        self._send(200, b"[]")

    def _other(self, _: str) -> None:
        self._send(200, json.dumps(_listing("another")).encode())

    def _quarantined(self, name: str) -> None:
        status = {"status": "quarantined", "reason": "\x1b[31m@everyone"}
        self._send(200, json.dumps(_listing(name, _file(name, "1.0"), **{"project-status": status})).encode())

    def _archived(self, name: str) -> None:
        status = {"status": "archived"}
        self._send(200, json.dumps(_listing(name, _file(name, "1.0"), **{"project-status": status})).encode())

    def _moved(self, _: str) -> None:
        self._send(301, Location="/simple/plain/")

    def _abroad(self, _: str) -> None:
        self._send(302, Location="https://evil.test/simple/abroad/?token=[31m")

    def _metadata(self, _: str) -> None:
        self._send(302, Location="http://169.254.169.254/latest/")

    def _port(self, _: str) -> None:
        self._send(302, Location="http://127.0.0.1:9/simple/")

    def _files(self, _: str) -> None:
        self._send(302, Location="file:///etc/passwd")

    def _circle(self, _: str) -> None:
        self._send(302, Location="/simple/circle/")


@pytest.fixture
def index() -> Iterator[_Index]:
    server = _Index()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


_FAULTS = {
    "missing": "the index does not know it (404)",
    "gone": "the index says that it is gone (410)",
    "secret": "the index refuses access (401): "
    "check the credentials in KOTSU_INDEX_URL and KOTSU_EXTRA_INDEX_URLS",
    "broken": "the index failed (500)",
    "slow": "the index did not answer within 2 s",
    "drip": "the index did not answer within 2 s",
    "cut": "the index's answer is cut short or no JSON",
    "short": "the index cannot be reached (RemoteProtocolError)",
    "deep": "the index's answer is cut short or no JSON",
    "html": "the index's page lists no files of it",
    "text": "the index answered with text/plain instead of a list of files",
    "newer": "the index speaks a newer version of its language than is known here",
    "huge": "the index's answer is larger than 195 KiB",
    "endless": "the index's answer is larger than 195 KiB",
    "list": "the index's answer has no list of files",
    "other": "the index answered for another name",
    "quarantined": "the index keeps it in quarantine",
    "abroad": "the index redirects to https://evil.test, which is refused",
    "metadata": "the index redirects to http://169.254.169.254, which is refused",
    "port": "the index redirects to http://127.0.0.1:9, which is refused",
    "files": "the index redirects to file:, which is refused",
    "circle": "the index redirects in circles",
}


def test_every_fault_stays_with_its_package(index: _Index) -> None:
    names = [*_FAULTS, "good", "archived"]
    answers = indexes.answer(names, index.address, limits=_QUICK)
    assert {name: answers[name].error for name in _FAULTS} == _FAULTS
    assert all(answers[name].releases == () for name in _FAULTS)
    assert [answers[name].error for name in ("good", "archived")] == ["", ""]
    assert [r.version for r in answers["good"].releases] == [Version("1.0"), Version("1.1")]


def test_a_redirect_on_the_index_itself_is_followed(index: _Index) -> None:
    answer = indexes.answer(["moved"], index.address, limits=_QUICK)["moved"]
    assert answer.error == "the index answered for another name"
    assert index.times("plain") == 1


def test_only_what_may_pass_is_asked_again(index: _Index) -> None:
    limits = indexes.Limits(pause=0.0)
    answers = indexes.answer(["broken", "missing", "html", "flaky"], index.address, limits=limits)
    assert answers["flaky"].error == ""
    assert [index.times(n) for n in ("broken", "missing", "html", "flaky")] == [2, 1, 1, 2]


def test_credentials_go_to_the_index_alone_and_are_shown_nowhere(index: _Index) -> None:
    address = index.address.replace("http://", "http://me:can%40ary@")
    answers = indexes.answer(["good", "secret", "abroad"], address, limits=_QUICK)
    assert index.asked[0][1]["Authorization"] == "Basic bWU6Y2FuQGFyeQ=="
    assert answers["good"].index == index.address
    assert "can" not in "".join(f"{a.error}{a.index}" for a in answers.values()).replace("cannot", "")


def test_a_name_that_is_none_never_reaches_an_address(index: _Index) -> None:
    names = ["../../etc", "a/b", "A", "a b", "", "a" * 200, "a%2f", "-a", "é", "a\n"]
    answers = indexes.answer(names, index.address, limits=_QUICK)
    assert {a.error for a in answers.values()} == {"it is no name of a distribution"}
    assert index.asked == []


def test_an_answer_without_use_leaves_its_connection_usable(index: _Index, tmp_path: Path) -> None:
    names = [f"{kind}{number}" for kind in ("missing", "moved", "tagged") for number in range(20)]
    limits = indexes.Limits(connections=2)
    for _ in range(2):
        index.connections = 0
        indexes.answer(names, index.address, limits=limits, store=tmp_path)
        assert index.connections <= 2
    assert index.times("tagged7") == 2


def test_many_names_share_few_connections(index: _Index) -> None:
    names = [f"name-{n}" for n in range(60)]
    answers = indexes.answer(names, index.address, limits=indexes.Limits(connections=4))
    assert all(not a.error for a in answers.values())
    assert index.busiest <= 4
    assert len(index.asked) == 60


def test_a_slow_index_costs_no_more_than_the_deadline(index: _Index) -> None:
    limits = indexes.Limits(connections=2, request=2.0, total=0.5, pause=0.0)
    started = time.monotonic()
    answers = indexes.answer([*(f"slow{n}" for n in range(20)), "good"], index.address, limits=limits)
    assert time.monotonic() - started < 2
    assert "too slow" in answers["slow19"].error
    assert answers["good"].error == ""


def test_a_page_of_200_mb_is_not_read_to_its_end(index: _Index) -> None:
    answers = indexes.answer(["enormous", "good"], index.address)
    assert answers["enormous"].error == "the index's answer is larger than 20480 KiB"
    assert answers["good"].error == ""
    assert index.mebibytes < 40


def test_two_thousand_names_on_a_slow_index_end_at_the_deadline(index: _Index) -> None:
    limits = indexes.Limits(request=2.0, total=0.5, pause=0.0)
    started = time.monotonic()
    answers = indexes.answer([f"slow{n}" for n in range(2_000)], index.address, limits=limits)
    assert time.monotonic() - started < 4
    assert len(answers) == 2_000
    assert all(answer.error for answer in answers.values())


def test_a_slow_index_keeps_no_other_repository_waiting(index: _Index, tmp_path: Path) -> None:
    slow = [f"slow{n}" for n in range(100)]
    limits = indexes.Limits(request=2.0, total=2.0, pause=0.0)
    waiting = threading.Thread(
        target=indexes.answer, args=(slow, index.address), kwargs={"limits": limits, "store": tmp_path}
    )
    waiting.start()
    answer = indexes.answer(["good"], index.address, limits=limits, store=tmp_path)["good"]
    assert answer.error == ""
    assert waiting.is_alive()
    waiting.join()


def test_an_index_that_is_not_there_is_an_error_for_each_name() -> None:
    answers = indexes.answer(["a", "b"], "http://127.0.0.1:9/simple/", limits=_QUICK)
    assert {a.error for a in answers.values()} == {"the index cannot be reached (ConnectError)"}


def test_no_name_is_no_request() -> None:
    assert indexes.answer([], "http://127.0.0.1:9/simple/") == {}


def test_what_a_listing_says_is_believed_only_where_it_can_be_checked() -> None:
    files = [
        _file("a-b", "1.0") | {"filename": "a_b-1.0.tar.gz"},
        _file("a-b", "1.0") | {"filename": "A.B-1.0-py3-none-any.whl", "upload-time": "2026-02-01T00:00:00Z"},
        _file("a-b", "2.0", **{"requires-python": ">=3 \x1b[31m"}),
        _file("a-b", "3.0", **{"upload-time": "yesterday"}),
        _file("a-b", "4.0", yanked="bad"),
        _file("a-b", "5.0", hashes={"sha256": "<script>"}),
        _file("a-b", "nonsense"),
        _file("other", "9.0"),
        {"filename": 7},
        "no file",
    ]
    found = {str(r.version): r for r in listings.read(_listing("a-b") | {"files": files}, "a-b")}
    assert list(found) == ["1.0", "2.0", "3.0", "4.0", "5.0"]
    assert found["1.0"].uploaded == "2026-02-01T00:00:00Z"
    assert (found["2.0"].requires_python, found["3.0"].uploaded) == ("unreadable", "")
    assert (found["4.0"].yanked, found["5.0"].hashes) == (True, ())


def test_a_release_is_yanked_only_when_all_its_files_are() -> None:
    files = [
        _file("a", "1.0", yanked=True, **{"requires-python": ">=4"}),
        _file("a", "1.0", yanked=False) | {"filename": "a-1.0.tar.gz"},
    ]
    (release,) = listings.read(_listing("a", *files), "a")
    assert (release.yanked, release.wheel, release.requires_python) == (False, False, ">=3.9")


@pytest.mark.index
def test_the_real_index_answers() -> None:
    answer = indexes.answer(["packaging"])["packaging"]
    assert answer.error == ""
    assert Version("24.0") in [r.version for r in answer.releases]
