"""Says of members of a group that they go alone, and why: what a reviewer of either pull request reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from codemods.model import Upgrade
from workers import inert
from workers.model import Apart, Candidate

_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]@!$&*+,;=%-]{1,500}")
_NAME, _EXCERPT, _ROWS = 120, 2_500, 20


def goes_alone(upgrade: Upgrade, apart: Sequence[Apart]) -> bool:
    """Say whether a member has left its group; a newer version of it may be fine in the group again."""
    names = {upgrade.name, f"{upgrade.name}=={upgrade.after}"}
    return any(not names.isdisjoint(one.members) for one in apart)


def left(candidate: Candidate, apart: Sequence[Apart]) -> tuple[str, ...]:
    """Return the members that have left the candidate's group, each once."""
    return tuple(dict.fromkeys(m for one in apart if one.key == candidate.key for m in one.members))


def sections(candidate: Candidate, apart: Sequence[Apart]) -> Iterator[str]:
    """Yield the sections about who left the candidate's group, and why the candidate left one."""
    gone = [f"- {_sentence(one)}" for one in apart if one.key == candidate.key][:_ROWS]
    if gone:
        yield "### What comes alone\n\n" + "\n".join(gone)
    for one in apart:
        if one.key != candidate.key and any(goes_alone(upgrade, [one]) for upgrade in candidate.upgrades):
            yield f"### Why it comes alone\n\n{_sentence(one)}{_quoted(one.excerpt)}"
            return


def _sentence(one: Apart) -> str:
    members = " and ".join(f"`{member}`" for member in one.members[:_ROWS])
    group = f"`{one.key.rpartition('/')[2]}`"
    comes, it = ("comes", "it") if len(one.members) == 1 else ("come", "them")
    if one.check:
        return f"{members} {comes} alone: with {it}, the check {_check(one)} failed in {group}."
    why = one.why or "the checks of the group failed"
    return f"{members} {comes} alone, outside of {group}: {why}."


def _check(one: Apart) -> str:
    name = inert.markdown(" ".join(one.check.split()), "github.com", _NAME) or "without a name"
    return f"[{_plain(name)}]({one.url})" if _ADDRESS.fullmatch(one.url) else _plain(name)


def _plain(name: str) -> str:
    return name.replace("\\", "&#92;").replace("[", "&#91;").replace("]", "&#93;")


def _quoted(excerpt: str) -> str:
    """Return what a check said as a block of code, in which nothing acts."""
    lines = excerpt.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    plain = "".join(c for c in lines if c == "\n" or c.isprintable()).strip("\n")
    shown = plain if len(plain) <= _EXCERPT else f"{plain[:_EXCERPT]}…"
    fence = "`" * max(3, max(map(len, re.findall("`+", shown)), default=0) + 1)
    return f"\n\n{fence}text\n{shown}\n{fence}" if shown.strip() else ""
