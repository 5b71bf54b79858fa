"""Brings releases of real projects from the package index, each as a git repository of its own."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

_SETTINGS = ("user.name=tests", "user.email=tests@invalid", "core.autocrlf=false", "commit.gpgsign=false")


def index() -> str:
    """Return the index that pip and uv are told to use here, ``""`` for PyPI itself."""
    names = ("KOTSU_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
    return next((os.environ[n] for n in names if os.environ.get(n)), "")


def brought(name: str, version: str, folder: Path) -> Path:
    """Return a release's repository, which is made unless it is there."""
    root = folder / "projects" / f"{name}-{version}"
    if not (root / ".git").exists():
        root.mkdir(parents=True, exist_ok=True)
        with tarfile.open(_archive(name, version, folder)) as archive:
            archive.extractall(root, filter=_stripped)
        committed(root)
    return root


def committed(root: Path, message: str = "As released") -> None:
    """Make a repository of a folder unless it is one, and commit all that it holds."""
    for words in (("init", "-q"), ("add", "-A", "-f"), ("commit", "-q", "--allow-empty", "-m", message)):
        git(root, *words)


def git(root: Path, *words: str) -> bytes:
    """Run git in a folder, whatever its user has set up, and return what it says."""
    told = [word for setting in _SETTINGS for word in ("-c", setting)]
    return subprocess.run(("git", *told, *words), cwd=root, check=True, stdout=subprocess.PIPE).stdout


def _archive(name: str, version: str, folder: Path) -> Path:
    """Return the release's source archive, downloaded once."""
    base = (index() or "https://pypi.org/simple").rstrip("/") + f"/{name}/"
    asked = urllib.request.Request(base, headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        files = json.load(answer)["files"]
    file = next(f for f in files if f["filename"].endswith(f"-{version}.tar.gz"))
    path = folder / "archives" / file["filename"]
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")  # what was interrupted is not taken for the archive
        with urllib.request.urlopen(urljoin(base, file["url"]), timeout=300) as answer:
            part.write_bytes(answer.read())
        part.replace(path)
    return path


def _stripped(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
    """Return a member without the archive's own folder; links and what only packaging wrote stay out."""
    inside = member.name.partition("/")[2]
    if not inside or ".egg-info/" in f"{inside}/" or not (member.isfile() or member.isdir()):
        return None
    return tarfile.data_filter(member.replace(name=inside), path)
