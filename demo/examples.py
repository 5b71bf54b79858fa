"""The three bundled sample repositories, as files and as repositories of the local GitHub."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from demo.github import LocalGitHub

FOLDER = Path(__file__).parent / "samples"
OWNER = "acme"

# Subjects, oldest first: the first repository writes semantic commits, the others do not.
_HISTORIES = {
    "billing-api": (
        "feat: issue invoices and payment links",
        "fix: round amounts half to even",
        "docs: say how to run it",
        "chore: pin what runs in production",
    ),
    "data-tools": ("Read and summarise tables", "Add the command line", "Release 1.9.0"),
    "ops-scripts": ("Scripts for the on-call person", "Ask the shop too", "Run the checks at night"),
}
NAMES: Sequence[str] = tuple(_HISTORIES)


def files(name: str) -> dict[str, bytes]:
    """Return the files of a sample by path."""
    root = FOLDER / name
    found = sorted(path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def fill(hub: LocalGitHub) -> list[str]:
    """Make the sample repositories, with two people who work in them; return their full names."""
    for name, history in _HISTORIES.items():
        repository = hub.repository(f"{OWNER}/{name}", files(name), history=history)
        repository.collaborators |= {"ada-example": "admin", "grace-example": "write"}
        for login in repository.collaborators:
            hub.world.account(login)
    return [f"{OWNER}/{name}" for name in NAMES]
