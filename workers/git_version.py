"""Which git there is: one that is missing or too old is told at the start, not in the middle of a job."""

from __future__ import annotations

import re
from pathlib import Path

from workers import git

LOWEST = (2, 38, 0)
"""The first that merges without a work tree (`merge-tree --write-tree`)."""
_PATCHED = {39: 4, 40: 2, 41: 1, 42: 2, 43: 4, 44: 1, 45: 1}
"""The first release of each line of git 2 with the fixes of May 2024; older lines got none."""
_FIXES = "CVE-2024-32002, CVE-2024-32004, CVE-2024-32020, CVE-2024-32021 and CVE-2024-32465"

Version = tuple[int, int, int]


def installed() -> Version:
    """Return the version of git; GitError with what to do where there is none."""
    said = git.run(Path("/"), "version").decode("utf-8", "replace").strip()
    found = re.match(r"git version (\d+)\.(\d+)(?:\.(\d+))?", said)
    if found is None:
        raise git.GitError(f"git says {said[:100]!r} of its version: install an ordinary one")
    return int(found[1]), int(found[2]), int(found[3] or 0)


def unusable(version: Version) -> str:
    """Return why a version cannot be worked with, and what to do; ``""`` where it can."""
    if version >= LOWEST:
        return ""
    return f"git {_written(version)} is too old: install {_written(LOWEST)} or newer"


def unpatched(version: Version) -> str:
    """Return which fixes a version lacks, unless the system's own package has them; ``""`` where none."""
    minor = version[1] if version[1] in _PATCHED else min(_PATCHED)
    first = (2, minor, _PATCHED[minor])
    if version >= first:
        return ""
    return (
        f"git {_written(version)} is older than {_written(first)}, which has the fixes for {_FIXES}: install "
        "that or a newer one, or make sure that your distribution's package has them"
    )


def _written(version: Version) -> str:
    return ".".join(map(str, version))
