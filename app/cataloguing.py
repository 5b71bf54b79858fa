"""How the catalogue of improvements looks on a terminal, and in a pipe."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rich.text import Text

from app import showing
from codemods import testing
from codemods.boundaries import PYTHON
from codemods.model import About, Applicability, Edit
from codemods.registry import Improvement
from workers import patch, plan
from workers.config import PATHS, Config

_WIDE = 80
"""Columns of prose at most, as longer lines are hard to read."""
_LEFT = 10
TRUST = {
    Applicability.SAFE: "Safe: the code does the same as before.",
    Applicability.UNSAFE: (
        "Unsafe: behaviour can change, so its pull requests get the label `needs-review`, "
        "and `unsafe: false` in kotsu.yml keeps all of its kind away."
    ),
    Applicability.ADVICE: "Advice: no edit is provably right, so it is only told.",
}
"""What people may expect of an improvement, by its applicability."""


def listed(found: Iterable[Improvement]) -> None:
    """Print the improvements by category, the most valuable first, one in a line as far as it is wide."""
    known = sorted(found, key=lambda i: (plan.ORDER.index(i.about.category), i.id))
    ids = max((len(i.id) for i in known), default=0)
    words = max((len(i.about.applicability) for i in known), default=0)
    for category in plan.ORDER:
        group = [i for i in known if i.about.category is category]
        if not group:
            continue
        _say(category.capitalize(), "bold")
        for improvement in group:
            about = improvement.about
            start = f"  {improvement.id:{ids}}  {about.applicability:{words}}  "
            title = about.title if about.default else f"{about.title} (off unless kotsu.yml names it)"
            _say("\n".join(_hanging(title, start, _columns())))
        _say("")
    counts = Counter(i.about.applicability for i in known)
    told = ", ".join(f"{counts[a]} {a}" for a in Applicability if counts[a])
    _say(f"{len(known)} improvements: {told}. `kotsu show ID` explains one.")


def explained(improvement: Improvement) -> None:
    """Print what a person wants to know of one improvement before saying yes or no to it."""
    about = improvement.about
    _say(about.title, "bold")
    _say(f"{improvement.id} (category {about.category})")
    for text in (TRUST[about.applicability], *improvement.rationale.split("\n\n")):
        _say("")
        _prose(text)
    _section("Risk", _wrapped(about.risk))
    if improvement.distribution:
        _section("When", _wrapped(when(improvement)))
    if about.options:
        options = (f"    {name}: {json.dumps(value)}" for name, value in about.options.items())
        _section(
            "Options in kotsu.yml, with their defaults", ("improvements:", f"  {improvement.id}:", *options)
        )
    cases = testing.cases(improvement.page)
    _section("For example", _example(cases))
    if improvement.benchmark:
        measured = (*_wrapped(improvement.benchmark.sentence), "", *improvement.benchmark.code.split("\n"))
        _section("How much faster", measured)
    _section("Left alone", _unchanged(cases))
    _section("References", about.references)
    if not about.default:
        _section("To say yes, for it is off by default", ("improvements:", f"  {improvement.id}: true"))
    _section("To say no", _no(improvement.id, about, improvement.kind))


def when(improvement: Improvement) -> str:
    """Return a sentence about a migration: what it rides with, and from when on it goes by itself."""
    name, crosses, since = improvement.distribution, improvement.crosses, improvement.since
    if name == PYTHON:
        return (
            f"It rides where tests begin to run on Python {crosses}, as a commit of its own, and goes by "
            f"itself where no Python below {since} is supported."
        )
    return (
        f"It rides with an upgrade of {name} from below {crosses}, as a commit of its own, and goes by "
        f"itself where no version below {since} can be installed."
    )


def _example(cases: Iterable[testing.Case]) -> Sequence[str]:
    """Return the first case that changes as a diff: what it does is shown quicker than told."""
    case = next((c for c in cases if c.changes), None)
    if case is None:
        return ()
    diff = patch.write([Edit(case.path, case.before.encode(), case.after.encode())])
    return (f"# {case.title}", *diff.rstrip("\n").split("\n")[1:])


def _unchanged(cases: Iterable[testing.Case]) -> Iterator[str]:
    titles = [c.title for c in cases if not c.changes]
    for title in titles[:_LEFT]:
        yield from _hanging(title, "- ", _prose_columns())
    if len(titles) > _LEFT:
        yield f"- … and {len(titles) - _LEFT} more"


def _no(id_: str, about: About, kind: str) -> Iterator[str]:
    yield from _wrapped(f"To all of it, in {' or '.join(PATHS)}:")
    yield from ("", *_indented(Config.snippet(id_)), "")
    if kind == "dependencies":
        yield from _wrapped("To one dependency, by its name:")
        yield from ("", *_indented(Config.snippet(f"{id_}/NAME")), "")
        yield from _wrapped("To one line, by a comment on it: # kotsu: hold")
    else:
        yield from _wrapped(f"To one line, by a comment on it: # kotsu: ignore[{id_}]")
    if about.applicability is not Applicability.ADVICE:
        yield from ("", *_wrapped("Or close its pull request: that is an answer, and it stays one."))


def _section(title: str, lines: Iterable[str]) -> None:
    """Print a heading with lines below it, nothing where there are none."""
    told = list(lines)
    if told:
        _say("")
        _say(title, "bold")
        _say("\n".join(f"  {line}".rstrip() for line in told))


def _prose(text: str) -> None:
    _say("\n".join(textwrap.wrap(text, _prose_columns() + 2, break_long_words=False, break_on_hyphens=False)))


def _wrapped(text: str) -> Sequence[str]:
    return textwrap.wrap(text, _prose_columns(), break_long_words=False, break_on_hyphens=False)


def _hanging(text: str, start: str, columns: int) -> Sequence[str]:
    """Wrap a text behind its start, each further line below the first."""
    width = max(columns, len(start) + 20)
    return textwrap.wrap(
        text,
        width,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _indented(text: str) -> Sequence[str]:
    return [f"  {line}" for line in text.rstrip("\n").split("\n")]


def _prose_columns() -> int:
    return min(_columns(), _WIDE) - 2


def _columns() -> int:
    """Return how wide the terminal is; a pipe gets every improvement in one line, as scripts want it."""
    is_known = sys.stdout.isatty() or "COLUMNS" in os.environ
    return max(shutil.get_terminal_size().columns, 40) if is_known else 10_000


def _say(text: str, style: str = "") -> None:
    showing.out().print(Text(text, style=style))
