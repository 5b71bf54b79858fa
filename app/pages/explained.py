"""An improvement's own page, read without importing it: its rationale as HTML, and its cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

    from codemods.registry import Summary

_ASIDE = frozenset({"facts", "advice", "beside"})
_BOTH = 2


@dataclass(frozen=True, slots=True)
class Block:
    """A text of a case: ``before``, ``after``, ``left alone`` or what the page calls it, and its path."""

    what: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """One situation, with its texts; it ``changes`` where it has one before and one after."""

    title: str
    words: Markup
    blocks: Sequence[Block]

    @property
    def changes(self) -> bool:
        """Whether something is proposed here."""
        return any(block.what == "before" for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Explained:
    """All that is told of an improvement."""

    about: Summary
    rationale: Markup
    measured: str
    cases: Sequence[Case]


@cache
def known() -> frozenset[str]:
    """Return the ids of all improvements."""
    from codemods import registry  # noqa: PLC0415 -- loads YAML and models, which a process that starts does not need

    return frozenset(registry.ids())


def of(id_: str) -> Explained | None:
    """Return what is told of an improvement, None where there is no such one."""
    # What somebody asks for that is not there is not kept: there is no end of it.
    return _of(id_) if id_ in known() else None


@cache
def _of(id_: str) -> Explained:
    from codemods import benchmark, registry  # noqa: PLC0415 -- the same

    module = registry.ids()[id_]
    about, written = registry.summary(module), registry.page(module)
    measured = benchmark.read(written)
    rationale = Markup(_markdown().render(about.rationale))  # noqa: S704 -- raw HTML is escaped
    sentence = measured.sentence if measured else ""
    return Explained(about, rationale, sentence, tuple(_cases(benchmark.split(written)[1])))


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415 -- only this page needs it

    return MarkdownIt("commonmark", {"html": False})


def _cases(page: str) -> Iterator[Case]:
    """Yield the cases of a page; what stands before the first of them is told elsewhere."""
    tokens = _markdown().parse(page)
    starts = [
        number for number, token in enumerate(tokens) if (token.type, token.tag) == ("heading_open", "h2")
    ]
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        yield _case(tokens[start + 1].content, tokens[start + 3 : end])


def _case(title: str, tokens: Sequence[Token]) -> Case:
    fences = [token for token in tokens if token.type == "fence"]
    prose = [token for token in tokens if token.type != "fence"]
    markdown = _markdown()
    words = Markup(markdown.renderer.render(prose, markdown.options, {}))  # noqa: S704 -- raw HTML is escaped
    code = [token for token in fences if _word(token)[0] not in _ASIDE]
    names = ("before", "after") if len(code) == _BOTH else ("left alone",)
    called = {id(token): name for token, name in zip(code, names, strict=False)}
    blocks = [
        Block(called.get(id(token), _word(token)[0]), _word(token)[1], token.content) for token in fences
    ]
    return Case(title, words, blocks)


def _word(token: Token) -> tuple[str, str]:
    """Return the first word behind a fence, and what follows it."""
    first, _, rest = token.info.strip().partition(" ")
    return first, rest.strip()
