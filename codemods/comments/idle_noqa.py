"""A `noqa` comment that silences nothing hides what somebody writes on its line next year.

The line was mended, or the rule has learned since, and the comment stayed. Ruff itself is asked, in the
version that the project locks or pins and with its configuration: where a rule that is switched on finds
nothing on the line of a comment that names it, its code is taken away, or the comment if it names no other.

Codes of rules that are not switched on stay, for another tool may read them, and so do a comment without
codes, which may be about such a rule, and one that gives a reason, which a person should read first. Where
flake8 or another reader of these comments is configured too, or ruff is called with rules of its own on some
command line, nothing is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.source import Comment, Source, span

ABOUT = About(
    title="Take noqa comments away that silence nothing",
    category=Category.HYGIENE,
    applicability=Applicability.SAFE,
    risk="None for what runs: only comments go, and ruff finds the same with and without them.",
    references=("https://docs.astral.sh/ruff/rules/unused-noqa/",),
    needles=(b"noqa", b"NOQA"),
    pattern=rb"(?i:noqa)[ \t]*:[ \t]*[A-Z]+[0-9]",
    minutes=2,
    asks=("idle",),
)

_BREAK = r"(?:[ \t]*,[ \t]*|[ \t]+)"
_CODE = r"[A-Z]+[0-9]+"
_NOQA = re.compile(rf"#[ \t]*(?i:noqa)[ \t]*:[ \t]*(?P<codes>{_CODE}(?:(?P<gap>{_BREAK}){_CODE})*)(?!\w)")


def rewrite(source: Source, facts: Facts) -> Iterator[Splice]:
    """Return a splice for each comment that names a code which has nothing to silence there."""
    idle = facts.idle.get(source.path, {})
    for comment in source.comments if idle else ():
        if codes := idle.get(comment.line):
            yield from _without(source, comment, codes)


def _without(source: Source, comment: Comment, idle: Sequence[str]) -> Iterator[Splice]:
    """Yield what takes codes away, if the comment has them all and nothing that explains them."""
    text = comment.text
    found = _NOQA.search(text)
    if found is None or text.lower().count("noqa") > 1:
        return
    codes = re.split(_BREAK, found["codes"])
    before, after = text[: found.start()].rstrip(), text[found.end() :].strip()
    if not set(idle) <= set(codes) or (after and not after.startswith("#")):
        return
    message = f"nothing to silence here for {', '.join(f'`{code}`' for code in idle)}"
    if kept := [code for code in codes if code not in idle]:
        yield _splice(source, comment, found.span("codes"), found["gap"].join(kept), message)
    elif before:
        yield _splice(source, comment, (len(before), found.end()), "", message)
    elif after:
        yield _splice(source, comment, (0, text.index("#", found.end())), "", message)
    else:
        yield Splice(*span(source.data, (comment,)), b"", message)


def _splice(source: Source, comment: Comment, place: tuple[int, int], new: str, message: str) -> Splice:
    """Return what replaces the characters of a comment between two places."""
    start, end = (comment.start + source.width(comment.text[:n]) for n in place)
    return Splice(start, end, new.encode(), message)
