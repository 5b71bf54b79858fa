"""The only door to advisories: keeps what OSV collects about PyPI in a file of its own, by name.

The source is the address of OSV's bulk file or of a mirror of it, or a folder or zip of such records on
this machine. An address is asked once for all repositories, an hour apart at the least and with the ETag of
the last answer; what it says is parsed once, and a scan reads only the lines of its own names.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import math
import os
import tempfile
import time
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit, urlunsplit

import httpx

from codemods.weaknesses import Advisory
from workers import osv

_FORMAT: Final = 2
"""Raised when the lines of the index mean something else: then it is made anew."""
_MEBI = 1024 * 1024
_LONGEST_ETAG = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a copy is good for, until a failed source is asked again, how long is waited (seconds).

    ``body`` and ``entry`` are the bytes of the zip and of one record at most, ``entries`` and ``unpacked``
    the records and the bytes of all of them.
    """

    fresh: float = 3600.0
    again: float = 600.0
    request: float = 30.0
    total: float = 300.0
    body: int = 256 * 1024 * 1024
    entry: int = 4 * 1024 * 1024
    entries: int = 500_000
    unpacked: int = 4 * 1024 * 1024 * 1024


class _RefusedError(Exception):
    """There is no answer; the text is the sentence people read."""


@dataclass(frozen=True, slots=True)
class _Head:
    """What the index says of itself: where it is from (without credentials), and of which state."""

    source: str
    state: str


def answer(
    names: Collection[str], source: str, store: Path, *, limits: Limits | None = None
) -> tuple[Mapping[str, tuple[Advisory, ...]], str]:
    """Return what is published against these normalised names, and what went wrong (``""``: nothing did).

    ``source`` is an address, or a path on this machine; ``""`` is nobody. ``store`` is the folder that the
    index is kept in. Where the source cannot be reached, what it said before still counts.
    """
    if not names or not source:
        return {}, ""
    index, words = store / "pypi.index", ""
    try:
        _renew(index, source, limits or Limits())
    except _RefusedError as error:
        words = str(error)
    head = _head(index)
    if head is None or head.source != _shown(source):
        return {}, f"{words}: no known weakness of a dependency is looked for"
    if words:
        words += f": what is known of weaknesses is of {_day(index)}"
    try:
        return _looked_up(index, frozenset(names)), words
    except (OSError, ValueError, TypeError):
        index.unlink(missing_ok=True)
        return {}, "what was kept of advisories is damaged, and will be fetched again"


def unreachable(source: str, limits: Limits | None = None) -> str:
    """Return why a source cannot be asked, ``""`` where it can; only the beginning of an answer is read."""
    try:
        if not _is_address(source):
            _state(Path(source))
        else:
            _fetched(source, "", None, limits or Limits())
    except _RefusedError as error:
        return str(error)
    return ""


def _looked_up(index: Path, names: frozenset[str]) -> Mapping[str, tuple[Advisory, ...]]:
    """Return what the lines of some names say; the others are not parsed."""
    wanted = {name.encode() for name in names}
    with index.open("rb") as lines:
        next(lines)
        found = (line.partition(b"\t") for line in lines)
        return {name.decode(): osv.parse(text) for name, _, text in found if name in wanted}


def _head(index: Path) -> _Head | None:
    """Return what the index says of itself, None when there is none that can be used."""
    try:
        with index.open("rb") as lines:
            said = json.loads(next(lines))
        return _Head(said["source"], said["state"]) if said["format"] == _FORMAT else None
    except (OSError, ValueError, LookupError, TypeError, StopIteration):
        return None


def _shown(source: str) -> str:
    """Return a source without credentials."""
    if not _is_address(source):
        return source
    parts = urlsplit(source)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _is_address(source: str) -> bool:
    return source.startswith(("https://", "http://"))


def _day(file: Path) -> str:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC).date().isoformat()


def _age(file: Path) -> float:
    """Return for how many seconds a file was not written; infinity when it is not there, or of tomorrow."""
    try:
        age = time.time() - file.stat().st_mtime
    except FileNotFoundError:
        return math.inf
    return age if age >= 0 else math.inf


def _renew(index: Path, source: str, limits: Limits) -> None:
    """Bring the index up to date; _RefusedError says why it is not."""
    if _is_fresh(index, source, limits):
        return
    try:
        index.parent.mkdir(parents=True, exist_ok=True)
        with _alone(index.with_suffix(".lock")):
            if not _is_fresh(index, source, limits):
                _tried(index, source, limits)
    except OSError as error:
        raise _RefusedError(f"advisories cannot be kept in the data directory ({error.strerror})") from error


def _tried(index: Path, source: str, limits: Limits) -> None:
    """Make the index anew, unless the source failed a short time ago: then no scan waits for it again."""
    failed = index.with_suffix(".failed")
    if _is_address(source) and _age(failed) < limits.again:
        shown, _, words = failed.read_text("utf-8").partition("\n")
        if shown == _shown(source):
            raise _RefusedError(words)
    try:
        _renewed(index, source, limits)
    except _RefusedError as error:
        failed.write_text(f"{_shown(source)}\n{error}", "utf-8")
        raise


def _is_fresh(index: Path, source: str, limits: Limits) -> bool:
    """Say whether there is nothing to ask: an address rests, a path is looked at each time."""
    head = _head(index)
    if head is None or head.source != _shown(source):
        return False
    return _age(index) < limits.fresh if _is_address(source) else head.state == _state(Path(source))


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Wait until no other process renews the index."""
    with lock.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _renewed(index: Path, source: str, limits: Limits) -> None:
    if not _is_address(source):
        path = Path(source)
        _write(index, _Head(source, _state(path)), _local(path, limits))
        return
    head = _head(index)
    state = head.state if head and head.source == _shown(source) else ""
    with tempfile.TemporaryFile(dir=index.parent) as body:
        fetched = _fetched(source, state, body, limits)
        if fetched is None:
            os.utime(index)
        else:
            _write(index, _Head(_shown(source), fetched), _zipped(body, limits))


def _fetched(url: str, state: str, body: IO[bytes] | None, limits: Limits) -> str | None:
    """Write what an address has into a file and return its ETag; None when that is still ``state``.

    Without a file the answer is not read to its end.
    """
    headers = {"User-Agent": "kotsu"} | ({"If-None-Match": state} if state else {})
    try:
        with (
            httpx.Client(timeout=httpx.Timeout(limits.request), follow_redirects=False) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            if state and response.status_code == httpx.codes.NOT_MODIFIED:
                return None
            if response.status_code != httpx.codes.OK:
                raise _RefusedError(f"the source of advisories answered {response.status_code}")
            if body is not None:
                _received(response, body, limits)
            etag: str = response.headers.get("etag", "")
            return etag if len(etag) <= _LONGEST_ETAG and etag.isascii() else ""
    except httpx.TimeoutException as error:
        raise _RefusedError(f"the source of advisories did not answer in {limits.request:g} s") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _RefusedError(f"the source of advisories cannot be reached ({type(error).__name__})") from error


def _received(response: httpx.Response, body: IO[bytes], limits: Limits) -> None:
    until, size = time.monotonic() + limits.total, 0
    for part in response.iter_bytes():
        size += len(part)
        if size > limits.body:
            raise _RefusedError(f"the advisories are larger than {limits.body // _MEBI} MiB")
        if time.monotonic() > until:
            raise _RefusedError(f"the source of advisories was too slow: {limits.total:g} s were not enough")
        body.write(part)


def _state(path: Path) -> str:
    """Return what is another text when a folder of records, or a zip of them, has changed."""
    digest = hashlib.sha256()
    for file in _files(path) if path.is_dir() else (path,):
        try:
            about = file.stat()
        except OSError as error:
            raise _RefusedError(f"the advisories in `{path}` cannot be read ({error.strerror})") from error
        digest.update(f"{file}\0{about.st_size}\0{about.st_mtime_ns}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _files(folder: Path) -> Sequence[Path]:
    found = (Path(here, name) for here, _, names in os.walk(folder) for name in names)
    return sorted(path for path in found if path.suffix == ".json")


def _local(path: Path, limits: Limits) -> Iterator[bytes]:
    """Return the records of a folder or a zip on this machine, one by one."""
    try:
        if not path.is_dir():
            with path.open("rb") as body:
                yield from _zipped(body, limits)
            return
        for file in _files(path)[: limits.entries]:
            with file.open("rb") as record:
                data = record.read(limits.entry + 1)
            if len(data) <= limits.entry:
                yield data
    except OSError as error:
        raise _RefusedError(f"the advisories in `{path}` cannot be read ({error.strerror})") from error


def _zipped(body: IO[bytes], limits: Limits) -> Iterator[bytes]:
    """Return the records of a zip, one by one; one that is too large is left out."""
    left = limits.unpacked
    try:
        with zipfile.ZipFile(body) as archive:
            members = [m for m in archive.infolist() if m.filename.endswith(".json")]
            if len(members) > limits.entries:
                raise _RefusedError(f"the advisories are more than {limits.entries}")
            for member in members:
                with archive.open(member) as record:
                    data = record.read(limits.entry + 1)
                left -= len(data)
                if left < 0:
                    raise _RefusedError("the advisories unpack to more than is taken")
                if len(data) <= limits.entry:
                    yield data
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _RefusedError("the advisories are no zip, or a damaged one") from error


def _write(index: Path, head: _Head, records: Iterable[bytes]) -> None:
    """Make the index anew; whoever reads the old one goes on with it."""
    found: dict[str, list[Advisory]] = {}
    for data in records:
        for name, advisory in osv.read(_json(data)).items():
            found.setdefault(name, []).append(advisory)
    if not found:
        raise _RefusedError("the source of advisories has no record about PyPI")
    said = {"format": _FORMAT, "source": head.source, "state": head.state}
    with tempfile.NamedTemporaryFile("w", dir=index.parent, encoding="utf-8", delete=False) as out:
        try:
            out.write(f"{json.dumps(said)}\n")
            out.writelines(f"{name}\t{osv.write(osv.merged(found[name]))}\n" for name in sorted(found))
            out.flush()
            Path(out.name).replace(index)
        except BaseException:
            Path(out.name).unlink(missing_ok=True)
            raise


def _json(data: bytes) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
