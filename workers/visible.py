"""Leaves out what a reviewer could not see, and what would make a branch's name do more than name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from codemods.model import Edit, Finding, Problem

_UNSEEN = re.compile(
    rb"\xe2\x80[\x8b\x8e\x8f\xaa-\xae]|\xe2\x81[\xa0-\xa4\xa6-\xa9]|(?!\A)\xef\xbb\xbf|\xf3\xa0[\x80\x81]"
)
"""What turns text around or has no width, in UTF-8; a file may begin with a byte order mark."""
_TARGET = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/+@-]{0,199}")
"""What a branch's name may end with: workflows paste it into their scripts, and no shell reads more in it."""


def sifted(findings: Iterable[Finding]) -> tuple[list[Finding], list[Problem]]:
    """Return the findings that people can judge, and a problem for each file of the others."""
    kept: list[Finding] = []
    problems: dict[tuple[str, str], Problem] = {}
    judged: dict[int, bool] = {}
    for finding in findings:
        if finding.target and not _TARGET.fullmatch(finding.target):
            words = f"skipped: what `{finding.improvement}` is about has a name that no branch may have"
        elif finding.edit and _hides(finding.edit, judged):
            words = f"skipped: `{finding.improvement}` would write a line with characters that nobody sees"
        else:
            kept.append(finding)
            continue
        problems.setdefault((finding.path, words), Problem(finding.path, finding.line, words))
    return kept, list(problems.values())


def _hides(edit: Edit, judged: dict[int, bool]) -> bool:
    """Say whether a line that an edit writes has such characters; findings share their edits."""
    if id(edit) not in judged:
        after = edit.after or b""
        found = _UNSEEN.search(after) is not None
        fresh = set(after.splitlines()).difference((edit.before or b"").splitlines()) if found else ()
        judged[id(edit)] = any(_UNSEEN.search(line) for line in fresh)
    return judged[id(edit)]
