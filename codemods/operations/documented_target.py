"""A command that the runbook repeats is copied from it by hand, each time, by whoever finds the page.

The copies drift apart: one place gets the new option, the others do not. Where the repository collects its
tasks in a Makefile or a justfile that describes each of them, such a command belongs there: it has one name
that can be typed, completed and listed, and one place where it changes.

A command, or several that follow one another, gets a target where operational pages have exactly the same
one at least twice and it needs nothing filled in. Its description is what the page says of it: the comment
above it, or the heading of a section that holds nothing else. Nothing is proposed for what deletes, stops,
asks back, prepares a machine or is run on another one. The pages stay as they are.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from codemods import places, routine, runbooks, silence, targets, task_names
from codemods.model import About, Applicability, Category, Edit, Facts, Finding, Tree
from codemods.runbooks import Command, Section
from codemods.targets import Target

ABOUT = About(
    title="Name the commands that the runbook repeats",
    category=Category.OPERABILITY,
    applicability=Applicability.UNSAFE,
    risk="A task that was read before it was run has a name that can be typed without reading it.",
    references=(
        "https://www.gnu.org/software/make/manual/html_node/Phony-Targets.html",
        "https://www.gnu.org/software/make/manual/html_node/Variables-in-Recipes.html",
        "https://just.systems/man/en/documentation-comments.html",
    ),
    needles=(),
    minutes=10,
    default=False,
)

_ID = "documented-target"
_FILES = ("Makefile", "GNUmakefile", "makefile", "justfile")
_OTHERS = re.compile(r"\.(?:mk|just)\Z|(?:^|/)Makefile\.[\w-]+\Z")
_MOST_COMMANDS = 5

Place = tuple[Section, int, int]


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: everything stands in the tree."""
    return frozenset()


def find(tree: Tree, _: Facts) -> Iterator[Finding]:
    """Return the targets that a file of tasks lacks."""
    paths = frozenset(tree.paths())
    there = [name for name in _FILES if name in paths]
    if len(there) != 1:
        return
    path, data = there[0], tree.read(there[0])
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    left = places.is_generated(path, data) or any(silence.says_ignore(line, _ID) for line in text.split("\n"))
    if left or "\r" in text or "\ufffd" in text or targets.added(path, text, ()) is None:
        return
    others = [(p, tree.read(p).decode("utf-8", "replace")) for p in paths if _OTHERS.search(p)]
    taken = {name for p, said in [(path, text), *others] for name in targets.names(p, said)}
    taken |= {p.split("/", 1)[0] for p in paths}
    known = "\n".join([text, *(said for _, said in others)])
    made = list(_made(tree, paths, known, taken, targets.separator(text)))
    written = targets.added(path, text, [target for target, _ in made])
    if made and written is not None:
        newline = "\r\n" if b"\r\n" in data else "\n"
        mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        edit = Edit(path, data, mark + written.replace("\n", newline).encode())
        line = text.count("\n") + 1
        for target, where in made:
            yield Finding(_ID, path, line, f"`{target.name}` runs what stands {_list(where)}", edit)


def _made(
    tree: Tree, paths: frozenset[str], known: str, taken: set[str], separator: str
) -> Iterator[tuple[Target, Sequence[Place]]]:
    repeated = _repeated(list(runbooks.all_of(tree)), paths)
    for commands, where in repeated.items():
        if any(_is_done(command, known) for command in commands):
            continue
        for said in filter(None, (_said(place, commands) for place in where)):
            name = task_names.name(said, separator)
            if name and name not in taken:
                taken.add(name)
                yield Target(name, said, commands), where
                break


def _repeated(
    sections: Sequence[Section], paths: frozenset[str]
) -> Mapping[tuple[str, ...], Sequence[Place]]:
    """Return the longest runs of commands that stand in several blocks, with their places."""
    found: dict[tuple[str, ...], list[Place]] = defaultdict(list)
    for section in _at_home(sections):
        for number, block in enumerate(section.blocks):
            for start, run in _runs(block, paths):
                found[run].append((section, number, start))
    several = {run: at for run, at in found.items() if len({(s.path, s.start, n) for s, n, _ in at}) > 1}
    longest = [run for run in several if not any(len(run) < len(o) and _holds(o, run) for o in several)]
    # Where two of them overlap nobody can say where the one task ends and the other begins.
    uses = Counter(command for run in longest for command in set(run))
    return {
        run: several[run]
        for run in longest
        if len(run) <= _MOST_COMMANDS and all(uses[command] == 1 for command in run)
    }


def _at_home(sections: Sequence[Section]) -> Iterator[Section]:
    """Yield the sections whose commands are run here: no heading above them leads to another place.

    Where a page speaks of ssh anywhere, all of it is about machines.
    """
    remote = {section.path for section in sections if routine.is_remote(section.prose, _texts(section))}
    away: list[tuple[str, int]] = []
    for section in (s for s in sections if s.path not in remote):
        away = [(path, level) for path, level in away if path == section.path and level < section.level]
        if routine.is_elsewhere(section.prose, _texts(section)):
            away.append((section.path, section.level))
        elif not away:
            yield section


def _texts(section: Section) -> list[str]:
    return [command.text for block in section.blocks for command in block]


def _runs(block: Sequence[Command], paths: frozenset[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    fit = [routine.is_fit(command.text, paths) for command in block]
    for start in range(len(block)):
        for end in range(start + 1, min(len(block), start + 2 * _MOST_COMMANDS) + 1):
            if all(fit[start:end]):
                yield start, tuple(command.text for command in block[start:end])


def _holds(whole: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(whole[n : n + len(part)] == part for n in range(len(whole) - len(part) + 1))


def _is_done(command: str, known: str) -> bool:
    """Say whether a line of the file has each word of a command but the first: another way to start it."""
    words = set(command.split()[1:])
    lines = (line.replace("$$", "$") for line in known.split("\n") if line[:1] in "\t ")
    return any(words <= set(line.split()) for line in lines)


def _said(place: Place, commands: tuple[str, ...]) -> str:
    """Return what a page says of commands, ``""`` where it says nothing that is certainly about them."""
    section, number, start = place
    block = section.blocks[number]
    is_whole = len(block) == len(commands)
    above = block[start].said if is_whole or len(commands) == 1 else ""
    heading = section.title if is_whole and len(section.blocks) == 1 else ""
    return task_names.told(above) or task_names.told(heading)


def _list(where: Sequence[Place]) -> str:
    names = sorted({section.path for section, *_ in where})
    shown = [f"`{name}`" for name in names]
    return f"in {len(where)} places of {' and '.join(shown)}"
