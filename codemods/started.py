"""Finds the commands by which files start programs, with each of their words in the bytes of the file.

Of a Dockerfile its CMD and ENTRYPOINT are read, of YAML the keys that Compose and Kubernetes have for a
command, of a unit of systemd its ExecStart, and of a Procfile and a shell script each line.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codemods import directives, instructions, listed, places, settings
from codemods.directives import Word
from codemods.document import Node, line_start
from codemods.manifests import shell
from codemods.model import Splice
from codemods.settings import Setting
from codemods.source import Source

_IN_YAML = frozenset(("command", "entrypoint", "args"))
_STRING = re.compile(r"\"([^\"\\]*)\"")
_EXEC_START = re.compile(r"(?m)^ExecStart[ \t]*=[ \t]*[-@:+!]*((?:[^\\\r\n]|\\\r?\n|\\.)*)")
_PROCESS = re.compile(r"(?m)^[\w-]+:[ \t]*([^\r\n]*)")
_SHELLS = re.compile(r"(?:.*/)?(?:ba|da|a|z)?sh")
_RUNS_TEXT = re.compile(r"-[a-z]*c")
_TELLS = frozenset(("echo", "printf", "grep", "pgrep", "pkill", "which", "install", "add"))
"""Behind these, the name of a program is only a word."""
_BETWEEN = re.compile(rb"(?:[ \t]|\\\r?\n)+")
_REMARK = re.compile(rb"[ \t]+#[^\r\n]*")
_FOLDED = re.compile(rb"\s+")
_QUOTED = re.compile(r"(?P<option>--[\w-]+=)(?P<quote>[\"'])(?P<value>[^\"'$`\\]*)(?P=quote)")


@dataclass(frozen=True, slots=True)
class Command:
    """The words of one command; they are items of a list, or words of a shell that may stand in lines.

    ``literal`` tells of each word whether it is what it says; ``folded`` are the lines of YAML that make one.
    """

    words: tuple[Word, ...]
    literal: tuple[bool, ...]
    is_list: bool = False
    folded: bool = False

    def behind(self, programs: Sequence[str]) -> tuple[str, int]:
        """Return which of the programs it starts, and the number of the word behind its name; or ``""``."""
        for number, word in enumerate(self.words):
            if word.text in _TELLS:
                break
            name = posixpath.basename(word.text)
            if name in programs and self.literal[number]:
                return name, number + 1
        return "", len(self.words)

    def without(self, data: bytes, first: int, last: int, message: str) -> Sequence[Splice]:
        """Return what takes some of its words out; nothing where that cannot be done without a doubt.

        A comment behind them goes as well where they have a line to themselves: it is about them.
        """
        if self.is_list:
            spans = [(word.start, word.end) for word in self.words]
            found = listed.without(data, spans, range(first, last + 1))
            return [Splice(s.start, s.end, s.text, "" if n else message) for n, s in enumerate(found)]
        gaps = [data[self.words[n - 1].end : self.words[n].start] for n in range(first, last + 1)]
        blank = _FOLDED if self.folded else _BETWEEN
        if not all(map(blank.fullmatch, gaps)):
            return ()
        end = self.words[last].end
        start = self.words[first].start
        if not self.folded and not data[line_start(data, start) : start].strip():
            remark = _REMARK.match(data, end)
            end = remark.end() if remark else end
        return [Splice(self.words[first - 1].end, end, b"", message)]


def options(command: Command, start: int, name: str) -> Iterator[tuple[int, int, Word]]:
    """Yield the first and last word of an option from the word ``start`` on, and the value it is given."""
    for number in range(start, len(command.words)):
        word = command.words[number]
        if word.text == name and number + 1 < len(command.words):
            if command.literal[number + 1]:
                yield number, number + 1, command.words[number + 1]
        elif word.text.startswith(f"{name}="):
            found = _QUOTED.fullmatch(word.text)
            if found and not command.is_list:
                begin = word.start + found.start("quote")
                yield number, number, Word(begin, word.end, found["value"], found["quote"])
            elif command.literal[number]:
                begin = word.start + len(word.quote) + len(name) + 1
                yield number, number, Word(begin, word.end - len(word.quote), word.text[len(name) + 1 :])


def read(source: Source) -> Iterator[Command]:
    """Yield the commands of a file of which the path says that it starts programs; none of a template."""
    path, data = source.path, source.data
    if directives.decided(data):
        return
    if places.KINDS["containers"](path):
        yield from _of_image(source)
    elif path.endswith((".yml", ".yaml")):
        for setting in settings.read(data):
            if setting.key in _IN_YAML:
                yield from _of_setting(setting)
    else:
        yield from _of_lines(path, data[source.offset :].decode("latin-1"), source.offset)


def _of_lines(path: str, text: str, at: int) -> Iterator[Command]:
    """Yield the commands of a text in which each letter is a byte, the first one the byte ``at``."""
    if path.endswith((".sh", ".bash")):
        yield from _said(text, at)
    pattern = _EXEC_START if path.endswith(".service") else None
    pattern = _PROCESS if posixpath.basename(path).startswith("Procfile") else pattern
    for found in pattern.finditer(text) if pattern else ():
        yield from _said(found[1], at + found.start(1))


def _of_image(source: Source) -> Iterator[Command]:
    for one in instructions.of(source):
        if one.name not in {"CMD", "ENTRYPOINT"}:
            continue
        if one.arguments is None:
            yield from _said(one.text, one.at)
        else:
            found = [
                Word(one.at + m.start(), one.at + m.end(), m[1], '"') for m in _STRING.finditer(one.text)
            ]
            if [word.text for word in found] == list(one.arguments):
                yield from _of_list(found)


def _of_setting(setting: Setting) -> Iterator[Command]:
    value = setting.value
    if value.kind == "scalar":
        # The items of a list come as settings too; of these, only what a shell is told is a command.
        holder = setting.above[-1].get(setting.key)
        if holder is value:
            yield from _of_text(setting, value)
        return
    items = [(item, setting.document.written(item)) for item in value.items]
    texts = [item for item, at in items if at is None and item.style in {"|", ">"}]
    found = [
        Word(at - len(item.style), at + len(item.text.encode()) + len(item.style), item.text, item.style)
        for item, at in items
        if at is not None
    ]
    if len(found) == len(items):
        yield from _of_list(found)
    elif texts and any(_SHELLS.fullmatch(word.text) for word in found[:1]):
        for item in texts:
            yield from _of_text(setting, item)


def _of_list(words: Sequence[Word]) -> Iterator[Command]:
    """Yield the command that a list is, or those of the text that it hands to a shell."""
    texts = [word.text for word in words]
    if texts[2:] and _SHELLS.fullmatch(texts[0]) and _RUNS_TEXT.fullmatch(texts[1]):
        inner = words[2]
        yield from _said(inner.text.encode().decode("latin-1"), inner.start + len(inner.quote))
    else:
        yield Command(tuple(words), (True,) * len(words), is_list=True)


def _of_text(setting: Setting, node: Node) -> Iterator[Command]:
    data = setting.document.data
    at = setting.document.written(node)
    if at is not None:
        yield from _said(node.text.encode().decode("latin-1"), at)
    elif node.style in {"|", ">", ""}:
        begin = data.find(b"\n", node.start, node.end) if node.style else node.start
        text = data[begin : node.end].decode("latin-1") if begin >= 0 else ""
        folded = node.style != "|"
        yield from _said(re.sub(r"[\r\n]", " ", text) if folded else text, begin, folded=folded)


def _said(text: str, at: int, *, folded: bool = False) -> Iterator[Command]:
    """Yield the commands of a shell's text whose first letter is the byte ``at``."""
    for command in shell.commands(text):
        words, literal = [], []
        for word in command:
            quote = text[word.start - 1] if text[word.start : word.end] != word.text else ""
            words.append(Word(at + word.start - len(quote), at + word.end, word.text, quote))
            literal.append(word.literal)
        if words:
            yield Command(tuple(words), tuple(literal), folded=folded)
