"""Writes the proposal people will read: title, body, patch, and how to say no."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from codemods.model import Applicability, Category, Edit, Upgrade
from codemods.registry import Improvement
from workers import boxes, calm, impacts, patch, rebuild, releases, rules
from workers.apart import left, sections
from workers.config import Config
from workers.evidence import NOTHING, Shown
from workers.model import Apart, Background, Candidate, Proposal, mark

TITLE = 72
"""Characters of a title at most, so that no list cuts it."""
_ROWS, _LEFT = 50, 10
_LONGEST = 60_000
"""Characters of a body at most; GitHub takes 65,536."""
_REST = 100
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


def write(  # noqa: PLR0913 -- what it is written from, each of them a value
    candidate: Candidate,
    improvement: Improvement,
    config: Config,
    *,
    semantic: bool,
    known: Mapping[Upgrade, Background] = MappingProxyType({}),
    apart: Sequence[Apart] = (),
    shown: Shown = NOTHING,
) -> Proposal:
    """Return the proposal for a candidate; ``semantic`` asks for a prefix such as ``fix: `` in the title.

    What is ``known`` of the upgrades is in the body alone, and not in the digest: news of what is proposed
    already are no reason to write it again. Nor is another number of parts: what was reviewed stays. Nor is
    who went ``apart``: where that is news, the files differ too. ``shown`` is how long jobs take.
    """
    edits, wished = candidate.edits, rules.wishes(config, rules.about(candidate))
    labels = [*wished.labels]
    if candidate.category is Category.SECURITY:
        labels.append("security")
    if candidate.applicability is Applicability.UNSAFE:
        labels.append("needs-review")
    title = _title(candidate, improvement.kind, semantic=semantic)
    diff = patch.write(edits)
    unnumbered = _title(replace(candidate, parts=1), improvement.kind, semantic=semantic)
    change = rebuild.change(edits)
    digest, former = (_digest(unnumbered, candidate.answers, what) for what in (change, diff))
    said = {"digest": digest, "change": change, "title": mark(title)}
    return Proposal(
        key=candidate.key,
        improvement=candidate.improvement,
        category=candidate.category,
        applicability=candidate.applicability,
        title=title,
        body=_body(candidate, improvement, config, said, known=known, apart=apart, shown=shown),
        branch=f"kotsu/{candidate.key}",
        labels=tuple(dict.fromkeys(labels)),
        reviewers=wished.reviewers or candidate.owners,
        edits=edits,
        patch=diff,
        minutes=candidate.minutes,
        digest=digest,
        change=change,
        former=former,
        answers=candidate.answers,
        versions=candidate.versions,
        open_as=wished.open_as,
        # What others brought is for a person to read, whatever a rule says of what may change behaviour.
        automerge=wished.automerge and not any(upgrade.brought for upgrade in candidate.upgrades),
        commits=_commits(candidate, title),
        remarks=tuple(words for upgrade in candidate.upgrades for words in upgrade.remarks),
        cost=candidate.cost,
        team=candidate.team,
        overdraft=candidate.overdraft,
        urgent=candidate.urgent,
    )


def _commits(candidate: Candidate, title: str) -> tuple[tuple[str, tuple[Edit, ...]], ...]:
    """Return the subject and the edits of each commit, where there are several."""
    strides = [stride for stride in candidate.strides if stride.edits]
    if len(strides) < 2:  # noqa: PLR2004 -- several
        return ()
    return tuple((f"Migrate: {s.rides}" if s.rides else title, s.edits) for s in strides)


def _digest(title: str, answers: Sequence[Sequence[str]], what: str) -> str:
    same = "\n".join((title, *(names[0] for names in answers), what))
    return hashlib.sha256(same.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _title(candidate: Candidate, kind: str, *, semantic: bool) -> str:
    title = calm.title(candidate.title)
    if semantic:
        # A word of capitals, such as HTTP, keeps them.
        first = title if title[1:2].isupper() else title[:1].lower() + title[1:]
        title = f"{_prefix(candidate, kind)}: {first}"
    room = TITLE - len(candidate.number)
    return (title if len(title) <= room else title[: room - 1].rstrip() + "…") + candidate.number


def _prefix(candidate: Candidate, kind: str) -> str:
    if kind == "dependencies":
        return "fix(deps)" if candidate.category is Category.SECURITY else "chore(deps)"
    if kind == "workflows":
        return "ci"
    if kind == "lifecycle":
        return "chore"
    return {"security": "fix", "reliability": "fix", "speed": "perf"}.get(candidate.category, "refactor")


def _body(  # noqa: PLR0913 -- what it is written from, each of them a value
    candidate: Candidate,
    improvement: Improvement,
    config: Config,
    said: Mapping[str, str],
    *,
    known: Mapping[Upgrade, Background],
    apart: Sequence[Apart],
    shown: Shown,
) -> str:
    """Return the body; release notes and then the table give way where it would be too long.

    So it always ends well.
    """
    about = improvement.about
    metadata = {"version": 1, "key": candidate.key, "improvement": candidate.improvement, **said}
    metadata |= {"answers": [names[0] for names in candidate.answers]} if candidate.answers else {}
    metadata |= {"files": candidate.marks} if candidate.marks else {}
    metadata |= {"versions": candidate.versions} if candidate.versions else {}
    metadata |= {"parts": candidate.parts} if candidate.parts > 1 else {}
    metadata |= {"apart": gone} if (gone := left(candidate, apart)) else {}
    metadata |= {"cost": candidate.cost} if candidate.cost else {}
    metadata |= {"team": candidate.team} if candidate.team else {}
    metadata |= {"overdraft": True} if candidate.overdraft else {}
    metadata |= {"claim": shown.claim} if shown.claim else {}
    metadata |= {"saving": shown.saving} if shown.saving else {}
    before = f"<!-- kotsu: {calm.data(metadata)} -->\n\n{improvement.rationale}\n\n### What changes\n\n"
    if candidate.parts > 1:
        before += (
            f"This is part {candidate.part} of {candidate.parts}; the others follow as parts are merged.\n\n"
        )
    told = (
        *sections(candidate, apart),
        *_left(candidate),
        *impacts.sections(candidate),
        *releases.section(candidate, known),
        *filter(None, [shown.text]),
    )
    news = "".join(f"\n\n{part}" for part in told)
    after = "\n\n" + "\n\n".join(
        (
            *_measured(improvement),
            f"### Risk, and how to undo it\n\n{about.risk} {_TRUST[about.applicability]} {_UNDO}",
            "### References\n\n" + "\n".join(f"- {address}" for address in about.references),
            _price(candidate),
            _no_thanks(candidate, improvement.kind, config),
            boxes.FOOTER,
        )
    )
    room = _LONGEST - len(before) - len(news) - len(after)
    table = _table(candidate, room)
    return before + table + news + releases.published(candidate, known, room - len(table)) + after


def _table(candidate: Candidate, room: int) -> str:
    """Return the table with as many rows as there is room for, in characters."""
    table = "| File | Line | Change |\n| :-- | --: | :-- |"
    shown = 0
    for finding in candidate.findings[:_ROWS]:
        row = f"\n| {calm.code(finding.path)} | {finding.line} | {calm.line(finding.message)} |"
        if len(table) + len(row) > room - _REST:
            break
        table, shown = table + row, shown + 1
    total, files = len(candidate.findings), len({f.path for f in candidate.findings})
    if shown == total:
        return table
    return (
        f"{table}\n\n… and {total - shown} more; in all {total} places in {files} file{'s' * (files != 1)}."
    )


def _left(candidate: Candidate) -> Iterator[str]:
    """Yield the section about the places that name the same and stay, if there are any."""
    lines = [f"- {calm.code(f'{f.path}:{f.line}')}: {calm.line(f.message)}" for f in candidate.left[:_LEFT]]
    if len(candidate.left) > _LEFT:
        lines.append(f"- … and {len(candidate.left) - _LEFT} more")
    if lines:
        yield "### What stays as it is\n\n" + "\n".join(lines)


def _measured(improvement: Improvement) -> Iterator[str]:
    """Yield the section about what was measured, if the improvement is about speed."""
    claim = improvement.benchmark if improvement.about.category is Category.SPEED else None
    if claim:
        fence = "`" * max(3, len(max(re.findall("`+", claim.code), default="")) + 1)
        yield f"### How much faster\n\n{claim.sentence}\n\n{fence}python\n{claim.code}\n{fence}"


def _price(candidate: Candidate) -> str:
    """Return the line about what the review costs; the name of a team is a span of code, and pings nobody."""
    words = f"Its review is estimated at {candidate.cost} minutes"
    words += f", of the budget of `{candidate.team}`" if candidate.team else ""
    if candidate.overdraft and candidate.urgent:
        return f"{words}. It goes beyond a limit or a budget, because it cannot wait."
    return f"{words}, which is more than the budget has." if candidate.overdraft else f"{words}."


def _no_thanks(candidate: Candidate, kind: str, config: Config) -> str:
    key = candidate.key if "/" in candidate.key else candidate.improvement
    choices: Iterable[str] = dict.fromkeys((key, candidate.improvement))
    snippets = "\n\nor, for everything of this kind,\n\n".join(
        f"```yaml\n{config.snippet(choice)}```" for choice in choices
    )
    line = "hold" if kind == "dependencies" else "ignore"
    later = ", unless another weakness is published" if candidate.answers else ""
    if candidate.parts > 1:
        later = ", nor will any other part of it"
    return (
        "<details><summary>Don't want this?</summary>\n\n"
        f"Close this pull request: that is an answer, and it will not be opened again{later}. "
        f"To switch it off, add to `.github/kotsu.yml`:\n\n{snippets}\n\n"
        f"A single line is left alone with the comment `# kotsu: {line}`.\n\n</details>"
    )
