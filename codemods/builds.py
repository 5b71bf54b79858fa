"""Understands what a Dockerfile builds: its stages, which of them ship, and the commands that they run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from codemods.document import line_end, line_start
from codemods.instructions import Instruction
from codemods.manifests import shell
from codemods.manifests.shell import Word
from codemods.model import Splice
from codemods.source import Source

_LISTS = ("apt", "apt-get", "aptitude")
_LONGEST = 100
_SAID_BELOW = re.compile(rb"(?:\r?\n[ \t]*#[^\r\n]*)+(?=\r?\n[ \t]*\r?\n)")
"""Comments that belong to what stands above them: a blank line parts them from what follows."""
_WORKED_IN = re.compile(r"devcontainer|gitpod|codespace|vscode", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: its ``FROM``, what it starts from, its name (lower case, ``""``: none), and what follows."""

    start: Instruction
    image: str
    name: str
    instructions: tuple[Instruction, ...]

    @property
    def official(self) -> str:
        """The name of the official image that it starts from, such as ``python``; ``""`` for any other."""
        found = re.fullmatch(r"(?:docker\.io/)?(?:library/)?([a-z0-9-]+)(?:[:@].*)?", self.image)
        return found[1] if found else ""


def stages(instructions: Sequence[Instruction]) -> tuple[Stage, ...]:
    """Return the stages of a Dockerfile, in its order."""
    starts = [n for n, one in enumerate(instructions) if one.name == "FROM"]
    ends = [*starts[1:], len(instructions)]
    return tuple(_stage(instructions[a], instructions[a + 1 : b]) for a, b in zip(starts, ends, strict=False))


def _stage(start: Instruction, within: Sequence[Instruction]) -> Stage:
    words = [word.text for word in start.words]
    name = words[2].lower() if words[1:2] and words[1].lower() == "as" and words[2:] else ""
    return Stage(start, words[0] if words else "", name, tuple(within))


def shipped(instructions: Sequence[Instruction]) -> tuple[Stage, ...]:
    """Return the stages whose layers are in the image: the last one, and below it what it is from."""
    before = list(stages(instructions))
    chain: list[Stage] = []
    wanted = before[-1].name if before else ""
    while before:
        stage = before.pop()
        if not chain or (stage.name and stage.name == wanted):
            chain.insert(0, stage)
            wanted = stage.image.lower()
    return tuple(chain)


def last(stage: Stage, name: str) -> Instruction | None:
    """Return the last instruction of that name in a stage: of a ``CMD`` and its like only that one counts."""
    return next((one for one in reversed(stage.instructions) if one.name == name), None)


def commands(instruction: Instruction) -> tuple[Sequence[Word], ...]:
    """Return the simple commands that a shell runs, with places in the file; none of what cannot be read."""
    if instruction.documented or instruction.broken or instruction.text.startswith("["):
        return ()
    found = (command for command in shell.commands(instruction.text) if command)
    at = instruction.at
    return tuple([replace(w, start=w.start + at, end=w.end + at) for w in command] for command in found)


def installs(command: Sequence[Word]) -> tuple[Sequence[Word], int] | None:
    """Return the words behind ``pip``, and which of them is ``install``; None for another command."""
    words = shell.called(command)
    if not words or not shell.is_pip(words[0]):
        return None
    rest = words[1:]
    verb = next((n for n, word in enumerate(rest) if not word.text.startswith("-")), None)
    return (rest, verb) if verb is not None and rest[verb].text == "install" else None


def packaged(instruction: Instruction) -> Iterator[str]:
    """Yield what a ``RUN`` asks of Debian's package tools, in order: ``update``, ``install`` and others."""
    for command in commands(instruction):
        words = [word.text for word in shell.called(command)]
        if words and words[0].rpartition("/")[2] in _LISTS:
            yield next((word for word in words[1:] if word.isalpha() or word == "build-dep"), "")


def is_worked_in(source: Source) -> bool:
    """Say whether people write code in the container: what they need there is not what ships."""
    return bool(_WORKED_IN.search(source.path) or _WORKED_IN.search(source.text))


def is_cached(instruction: Instruction) -> bool:
    """Say whether a directory that is kept between builds is mounted for a ``RUN``."""
    return any(f.text.startswith("--mount=") and "type=cache" in f.text for f in instruction.flags)


def appended(data: bytes, instruction: Instruction, command: str, message: str) -> Splice:
    """Return the splice that lets one more command follow at the end of a ``RUN``, laid out as it is."""
    end = instruction.end
    written = data[instruction.start : end].decode("latin-1")
    newline = "\r\n" if "\r\n" in written else "\n"
    lines = [line for line in written.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if len(lines) == 1:
        short = len(written) + len(command) <= _LONGEST
        text = f" && {command}" if short else f" \\{newline}    && {command}"
        return Splice(end, end, text.encode(), message)
    leading = [line for line in lines[1:] if line.lstrip().startswith("&&")]
    trailing = [after for line, after in pairwise(lines) if re.search(r"(?:&&|;)\s*\\\s*\Z", line)]
    if trailing and not leading:
        text = f" && \\{newline}{_margin(trailing[-1])}{command}"
    else:
        text = f" \\{newline}{_margin((leading or lines[1:2])[-1])}&& {command}"
    return Splice(end, end, text.encode(), message)


def _margin(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def below(data: bytes, instruction: Instruction, line: str, message: str, *, gap: bool) -> Splice:
    """Return the splice that adds an instruction below another, apart as the next one is if ``gap``."""
    place = line_end(data, instruction.end)
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    if said := _SAID_BELOW.match(data, place):
        place = said.end()
    behind = data[place:].lstrip(b" \t")
    apart = gap and re.match(rb"\r?\n[ \t]*\r?\n", behind) is not None
    return Splice(place, place, newline * (1 + apart) + line.encode(), message)


def above(data: bytes, instruction: Instruction) -> int:
    """Return the byte at which an instruction begins with the comments right above it."""
    start = line_start(data, instruction.start)
    while start and data[line_start(data, start - 1) : start].lstrip().startswith(b"#"):
        start = line_start(data, start - 1)
    return start
