"""An image that copies everything before it installs its dependencies installs them anew for each commit.

A layer is taken from the cache as long as nothing before it changed. Behind `COPY . .` that is never: a
corrected comment costs the whole installation, in each build. Where the requirements are copied first,
the installation is one of the cache until they change, and all the rest is copied behind it.

It is done only where the requirements are provably all that the installation reads: they lie in the
repository, with all that they include, and name no folder of it; the command installs nothing else; and
nothing between the two may look at what was copied.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from codemods import builds, instructions, places, project, splices
from codemods.document import line_end, line_start
from codemods.instructions import Instruction
from codemods.manifests import requirements, shell
from codemods.model import About, Applicability, Category, Edit, Facts, Finding, Splice, Tree
from codemods.source import Source

ABOUT = About(
    title="Install dependencies before all the rest is copied",
    category=Category.SPEED,
    applicability=Applicability.UNSAFE,
    risk="A requirement whose build reads other files of the repository no longer finds them.",
    references=(
        "https://docs.docker.com/build/cache/optimize/#order-your-layers",
        "https://docs.docker.com/build/building/best-practices/",
    ),
    needles=(),
    minutes=15,
)

_ID = "cache-hostile-layers"
_SETTINGS = re.compile(
    r"PIP_(?!NO_CACHE_DIR|DISABLE_PIP_VERSION_CHECK|DEFAULT_TIMEOUT|ROOT_USER_ACTION|NO_INPUT)|pip\.conf|venv|VIRTUAL_ENV"
)
_QUIET = frozenset(("ENV", "ARG", "LABEL", "EXPOSE", "MAINTAINER"))
_TOOLS = frozenset(("apt", "apt-get", "apk"))
_FILE_OF_PACKAGE = re.compile(r"\.{0,2}/.*|.*\.(?:deb|apk|whl|zip|tar\.\w+|tgz)", re.IGNORECASE)
_LISTS = ("-", "/var/lib/apt/", "/var/cache/")
_PLAIN_COMMAND = re.compile(r"[\w\s./=<>~,@:\"'&+!*\[\]-]+", re.ASCII)
_FILE = re.compile(r"(?:-r|--requirement|-c|--constraint)(?:=?(.+))?")
_OPTION = re.compile(
    r"--(?:no-cache-dir|upgrade|quiet|no-deps|require-hashes|disable-pip-version-check|root-user-action=\w+"
    r"|pre|prefer-binary|ignore-installed|break-system-packages|no-input|force-reinstall|timeout=\d+"
    r"|default-timeout=\d+|retries=\d+|(?:extra-)?index-url=\S+|trusted-host=\S+|no-compile)|-[Uq]+"
)
_WITH_VALUE = frozenset(
    (
        "-i",
        "--index-url",
        "--extra-index-url",
        "--trusted-host",
        "--timeout",
        "--default-timeout",
        "--retries",
    )
)
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?:\[[\w,.-]+\])?(?:[=<>!~]=?=?[\w.*,<>=!~]+)?", re.ASCII)
_LOCAL = re.compile(
    r"^[ \t]*(?:-e|--editable|-f|--find-links|\.|/|~|file:|[\w.-]+/|[^#\n]*@[ \t]*(?:file:|\.|/)"
    r"|[\w.+-]+\.(?:whl|zip|tar\.\w+|tgz)(?=\s|\Z))|\$\{",
    re.MULTILINE,
)
_ABOUT_COPY = re.compile(rb"[ \t]*\r?\n(?:[ \t]*#[^\n]*\n)+[ \t]*\r?\n")
"""A comment below what it is about."""
_PATH = re.compile(r"[\w./-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Order:
    """A copy of everything, the last installation behind it, and the files that are read, in the context.

    ``wanted`` are those that the commands name, ``files`` the same with all that they include.
    """

    copy: Instruction
    last: Instruction
    wanted: tuple[str, ...]
    into: str
    files: tuple[str, ...] = ()


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: everything stands in the tree."""
    return frozenset()


def find(tree: Tree, _: Facts) -> Iterator[Finding]:
    """Return each image whose dependencies can be installed first."""
    paths = frozenset(tree.paths())
    for path in sorted(paths):
        if not places.KINDS["containers"](path) or not project.is_own(path) or places.is_foreign(path):
            continue
        data = tree.read(path)
        if b"pip" not in data or places.is_generated(path, data):
            continue
        found = instructions.of(Source(path, data, data.decode("utf-8", "replace")))
        orders = list(_orders(found, path, tree, paths))
        edit = Edit(path, data, splices.apply(data, [s for o in orders for s in _turned(data, o)]))
        for order in orders:
            named = ", ".join(f"`{name}`" for name in order.files)
            line = splices.line_of(data, order.copy.start)
            yield Finding(_ID, path, line, f"only a change of {named} installs dependencies anew", edit)


def _orders(found: Sequence[Instruction], path: str, tree: Tree, paths: frozenset[str]) -> Iterator[_Order]:
    """Yield of each stage the first copy of everything whose installation can come before it."""
    if any(_SETTINGS.search(one.text) for one in found):
        return
    for stage in builds.stages(found):
        for order in _within(stage):
            files = _complete(order.wanted, path, tree, paths)
            is_left = _copied_already(stage, order, files) or _ABOUT_COPY.match(
                tree.read(path), order.copy.end
            )
            if files and not is_left:
                yield replace(order, files=files)
                break


def _within(stage: builds.Stage) -> Iterator[_Order]:
    """Yield where a stage copies everything and then installs from requirements, with nothing between."""
    folder = ""
    for position, one in enumerate(stage.instructions):
        folder = _folder(one) or folder
        into = _everything(one)
        order = _order(one, into, folder, stage.instructions[position + 1 :]) if into else None
        if order:
            yield order


def _folder(one: Instruction) -> str:
    """Return where commands run from an instruction on, without a slash at its end; ``""`` if as before."""
    return one.text.rstrip("/") if one.name == "WORKDIR" else ""


def _everything(one: Instruction) -> str:
    """Return where a copy of the whole context goes, with a slash at its end; ``""`` for anything else."""
    words = [word.text for word in one.words]
    if one.name not in {"COPY", "ADD"} or one.documented or one.lines or len(words) != 2:  # noqa: PLR2004 -- from, to
        return ""
    kept = all(f.text.startswith(("--chown=", "--chmod=", "--link")) for f in one.flags)
    into = f"{words[1].rstrip('/')}/"
    fine = words[0] in {".", "./"} and kept and (into == "./" or into[0] in "/$") and into != "/"
    return into if fine else ""


def _order(copy: Instruction, into: str, folder: str, behind: Sequence[Instruction]) -> _Order | None:
    """Return the installations that follow in the folder that was copied to, with nothing between."""
    found: _Order | None = None
    for one in behind:
        if one.name == "WORKDIR" and into != "./":
            folder = _folder(one)
            continue
        there = into in {"./", f"{folder}/"}
        wanted = _wanted(one, into) if one.name == "RUN" and there else ()
        if wanted:
            found = _Order(copy, one, (*(found.wanted if found else ()), *wanted), into)
        elif one.name == "RUN" and _is_apart(one):
            found = replace(found, last=one) if found else None
        elif one.name not in _QUIET:
            break
    return found


def _is_apart(run: Instruction) -> bool:
    """Say whether a command looks at nothing that was copied: it asks a package tool, or pip for names."""
    found = builds.commands(run)
    return (
        bool(found)
        and _is_plain(run)
        and all(_asks_a_tool(c) or _removes(c) or _files(c) == () for c in found)
    )


def _asks_a_tool(command: Sequence[shell.Word]) -> bool:
    return command[0].text in _TOOLS and not any(_FILE_OF_PACKAGE.fullmatch(w.text) for w in command)


def _removes(command: Sequence[shell.Word]) -> bool:
    texts = [word.text for word in command]
    return texts[0] == "rm" and all(t.startswith(_LISTS) for t in texts[1:])


def _is_plain(run: Instruction) -> bool:
    mounted = any("type=bind" in f.text or "type=secret" in f.text for f in run.flags)
    return not mounted and _PLAIN_COMMAND.fullmatch(run.text) is not None


def _wanted(run: Instruction, into: str) -> tuple[str, ...]:
    """Return the files that a command installs from, as they lie in the context; none where it does more."""
    wanted: list[str] = []
    for command in builds.commands(run) if _is_plain(run) else ():
        files = _files(command)
        if files is None:
            return ()
        wanted += files
    within = [name.removeprefix(into) for name in wanted]
    fine = all(_PATH.fullmatch(name) and not name.startswith(("/", "..")) for name in within)
    return tuple(dict.fromkeys(posixpath.normpath(name) for name in within)) if fine else ()


def _files(command: Sequence[shell.Word]) -> tuple[str, ...] | None:
    """Return the files of requirements that a command names; None where it reads or does anything else."""
    call = builds.installs(command)
    if call is None or len(call[0]) <= call[1] + 1:
        return None
    words = [word.text for n, word in enumerate(call[0]) if n != call[1]]
    files: list[str] = []
    while words:
        word = words.pop(0)
        if named := _FILE.fullmatch(word):
            if not named[1] and not words:
                return None
            files.append(named[1] or words.pop(0))
        elif word in _WITH_VALUE and words:
            words.pop(0)
        elif _FILE_OF_PACKAGE.fullmatch(word) or not (_OPTION.fullmatch(word) or _NAME.fullmatch(word)):
            return None
    return tuple(files)


def _complete(wanted: Sequence[str], path: str, tree: Tree, paths: frozenset[str]) -> tuple[str, ...]:
    """Return the files with all that they include, as a build would find them; none if not certain."""
    found = {_from(base, wanted, tree, paths) for base in ("", posixpath.dirname(path))} - {()}
    return found.pop() if len(found) == 1 else ()


def _from(base: str, wanted: Sequence[str], tree: Tree, paths: frozenset[str]) -> tuple[str, ...]:
    files, left = [], [posixpath.join(base, name) for name in wanted]
    while left:
        path = posixpath.normpath(left.pop(0))
        if path in files:
            continue
        if path not in paths or (base and not path.startswith(f"{base}/")) or path.startswith(".."):
            return ()
        text = tree.read(path)
        read = requirements.read(path, text)
        if _LOCAL.search(text.decode("latin-1")) or read.problems:
            return ()
        files.append(path)
        left += [*read.includes, *read.constraints]
    return tuple(posixpath.relpath(path, base or ".") for path in files)


def _copied_already(stage: builds.Stage, order: _Order, files: Sequence[str]) -> bool:
    earlier = [
        one for one in stage.instructions if one.name in {"COPY", "ADD"} and one.start < order.copy.start
    ]
    return any(word.text.removeprefix("./") in files for one in earlier for word in one.words)


def _turned(data: bytes, order: _Order) -> list[Splice]:
    """Return the splices that copy the requirements first and everything behind the installation."""
    copy, place = order.copy, line_end(data, order.last.end)
    start = builds.above(data, copy)
    margin = data[line_start(data, copy.start) : copy.start]
    head = margin + data[copy.start : copy.at]
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    first = newline.join(head + line.encode() for line in _lines(order.into, order.files))
    apart = newline * (1 + (re.search(rb"\n[ \t]*\r?\n", data[copy.end : order.last.start]) is not None))
    block = data[start : copy.end]
    return [Splice(start, copy.end, first), Splice(place, place, apart + block)]


def _lines(into: str, files: Sequence[str]) -> Iterator[str]:
    for folder in dict.fromkeys(posixpath.dirname(name) for name in files):
        names = " ".join(name for name in files if posixpath.dirname(name) == folder)
        target = f"{'' if into == './' else into}{folder}/" if folder else into
        yield f"{names} {target}"
