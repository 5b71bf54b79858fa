"""A TODO that says when it can be done is done when that time has come.

"Remove when we drop Python 3.8" is a promise with a condition, and nobody is told when it comes true. Kotsu
reads the condition (`TODO[py>=3.12]`, `TODO[django>=4.2]`, `TODO[own>=2.0]`, `TODO[2026-11-01]`, or plain
words such as "once django>=4.2 is required" and "remove after 2025-06-01") and compares it with what the
project declares today: its lowest Python, its lowest dependencies, its version, the date.

Where the work is to fold a version check or a fallback import that the lowest Python decides, and the comment
asks for no more, the edit does it and the comment goes with the work; so does commented-out code that it asks
to delete. Everywhere else this only says what is due: what the comment means is for a person to know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from codemods import commented, conditions, folding, quoted, standing
from codemods.clauses import PYTHON, Condition, Confidence, Reached
from codemods.model import About, Advice, Applicability, Category, Facts, Splice
from codemods.source import Source, Todo

ABOUT = About(
    title="Do what a due TODO promised",
    category=Category.LIFECYCLE,
    applicability=Applicability.SAFE,
    risk="What goes cannot run on the Pythons that the project declares; older ones would break.",
    references=(
        "https://packaging.python.org/en/latest/guides/dropping-older-python-versions/",
        "https://devguide.python.org/versions/",
    ),
    needles=(b"TODO", b"FIXME", b"XXX", b"HACK"),
    minutes=15,
    asks=("today", "floor", "dependencies", "own_version", "issues", "listed"),
)

_REMOVES = re.compile(r"^(?:remov\w*|delet\w*|drop\w*|clean\w*|simplif\w*|rid|obsolete|unnecessary|needed)$")
_TESTED = ("version_info", "PY2", "PY3", "sys", "six")
"""Names whose import may be for a test that goes alone."""
_ASKS_NO_MORE = frozenset(
    (
        *(
            "a",
            "an",
            "and",
            "all",
            "be",
            "can",
            "else",
            "except",
            "for",
            "from",
            "get",
            "here",
            "if",
            "import",
        ),
        *(
            "imports",
            "in",
            "is",
            "it",
            "just",
            "longer",
            "no",
            "of",
            "only",
            "our",
            "safely",
            "should",
            "simply",
        ),
        *(
            "that",
            "the",
            "these",
            "this",
            "to",
            "try",
            "up",
            "with",
            "block",
            "branch",
            "backport",
            "backports",
        ),
        *(
            "check",
            "clause",
            "code",
            "compat",
            "compatibility",
            "condition",
            "conditional",
            "dead",
            "fallback",
        ),
        *("hack", "polyfill", "shim", "shims", "statement", "support", "version", "workaround"),
    )
)


def rewrite(source: Source, facts: Facts) -> Iterator[Splice | Advice]:
    """Return a splice for each due TODO whose work is mechanical, and an advice for the others."""
    edits: list[Splice] = []
    advice: list[Advice] = []
    for todo in source.todos:
        condition = conditions.read(todo.text, todo.condition, todo.owner)
        if condition is None or not conditions.due(condition, facts):
            continue
        message = (
            f"{todo.tag} is due {conditions.because(condition, facts)}: {quoted.span(standing.shown(todo))}"
        )
        splice = _edit(source, todo, condition, facts) or commented.removal(source, todo, condition)
        # A statement within one that is folded already waits for the next time.
        if splice and all(splice.start >= e.end or splice.end <= e.start for e in edits):
            edits.append(replace(splice, message=message))
        else:
            advice.append(Advice(todo.start, message))
    found: list[Splice | Advice] = [*edits, *advice]
    yield from sorted(found, key=lambda one: one.start)
    for name in _TESTED if edits else ():
        if unused := folding.without(source, name, edits):
            edits.append(unused)
            yield unused


def _edit(source: Source, todo: Todo, condition: Condition, facts: Facts) -> Splice | None:
    if not isinstance(condition, Reached) or condition.name != PYTHON or facts.floor is None:
        return None
    splice = folding.fold(source, todo, facts.floor)
    if splice is None or b"kotsu: ignore" in source.data[splice.start : splice.end]:
        return None
    return splice if _asks_no_more(source, todo, condition, splice) else None


def _asks_no_more(source: Source, todo: Todo, condition: Reached, splice: Splice) -> bool:
    """Say whether a TODO asks for a removal alone; it may name what stands in the lines that change."""
    said = todo.text.replace(condition.words, " ")
    words = re.findall(r"[a-z]\w*|\d+", said.lower())
    there = source.data[splice.start : splice.end].decode("utf-8", "replace")
    for comment in todo.comments:
        there = there.replace(comment.text, "")
    named = set(re.findall(r"[a-z]\w*", there.lower()))
    removes = any(map(_REMOVES.match, words)) or condition.confidence is Confidence.STATED
    return removes and all(_REMOVES.match(w) or w in _ASKS_NO_MORE or w in named for w in words)
