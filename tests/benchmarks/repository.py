"""Runs git in the folders that are measured."""

from __future__ import annotations

import subprocess
from pathlib import Path

_SETTINGS = (
    "user.name=benchmark",
    "user.email=benchmark@invalid",
    "core.autocrlf=false",
    "commit.gpgsign=false",
)


def git(root: Path, *words: str) -> None:
    """Run git in a folder, whatever its user has set up."""
    told = [word for setting in _SETTINGS for word in ("-c", setting)]
    subprocess.run(("git", *told, *words), cwd=root, check=True)
