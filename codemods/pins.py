"""Reads the comments that say until when a version is kept, and tells when that time has come.

"Pinned until #12 is fixed" beside a pin or a cap is a promise, with or without a TODO. Its condition is read
like any other (`conditions`), but for what can mean something else there: a version without a name may be one
of the dependency, and an issue of the dependency itself is done when a release came after its closing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from packaging.version import Version

from codemods import (
    clauses,
    conditions,
    engine,
    inventory,
    mentions,
    quoted,
    settled,
    source,
    splices,
    versions,
)
from codemods.clauses import Closed, Condition, Confidence, Day, Reached
from codemods.manifests.model import Manifest, Reference, Requirement
from codemods.mentions import Mention, Progress
from codemods.model import Facts, Splice, Tree, plain
from codemods.source import Comment, Todo

_Kept = Requirement | Reference
_SCRIPTS = frozenset(("setup.py", "noxfile.py"))
"""Python files whose comments are no metadata themselves."""
_INI = (".cfg", ".ini")
_HOLDS = re.compile(
    r"\b(?:pin(?:s|ned|ning)?|cap(?:s|ped)?|hold(?:s|ing)?|held|keep|kept|stay|stick|freeze|frozen"
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


@dataclass(frozen=True, slots=True)
class Freed:
    """What a requirement is freed from: the splice that takes its comment away, and why in a few words.

    It may move only ``beyond`` a version, where the fix that it waited for came after that.
    """

    splice: Splice
    why: str
    beyond: Version | None = None


def issues(tree: Tree) -> frozenset[Mention]:
    """Return the issues that comments beside pins and caps wait for."""
    found = (pin.condition for m in inventory.read(tree).manifests for _, pin in read(m, tree))
    return frozenset(condition.issue for condition in found if isinstance(condition, Closed))


def read(manifest: Manifest, tree: Tree) -> Iterator[tuple[_Kept, Pin]]:
    """Yield each comment that says until when something in a manifest is kept, with what it is about."""
    if manifest.sealed or manifest.lock:
        return
    data = tree.read(manifest.path)
    everything: list[_Kept] = [*manifest.requirements, *manifest.references]
    for one in everything:
        if isinstance(one, Reference) or versions.is_bounded(one.clauses):
            yield from ((one, pin) for pin in _beside(manifest, one, data))


def due(pin: Pin, name: str, facts: Facts) -> str:
    """Return why the time has come of which a comment speaks, ``""`` where it has not."""
    condition = pin.condition
    if own := _of_itself(pin, name):
        beyond = _beyond(own, name, facts)
        newest = versions.newest(facts.releases[name].releases) if beyond else None
        if beyond is None or newest is None or newest.version <= beyond:
            return ""
        closed = facts.issues[str(own.issue)].closed
        return f"now that {settled.shown(own)} is closed ({closed}) and {newest.version} is newer"
    return conditions.because(condition, facts) if conditions.due(condition, facts) else ""


def freed(manifest: Manifest, requirement: Requirement, tree: Tree, facts: Facts) -> Freed | None:
    """Return what a requirement is freed from: a comment that is due, and that says nothing else.

    None where something else holds it too.
    """
    if manifest.sealed or manifest.lock:
        return None
    data = tree.read(manifest.path)
    for pin in _beside(manifest, requirement, data):
        sure = pin.condition.confidence is not Confidence.GUESSED
        why = due(pin, requirement.name, facts) if pin.plain and sure else ""
        if why and _is_free(manifest, requirement, splices.apply(data, [pin.splice])):
            own = _of_itself(pin, requirement.name)
            beyond = _beyond(own, requirement.name, facts) if own else None
            return Freed(pin.splice, f"{quoted.span(pin.text)} is due {why}", beyond)
    return None


def _is_free(manifest: Manifest, requirement: Requirement, without: bytes) -> bool:
    """Say whether nothing else holds a requirement, as its file reads without the comment."""
    again = inventory.writing(manifest.path).read(manifest.path, without).requirements
    if [r.name for r in again] != [r.name for r in manifest.requirements]:
        return False
    return not again[manifest.requirements.index(requirement)].hold


def _of_itself(pin: Pin, name: str) -> Closed | None:
    """Return the issue of the very distribution that a comment waits for, None where it is no such."""
    condition = pin.condition
    if isinstance(condition, Closed) and plain(condition.issue.repository.rpartition("/")[2]) == name:
        return condition
    return None


def _beyond(condition: Closed, name: str, facts: Facts) -> Version | None:
    """Return the newest version that was there when an issue was closed as done, None where nobody knows."""
    ticket = facts.issues.get(str(condition.issue))
    if (
        ticket is None
        or ticket.progress is not Progress.DONE
        or not ticket.closed
        or name not in facts.releases
    ):
        return None
    releases = facts.releases[name].releases
    return max((r.version for r in releases if r.uploaded and r.uploaded[:10] <= ticket.closed), default=None)


def _beside(manifest: Manifest, one: _Kept, data: bytes) -> Iterator[Pin]:
    """Yield the comments on a line and right above it that say until when it is as it is."""
    everything: list[_Kept] = [*manifest.requirements, *manifest.references]
    lines = [other.line for other in everything]
    if b"#" not in data or lines.count(one.line) > 1:
        return
    comments, todos = _comments(manifest.path, data)
    alone = one.line + 1 not in lines
    for near in (_on(comments, one.line), _above(comments, one.line)):
        if near and (pin := _pin(near, todos, one, data)):
            yield pin if alone or not near[0].alone else _vague(pin)


def _vague(pin: Pin) -> Pin:
    """Return a pin above more than one line: it may be about all of them, so it stays."""
    return Pin(pin.text, pin.condition, pin.tagged, plain=False, splice=pin.splice)


@lru_cache(maxsize=256)
def _comments(path: str, data: bytes) -> tuple[Sequence[Comment], Sequence[Todo]]:
    name = path.rpartition("/")[2]
    if name.endswith(".py") and name not in _SCRIPTS:
        return (), ()
    # In the lists of an INI file a comment may stand behind a requirement.
    read_as = "requirements.txt" if name.endswith(_INI) else path
    try:
        found: source.Source = engine.commented(read_as, data)
    except engine.Unreadable:
        return (), ()
    return found.comments, found.todos


def _on(comments: Sequence[Comment], line: int) -> Sequence[Comment]:
    return [c for c in comments if c.line == line and not c.alone]


def _above(comments: Sequence[Comment], line: int) -> Sequence[Comment]:
    """Return the comments right above a line that have lines of their own, in their order."""
    by_line = {c.line: c for c in comments if c.alone and c.line < line}
    rows = takewhile(by_line.__contains__, range(line - 1, 0, -1))
    return [by_line[row] for row in rows][::-1]


def _pin(near: Sequence[Comment], todos: Sequence[Todo], one: _Kept, data: bytes) -> Pin | None:
    splice = Splice(_begin(data, near[0]), _end(data, near[-1]), b"")
    todo = next((t for t in todos if tuple(near) == t.comments), None)
    if todo:
        condition = conditions.read(todo.text, todo.condition, todo.owner)
        text = todo.text
    else:
        text = " ".join(" ".join(c.text.lstrip("#; \t") for c in near).split())
        condition = _untagged(text) if not any(c in t.comments for t in todos for c in near) else None
    if condition is None or _is_vague(condition) or not _is_end(text, condition):
        return None
    rest = text.replace(condition.words, " ")
    says = bool(_HOLDS.search(text) or (todo and _MOVES.search(rest)))
    return Pin(text, condition, todo is not None, says and _says_no_more(rest, one), splice)


def _untagged(text: str) -> Condition | None:
    """Return the condition of a comment that is no TODO, ``because of`` an issue among them."""
    if because := _BECAUSE.search(text):
        return Closed(mentions.of(because), because[0], Confidence.GUESSED)
    return clauses.read(text)


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


def _begin(data: bytes, comment: Comment) -> int:
    """Return where a comment begins with the white space before it, or its line where it has that alone."""
    if comment.alone:
        bom = 3 if data.startswith(b"\xef\xbb\xbf") else 0
        return max(data.rfind(b"\n", 0, comment.start) + 1, bom)
    return len(data[: comment.start].rstrip(b" \t"))


def _end(data: bytes, comment: Comment) -> int:
    if not comment.alone:
        return comment.end
    return data.find(b"\n", comment.end) + 1 or len(data)
