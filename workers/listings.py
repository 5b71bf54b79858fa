"""Reads what a package index lists of one distribution, and believes nothing that it cannot check."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from urllib.parse import urljoin

from packaging.utils import canonicalize_name
from packaging.version import Version

from codemods.model import Release

MOST_FILES = 100_000
TOO_MANY = f"the index lists more than {MOST_FILES} files"

Page = Sequence[Mapping[str, object]]
"""The files of one distribution, in the shape of PEP 691."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})")
_SPECIFIER = re.compile(r"[\w.,*=!<>~ ]{0,200}", re.ASCII)
_PASSED_ON = (
    "core-metadata",
    "dist-info-metadata",
    "filename",
    "hashes",
    "requires-python",
    "size",
    "upload-time",
    "yanked",
)
_SOURCES = (".tar.gz", ".zip", ".tar.bz2", ".tgz")


class UnusableError(Exception):
    """An answer that must not be used; the text is the sentence people read."""


def read(answer: object, name: str) -> tuple[Release, ...]:
    """Return the releases of an index's JSON answer, oldest first; UnusableError says what is wrong."""
    by_version: dict[Version, list[Mapping[str, object]]] = {}
    for version, file in _files(_listed(answer, name), name):
        by_version.setdefault(version, []).append(file)
    return tuple(_release(version, by_version[version]) for version in sorted(by_version))


def whole(answer: object, name: str, address: str) -> Page:
    """Return the files of an index's JSON answer that belong to a name, their addresses in full.

    ``address`` is where the answer came from; UnusableError says what is wrong with it.
    """
    return [
        {**{key: file[key] for key in _PASSED_ON if key in file}, "url": url}
        for _, file in _files(_listed(answer, name), name)
        if (url := _joined(address, file.get("url")))
    ]


def _joined(address: str, url: object) -> str:
    """Return where a file is, in full; ``""`` where that is no address."""
    try:
        return urljoin(address, url) if isinstance(url, str) else ""
    except ValueError:
        return ""


def version_of(filename: str, name: str) -> Version | None:
    """Return the version that a wheel or a source archive of a name has, None for any other file."""
    if filename.endswith(".whl"):
        parts = filename.split("-", 2)
        if len(parts) < 3:  # noqa: PLR2004 -- a name, a version, and at least one tag
            return None
        stem, text, _ = parts
    else:
        suffix = next((s for s in _SOURCES if filename.endswith(s)), None)
        stem, _, text = filename.removesuffix(suffix).rpartition("-") if suffix else ("", "", "")
    return version(text) if stem and _canonical(stem) == name else None


def printable(text: str, longest: int) -> str:
    """Return text of an index without control characters or marks that Markdown reads, cut at a length."""
    return re.sub(r"[^\w ./:+\-]", "", text, flags=re.ASCII)[:longest]


def _listed(answer: object, name: str) -> Sequence[object]:
    """Return the files that an answer lists; UnusableError says why it must not be used."""
    if not isinstance(answer, Mapping) or not isinstance(answer.get("files"), list):
        raise UnusableError("the index's answer has no list of files")
    if _major(answer) != "1":
        raise UnusableError("the index speaks a newer version of its language than is known here")
    said = answer.get("name")
    if not isinstance(said, str) or canonicalize_name(said) != name:
        raise UnusableError("the index answered for another name")
    if _status(answer) == "quarantined":
        raise UnusableError("the index keeps it in quarantine")
    if len(answer["files"]) > MOST_FILES:
        raise UnusableError(TOO_MANY)
    files: Sequence[object] = answer["files"]
    return files


def _major(answer: Mapping[str, object]) -> str:
    """Return the first number of the repository's version by PEP 629, ``1`` when it says none."""
    about = answer.get("meta")
    version = about.get("api-version") if isinstance(about, Mapping) else None
    return version.partition(".")[0].strip() if isinstance(version, str) else "1"


def _status(answer: Mapping[str, object]) -> str:
    """Return a project's state by PEP 792: active, archived, deprecated or quarantined."""
    status = answer.get("project-status")
    value = status.get("status") if isinstance(status, Mapping) else status
    return value if isinstance(value, str) else "active"


def _files(files: Sequence[object], name: str) -> Iterator[tuple[Version, Mapping[str, object]]]:
    """Return the wheels and source archives that belong to a name, each with its version."""
    for file in files:
        if isinstance(file, dict) and isinstance(file.get("filename"), str):
            version = version_of(file["filename"], name)
            if version:
                yield version, file


@lru_cache(maxsize=1024)
def _canonical(stem: str) -> str:
    return canonicalize_name(stem)


@lru_cache(maxsize=32768)
def version(text: str) -> Version | None:
    """Return a version, None for what is none; many distributions have the same."""
    try:
        return Version(text)
    except ValueError:  # which is also said of a number with thousands of digits
        return None


def _release(version: Version, files: Sequence[Mapping[str, object]]) -> Release:
    offered = [file for file in files if not file.get("yanked")]
    counted = offered or files
    pythons = dict.fromkeys(_python(file) for file in counted)
    return Release(
        version,
        _uploaded(counted),
        ",".join(python for python in pythons if python),
        yanked=not offered,
        wheel=any(str(file["filename"]).endswith(".whl") for file in counted),
        hashes=_digests(counted),
    )


def _python(file: Mapping[str, object]) -> str:
    """Return a file's specifier of Pythons; one that cannot be read admits none."""
    said = file.get("requires-python")
    if said is None:
        return ""
    return _specifier(said) if isinstance(said, str) else "unreadable"


@lru_cache(maxsize=1024)
def _specifier(said: str) -> str:
    return said.strip(" ,") if _SPECIFIER.fullmatch(said) else "unreadable"


def _uploaded(files: Sequence[Mapping[str, object]]) -> str:
    """Return when the newest of some files arrived; unknown when one of them does not say."""
    times = [file.get("upload-time") for file in files]
    said = [time for time in times if isinstance(time, str)]
    known = len(said) == len(times) and all(map(_TIME.fullmatch, said))
    return max(said) if known else ""


def _digests(files: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    """Return the files' sha256 digests in the index's order; none when one is missing."""
    hashes = [file.get("hashes") for file in files]
    found = [listed.get("sha256") for listed in hashes if isinstance(listed, dict)]
    digests = [digest for digest in found if isinstance(digest, str)]
    known = len(digests) == len(files) and all(map(_DIGEST.fullmatch, digests))
    return tuple(dict.fromkeys(digests)) if known else ()
