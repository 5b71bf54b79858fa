"""Tells which commands a step of a workflow runs, and from which files of the repository they install."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codemods import workflow
from codemods.document import Document, Node
from codemods.manifests import shell

_PROJECT = ("pyproject.toml", "setup.cfg", "setup.py")
_FILE = re.compile(r"(?:--(?:requirement|constraint)=|-[rc])(.+)")
_NAMES_FILE = frozenset(("-r", "-c", "--requirement", "--constraint"))
_FOLDER = re.compile(r"(\.{1,2}(?:/[\w./-]*)?)(?:\[[\w,.\s-]*\])?")
_OPENS = frozenset(("if", "for", "while", "until", "case", "{"))
_CLOSES = frozenset(("fi", "done", "esac", "}"))
_LEADS = frozenset(("then", "else", "do", "!", "time"))
_JOINT = re.compile(r"(?:[ \t)]|\\\r?\n)*(&&|\|\|)")
_ASKS = frozenset(("[", "[[", "test", "!", "grep", "command", "which", "hash", "type", "false"))


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its arguments; it is ``certain`` where nothing decides whether it runs.

    ``folder`` is where it runs, ``""`` for the top and None where that is not known before.
    """

    words: tuple[shell.Word, ...]
    folder: str | None
    certain: bool

    @property
    def texts(self) -> tuple[str, ...]:
        """Its words as they are written, without quotes."""
        return tuple(word.text for word in self.words)

    @property
    def is_pip(self) -> bool:
        """Whether it is pip, told to install."""
        return shell.installs(self.words)


def commands(file: Document, job: Node, step: Node) -> Iterator[Command]:
    """Yield the commands of a step that run as the job's own user."""
    if workflow.text(step, "shell") == "python":
        return
    folder, depth = _folder(file, job, step), 1 if step.get("if") else 0
    for command, tested in _read(workflow.text(step, "run")):
        first = command[0].text
        opens = next((word.text for word in command if word.text not in _LEADS), "")
        depth += (opens in _OPENS or command[-1].text == "{") - (first in _CLOSES)
        # Nothing behind it is certain; with another number the job fails.
        depth += [word.text for word in command] in (["exit"], ["exit", "0"])
        if first != "sudo":
            yield Command(tuple(shell.called(command)), folder, not depth and not tested)
        if first == "cd":
            folder = None


def _read(script: str) -> Iterator[tuple[Sequence[shell.Word], bool]]:
    """Yield each command, and whether those before it on its line may keep it from running."""
    end, asked, tested = 0, False, False
    for command in filter(None, shell.commands(script)):
        joint = _JOINT.match(script, end)
        # Behind what only has to succeed it runs, or the job fails for that.
        tested = joint is not None and (joint[1] == "||" or tested or asked)
        yield command, tested
        asked = not _ASKS.isdisjoint(word.text for word in command[:2])
        end = command[-1].end


def _folder(file: Document, job: Node, step: Node) -> str | None:
    folder = workflow.text(step, "working-directory")
    for node in (job, file.root):
        defaults = node.get("defaults")
        run = defaults.get("run") if defaults else None
        folder = folder or (workflow.text(run, "working-directory") if run else "")
    return None if "$" in folder else folder


def files(command: Command, paths: Sequence[str]) -> Sequence[str] | None:
    """Return the files of the tree from which pip installs, None where one is not known or not there.

    A project of the tree stands for the files that say what it needs.
    """
    found: list[str] = []
    behind = ""
    for word in command.words[2:]:
        joined = _FILE.fullmatch(word.text)
        named = word.text if behind in _NAMES_FILE else joined[1] if joined else ""
        local = None if named else _FOLDER.fullmatch(word.text)
        behind = word.text
        if not named and not local:
            continue
        if command.folder is None or (named and not word.literal):
            return None
        place = posixpath.normpath(posixpath.join(command.folder, named or (local[1] if local else "")))
        sought = [place] if named else [posixpath.normpath(posixpath.join(place, n)) for n in _PROJECT]
        there = [path for path in sought if path in paths]
        if not there:
            return None
        found += there
    return found
