"""Compiles a requirements file again for what moves, and writes it as pip-compile or uv had written it.

uv resolves for both: it writes in the layout of pip-compile, for a Python that need not be installed. What
it makes of the unchanged sources must be what the file says, distribution by distribution, with the same
reasons; then each block that it makes anew is written in the file's own words, and all others stay.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from packaging.utils import canonicalize_name
from packaging.version import Version

from codemods.manifests import compiled
from codemods.manifests.compiled import Block, Text
from workers import resolver
from workers.lockers import projects, stand_ins
from workers.lockers.model import Box, RefusedError, StaleError, Task, Writer
from workers.sandbox import UV, NoAnswerError

_OPTIONS = ("--quiet", "--no-config", "--no-build", "--no-header", "--color=never")
_WHEELS = ".kotsu-wheels"
_ROUNDS = 8
_UNSAFE = frozenset({"distribute", "pip", "setuptools", "wheel"})
"""What pip-compile leaves out, or not, as its version and options have it."""
_UNSAFE_WORDS = "considered to be unsafe"
_PYTHONS = ("3.12", "3.11", "3.10", "3.13", "3.9", "3.14")
"""Where a file does not say for which Python it is: the first of these that makes it what it is."""


def writer(task: Task, box: Box) -> Writer:
    """Return how a file is compiled as it is; NoAnswerError when it is not, as far as uv can tell."""
    standing = _parsed(task.path, task.before[task.path])
    for command in _commands(task, standing):
        made = Writer(command)
        try:
            made, text = _compiled(task.path, task.lock.folder, task.before, {}, box, made)
        except RefusedError:
            continue
        if _is_same(standing, text, made):
            return replace(made, made=str(text))
    raise StaleError(
        f"uv does not compile `{task.path}` as it stands, so it may be older than what it was compiled from"
    )


def refreshed(task: Task, box: Box, writer: Writer) -> bytes:
    """Return the file with some distributions at other versions, and what they take along."""
    before, old = _parsed(task.path, task.before[task.path]), compiled.parse(writer.made)
    _, new = _compiled(task.path, task.lock.folder, task.after, task.versions, box, writer)
    text = _merged(before, old.blocks, new.blocks)
    merged = compiled.parse(text)
    come_or_go = old.blocks.keys() ^ new.blocks.keys()
    changed = come_or_go | {
        n for n in old.blocks.keys() & new.blocks.keys() if old.blocks[n].version != new.blocks[n].version
    }
    expected = {n: b.version for n, b in before.blocks.items() if n not in changed or n in new.blocks}
    expected |= {n: new.blocks[n].version for n in changed & new.blocks.keys()}
    if come_or_go & _UNSAFE or new.repeats or {n: b.version for n, b in merged.blocks.items()} != expected:
        raise NoAnswerError(f"`{task.path}` would have to be compiled by hand: its blocks change too much")
    return text.encode("latin-1")


def _parsed(path: str, data: bytes) -> Text:
    """Return a compiled file in parts; refused where an edit of blocks could not be right."""
    text = compiled.parse(data.decode("latin-1"))
    if text.repeats:
        raise NoAnswerError(f"`{path}` names a distribution twice, for different environments")
    if b"\r" in data or not data.endswith(b"\n"):
        raise NoAnswerError(f"the lines of `{path}` do not end as its compiler ends them")
    return text


def _commands(task: Task, standing: Text) -> Iterator[tuple[str, ...]]:
    """Return the command lines to try, without what they compile for each call."""
    given = compiled.command(task.lock.command)
    if given is not None and given.unknown:
        raise NoAnswerError(f"the option `{given.unknown}` in the header of `{task.path}` is not known here")
    options = list(given.options) if given else _guessed(standing)
    if not any(o.startswith("--python-platform") for o in options) and "--universal" not in options:
        options.append("--python-platform=linux")
    named = projects.named(task, given) if given else []
    sources = named or [posixpath.relpath(s, task.lock.folder or ".") for s in _direct(task)]
    if any(o.startswith("--python-version") for o in options):
        known: Sequence[str] = ("",)
    else:
        known = (task.lock.written_by,) if task.lock.written_by else _PYTHONS
    for python in known:
        version = (f"--python-version={python}",) if python else ()
        yield (UV, "pip", "compile", *_OPTIONS, *options, *version, "--", *sources)


def _direct(task: Task) -> Sequence[str]:
    return [f"{task.path.removesuffix('.txt')}.in"]


def _guessed(standing: Text) -> list[str]:
    """Return the options that a file looks written with, where its header does not say."""
    blocks = standing.blocks.values()
    options = ["--generate-hashes"] if any(b.hashes for b in blocks) else []
    if any(re.match(r"[\w.-]+\[", b.lines[0]) for b in blocks):
        options.append("--no-strip-extras")
    if not any(b.via for b in blocks):
        options.append("--no-annotate")
    elif not any(len(b.lines) > 1 and not b.hashes for b in blocks):
        options.append("--annotation-style=line")
    return options


def _compiled(  # noqa: PLR0913, PLR0917 -- one run is all of these
    path: str,
    place: str,
    files: Mapping[str, bytes],
    versions: Mapping[str, Version],
    box: Box,
    writer: Writer,
) -> tuple[Writer, Text]:
    """Run uv, with a stand-in for each distribution that turns out to have no wheel."""
    pins = compiled.parse(files[path].decode("latin-1")).blocks
    sources = {p: projects.source(p, data, files.keys()) for p, data in files.items() if p != path}
    sources[path] = "".join(f"{name}=={block.version}\n" for name, block in pins.items()).encode()
    moves = [f"--upgrade-package={name}=={version}" for name, version in versions.items() if name in pins]
    output = posixpath.relpath(path, place or ".")
    for _ in range(_ROUNDS):
        wheels = {f"{_WHEELS}/{name}": data for name, data in writer.wheels.items()}
        with box.opened({**sources, **wheels}) as folder:
            links = [f"--find-links={folder / _WHEELS}"] if wheels else []
            at = writer.command.index("--")
            command = [*writer.command[:at], f"--output-file={output}", *links, *moves, *writer.command[at:]]
            done = box.run(command, folder / place)
            made = None if done.code else compiled.parse((folder / path).read_text("latin-1"))
        # What has no wheel is found out on the file as it stands; what fails later fails for a reason.
        lacking = frozenset() if versions else _lacking(pins, made, done.words) & pins.keys()
        fresh = {k: v for k, v in (_wheel(pins[name], pins) for name in lacking) if k not in writer.wheels}
        if made and not fresh:
            return writer, made
        if not fresh:
            break
        writer = replace(writer, wheels={**writer.wheels, **fresh})
    unbuilt = [canonicalize_name(wheel.partition("-")[0]) for wheel in writer.wheels]
    if versions and (unread := resolver.unread(done.words, unbuilt)):
        raise NoAnswerError(f"`{unread}` has no wheel, so nobody knows what it goes with")
    if "No solution found" in done.words:
        raise RefusedError(done.words)
    raise NoAnswerError(f"uv could not compile `{path}`")


def _lacking(pins: Mapping[str, Block], made: Text | None, words: str) -> frozenset[str]:
    """Return what has no wheel: the resolver says so, or goes back to an older release that has one."""
    if made is None:
        return resolver.lacking(words)
    return frozenset(n for n, b in made.blocks.items() if n in pins and b.version != pins[n].version)


def _wheel(block: Block, pins: Mapping[str, Block]) -> tuple[str, bytes]:
    """Return the stand-in of a distribution: it needs what the file says is there because of it."""
    needs = [
        f"{n}=={b.version}" for n, b in pins.items() if block.name in {canonicalize_name(v) for v in b.via}
    ]
    return stand_ins.wheel(block.name, block.version, needs)


def _is_same(standing: Text, made: Text, writer: Writer) -> bool:
    """Say whether uv makes of a file's sources what the file says, whatever its markers."""
    old, new = standing.blocks, made.blocks
    stood_in = {canonicalize_name(wheel.partition("-")[0]) for wheel in writer.wheels}
    return (old.keys() ^ new.keys()) <= _UNSAFE and all(
        (old[n].version, old[n].via) == (new[n].version, new[n].via)
        and (old[n].hashes == new[n].hashes or n in stood_in)
        for n in old.keys() & new.keys()
    )


def _merged(before: Text, old: Mapping[str, Block], new: Mapping[str, Block]) -> str:
    """Return a file with each block that uv makes anew, in the words of the file where it has them."""
    known = before.blocks
    gone = old.keys() - new.keys()
    parts = [
        _renewed(p, old[p.name], new[p.name])
        if isinstance(p, Block) and p.name in old and p.name in new
        else p
        for p in before.parts
        if not (isinstance(p, Block) and p.name in gone)
    ]
    for name in sorted(new.keys() - old.keys() - known.keys()):
        unsafe = next(
            (i for i, p in enumerate(parts) if isinstance(p, str) and _UNSAFE_WORDS in p), len(parts)
        )
        after = [i for i, p in enumerate(parts[:unsafe]) if isinstance(p, Block) and p.name < name]
        parts.insert(after[-1] + 1 if after else _first(parts), new[name])
    return str(Text(parts))


def _first(parts: Sequence[Block | str]) -> int:
    return next((i for i, p in enumerate(parts) if isinstance(p, Block)), len(parts))


def _renewed(block: Block, old: Block, new: Block) -> Block:
    """Return a block as uv makes it now; the line of the requirement keeps its extras and its marker."""
    if old.lines == new.lines:
        return block
    if block.lines == old.lines:
        return new
    if old.head != new.head or (";" in block.head and ";" not in old.head and old.via != new.via):
        raise NoAnswerError(f"the environments that `{block.name}` is for may change with it")
    first = re.sub(r"==[^\s;\\#]+", f"=={new.version}", block.lines[0], count=1)
    if len(block.lines) == 1:
        first = re.sub(r"(\s+# via ).*", lambda m: m[1] + ", ".join(new.via), first.rstrip("\n")) + "\n"
        return replace(new, lines=[first])
    return replace(new, lines=[first, *new.lines[1:]])
