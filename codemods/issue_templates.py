"""Reads an issue template that is written in Markdown: what it is called, and what it asks."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt

from codemods import document

_FRONT = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
_KEYS = frozenset(("name", "about", "title", "labels", "assignees"))
_COMMENT = re.compile(r"<!-{2,}(.*?)-{2,}>", re.DOTALL)
_BY_MACHINE = re.compile(
    r"automatically|\bbot\b|\b(?:do not|don't) (?:remove|delete|edit|change|modify)", re.IGNORECASE
)
"""What a template says whose headings something else than people reads."""
_BOLD = re.compile(r"(?:\*\*|__)(?![*_\s])([^*_\n]+)(?:\*\*|__)[ \t]*:?[ \t]*(?:\n|\Z)")
_BOLD_WHOLE = re.compile(r"(\*\*|__)([^*_]+)\1:?")
_BOX = re.compile(r"[-*+][ \t]+\[ ?\][ \t]+(?P<said>\S.*)")
_BLANK = re.compile(r":[ \t]*$", re.MULTILINE)
_NO_QUESTION = re.compile(
    r"(?:check|read|notes?|before|please|important|thank|warning|attention|reminder)\b|.*\bnotes?\Z",
    re.IGNORECASE,
)
"""A heading above words that are only to be read."""
_ON_ITSELF = re.compile(
    r"\bth(?:is|ese) comments?\b"
    r"|\b(?:delete|remove|erase|replace|overwrite) (?:this|these|those|the|any|all|everything|what)\b"
    r"|\b(?:above|below|under|after) (?:this|these) (?:lines?|comments?|texts?)\b",
    re.IGNORECASE,
)
"""Words about the text that they stand in, which are wrong beside a field."""
_LONGEST = 80
"""Characters of a heading that is still a question, and no greeting."""
_MARKED = re.compile(r"[<>`*\[\]\\]|\bhttps?:|:[a-z0-9_+-]+:")
_HTML = re.compile(r"</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>|&\w+;")
_TABLE = re.compile(r"^\s*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-*:?[ \t]*)+$", re.MULTILINE)
"""The line below the head of a table: whether that explains something or is to be filled in nobody knows."""
_PREFILLED = frozenset(("bullet_list_open", "ordered_list_open", "fence"))


class _Unfit(Exception):  # noqa: N818 -- caught where it is raised for: the answer is None
    """Something that nothing in a form stands for."""


@dataclass(slots=True)
class Question:
    """What stands below one heading: words that guide, a text to go on from, or boxes to tick."""

    label: str
    guidance: list[str] = field(default_factory=list)
    prefilled: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Template:
    """What the front matter says (labels and assignees by themselves), and the body in its order.

    ``opening`` is what stands before the first heading, as Markdown.
    """

    name: str
    about: str
    title: str
    labels: tuple[str, ...]
    assignees: tuple[str, ...]
    opening: tuple[str, ...]
    questions: tuple[Question, ...]


def read(text: str) -> Template | None:
    """Return a template; None where anything in it has no place in a form."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    front = _FRONT.match(text)
    try:
        root = document.read(front[1].encode()).root if front else None
    except document.Invalid:
        return None
    if front is None or root is None or not {p.key.text for p in root.pairs} <= _KEYS:
        return None
    if _BY_MACHINE.search(text):
        return None
    try:
        opening, questions = _body(text[front.end() :])
        labels, assignees = (_listed(root.get(key)) for key in ("labels", "assignees"))
        name, about, title = (_scalar(root.get(key)) for key in ("name", "about", "title"))
    except _Unfit:
        return None
    return Template(name.strip(), about.strip(), title, labels, assignees, tuple(opening), tuple(questions))


def _scalar(node: document.Node | None) -> str:
    if node is None:
        return ""
    if node.kind != "scalar" or "\n" in node.text.strip():
        raise _Unfit
    return "" if node.text in {"null", "~"} and not node.style else node.text


def _listed(node: document.Node | None) -> tuple[str, ...]:
    """Return the items of a list, or of a text with commas."""
    if node is not None and node.kind == "sequence":
        return tuple(_scalar(item).strip() for item in node.items)
    return tuple(word.strip() for word in _scalar(node).split(",") if word.strip())


def _body(text: str) -> tuple[list[str], list[Question]]:
    lines = text.split("\n")
    opening: list[str] = []
    questions: list[Question] = []
    depths = set()
    for kind, depth, block in _blocks(text, lines):
        if depth:
            depths.add(depth)
            label, _, rest = block.partition("\n")
            questions.append(Question(_label(label)))
            if rest.strip():
                _add(questions[-1], "paragraph_open", rest)
        elif questions:
            _add(questions[-1], kind, block)
        else:
            opening.append(_shown(kind, block))
    if len(depths) > 1:
        raise _Unfit
    return [text for text in opening if text], questions


def _blocks(text: str, lines: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """Yield each block: its kind, how deep a heading it is (7: a bold line, 0: none), and its text."""
    read = 0
    for token in MarkdownIt("commonmark").parse(text):
        if token.level or token.map is None or token.nesting < 0:
            continue
        _nothing_in(lines[read : token.map[0]])
        read = token.map[1]
        block = "\n".join(line.rstrip() for line in lines[slice(*token.map)]).strip("\n")
        if token.type == "heading_open":
            if not token.markup.startswith("#"):
                raise _Unfit
            yield token.type, int(token.tag[1:]), block.strip().strip("#").strip()
        elif token.type == "paragraph_open" and (bold := _BOLD.match(block)):
            yield token.type, 7, f"{bold[1]}\n{block[bold.end() :]}"
        else:
            yield token.type, 0, block
    _nothing_in(lines[read:])


def _nothing_in(lines: Sequence[str]) -> None:
    """Raise for lines with a text that is no block: what a link leads to."""
    if any(line.strip() for line in lines):
        raise _Unfit


def _label(text: str) -> str:
    bold = _BOLD_WHOLE.fullmatch(text)
    label = (bold[2] if bold else text).strip().removesuffix(":").strip()
    if not label or len(label) > _LONGEST or _MARKED.search(label) or _NO_QUESTION.match(label):
        raise _Unfit
    return label


def _shown(kind: str, block: str) -> str:
    """Return what guides whoever fills the form in; what a comment hides is shown."""
    bare = _COMMENT.sub("", block)
    if kind not in {"paragraph_open", "html_block"} or _HTML.search(bare) or "<!--" in bare or "-->" in bare:
        raise _Unfit
    if (kind == "html_block" and bare.strip()) or _TABLE.search(bare):
        raise _Unfit
    shown = _COMMENT.sub(lambda found: _margin(found[1]), block).strip()
    if _ON_ITSELF.search(shown):
        raise _Unfit
    return shown


def _margin(comment: str) -> str:
    """Return the text of a comment at the left margin, so that no line of it becomes code."""
    lines = comment.strip("\n").split("\n")
    deep = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    margin = min(deep, default=0)
    return "\n".join([lines[0].strip(), *(line[margin:].rstrip() for line in lines[1:])]).strip()


def _add(question: Question, kind: str, block: str) -> None:
    found = [_BOX.fullmatch(line) for line in block.split("\n")]
    boxes = [box["said"].strip() for box in found if box]
    if boxes:
        if len(boxes) != len(found) or kind != "bullet_list_open" or question.boxes or question.prefilled:
            raise _Unfit
        question.boxes += boxes
    elif kind in _PREFILLED or (kind == "paragraph_open" and _BLANK.search(block)):
        if question.boxes or "<!--" in block or re.search(r"^\s*[-*+] +\[[ xX]?\]", block, re.MULTILINE):
            raise _Unfit
        question.prefilled.append(textwrap.dedent(block))
    elif any(map(str.isalnum, shown := _shown(kind, block))):
        question.guidance.append(shown)
