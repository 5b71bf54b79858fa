"""A TODO that asks for something to go is done when that is gone; the comment was forgotten.

"TODO: remove old_way() here" in a repository that has no `old_way` any more sends every reader looking for
it. The comment is taken away where it names what has to go as code does (in backquotes or with parentheses),
asks for nothing else, and the name stands nowhere in the repository outside of such comments: in no file of
any kind, and in no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import quoted, standing
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.source import Source, Todo, span

ABOUT = About(
    title="Take comments away that ask for what is done",
    category=Category.HYGIENE,
    applicability=Applicability.SAFE,
    risk="None: only a comment goes.",
    references=("https://docs.astral.sh/ruff/rules/#flake8-todos-td",),
    needles=(b"TODO", b"FIXME", b"XXX", b"HACK"),
    pattern=rb"(?i)\b(?:remov|delet|drop|get rid|getting rid)",
    minutes=3,
    asks=("absent",),
)

_ASKS = re.compile(
    r"(?:please )?(?:remove|delete|drop|get rid of) (?:the |this |that |old |function |method |class )*"
    r"(?P<name>`[^`]+`|[\w.]+\(\))(?: (?:here|too|as well|from here|now|one day|eventually|later))*[.!]?"
)
_SIGNS = ("#", "//", "--", ";")


def rewrite(source: Source, facts: Facts) -> Iterator[Splice]:
    """Return a splice for each comment that asks for nothing but what is done."""
    for todo in source.todos:
        if todo.whole and not todo.condition and _is_done(todo, facts) and _ends_its_line(source, todo):
            start, end = span(source.data, todo.comments)
            yield Splice(start, end, b"", f"{quoted.span(standing.shown(todo))} is done: it is nowhere else")


def _ends_its_line(source: Source, todo: Todo) -> bool:
    """Say whether the end of its line closes a comment: what closes `/* ... */` would be left."""
    after = source.data[todo.end :].partition(b"\n")[0]
    return not after.strip() and all(comment.text.startswith(_SIGNS) for comment in todo.comments)


def _is_done(todo: Todo, facts: Facts) -> bool:
    found = _ASKS.fullmatch(todo.text)
    return found is not None and found["name"].strip("`").removesuffix("()") in facts.absent
