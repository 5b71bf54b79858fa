"""The door to GitHub: the only room that speaks githubkit, and that knows what its answers mean."""

from __future__ import annotations

from workers.github.app import PERMISSIONS, App
from workers.github.client import (
    GitHubError,
    GoneError,
    LimitedError,
    LockedOutError,
    PassingError,
    RefusedError,
)
from workers.github.commits import File
from workers.github.known import Known
from workers.github.pulls import Pull
from workers.github.repo import About, Repo
from workers.github.statements import Remark, Statement

__all__ = [
    "PERMISSIONS",
    "About",
    "App",
    "File",
    "GitHubError",
    "GoneError",
    "Known",
    "LimitedError",
    "LockedOutError",
    "PassingError",
    "Pull",
    "RefusedError",
    "Remark",
    "Repo",
    "Statement",
]
