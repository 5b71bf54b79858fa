"""Scripts that declare their dependencies in a block of comments (PEP 723)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from codemods.manifests import pyproject, toml_document, toml_requirements, toml_strings
from codemods.manifests.model import Change, Manifest, Requirement, Role, clause_splices
from codemods.model import Problem, Splice

FILES = ("*.py",)
NEEDLES = (b"# /// script",)

_OPEN = "# /// script"
_CLOSE = "# ///"


@dataclass(frozen=True, slots=True)
class _Block:
    """The TOML of a block, and for each of its lines where it starts there and in the file."""

    text: str
    starts: tuple[int, ...]
    places: tuple[int, ...]

    def place(self, at: int) -> int:
        """Return the byte of the file at which a character of the TOML stands."""
        line = bisect_right(self.starts, at) - 1
        return self.places[line] + at - self.starts[line]


def read(path: str, data: bytes) -> Manifest:
    """Return what the block of a script declares; two blocks, or one that is no TOML, are a problem."""
    text = data.decode("latin-1")
    blocks = _blocks(text)
    if len(blocks) != 1:
        problems = (Problem(path, 1, "skipped: it holds two blocks of script metadata"),) if blocks else ()
        return Manifest(path, problems=problems)
    block = blocks[0]
    try:
        document = toml_document.parse(block.text.encode("latin-1"))
    except ValueError as error:
        return Manifest(path, problems=(Problem(path, 1, f"skipped: its script metadata: {error}"),))
    requirements: list[Requirement] = []
    private = set(pyproject.sourced(document))
    for literal in toml_strings.find(block.text):
        if literal.escaped or len(literal.path) != 2 or literal.path[0] != "dependencies":  # noqa: PLR2004 -- dependencies[N]
            continue
        found = toml_requirements.declared(path, block.text, literal, "script", Role.INSTALL)
        requirements += [_placed(text, block, one) for one in found.requirements]
        private |= found.private
    indexes = tuple(pyproject.indexes(document))
    return Manifest(path, tuple(requirements), indexes=indexes, private=frozenset(private))


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return the splices that change a requirement inside its quotes."""
    return clause_splices(requirement, change)


def _blocks(text: str) -> list[_Block]:
    """Return the blocks of a file: each goes to the last closing line of the comments it stands in."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    plain = [line.rstrip("\r") for line in lines]
    blocks, number = [], 0
    while number < len(plain):
        end = _end(plain, number) if plain[number] == _OPEN else 0
        if end:
            blocks.append(_block(plain, starts, range(number + 1, end)))
        number = end + 1 if end else number + 1
    return blocks


def _end(lines: Sequence[str], opening: int) -> int:
    """Return the number of the line that closes a block, 0 when none does."""
    last, number = 0, opening + 1
    while number < len(lines) and (lines[number] == "#" or lines[number].startswith("# ")):
        if lines[number] == _CLOSE:
            last = number
        elif lines[number] == _OPEN and last:
            break
        number += 1
    return last


def _block(lines: Sequence[str], starts: Sequence[int], numbers: range) -> _Block:
    contents = [lines[number][2:] for number in numbers]
    within = [0]
    for content in contents:
        within.append(within[-1] + len(content) + 1)
    text = "".join(f"{content}\n" for content in contents)
    return _Block(text, tuple(within[:-1]) or (0,), tuple(starts[n] + 2 for n in numbers) or (0,))


def _placed(text: str, block: _Block, found: Requirement) -> Requirement:
    """Return a requirement of the block with its places in the file."""
    clauses = tuple(
        replace(c, start=block.place(c.start), at=block.place(c.at), end=block.place(c.end - 1) + 1)
        for c in found.clauses
    )
    named = found.named and (block.place(found.named[0]), block.place(found.named[1] - 1) + 1)
    line = text.count("\n", 0, named[0]) + 1 if named else found.line
    return replace(found, clauses=clauses, line=line, named=named)
