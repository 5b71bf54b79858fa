"""A request that stops in the middle is none: its sender was killed, and nobody answers the dead."""

from __future__ import annotations

import socket

import pytest

from demo.loopback import Answer, Loopback, Request

_CHUNKED = b"POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"


def _spoken(sent: bytes, *, hang_up: bool = True) -> tuple[list[Request], bytes]:
    """Send some bytes and no more; return what was handled as a request, and what came back."""
    handled: list[Request] = []

    def answer(request: Request) -> Answer:
        handled.append(request)
        return Answer(body=b"said")

    with Loopback(answer) as server:
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(sent)
            if hang_up:
                connection.shutdown(socket.SHUT_WR)
            said = b"".join(iter(lambda: connection.recv(4096), b""))
    return handled, said


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\n", id="before the body"),
        pytest.param(b"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nfour", id="within the body"),
        pytest.param(_CHUNKED, id="before the first chunk"),
        pytest.param(_CHUNKED + b"5", id="within a chunk's size"),
        pytest.param(_CHUNKED + b"5\r\n", id="before a chunk"),
        pytest.param(_CHUNKED + b"5\r\nfour", id="within a chunk"),
        pytest.param(_CHUNKED + b"5\r\nwhole", id="before the end of a chunk"),
        pytest.param(_CHUNKED + b"5\r\nwhole\r\n", id="before the next chunk"),
        pytest.param(_CHUNKED + b"5\r\nwhole\r\n0\r\n", id="before the last line"),
        pytest.param(b"POST /a HTTP/1.1\r\nContent-Le", id="within a header"),
        pytest.param(b"POST /a HTTP/1.1\r\nContent-Length: 5\r\n", id="before the empty line"),
        pytest.param(b"POST /a HT", id="within the first line"),
    ],
)
def test_a_request_that_was_cut_is_not_handled(sent: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    assert _spoken(sent) == ([], b"")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /a HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST /a HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        _CHUNKED + b"many\r\n",
        _CHUNKED + b"-1\r\n",
    ],
)
def test_a_length_that_is_none_ends_the_connection(sent: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    assert _spoken(sent, hang_up=False) == ([], b"")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nwhole",
        _CHUNKED + b"2\r\nwh\r\n3;x=y\r\nole\r\n0\r\nSome: trailer\r\n\r\n",
    ],
)
def test_whole_requests_on_one_connection_are_all_handled(sent: bytes) -> None:
    handled, said = _spoken(sent + b"GET /c HTTP/1.1\r\n\r\n")
    assert [(r.method, r.body) for r in handled] == [("POST", b"whole"), ("GET", b"")]
    assert said.count(b"said") == 2


def test_a_whole_request_before_one_that_was_cut_is_handled() -> None:
    handled, said = _spoken(b"GET /c HTTP/1.1\r\n\r\nPOST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\n")
    assert [r.path for r in handled] == ["/c"]
    assert said.count(b"said") == 1
