"""Writes the first pull request of a repository: a kotsu.yml with every option, and what would follow."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from codemods.model import Applicability, Category, Edit
from workers import answered, calm, patch, rebuild
from workers.answered import Word
from workers.config import PATHS, Config
from workers.draft import TITLE
from workers.evaluation import pausing
from workers.evaluation.pausing import Paused
from workers.model import CONFIGURE, Past, Proposal, Report, State, Wanted, Withheld
from workers.plan import ORDER
from workers.reasons import Reason

KEY = CONFIGURE
SHOWN = 3
"""How many proposals are shown with their diffs."""
_TITLE = "Configure Kotsu"
_LINES, _WIDE = 60, 160
_LONGEST = 110
_COMMON = frozenset({"campaigns", "teams", "organisation", "onboarding"})
"""What only the file of an organisation can say."""
_HEAD = """\
# Everything here is a comment and shows what holds by default: remove the `# ` in front of a line, and of
# the one that it is indented below, to change it. `kotsu check` finds mistakes, and a check run on the pull
# request that edits this file says what would follow from it."""
_DECLINED = """\
The pull request that adds kotsu.yml was closed, and that is an answer: the repository is left alone until \
it has the file, or that pull request is opened again."""
HAS_ONE = "The repository has a kotsu.yml by now, so there is nothing left to ask."
UNASKED = "The organisation's kotsu.yml says `onboarding: false` by now, so nobody is asked."
_WELCOME = f"""\
Kotsu opens small pull requests with improvements that a reviewer can read in minutes. This one adds \
`{PATHS[0]}`, in which every option stands as a comment with its default: change what you like, here on \
this branch or later, and merge it. Until it is merged nothing else is opened, security fixes neither."""
_PACE = """\
Of these, {limits.first} come first and then {limits.per_day} a day, with {limits.open} open at a time; \
security fixes come at once. A pull request of ours that you close is an answer: it is not opened again."""
_NO = """\
### No, thanks

Close this pull request or delete its branch: this repository is then left alone, and opening it again is \
a yes. With `onboarding: false` in the `kotsu.yml` of the organisation's `.github` repository, no repository \
is asked.
"""


def comes_first(past: Sequence[Past], config: Config, own: str) -> bool:
    """Say whether a repository decides about its kotsu.yml before anything else is opened in it.

    ``own`` is the path of the file that it has. Where we have opened something before, nobody is asked anew,
    nor where the organisation has switched everything off.
    """
    if own or not (config.onboarding and config.enabled):
        return False
    last = next((p for p in past if p.key == KEY), None)
    if last is None:
        return not past
    return not (last.state is State.MERGED or last.word == Word.DONE)


def left_alone(
    past: Sequence[Past], wanted: Wanted, now: datetime, pause: Paused | None = None
) -> Report | None:
    """Return the report on a repository that is left alone, None where it may be asked.

    To close the pull request is an answer for the whole repository, unless a word says for how long. While
    somebody has paused the repository (``pause``), nobody is asked anew.
    """
    last = next((p for p in past if p.key == KEY), None)
    closed = last if last and last.state is State.CLOSED else None
    why: tuple[Reason, str]
    if closed and answered.is_no(closed.word, (), ()):
        why = Reason.DECLINED, _DECLINED
    elif KEY in wanted.now:
        return None
    elif closed and closed.until and closed.until > now:
        why = answered.resting(closed.until, closed.word)
    elif pause and not (last and last.state is State.OPEN):
        why = Reason.REPOSITORY_PAUSED, pausing.sentence(pause)
    else:
        return None
    return Report((), (Withheld(KEY, "", _TITLE, *why),), ())


def report(found: Report, config: Config) -> Report:
    """Return the report that proposes the file, and nothing else that was found."""
    waiting = [
        Withheld(p.key, p.improvement, p.title, Reason.ONBOARDING, Reason.ONBOARDING.value)
        for p in found.proposals
    ]
    proposals, withheld = (_proposal(found.proposals, config),), (*waiting, *found.withheld)
    return Report(proposals, withheld, found.problems, facts=found.facts, is_advised=found.is_advised)


def _proposal(proposals: Sequence[Proposal], config: Config) -> Proposal:
    text = template().encode()
    edits = (Edit(PATHS[0], None, text),)
    digest, change = hashlib.sha256(text).hexdigest()[:32], rebuild.change(edits)
    return Proposal(
        key=KEY,
        improvement="",
        category=Category.HYGIENE,
        applicability=Applicability.SAFE,
        title=_TITLE,
        body=_body(proposals, config, digest),
        branch=f"kotsu/{KEY}",
        labels=config.labels,
        reviewers=config.reviewers,
        edits=edits,
        patch=patch.write(edits),
        minutes=0,
        digest=digest,
        change=change,
        open_as="ready",
    )


def _body(proposals: Sequence[Proposal], config: Config, digest: str) -> str:
    metadata = calm.data({"version": 1, "key": KEY, "improvement": "", "digest": digest})
    return "\n\n".join(
        (
            f"<!-- kotsu: {metadata} -->",
            _WELCOME,
            f"### What would follow\n\n{_counted(proposals)}",
            _PACE.format(limits=config.limits),
            *_previews(proposals),
            _NO,
        )
    )


def _counted(proposals: Sequence[Proposal]) -> str:
    if not proposals:
        return "Nothing for now: no improvement was found that would be proposed."
    counts = Counter(p.category for p in proposals)
    rows = "".join(f"\n| {category} | {counts[category]} |" for category in ORDER if counts[category])
    few = "1 pull request" if len(proposals) == 1 else f"{len(proposals)} pull requests"
    return f"{few}, if nothing is changed in the file:\n\n| category | |\n| :-- | --: |{rows}"


def _previews(proposals: Sequence[Proposal]) -> Iterator[str]:
    if proposals:
        some = "The first" if len(proposals) == 1 else f"The first {min(len(proposals), SHOWN)}"
        yield f"### {some}, as they would be"
    for proposal in proposals[:SHOWN]:
        yield f"**{_plain(proposal.title)}**\n\n{_fenced(proposal.patch)}"


def _plain(title: str) -> str:
    """Return a title as text that is no Markdown, and speaks to nobody."""
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in title[:TITLE])
    return re.sub(r"([@#])(?=\w)", "\\1\u200b", re.sub(r"([\\`*_<>\[\]|~])", r"\\\1", line))


def _fenced(text: str) -> str:
    """Return a diff in a fence that nothing in it ends, cut to what a reader looks at."""
    lines = text.expandtabs(4).split("\n")
    shown = [_cut(line) for line in lines[:_LINES]]
    more = [f"… and {len(lines) - _LINES} more lines"] if len(lines) > _LINES else []
    inner = "\n".join([*shown, *more]).rstrip("\n")
    fence = "`" * (max(map(len, re.findall("`+", inner)), default=0) + 3)
    return f"{fence}diff\n{inner}\n{fence}"


def _cut(line: str) -> str:
    plain = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
    return plain if len(plain) <= _WIDE else f"{plain[: _WIDE - 1]}…"


def template() -> str:
    """Return a kotsu.yml in which every option that a repository has stands as a comment, with its default.

    Each line of options is one that is valid without the ``# `` in front.
    """
    return "\n".join((_HEAD, *_options(Config, ""))) + "\n"


def _options(model: type[BaseModel], indent: str) -> Iterator[str]:
    for field in model.model_fields.values():
        name = str(field.alias)
        if name in _COMMON:
            continue
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield _line(f"# {indent}{name}:", field)
            yield from _options(inner, f"{indent}  ")
        else:
            value = _value(field)
            yield _line(f"# {indent}{name}: {value or _example(field)}", field, set_=bool(value))


def _line(start: str, field: FieldInfo, *, set_: bool = True) -> str:
    said = (field.description or "").partition(". ")[0].rstrip(".")
    for end in ("; ", ": "):
        if len(f"{start} # {said}") > _LONGEST:
            said = said.partition(end)[0]
    return f"{start} # {said}" + ("" if set_ else " (an example: it is not set)")


def _value(field: FieldInfo) -> str:
    """Return a field's default as YAML, ``""`` where nothing holds by default."""
    value: Any = field.get_default(call_default_factory=True)
    if value is None:
        return ""
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    if isinstance(value, str):
        return value if value.isalnum() else json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _example(field: FieldInfo) -> str:
    return "10" if int in get_args(field.annotation) else "acme/platform"
