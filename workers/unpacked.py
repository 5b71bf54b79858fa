"""Reads what a wheel offers by name, in memory and within limits; nothing of it is written or run."""

from __future__ import annotations

import io
import re
import stat
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from codemods import exposed
from codemods.interface import OPAQUE, Interface, Module

_SPREAD = re.compile(r"[^/]+\.data/(?:purelib|platlib)/(.+)")
_DATA = re.compile(r"[^/]+\.(?:dist-info|data|libs|egg-info)/")
_SOURCES = (".py", ".pyi")
_COMPILED = (".so", ".pyd")
_COPIES = frozenset(("tests", "_vendor", "vendor", "vendored", "_vendored"))
"""Folders of which nobody wants to know a name: they are not even read."""
_ENTRY = b"PK\x01\x02"
"""With this begins what an archive's directory says of each file."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How a file may be packed: of what other ways hold, zipfile unpacks all at once, unasked."""


class UnusableError(Exception):
    """A wheel that cannot be read; the text says why, in words that follow "its wheel …"."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read: members, bytes of one, bytes of all, seconds for all."""

    members: int = 20_000
    one: int = 2 * 1024 * 1024
    all: int = 48 * 1024 * 1024
    seconds: float = 60.0


def texts(wheel: bytes, wanted: Callable[[str], bool], limits: Limits | None = None) -> dict[str, str]:
    """Return the texts of a wheel's files whose paths are wanted; UnusableError says why they cannot be read.

    Here nothing is left out: a file that is too large, a link or no text makes the whole unusable.
    """
    limits = limits or Limits()
    found: dict[str, str] = {}
    left = limits.all
    with _opened(wheel, limits) as archive:
        for member in _entries(archive):
            path = member.filename
            if not wanted(path):
                continue
            left -= member.file_size
            if left < 0 or not _is_sound(member, limits):
                raise UnusableError("is too large to be read")
            if path in found or stat.S_ISLNK(member.external_attr >> 16):
                raise UnusableError("is no sound archive")
            found[path] = _content(archive, member).decode()
    return found


@contextmanager
def _opened(wheel: bytes, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """Open a wheel; whatever is wrong with it while it is read makes it unusable."""
    # Counted before zipfile makes an object for each of them.
    if wheel.count(_ENTRY) > limits.members:
        raise UnusableError("has too many files")
    try:
        with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise UnusableError("is no sound archive") from error
    except ValueError as error:
        raise UnusableError("is no sound archive") from error


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.compress_type not in _METHODS:
        raise UnusableError("is packed in a way that is not read")
    with archive.open(member) as file:
        # What its directory says of its size may be a lie.
        text = file.read(member.file_size + 1)
    if len(text) > member.file_size:
        raise UnusableError("is no sound archive")
    return text


def read(wheel: bytes, limits: Limits | None = None) -> Interface:
    """Return what the modules of a wheel offer; UnusableError says why it cannot be read.

    A module that is too large or no Python is known to be there, and nothing else.
    """
    limits = limits or Limits()
    modules: dict[str, Module] = {}
    left, ends = limits.all, time.monotonic() + limits.seconds
    with _opened(wheel, limits) as archive:
        for member, path in _members(archive):
            name, package = _named(path)
            if path.endswith(_COMPILED) or not _is_sound(member, limits):
                modules.setdefault(name, OPAQUE)
                continue
            left -= member.file_size
            if left < 0 or time.monotonic() > ends:
                raise UnusableError("is too large to be read")
            modules[name] = exposed.read(_content(archive, member), name, package=package)
    return Interface(modules)


def _is_sound(member: zipfile.ZipInfo, limits: Limits) -> bool:
    return member.file_size <= limits.one


def _entries(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    for member in archive.infolist():
        path = member.filename
        if path.startswith("/") or "\\" in path or ".." in path.split("/"):
            raise UnusableError("has a file that leads out of it")
        yield member


def _members(archive: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """Yield the modules of a wheel: those that can be read first wanted source, then stub, then compiled."""
    found: dict[str, tuple[int, zipfile.ZipInfo, str]] = {}
    for member in _entries(archive):
        spread = _SPREAD.fullmatch(member.filename)
        path = spread[1] if spread else member.filename
        rank = next((i for i, end in enumerate((*_SOURCES, *_COMPILED)) if path.endswith(end)), None)
        if rank is None or _DATA.match(path) or not _COPIES.isdisjoint(path.split("/")[:-1]):
            continue
        name, _ = _named(path)
        known = found.get(name)
        if known is None or rank < known[0]:
            found[name] = (rank, member, path)
    yield from ((member, path) for _, member, path in found.values())


def _named(path: str) -> tuple[str, bool]:
    """Return the dotted name of a module, and whether it is the one of its folder."""
    *folders, file = path.split("/")
    stem = file.partition(".")[0]
    return (".".join(folders), True) if stem == "__init__" else (".".join([*folders, stem]), False)
