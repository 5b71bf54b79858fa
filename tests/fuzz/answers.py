"""What indexes, OSV and processes that are not believed answer, fuzzed: JSON, HTML, metadata, wheels."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from functools import cache
from random import Random

import httpx
from packaging.version import Version

from codemods import engine, registry
from codemods.engine import Task
from codemods.model import Facts
from demo import index
from tests.codemods import mutations
from tests.fuzz import values
from tests.fuzz.target import Opening, pure
from workers import described, errands, index_files, indexes, listings, osv, unpacked

_NAMES = ("requests", "jinja2", "pyyaml")


@cache
def _listed() -> Sequence[index.Project]:
    known = index.recorded()
    return tuple({**known[name], "files": known[name]["files"][-6:]} for name in _NAMES)


def _listing(dice: Random) -> bytes:
    return values.written(values.changed(dice.choice(_listed()), dice, _listed()), dice)


_PAGE = (
    b'<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.4">'
    b'<meta name="pypi:project-status" content="active"></head><body>\n'
    b'<a href="https://h.test/shelf-1.0-py3-none-any.whl#sha256=00" data-requires-python="&gt;=3.8" '
    b'data-core-metadata="sha256=00">shelf-1.0-py3-none-any.whl</a><br/>\n'
    b'<a href="../../shelf-2.0.tar.gz?x=1#md5=1&sha256=2" data-yanked="">shelf</a>\n</body></html>\n'
)


def _page(dice: Random) -> bytes:
    return mutations.strange(_PAGE, [_PAGE, b"<!--", b"<![CDATA[", b"<!DOCTYPE [", b"&#x110000;"], dice)


def _understood(media: str, name: str, body: bytes) -> None:
    told = indexes._told(indexes._Answer(200, httpx.Headers(), media, body), name)
    for release in listings.read(told, name):
        for wheel in index_files.wheels(
            listings.whole(told, name, "https://h.test/simple/"), name, release.version
        ):
            str(wheel.digest)


def _json(body: bytes) -> None:
    for name in _NAMES:
        _try(name, body)


def _try(name: str, body: bytes) -> None:
    with suppress(indexes._RefusedError, listings.UnusableError):
        _understood(index.CONTENT_TYPE, name, body)


_RECORD = {
    "id": "GHSA-aaaa-bbbb-cccc",
    "aliases": ["CVE-2026-1", "PYSEC-2026-1"],
    "summary": "The shelf falls",
    "published": "2026-03-01T12:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Shelf"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.5"}]}],
            "versions": ["1.0", "1.1"],
        },
        {"package": {"ecosystem": "npm", "name": "shelf"}},
    ],
}


def _weakness(body: bytes) -> None:
    try:
        record = json.loads(body)
    except (ValueError, RecursionError):
        return
    found = osv.merged([*osv.read(record).values(), *osv.read(_RECORD).values()])
    osv.parse(osv.write(found))


_METADATA = (
    b"Metadata-Version: 2.4\nName: shelf\nVersion: 1.0\nRequires-Dist: click>=8; extra == 'x'\n"
    b"License-Expression: MIT\nProject-URL: Source, https://github.com/acme/shelf\nHome-page: https://h.test\n"
    b"Classifier: License :: OSI Approved :: MIT License\nProvides-Extra: x\n\nA shelf.\n"
)
_ENDS = (
    _METADATA,
    b"Content-Type: multipart/mixed; boundary=x\n",
    b"=?utf-8?b?//8=?=",
    b"Name: a\nName: b\n",
)


def _metadata(data: bytes) -> None:
    found = described.read(data, ("shelf-1.0-py3-none-any.whl",), "shelf", Version("1.0"))
    described.repository(found, frozenset({"github.com"}))


@cache
def _wheel() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "shelf/__init__.py", "from shelf.old import *\n__all__ = ['new']\n\ndef new(): ...\n"
        )
        archive.writestr("shelf/old.pyi", "class Old:\n    x: int\n")
        archive.writestr("shelf-1.0.dist-info/METADATA", _METADATA)
    return made.getvalue()


def _unpacked(data: bytes) -> None:
    for read in (unpacked.read, lambda wheel: unpacked.texts(wheel, lambda path: path.endswith(".py"))):
        with suppress(unpacked.UnusableError):
            read(data)


@cache
def _examined() -> tuple[Task, object]:
    """Return a task, and what an honest reader says of it."""
    module, data = registry.ids()["aware-utcnow"], b"from datetime import datetime\n\nX = datetime.utcnow()\n"
    task = Task("a.py", data, ((module, Facts(date(2026, 11, 26), floor=(3, 12))),))
    return task, json.loads(errands.EXAMINE.written(engine.examine(task)))


def _heard(said: object) -> None:
    errands.EXAMINE.read(_examined()[0], said)


TARGETS: dict[str, Opening] = {
    "answers of an index": pure(_listing, _json),
    "pages of an index": pure(
        _page,
        lambda body: _understood("text/html", "shelf", body),
        *(indexes._RefusedError, listings.UnusableError),
    ),
    "records of OSV": pure(lambda dice: values.written(values.changed(_RECORD, dice), dice), _weakness),
    "metadata of releases": pure(lambda dice: mutations.strange(_METADATA, _ENDS, dice), _metadata),
    "wheels": pure(lambda dice: mutations.strange(_wheel(), [_wheel()], dice), _unpacked),
    "answers of readers": pure(
        lambda dice: values.changed(_examined()[1], dice), _heard, ValueError, IndexError, RecursionError
    ),
}
