"""Reads the comments beside versions that say until when these are kept.

"Pinned until #12 is fixed" beside a pin or a cap is a promise, with or without a TODO. Its condition is read
like any other (`conditions`), but for what means something else there: a version without a name may be one of
the dependency, and "pinned after #12 was merged" says since when.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from codemods import (
    clauses,
    conditions,
    days,
    engine,
    inventory,
    mentions,
    versions,
)
from codemods.clauses import Closed, Condition, Confidence, Day, Reached
from codemods.manifests.model import Manifest, Reference, Requirement
from codemods.mentions import Mention
from codemods.model import Splice, Tree, plain
from codemods.source import Comment, Todo, span

_Kept = Requirement | Reference
_SCRIPTS = frozenset(("setup.py", "noxfile.py"))
"""Python files whose comments are no metadata themselves."""
_INI = (".cfg", ".ini")
_MOST, _MOST_ABOVE = 500, 20
"""Versions in a file, and lines of comments above one: what is more was hardly written by hand."""
_HOLDS = re.compile(
    r"\b(?:(?:un-?)?pin(?:s|ned|ning)?|cap(?:s|ped)?|hold(?:s|ing)?|held|keep|kept|stay|stick|freeze|frozen"
    r"|lock(?:ed)?|limit(?:ed)?|restrict(?:ed)?|do(?:n't| not) (?:upgrade|update|bump))\b"
    r"|(?:[<>]=?|[!=~]=)\s?v?\d",
    re.IGNORECASE,
)
_MOVES = re.compile(r"\b(?:upgrade|update|bump)\b", re.IGNORECASE)
_FREE = (
    r"unpin|remove|lift|relax|loosen|upgrade|update|bump|(?:drop|delete)(?= (?:this|the) (?:pin|cap|limit))"
)
_WISH = re.compile(
    rf"(?:^|[.;:,(] ?|\b(?:can|should|to|please|and|then) )(?:{_FREE})\b"
    rf"|\bbe (?:unpinn|remov|lift|relax|loosen|upgrad|updat|bump)ed\b",
    re.IGNORECASE,
)
_UNTIL = re.compile(r"\b(?:until|till)\b", re.IGNORECASE)
_PAST = re.compile(r"\b(?:work(?:s|ed)|was|were|did|had|passe[sd]|fine|broke|changed)\b", re.IGNORECASE)
_DAY = re.compile(
    rf"\b(?:until|till) (?:the )?(?:end of )?{days.PERIOD}(?=[\s.,;:!)]|$)",
    re.IGNORECASE,
)
_MOVES_ON = re.compile(
    r"\b(?:un-?pin|upgrade|update|bump|lift|relax|loosen)(?: \w+){0,2} (?:after|from|in|on) "
    rf"(?:the )?(?:end of )?{days.PERIOD}(?=[\s.,;:!)]|$)",
    re.IGNORECASE,
)
_BECAUSE = re.compile(
    rf"\b(?:pin|pinned|held|hold|cap|capped)(?: \S+)?,? (?:because of|due to) "
    rf"(?:(?:the )?(?:issue|bug) )?{mentions.REFERENCE}\W*$",
    re.IGNORECASE,
)
_FILLING = re.compile(
    r"a|at|be|below|here|is|it|just|later|now|of|off|on|only|please|temporar(?:il)?y|the|this|to|under|up|us"
    r"|versions?|we|releases?|back|for|dependency|package|[\d.x]+"
)


@dataclass(frozen=True, slots=True)
class Pin:
    """A comment beside a requirement or a reference that says until when its version is kept.

    ``tagged`` says that it is a TODO, ``plain`` that it says nothing but this, so that it goes with the pin;
    ``splice`` takes it away.
    """

    text: str
    condition: Condition
    tagged: bool
    plain: bool
    splice: Splice


def issues(tree: Tree) -> frozenset[Mention]:
    """Return the issues that comments beside pins and caps wait for."""
    found = (pin.condition for m in inventory.read(tree).manifests for _, pin in read(m, tree))
    return frozenset(condition.issue for condition in found if isinstance(condition, Closed))


def read(manifest: Manifest, tree: Tree) -> Iterator[tuple[_Kept, Pin]]:
    """Yield each comment that says until when something in a manifest is kept, with what it is about."""
    data = tree.read(manifest.path)
    everything: list[_Kept] = [*manifest.requirements, *manifest.references]
    for one in everything:
        if isinstance(one, Reference) or versions.is_bounded(one.clauses):
            yield from ((one, pin) for pin in beside(manifest, one, data))


def beside(manifest: Manifest, one: _Kept, data: bytes) -> Iterator[Pin]:
    """Yield the comments on a requirement's line and right above it that say until when it is as it is.

    ``data`` are the bytes of the manifest's file; what no hand writes has none.
    """
    if manifest.sealed or manifest.lock:
        return
    if b"#" not in data or len(manifest.requirements) + len(manifest.references) > _MOST:
        return
    near = _comments(manifest.path, data)
    for comments in (near.on(one.line), near.above(one.line)):
        if comments and (pin := _pin(comments, near, one, data)):
            everything: list[_Kept] = [*manifest.requirements, *manifest.references]
            lines = [other.line for other in everything]
            if lines.count(one.line) == 1:
                yield pin if one.line + 1 not in lines or not comments[0].alone else _vague(pin)


def _vague(pin: Pin) -> Pin:
    """Return a pin above more than one line: it may be about all of them, so it stays."""
    return Pin(pin.text, pin.condition, pin.tagged, plain=False, splice=pin.splice)


@dataclass(frozen=True, slots=True)
class _Near:
    """The comments of a file by their lines: those behind something, and those alone; and its TODOs.

    ``tagged`` are the lines that belong to a TODO.
    """

    behind: Mapping[int, Comment]
    alone: Mapping[int, Comment]
    todos: Mapping[tuple[Comment, ...], Todo]
    tagged: frozenset[int]

    def on(self, line: int) -> Sequence[Comment]:
        """Return the comment behind what stands on a line."""
        return [self.behind[line]] if line in self.behind else []

    def above(self, line: int) -> Sequence[Comment]:
        """Return the comments right above a line that have lines of their own, in their order."""
        rows = takewhile(self.alone.__contains__, range(line - 1, max(line - 1 - _MOST_ABOVE, 0), -1))
        return [self.alone[row] for row in rows][::-1]


_NOTHING = _Near({}, {}, {}, frozenset())


@lru_cache(maxsize=64)
def _comments(path: str, data: bytes) -> _Near:
    name = path.rpartition("/")[2]
    if name.endswith(".py") and name not in _SCRIPTS:
        return _NOTHING
    # In the lists of an INI file a comment may stand behind a requirement.
    read_as = "requirements.txt" if name.endswith(_INI) else path
    try:
        found = engine.commented(read_as, data)
    except engine.Unreadable:
        return _NOTHING
    return _Near(
        {c.line: c for c in found.comments if not c.alone},
        {c.line: c for c in found.comments if c.alone},
        {t.comments: t for t in found.todos},
        frozenset(c.line for t in found.todos for c in t.comments),
    )


def _pin(comments: Sequence[Comment], near: _Near, one: _Kept, data: bytes) -> Pin | None:
    splice = Splice(*span(data, comments), b"")
    todo = near.todos.get(tuple(comments))
    if todo:
        text = todo.text
        condition = conditions.read(text, todo.condition, todo.owner) or _by_day(_MOVES_ON, text)
    else:
        text = " ".join(" ".join(c.text.lstrip("#; \t") for c in comments).split())
        condition = _untagged(text) if near.tagged.isdisjoint(c.line for c in comments) else None
    if condition is None or _is_vague(condition) or not _is_end(text, condition):
        return None
    rest = text.replace(condition.words, " ")
    says = bool(_HOLDS.search(text) or (todo and (_MOVES.search(rest) or _MOVES_ON.search(text))))
    whole = todo is None or todo.whole
    return Pin(text, condition, todo is not None, whole and says and _says_no_more(rest, one), splice)


def _untagged(text: str) -> Condition | None:
    """Return the condition of a comment that is no TODO, ``because of`` an issue among them."""
    if because := _BECAUSE.search(text):
        return Closed(mentions.of(because), because[0], Confidence.GUESSED)
    return _by_day(_DAY, text) or clauses.read(text) or _by_day(_MOVES_ON, text)


def _by_day(form: re.Pattern[str], text: str) -> Condition | None:
    found = form.search(text)
    return clauses.day(found, found[0], Confidence.READ) if found else None


def _is_end(text: str, condition: Condition) -> bool:
    """Say whether a condition is when a version's keeping ends, and not since when it is kept."""
    if condition.confidence is not Confidence.READ:
        return True
    before, words, _ = text.partition(condition.words)
    if _UNTIL.search(words):
        sentence = re.split(r"[;(]|\.\s", before)[-1].strip()
        is_kept = not sentence or _HOLDS.search(sentence)
        return bool(is_kept) and not _PAST.search(f"{sentence} {words}")
    wished = text if isinstance(condition, Day) else text.replace(words, " ")
    return bool(_WISH.search(wished)) and not re.search(r"\b(?:not|n't|never)\b|n't\b", before)


def _is_vague(condition: Condition) -> bool:
    """Say whether a version may be one of the dependency as well."""
    return isinstance(condition, Reached) and condition.bare


def _says_no_more(rest: str, one: _Kept) -> bool:
    """Say whether what a comment says beside its condition is only that a version is kept, or is to move."""
    bare = _MOVES.sub(" ", _HOLDS.sub(" ", rest)).lower()
    words = re.findall(r"[^\s,;:.()<>=!~`'\"-][^\s,;:()<>=!~`'\"]*", bare)
    return all(_FILLING.fullmatch(w.strip(".")) or plain(w.strip(".")) == one.name for w in words)
