"""A small HTTP server on the loopback interface, for stand-ins that must also misbehave on the wire."""

from __future__ import annotations

import io
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent; header names are lower case, ``path`` is unquoted and without the query."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def parameters(self) -> dict[str, str]:
        """Return the query as a mapping; of a repeated parameter the last one counts."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


class Wire(Enum):
    """How an answer travels."""

    WHOLE = "as it should"
    CUT = "half of the body, then the connection is closed"
    RESET = "the connection is closed without an answer"


@dataclass(slots=True)
class Answer:
    """What a stand-in says; a Content-Length is added on the way out."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wire: Wire = Wire.WHOLE


class Loopback:
    """A server on 127.0.0.1 and a free port that answers each request, in a thread, with ``answer``."""

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.answer = answer
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def sent(self) -> int:
        """Return the bytes of all bodies so far."""
        return self._server.sent

    def start(self) -> None:
        """Begin to answer; connections made before are waiting in the socket's queue."""
        self._thread.start()

    def stop(self) -> None:
        """Close the socket and every connection that is still open."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.hang_up()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


class _Server(ThreadingHTTPServer):
    """The standard library's server, with a longer queue and a memory of its open connections."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    answer: Callable[[Request], Answer]

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        self.sent, self.counting = 0, threading.Lock()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 -- the base's types
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 -- the base's types
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Close the connections that clients keep alive, so that nothing outlives the server."""
        for connection in tuple(self._open):
            self._open.discard(connection)
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that went away; show everything else."""
        import sys  # noqa: PLC0415 -- needed only when something went wrong

        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # the base's types


class _Whole(io.BufferedReader):
    """What a client sends, whole or not at all: one that is killed leaves half a request behind, or none."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return exactly as many bytes; ConnectionError where fewer come."""
        if len(data := super().read(size)) != size:
            raise ConnectionError("the body ends too early")
        return data

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return a line with its end; ConnectionError where it has none."""
        if not (line := super().readline(size)).endswith(b"\n"):
            raise ConnectionError("the head ends too early")
        return line


class _Handler(BaseHTTPRequestHandler):
    """One connection; HTTP/1.1 with keep-alive, each answer written at once."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        """Read from the connection only what is whole."""
        super().setup()
        self.rfile = _Whole(self.rfile.detach())

    def handle_one_request(self) -> None:
        """Read one request, hand it on and write the answer."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.parse_request():
            return
        target = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, unquote(target.path), target.query, headers, self._body(headers))
        self._write(self.server.answer(request))

    def _body(self, headers: Mapping[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(_size(headers.get("content-length", "0"), 10))
        chunks = []
        while size := _size(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(chunks)

    def _write(self, answer: Answer) -> None:
        if answer.wire is not Wire.WHOLE:
            self.close_connection = True
        if answer.wire is Wire.RESET:
            # Closing with a linger of nought seconds sends RST, as a proxy that dies would.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        lines = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        if answer.status not in (204, 304):
            lines.append(f"Content-Length: {len(answer.body)}")
        body = answer.body[: len(answer.body) // 2] if answer.wire is Wire.CUT else answer.body
        with self.server.counting:
            self.server.sent += len(body)
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        self.wfile.write(head if self.command == "HEAD" else head + body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
        """Write no access log: whoever answers keeps what it wants to remember."""


def _size(said: str | bytes, radix: int) -> int:
    """Return how many bytes follow; ConnectionError where that is no number of bytes."""
    try:
        size = int(said, radix)
    except ValueError:
        size = -1
    if size < 0:
        raise ConnectionError("a length that is none")
    return size
