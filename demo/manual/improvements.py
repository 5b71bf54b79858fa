"""Writes a page in Markdown for each improvement out of what it says of itself and of its cases."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from app import cataloguing
from codemods import testing
from codemods.model import Applicability, Edit
from codemods.registry import Improvement
from workers import patch, plan
from workers.config import Config

_CODE = re.compile(r"(`+[^`]*`+)")
_LIVE = re.compile(r"([*_<\[\]])")
"""What a title may hold that Markdown would read as its own."""


def pages(found: Iterable[Improvement]) -> Mapping[str, str]:
    """Return the pages by file name: one for each improvement, and an index by category."""
    known = sorted(found, key=lambda i: (plan.ORDER.index(i.about.category), i.id))
    return {"index.md": _index(known), **{f"{i.id}.md": _text(_page(i)) for i in known}}


def _index(known: Sequence[Improvement]) -> str:
    lines = ["# Improvements", "", "What `kotsu list` shows; each name leads to all its cases."]
    for category in plan.ORDER:
        group = [i for i in known if i.about.category is category]
        if group:
            lines += ["", f"## {category.capitalize()}", "", "| improvement | is | does |", "|---|---|---|"]
        for one in group:
            off = "" if one.about.default else " (off unless kotsu.yml names it)"
            about = one.about
            lines.append(f"| [`{one.id}`]({one.id}.md) | {about.applicability} | {about.title}{off} |")
    return _text(lines)


def _page(improvement: Improvement) -> Iterator[str]:
    about, cases = improvement.about, testing.cases(improvement.page)
    yield f"# {plain(about.title)}"
    yield from ("", f"`{improvement.id}`, in the category {about.category}.", "")
    yield from (cataloguing.TRUST[about.applicability], "", improvement.rationale, "")
    yield from ("## Risk", "", about.risk)
    if improvement.distribution:
        yield from ("", "## When", "", cataloguing.when(improvement))
    if about.options or not about.default:
        yield from ("", "## To say yes, or how", "", *_fenced("yaml", _wanted(improvement)))
    yield from ("", "## What it does", "", *_shown(cases))
    if improvement.benchmark:
        measured = improvement.benchmark
        yield from ("## How much faster", "", measured.sentence, "", *_fenced("python", measured.code), "")
    yield from ("## What it leaves alone", "")
    yield from (f"- {plain(case.title)}" for case in cases if not case.changes and not case.advice)
    yield from ("", "## To say no", "", "In kotsu.yml:", "")
    yield from _fenced("yaml", Config.snippet(improvement.id))
    if about.applicability is not Applicability.ADVICE:
        yield from ("", "Or close its pull request: that is an answer, and it stays one.")
    yield from ("", "## References", "", *(f"- <{address}>" for address in about.references))


def _wanted(improvement: Improvement) -> str:
    options = improvement.about.options
    if not options:
        return f"improvements:\n  {improvement.id}: true\n"
    told = "".join(f"    {name}: {json.dumps(value)}\n" for name, value in options.items())
    return f"improvements:\n  {improvement.id}:\n{told}"


def _shown(cases: Iterable[testing.Case]) -> Iterator[str]:
    """Yield what each case changes as a diff, and what it says of the others."""
    for case in cases:
        if not case.changes and not case.advice:
            continue
        yield from (f"### {plain(case.title)}", "")
        if case.changes:
            diff = patch.write([Edit(case.path, case.before.encode(), case.after.encode())])
            yield from (*_fenced("diff", diff.partition("\n")[2]), "")
        else:
            yield from (f"`{case.path}`:", "", *_fenced("text", case.before), "")
        for message in case.advice:
            yield from ("It says:", "", *_fenced("text", message), "")


def _fenced(language: str, text: str) -> Iterator[str]:
    """Yield a block of code; its fence is longer than any in the text."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    yield from (f"{fence}{language}", *text.rstrip("\n").split("\n"), fence)


def plain(text: str) -> str:
    """Return a title as Markdown shows it letter by letter, but for its code."""
    parts = _CODE.split(text)
    return "".join(part if n % 2 else _LIVE.sub(r"\\\1", part) for n, part in enumerate(parts))


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
