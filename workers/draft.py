"""Writes the proposal people will read: title, body, patch, and how to say no."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence

from codemods.model import Applicability, Category, Upgrade
from codemods.registry import Improvement
from workers import patch
from workers.config import Config
from workers.model import Candidate, Proposal

TITLE = 72
"""Characters of a title at most, so that no list cuts it."""
_ROWS = 50
_LONGEST = 60_000
"""Characters of a body at most; GitHub takes 65,536."""
_REST = 100
_SPANS = re.compile(r"((?<![\\`])(?:`[^`]+`|``[^`](?:[^`]|(?<!`)`(?!`))*``)(?!`))")
_LINKING = re.compile(
    r"[@#](?=\w)|\](?=\((?!https://))|\bGH(?=-\d)|\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?=:?\s+https?:)",
    re.IGNORECASE,
)
_SEMANTIC = re.compile(r"(?:feat|fix|docs|style|refactor|perf|test|build|ci|chore|revert)(?:\([^)]+\))?!?: ")
_SHARE = 0.5
_ENOUGH = 5
_TRUST = {
    Applicability.SAFE: "It is classed as *safe*: the code does the same as before.",
    Applicability.UNSAFE: "It is classed as *unsafe*: behaviour can change, so please review it.",
    Applicability.ADVICE: "It is a suggestion.",
}
_UNDO = "One commit holds all of it: reverting it undoes everything."


def is_semantic(subjects: Sequence[str]) -> bool:
    """Say whether a history's commit subjects (newest first) follow the semantic convention."""
    own = [s for s in subjects if not s.startswith(("Merge ", "Revert "))][:30]
    return len(own) >= _ENOUGH and sum(bool(_SEMANTIC.match(s)) for s in own) >= _SHARE * len(own)


def write(candidate: Candidate, improvement: Improvement, config: Config, *, semantic: bool) -> Proposal:
    """Return the proposal for a candidate; ``semantic`` asks for a prefix such as ``fix: `` in the title."""
    edits = candidate.edits
    labels = [*config.labels]
    if candidate.category is Category.SECURITY:
        labels.append("security")
    if candidate.applicability is Applicability.UNSAFE:
        labels.append("needs-review")
    title = _title(candidate, improvement.kind, semantic=semantic)
    diff = patch.write(edits)
    digest = hashlib.sha256(f"{title}\n{diff}".encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return Proposal(
        key=candidate.key,
        improvement=candidate.improvement,
        category=candidate.category,
        applicability=candidate.applicability,
        title=title,
        body=_body(candidate, improvement, config, digest),
        branch=f"kotsu/{candidate.key}",
        labels=tuple(dict.fromkeys(labels)),
        reviewers=config.reviewers,
        edits=edits,
        patch=diff,
        minutes=candidate.minutes,
        digest=digest,
    )


def _title(candidate: Candidate, kind: str, *, semantic: bool) -> str:
    title = " ".join(candidate.title.split())
    part = f" (part {candidate.part})" if candidate.part > 1 else ""
    if semantic:
        # A word of capitals, such as HTTP, keeps them.
        first = title if title[1:2].isupper() else title[:1].lower() + title[1:]
        title = f"{_prefix(candidate, kind)}: {first}"
    room = TITLE - len(part)
    return (title if len(title) <= room else title[: room - 1].rstrip() + "…") + part


def _prefix(candidate: Candidate, kind: str) -> str:
    if kind == "dependencies":
        return "fix(deps)" if candidate.category is Category.SECURITY else "chore(deps)"
    if kind == "workflows":
        return "ci"
    return {"security": "fix", "reliability": "fix", "speed": "perf"}.get(candidate.category, "refactor")


def _body(candidate: Candidate, improvement: Improvement, config: Config, digest: str) -> str:
    """Return the body; only the table gives way where it would be too long, so that it always ends well."""
    about = improvement.about
    metadata = {"version": 1, "key": candidate.key, "improvement": candidate.improvement, "digest": digest}
    before = f"<!-- kotsu: {json.dumps(metadata)} -->\n\n{improvement.rationale}\n\n### What changes\n\n"
    after = "\n\n".join(
        (
            "",
            *_releases(candidate),
            f"### Risk, and how to undo it\n\n{about.risk} {_TRUST[about.applicability]} {_UNDO}",
            "### References\n\n" + "\n".join(f"- {address}" for address in about.references),
            _no_thanks(candidate, improvement.kind, config) + "\n",
        )
    )
    return before + _table(candidate, _LONGEST - len(before) - len(after)) + after


def _table(candidate: Candidate, room: int) -> str:
    """Return the table with as many rows as there is room for, in characters."""
    table = "| File | Line | Change |\n| :-- | --: | :-- |"
    shown = 0
    for finding in candidate.findings[:_ROWS]:
        row = f"\n| {_code(finding.path)} | {finding.line} | {_calm(finding.message)} |"
        if len(table) + len(row) > room - _REST:
            break
        table, shown = table + row, shown + 1
    total, files = len(candidate.findings), len({f.path for f in candidate.findings})
    if shown == total:
        return table
    return (
        f"{table}\n\n… and {total - shown} more; in all {total} places in {files} file{'s' * (files != 1)}."
    )


def _releases(candidate: Candidate) -> Iterator[str]:
    """Yield the section about the new releases, if there are any."""
    upgrades = list(dict.fromkeys(f.upgrade for f in candidate.findings if f.upgrade))[:_ROWS]
    if upgrades:
        rows = "\n".join(map(_release, upgrades))
        yield f"### Releases\n\n| | Version | Released | Python |\n| :-- | :-- | :-- | :-- |\n{rows}"


def _release(upgrade: Upgrade) -> str:
    old, new = (f"`{p}`" if p else "any" for p in upgrade.pythons)
    name = f"[{upgrade.name}]({upgrade.page})" if upgrade.page else upgrade.name
    days = "1 day" if upgrade.age == 1 else f"{upgrade.age} days"
    released = f"{upgrade.released}, {days} before this was proposed" if upgrade.released else "unknown"
    number = f"{upgrade.before} → {upgrade.after}" if upgrade.before else str(upgrade.after)
    python = new if new == old or upgrade.before is None else f"{new} (was {old})"
    return f"| {name} | {number} | {released} | {python} |"


def _code(text: str) -> str:
    """Return a path as a span of code in a table's cell, whatever characters it has."""
    plain = _printable(text).replace("|", "\\|")
    fence = "`" * (max(map(len, re.findall("`+", plain)), default=0) + 1)
    pad = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _calm(text: str) -> str:
    """Keep a line of Markdown inside of its table cell, and from pinging, closing or embedding anything."""
    line = _printable(" ".join(text.replace("\\|", "|").replace("|", "\\|").split()))
    parts = _SPANS.split(line)
    # Every second part is a span of code, which GitHub leaves alone.
    return "".join(part if number % 2 else _inert(part) for number, part in enumerate(parts))


def _inert(text: str) -> str:
    text = text.replace("<", "&lt;").replace("![", "!\u200b[")
    return _LINKING.sub("\\g<0>\u200b", text)


def _no_thanks(candidate: Candidate, kind: str, config: Config) -> str:
    key = candidate.key if "/" in candidate.key else candidate.improvement
    choices: Iterable[str] = dict.fromkeys((key, candidate.improvement))
    snippets = "\n\nor, for everything of this kind,\n\n".join(
        f"```yaml\n{config.snippet(choice)}```" for choice in choices
    )
    line = "hold" if kind == "dependencies" else "ignore"
    return (
        "<details><summary>Don't want this?</summary>\n\n"
        "Close this pull request: that is an answer, and it will not be opened again. "
        f"To switch it off, add to `.github/kotsu.yml`:\n\n{snippets}\n\n"
        f"A single line is left alone with the comment `# kotsu: {line}`.\n\n</details>"
    )
