"""A stand-in for the package index on the loopback interface: recorded answers and faults on order."""

from __future__ import annotations

import copy
import hashlib
import html
import json
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from demo.faults import Fault, Faults, pattern
from demo.loopback import Answer, Loopback, Request, Wire

RECORDED = Path(__file__).parent / "samples" / "index.json"
CONTENT_TYPE = "application/vnd.pypi.simple.v1+json"
Project = dict[str, Any]


def recorded() -> dict[str, Project]:
    """Return what was recorded of PyPI: normalised name to PEP 691 answer."""
    known: dict[str, Project] = json.loads(RECORDED.read_bytes())
    return known


class LocalIndex:
    """A package index that speaks PEP 691; use it as a context manager.

    Without ``projects`` (normalised name to PEP 691 answer) it knows what was recorded of PyPI. ``path`` in
    faults is a regular expression searched in paths such as ``/simple/requests/``. With ``old`` it has only
    PEP 503's pages, which know no upload times.
    """

    def __init__(self, projects: Mapping[str, Project] | None = None, *, old: bool = False) -> None:
        self.old = old
        self.projects = recorded() if projects is None else copy.deepcopy(dict(projects))
        self.requests: list[Request] = []
        self._says: dict[str, Sequence[str]] = {}
        self._held: dict[str, bytes] = {}
        self._faults = Faults()
        self._server = Loopback(self._answer)

    @property
    def sent(self) -> int:
        """Return the bytes of all answers so far."""
        return self._server.sent

    @property
    def url(self) -> str:
        """Return the address of the simple API (KOTSU_INDEX_URL)."""
        return f"{self._server.url}/simple/"

    def __enter__(self) -> Self:
        """Start to answer."""
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self._server.stop()

    def release(  # noqa: PLR0913 -- what a release says of itself
        self,
        name: str,
        version: str,
        *,
        uploaded: str | None = "2026-01-05T08:00:00Z",
        requires_python: str | None = None,
        yanked: bool | str = False,
        wheel: bool = True,
        requires: Sequence[str] = (),
        tags: Sequence[str] = ("py3-none-any",),
        says: Sequence[str] = (),
    ) -> None:
        """Publish a version: an sdist and, as a rule, a wheel; the project is made on first mention.

        ``requires`` are the requirements that its metadata names, ``says`` more lines of it; there is a wheel
        for each of the ``tags``.
        """
        project = self.projects.setdefault(
            name, {"meta": {"api-version": "1.1"}, "name": name, "versions": [], "files": []}
        )
        stem = f"{name.replace('-', '_')}-{version}"
        names = [f"{stem}.tar.gz", *(f"{stem}-{tag}.whl" for tag in tags if wheel)]
        for filename in names:
            file = {
                "filename": filename,
                "hashes": {"sha256": hashlib.sha256(filename.encode()).hexdigest()},
                "requires-python": requires_python,
                "size": 1024,
                "url": f"https://files.example.com/{filename}",
                "yanked": yanked,
            }
            project["files"].append({**file, "upload-time": uploaded} if uploaded else file)
            self._says[filename] = (*(f"Requires-Dist: {line}" for line in requires), *says)
        project["versions"].append(version)

    def hold(self, filename: str, data: bytes) -> str:
        """Let a published file have content, and be listed with its sha256, which is returned."""
        digest = hashlib.sha256(data).hexdigest()
        self._held[filename] = data
        for file in (f for project in self.projects.values() for f in project["files"]):
            if file["filename"] == filename:
                file |= {"hashes": {"sha256": digest}, "size": len(data)}
        return digest

    def fail(self, path: str, status: int = 500, *, times: int = 1) -> None:
        """Answer the next matching requests with an error."""
        self._order(path, Answer(status, b"No.", {"Content-Type": "text/plain"}), times)

    def speak_html(self, path: str, *, times: int = 1) -> None:
        """Answer the next matching requests with a page for people."""
        page = b"<!DOCTYPE html><html><body><h1>Down for maintenance</h1></body></html>"
        self._order(path, Answer(200, page, {"Content-Type": "text/html"}), times)

    def redirect(self, path: str, url: str, *, times: int = 1) -> None:
        """Send the next matching requests somewhere else."""
        self._order(path, Answer(302, headers={"Location": url}), times)

    def truncate(self, path: str, *, times: int = 1) -> None:
        """Close the connection in the middle of the next matching answers."""
        body = json.dumps({"name": "cut", "files": [{}] * 100}).encode()
        self._order(path, Answer(200, body, {"Content-Type": CONTENT_TYPE}, Wire.CUT), times)

    def reset(self, path: str, *, times: int = 1) -> None:
        """Close the connection of the next matching requests without an answer."""
        self._order(path, Answer(0, wire=Wire.RESET), times)

    def delay(self, path: str, seconds: float, *, times: int = 1) -> None:
        """Let the next matching requests wait."""
        self._faults.order(Fault("GET", pattern(path), None, times, delay=seconds))

    def recover(self) -> None:
        """Forget the faults that have not come yet."""
        self._faults.forget()

    def _order(self, path: str, answer: Answer, times: int) -> None:
        self._faults.order(Fault("GET", pattern(path), answer, times))

    def _answer(self, request: Request) -> Answer:
        self.requests.append(request)
        fault = self._faults.take(request.method, request.path)
        if fault and fault.delay:
            time.sleep(fault.delay)
        if fault and fault.answer:
            return fault.answer
        if request.path.startswith("/files/"):
            return self._metadata(request.path.removeprefix("/files/"))
        name = request.path.removeprefix("/simple/").strip("/")
        normal = re.sub(r"[-_.]+", "-", name).lower()
        if request.path != f"/simple/{normal}/":
            return Answer(301, headers={"Location": f"{self._server.url}/simple/{normal}/"})
        project = self.projects.get(normal)
        if project is None:
            return Answer(404, b"404 Not Found", {"Content-Type": "text/plain"})
        accepted = request.headers.get("accept", "")
        old = self.old or "json" not in accepted
        if old and "html" not in accepted and "*/*" not in accepted:
            return Answer(406, b"406 Not Acceptable", {"Content-Type": "text/plain"})
        served = self._served(project)
        body, media = (_page(served), "text/html") if old else (json.dumps(served), CONTENT_TYPE)
        return _dressed(request, body.encode(), media)

    def _served(self, project: Project) -> Project:
        """Return a project whose files are here: their metadata can be read, they themselves if held."""
        here = [
            {**f, "url": f"{self._server.url}/files/{f['filename']}", "core-metadata": True}
            for f in project["files"]
        ]
        return {**project, "files": here}

    def _metadata(self, path: str) -> Answer:
        if path in self._held:
            return Answer(200, self._held[path], {"Content-Type": "application/octet-stream"})
        filename = path.removesuffix(".metadata")
        if filename == path or not filename.endswith(".whl"):
            return Answer(404, b"404 Not Found", {"Content-Type": "text/plain"})
        name, version = filename.split("-")[:2]
        said = self._says.get(filename, ())
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *said]
        return Answer(200, ("\n".join(lines) + "\n").encode(), {"Content-Type": "text/plain"})


def _page(project: Project) -> str:
    """Return a project as PEP 503 lists it."""
    links = []
    for file in project["files"]:
        given = {"href": f"{file['url']}#sha256={file['hashes']['sha256']}", "data-core-metadata": "true"}
        if file.get("requires-python"):
            given["data-requires-python"] = file["requires-python"]
        if file.get("yanked"):
            given["data-yanked"] = ""
        written = "".join(f' {name}="{html.escape(value)}"' for name, value in given.items())
        links.append(f"<a{written}>{file['filename']}</a><br/>")
    head = '<meta name="pypi:repository-version" content="1.0">'
    return "\n".join(["<!DOCTYPE html>", f"<html><head>{head}</head><body>", *links, "</body></html>"])


def _dressed(request: Request, body: bytes, media: str) -> Answer:
    headers = {"Content-Type": media, "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Answer(304, headers=headers)
    return Answer(200, body, headers)
