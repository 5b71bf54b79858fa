"""A checkout in real git, for tests that look at one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

PLAIN = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "TZ": "UTC"}
ADA = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "1700000000 +0000",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_COMMITTER_DATE": "1700000000 +0000",
}


NONE: Mapping[str, str] = MappingProxyType({})


def git(folder: Path, *arguments: str, data: bytes = b"", environment: Mapping[str, str] = NONE) -> bytes:
    """Run plain git, as a person would who trusts the repository."""
    everything = {"PATH": os.environ["PATH"], **PLAIN, **ADA, **environment}
    return subprocess.run(
        ["git", *arguments], cwd=folder, env=everything, input=data, capture_output=True, check=True
    ).stdout


def commit(folder: Path, message: str = "Add", **environment: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", message, environment=environment)


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x = 1\n")
