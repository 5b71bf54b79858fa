"""Judges a promise in a comment: due, not yet, orphaned, or without a condition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from codemods import conditions, endings, mentions, settled, suppressions
from codemods.clauses import OWN, PYTHON, Closed, Condition, Day, Listed, Reached, Together
from codemods.debts import Standing, Stood
from codemods.mentions import Progress
from codemods.model import Facts

_CALL = r"(?<![\w.`/-])(?P<call>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\(\)"
_NAME = rf"(?:`(?P<code>[A-Za-z_][\w.]*)(?P<called>\(\))?`|{_CALL})"
_TAKES = re.compile(
    r"\b(?:(?:remov|delet|renam|deprecat)(?:e|ing)|drop(?:ping)?|get(?:ting)? rid of|fix(?:ing)?)"
    r" (?:(?:the|this|that|old) |calls? (?:to|of) |(?P<kind>function|method|class) ){0,4}"
    rf"{_NAME}(?! (?:in|on|at|from) (?!here))(?P<after> (?:function|method|class)\b)?",
    re.IGNORECASE,
)
"""What stands in backquotes may be a column or a branch, unless it is called or its kind is told."""
_PERSON = re.compile(r"@?[A-Za-z][\w-]*(?:/[\w.-]+)?(?:[ .][A-Za-z][\w-]*){0,2}(?:@[\w.-]+)?")
_PLAIN_WORD = re.compile(r"[a-z]+|[A-Z]+")


class Said(Protocol):
    """What a promise says: ``owner`` in its parentheses, ``condition`` in its brackets, and its ``text``."""

    @property
    def tag(self) -> str:
        """What it begins with, or the kind of mark that it explains."""

    @property
    def owner(self) -> str:
        """What stands in its parentheses."""

    @property
    def condition(self) -> str:
        """What stands in its brackets."""

    @property
    def text(self) -> str:
        """What it says, in one line."""


def of(todo: Said, facts: Facts) -> Stood:
    """Return how a promise stands."""
    condition = ends(todo)
    if explains(todo):
        return Stood(Standing.UNCONDITIONAL)
    confidence = condition.confidence.value if condition else ""
    if condition and conditions.due(condition, facts):
        return Stood(Standing.DUE, conditions.because(condition, facts), confidence)
    if lost := next(_lost(todo, condition, facts), ""):
        return Stood(Standing.ORPHANED, lost, confidence)
    if condition:
        return Stood(Standing.NOT_YET, waits(condition, facts), confidence)
    return Stood(Standing.UNCONDITIONAL)


def explains(todo: Said) -> bool:
    """Say whether it is the reason of a mark, and promises no end of it."""
    return todo.tag in suppressions.TAGS and ends(todo) is None


def ends(todo: Said) -> Condition | None:
    """Return the condition of a promise."""
    if todo.tag in suppressions.TAGS:
        return endings.condition(todo.text)
    return conditions.read(todo.text, todo.condition, todo.owner)


def waits(condition: Condition, facts: Facts) -> str:
    """Return in words what a condition that is not due waits for."""
    if isinstance(condition, Together):
        open_ = [one for one in condition.all if not conditions.due(one, facts)]
        return " and ".join(waits(one, facts) for one in open_)
    if isinstance(condition, Day):
        return f"waits for {condition.day.isoformat()}"
    if isinstance(condition, Closed):
        return settled.why_not(condition, facts)
    if isinstance(condition, Listed):
        return f"waits for `{condition.name}` to {'go' if condition.gone else 'come'}"
    if conditions.may_be_another(condition, facts):
        return f"{condition.version} may be a version of something else"
    return f"waits for {_name(condition)} {'above' if condition.above else 'at least'} {condition.version}"


def _name(condition: Reached) -> str:
    known = {PYTHON: "a lowest Python", OWN: "a version of the project"}
    return known.get(condition.name, f"a lowest `{condition.name}`")


def _lost(todo: Said, condition: Condition | None, facts: Facts) -> Iterator[str]:
    """Yield what a TODO is about that is not there any more; what it only refers to may be."""
    awaited = condition.all if isinstance(condition, Together) else (condition,)
    about = [*mentions.issues(f"{todo.condition} {todo.owner}"), *mentions.opening(todo.text)]
    for issue in dict.fromkeys([*about, *(one.issue for one in awaited if isinstance(one, Closed))]):
        ticket = facts.issues.get(str(issue))
        if ticket and not ticket.is_meant(issue, said(todo)):
            continue
        if ticket and ticket.progress is Progress.GONE:
            yield f"`{issue}` does not exist"
        if ticket and ticket.progress is Progress.DROPPED:
            yield f"`{issue}` was closed as not planned ({ticket.closed})"
    yield from (f"`{n}` is nowhere else in the repository" for n in named(todo.text) if n in facts.absent)


def said(todo: Said) -> str:
    """Return all that a promise says, in one line."""
    return f"{todo.condition} {todo.owner} {todo.text}"


def shown(todo: Said) -> str:
    """Return what a promise says, with its condition where that stands in brackets or parentheses."""
    form = f"[{todo.condition}]" if todo.condition else ""
    return f"{form} {todo.text}".strip() or f"({todo.owner})"


def named(text: str) -> list[str]:
    """Return what a promise wants to take away or to mend, as code names it: only what is there can be."""
    found = (
        m["code"] or m["call"]
        for m in _TAKES.finditer(text)
        if m["call"] or m["called"] or m["kind"] or m["after"] or "." in m["code"]
    )
    return [name for name in found if not _PLAIN_WORD.fullmatch(name.rpartition(".")[2])]


def is_person(owner: str) -> bool:
    """Say whether what stands in parentheses can be a person or a team: ``@acme/web``, ``Ann Lee``."""
    return bool(_PERSON.fullmatch(owner))
