"""Stands in for wheels and requirements files: what a tool reads is written anew from what was understood.

No byte of a repository reaches a tool that could take it for an address, a variable to expand, a path or a
setting; and nothing that it reads can be built.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Sequence
from io import BytesIO
from zipfile import ZipFile

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from workers.sandbox import NoAnswerError

_LONGEST = 100
_HASH = re.compile(r"\s--hash[= ]\w+:[0-9a-f]+")
_FILE = re.compile(r"(-r|--requirement|-c|--constraint)(?:\s*=\s*|\s+|(?=[^-\s]))(\S+)")


def wheel(name: str, version: str, requires: Sequence[str], extras: Sequence[str] = ()) -> tuple[str, bytes]:
    """Return the file name and the bytes of a wheel that is nothing but metadata."""
    stem = f"{name_of(name).replace('-', '_')}-{_version(version)}"
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        *(f"Provides-Extra: {name_of(extra)}" for extra in extras),
        *(f"Requires-Dist: {required(line)}" for line in requires),
    ]
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        folder = f"{stem}.dist-info"
        archive.writestr(f"{folder}/METADATA", "\n".join([*metadata, ""]))
        archive.writestr(f"{folder}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{folder}/RECORD", "")
    return f"{stem}-py3-none-any.whl", made.getvalue()


def name_of(text: str) -> str:
    """Return a normalised name; what is none is refused."""
    if canonicalize_name(text) != text or not re.fullmatch(r"[a-z0-9-]{1,100}", text):
        raise NoAnswerError(f"{text[:50]!r} is no name of a distribution")
    return text


def _version(text: str) -> str:
    try:
        Version(text)
    except ValueError:  # which is also said of a number with thousands of digits
        raise NoAnswerError(f"{text[:50]!r} is no version") from None
    if len(text) > _LONGEST or text != text.strip():  # it names files, and becomes a line of metadata
        raise NoAnswerError(f"{text[:50]!r} is no version")
    return text


def required(text: object) -> str:
    """Return a requirement written anew; one that names an address is refused."""
    try:
        requirement = Requirement(str(text))
    except InvalidRequirement:
        raise NoAnswerError(f"{str(text)[:50]!r} cannot be read as a requirement") from None
    if requirement.url:
        raise NoAnswerError(f"`{requirement.name}` comes from an address, and only the index is asked")
    return str(requirement)


def requirements(path: str, data: bytes, known: Collection[str]) -> bytes:
    """Return a requirements file written anew: its requirements, and the files of ``known`` that it names."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoAnswerError(f"`{path}` is not UTF-8") from None
    plain = text.replace("\r\n", "\n")
    if any(ord(c) < ord(" ") and c not in "\n\t" for c in plain):
        raise NoAnswerError(f"`{path}` holds control characters")
    lines: list[str] = []
    for line in re.sub(r"\\\n", " ", plain).split("\n"):
        content = _HASH.sub("", re.sub(r"(?:^|\s)#.*", "", line)).strip()
        if found := _FILE.fullmatch(content):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), found[2]))
            if target not in known:
                raise NoAnswerError(f"`{path}` names `{found[2][:50]}`, which is not among its files")
            option = "-c" if "c" in found[1] else "-r"
            lines.append(f"{option} {posixpath.relpath(target, posixpath.dirname(path) or '.')}")
        elif content.startswith("-"):
            raise NoAnswerError(
                f"`{path}` has the option `{content.split()[0][:30]}`, which is not known here"
            )
        elif content:
            lines.append(required(content))
    return "".join(f"{line}\n" for line in lines).encode()
