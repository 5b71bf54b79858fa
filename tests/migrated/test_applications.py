"""Small applications live through a major upgrade: red with it alone, green with its migrations.

Each is a page beside this file: a block ``toml application`` with the requirements before and after (exact
versions, the upgraded distribution first), then its files, each in a block that names its path. A page that
says ``long = true`` runs only with the mark `crater`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from packaging.version import Version

from codemods import registry
from codemods.model import Release, Releases
from codemods.tree import Files
from tests import archives
from workers import config, scan
from workers.model import Report
from workers.sandbox import UV

_BLOCK = re.compile(r"^(`{3,})\w+ +(\S+) *\n(.*?)^\1 *$", re.MULTILINE | re.DOTALL)
_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Application:
    """What a page holds: requirements before and after, and the files by path."""

    before: Sequence[str]
    after: Sequence[str]
    files: Mapping[str, bytes]
    long: bool = False

    @property
    def upgrade(self) -> tuple[str, str, str]:
        """The distribution that is upgraded, from which version to which."""
        (name, _, old), (_, _, new) = self.before[0].partition("=="), self.after[0].partition("==")
        return name.lower(), old, new


def _read(page: Path) -> Application:
    found = {path: text for _, path, text in _BLOCK.findall(page.read_text("utf-8"))}
    said = tomllib.loads(found.pop("application"))
    return Application(files={path: text.encode() for path, text in found.items()}, **said)


def _pages() -> Iterator[object]:
    for page in sorted(Path(__file__).parent.glob("*.md")):
        found = _read(page)
        yield pytest.param(found, id=page.stem, marks=pytest.mark.crater if found.long else pytest.mark.index)


@pytest.mark.parametrize("application", list(_pages()))
def test_an_application_lives_through_the_upgrade(application: Application, tmp_path: Path) -> None:
    before, after = (
        _environment(tmp_path / name, wanted)
        for name, wanted in (("before", application.before), ("after", application.after))
    )
    root = tmp_path / "root"
    _write(root, application.files)
    assert _run(root, before) == 0, "red before the upgrade"
    assert _run(root, after) == 1, "green after the upgrade, without any migration"
    (proposal,) = _scanned(application, application.files).proposals
    _write(root, {edit.path: edit.after for edit in proposal.edits if edit.after is not None})
    assert _run(root, after) == 0, f"red after the upgrade, with these migrations:\n{proposal.patch}"
    changed = {path: (root / path).read_bytes() for path in application.files}
    again = _scanned(application, {**changed, "requirements.txt": _pinned(application)}).proposals
    assert [p.key for p in again if _is_due(p.improvement, application)] == []


def _is_due(improvement: str, application: Application) -> bool:
    """Say whether a migration belongs to the upgrade, and not to a later version."""
    crosses = registry.catalogue()[improvement].crosses
    return crosses is None or crosses <= Version(application.upgrade[2])


def _environment(place: Path, wanted: Sequence[str]) -> Path:
    index = {"UV_DEFAULT_INDEX": archives.index()} if archives.index() else {}
    told = os.environ | index | {"UV_COMPILE_BYTECODE": "0"}
    python = str(place / "bin" / "python")
    make = ("venv", f"--python={sys.executable}", str(place))
    install = ("pip", "install", f"--python={python}", "--only-binary=:all:", *wanted)
    for words in (make, install):
        subprocess.run((UV, "--quiet", *words), env=told, check=True)
    return Path(python)


def _write(root: Path, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def _run(root: Path, python: Path) -> int:
    """Return how an application's tests end: 0 is green, 1 and 2 (nothing could be imported) red."""
    words = (str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=.")
    told = {"PATH": os.environ["PATH"], "PYTHONPATH": ".", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(words, cwd=root, env=told, capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout + done.stderr)
    return min(done.returncode, 1)


def _pinned(application: Application) -> bytes:
    name, _, new = application.upgrade
    return f"{name}=={new}\n".encode()


def _scanned(application: Application, files: Mapping[str, bytes]) -> Report:
    name, old, new = application.upgrade
    known = registry.catalogue()
    wanted = {id_: i for id_, i in known.items() if id_ == "upgrade-dependency" or i.distribution == name}
    catalogue = wanted if "requirements.txt" in files else {"upgrade-dependency": known["upgrade-dependency"]}
    releases = tuple(Release(Version(v), "2026-01-01T00:00:00Z") for v in (old, new))
    first = {"requirements.txt": f"{name}=={old}\n".encode()}
    request = scan.Request(
        tree=Files({**first, **files}),
        catalogue=catalogue,
        config=config.defaults(),
        now=_NOW,
        lookup=lambda names: {n: Releases(n, releases) for n in names if n == name},
        migrations=known,
        everything=True,
    )
    return scan.run(request)
