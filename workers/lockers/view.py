"""What a tool sees of the package indexes: of each name the files that it may take, and stand-ins.

Tools that lock have options of their own for what must not be built, what is too new and what moves where,
or none at all. All of them ask an index, so the index is where it is decided: a server on the loopback
interface that passes on what the real one says, less what must not be taken.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import secrets
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from packaging.utils import canonicalize_name
from packaging.version import Version

from workers import listings
from workers.indexes import PageError
from workers.listings import Page
from workers.sandbox import NoAnswerError

File = Mapping[str, object]
Pages = Callable[[str], Page | None]
"""The files that an index lists of a name, None where it does not know it; PageError if it fails."""

_JSON = "application/vnd.pypi.simple.v1+json"
_HTML = "text/html; charset=utf-8"
_SOURCES = "/sources/"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?")


@dataclass(frozen=True)
class View:
    """An index that shows what the rules allow: its ``address``, and what it has said of source archives.

    ``failures`` are the sentences of what is behind it and gave no answer: no tool tells that from a refusal.
    """

    address: str
    root: str
    sources: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def check(self, path: str) -> None:
        """Raise NoAnswerError if a tool has written a lock file without an answer that it asked for."""
        if self.failures:
            raise NoAnswerError(f"the index gave no answer for `{path}`: {self.failures[0]}")

    def real(self, data: bytes) -> bytes:
        """Return a text with the real addresses of source archives."""
        hidden = re.escape(f"{self.root}{_SOURCES}").encode() + rb"([\w.+!-]+)"
        return re.sub(hidden, lambda m: self.sources[m[1].decode()].encode(), data)


def nobody(_: str) -> None:
    """Know no name."""


@dataclass(frozen=True)
class Rules:
    """What a tool may take.

    ``locked`` are the file names or digests that a lock file lists, by name and version: what was uploaded to
    such a release later is not shown. Of ``moves`` only that one version is there. ``wheels`` stand in, by
    file name, for releases that have none of their own; no other release without a wheel is shown, because
    reading it would mean to build it. Where it is ``strict``, what is locked has no other versions, but for
    the names that are ``free``.
    """

    locked: Mapping[str, Mapping[Version, Collection[str]]] = field(default_factory=dict)
    moves: Mapping[str, Version] = field(default_factory=dict)
    wheels: Mapping[str, bytes] = field(default_factory=dict)
    strict: bool = False
    free: Collection[str] = ()

    def files(self, name: str, files: Collection[File], view: View) -> list[File]:
        """Return the files of a name that may be taken, as a view shows them."""
        known = [(v, f) for f in files if (v := listings.version_of(str(f["filename"]), name))]
        readable = {version for version, file in known if str(file["filename"]).endswith(".whl")}
        shown = [file for version, file in known if self._shows(name, version, file, readable)]
        return [*(_hidden(file, view) for file in shown), *self._standing_in(name, view.root)]

    def _shows(self, name: str, version: Version, file: File, readable: Collection[Version]) -> bool:
        locked, moved = self.locked.get(name, {}), self.moves.get(name)
        if moved is not None:
            return version == moved and version in readable
        if version in locked:
            return not locked[version] or not _marks(file).isdisjoint(locked[version])
        return version in readable and not (self.strict and locked and name not in self.free)

    def _standing_in(self, name: str, root: str) -> Iterator[File]:
        for filename, data in self.wheels.items():
            if listings.version_of(filename, name):
                digest = hashlib.sha256(data).hexdigest()
                yield {"filename": filename, "url": f"{root}/wheels/{filename}", "hashes": {"sha256": digest}}


def _marks(file: File) -> frozenset[str]:
    """Return what a lock file may know a file by."""
    return frozenset({str(file["filename"]), _digest(file)})


def _digest(file: File) -> str:
    hashes = file.get("hashes")
    return str(hashes.get("sha256", "")) if isinstance(hashes, Mapping) else ""


def _hidden(file: File, view: View) -> File:
    """Return a file; a source archive with its digest, but where nobody finds it: it would be built."""
    filename = str(file["filename"])
    if filename.endswith(".whl"):
        return file
    view.sources[filename] = str(file["url"])
    return {**file, "url": f"{view.root}{_SOURCES}{filename}"}


@contextmanager
def opened(pages: Pages, rules: Rules) -> Iterator[View]:
    """Yield an index that shows what the rules allow, until the block ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    # Others on this machine can reach the port, but do not know the path.
    root = f"http://127.0.0.1:{server.server_address[1]}/{secrets.token_hex(16)}"
    server.pages, server.rules, server.view = pages, rules, View(f"{root}/simple/", root)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.view
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    """The server of one view."""

    daemon_threads = True
    block_on_close = False
    pages: Pages
    rules: Rules
    view: View

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a tool that went away, or was ended; show everything else."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # the base's types


class _Handler(BaseHTTPRequestHandler):
    """Answers for pages and stand-ins; the first part of a path is secret."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        """Answer one request."""
        secret = self.server.view.root.rpartition("/")[2]
        match self.path.partition("?")[0].split("/"):
            case ["", given, "simple", name, ""] if given == secret:
                self._page(name)
            case ["", given, "wheels", filename] if given == secret and filename in self.server.rules.wheels:
                self._write(200, "application/zip", self.server.rules.wheels[filename])
            case _:
                self._write(404, _HTML, b"")

    def do_HEAD(self) -> None:
        """Answer one request without the body."""
        self.do_GET()

    def _page(self, name: str) -> None:
        name = canonicalize_name(name)
        if not _NAME.fullmatch(name):
            self._write(404, _HTML, b"")
            return
        try:
            files = self.server.pages(name) or ()
        except PageError as error:
            self.server.view.failures.append(str(error))
            self._write(502, _HTML, html.escape(str(error)).encode())
            return
        shown = self.server.rules.files(name, files, self.server.view)
        if not shown:
            self._write(404, _HTML, b"")
        elif "json" in self.headers.get("Accept", ""):
            versions = sorted({str(listings.version_of(str(f["filename"]), name)) for f in shown})
            about = {"meta": {"api-version": "1.1"}, "name": name, "files": shown, "versions": versions}
            self._write(200, _JSON, json.dumps(about).encode())
        else:
            self._write(200, _HTML, _written(shown).encode())

    def _write(self, status: int, media: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
        """Say nothing."""


def _written(files: Collection[File]) -> str:
    """Return files as PEP 503 lists them."""
    lines = []
    for file in files:
        digest = _digest(file)
        given = {"href": f"{file['url']}#sha256={digest}" if digest else str(file["url"])}
        if file.get("requires-python"):
            given["data-requires-python"] = str(file["requires-python"])
        if metadata := file.get("core-metadata") or file.get("dist-info-metadata"):
            sha = metadata.get("sha256") if isinstance(metadata, Mapping) else None
            given["data-core-metadata"] = given["data-dist-info-metadata"] = (
                f"sha256={sha}" if sha else "true"
            )
        if file.get("yanked"):
            given["data-yanked"] = str(file["yanked"]) if isinstance(file["yanked"], str) else ""
        attributes = "".join(f' {key}="{html.escape(value)}"' for key, value in given.items())
        lines.append(f"<a{attributes}>{html.escape(str(file['filename']))}</a>")
    return "\n".join(["<!DOCTYPE html><html><body>", *lines, "</body></html>", ""])
