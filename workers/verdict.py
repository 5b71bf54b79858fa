"""Says on a commit what is wrong with its kotsu.yml, or what would follow from it, as a check run."""

from __future__ import annotations

from collections.abc import Iterator

from workers import logs
from workers.config import Broken
from workers.configured import Configured
from workers.github import GitHubError, PassingError, Remark, Repo, Statement

NAME = "Kotsu configuration"
_MOST_TEXT = 60_000
"""Characters of a summary at most; GitHub takes 65,535."""

log = logs.get(__name__)


def tell(repo: Repo, commit: str, found: Configured) -> None:
    """Say what is wrong with the files that hold for a repository.

    A mistake of its organisation's file is no failure of its own, and told only where it stops everything.
    """
    own = [broken for broken in found.broken if broken.source == found.own]
    if not own and found.config is not None:
        return
    first = (own or found.broken)[0]
    count = len(first.mistakes)
    title = f"{first.source} has {count} mistake" + "s" * (count != 1)
    rest = (
        "Nothing is proposed until the file is mended."
        if found.config is None
        else "What the mistakes may be about waits until the file is mended; the rest of it holds."
    )
    said = "\n".join(str(b) if b in own else "\n".join(_places(b)) for b in found.broken)
    summary = f"{rest}\n\n```text\n{said[:_MOST_TEXT]}\n```\n"
    remarks = [
        Remark(broken.source, m.line, m.column, f"{m.message}: {m.suggestion}" if m.suggestion else m.message)
        for broken in own
        for m in broken.mistakes
    ]
    say(repo, commit, Statement(NAME, "failure" if own else "neutral", title, summary, remarks))


def _places(broken: Broken) -> Iterator[str]:
    """Yield where another repository's file has mistakes: who reads here may not be allowed to know more."""
    for mistake in broken.mistakes:
        yield f"{broken.source}:{mistake.line}:{mistake.column}: see the check run there"


def say(repo: Repo, commit: str, said: Statement) -> None:
    """Write a check run; where the App may not, it stays unsaid."""
    try:
        repo.statements.make(commit, said)
    except PassingError:
        raise
    except GitHubError as error:
        log.warning("check of kotsu.yml not written", reason=str(error))
