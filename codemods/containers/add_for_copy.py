"""`ADD` does more than copy: it unpacks archives and fetches addresses, which no source file asks for.

A file that becomes an archive one day is then unpacked instead of copied. `COPY` says what is meant, and
Docker's own advice is to use it for everything that does not need more.

It is changed only where both do the same: for folders, and for files whose names say that they are text.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections.abc import Iterator

from codemods import builds, instructions
from codemods.instructions import Instruction
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.source import Source

ABOUT = About(
    title="Copy files with COPY instead of ADD",
    category=Category.HYGIENE,
    applicability=Applicability.SAFE,
    risk="Folders and text files are copied in the same way by both.",
    references=(
        "https://docs.docker.com/build/building/best-practices/#add-or-copy",
        "https://github.com/hadolint/hadolint/wiki/DL3020",
    ),
    needles=(b"ADD", b"add", b"Add"),
    minutes=2,
    tests=False,
    asks=("paths",),
)

_SHARED = re.compile(r"--(?:chown|chmod)=\S+|--link")
_TEXT = re.compile(
    r"[\w./*-]*\.(?:py|txt|toml|cfg|ini|conf|json|ya?ml|sh|bash|md|rst|js|ts|css|html|sql|lock|env|list|cnf|repo|xml|in|rb)",
    re.ASCII,
)
_PLAIN = re.compile(r"[\w./-]+", re.ASCII)


def rewrite(source: Source, facts: Facts) -> Iterator[Splice]:
    """Yield another keyword for each `ADD` of folders and text."""
    found = instructions.of(source)
    if not builds.stages(found):
        return
    context = {"", posixpath.dirname(source.path)}
    for one in found:
        if one.name == "ADD" and "DL3020" not in one.ignored and _only_copies(one, context, facts.paths):
            name = source.data[one.start : one.start + 3]
            text = b"copy" if name.islower() else b"COPY"
            yield Splice(one.start, one.start + 3, text, "`COPY` does the same here, and nothing else")


def _only_copies(add: Instruction, context: set[str], paths: tuple[str, ...]) -> bool:
    if add.documented or add.broken or not all(_SHARED.fullmatch(f.text) for f in add.flags):
        return False
    arguments = add.arguments
    words = [word.text for word in add.words] if arguments is None else list(arguments)
    if len(words) < 2 or any("$" in w or ":" in w or '"' in w for w in words):  # noqa: PLR2004 -- from, to
        return False
    return all(_TEXT.fullmatch(word) or _is_folder(word, context, paths) for word in words[:-1])


def _is_folder(word: str, context: set[str], paths: tuple[str, ...]) -> bool:
    if not _PLAIN.fullmatch(word):
        return False
    inside = posixpath.normpath(word.lstrip("/") or ".")
    if inside == ".":
        return True
    places = [posixpath.normpath(posixpath.join(base, inside)) for base in context]
    is_file = any(_next(place, paths) == place for place in places)
    return not is_file and any(_next(f"{place}/", paths).startswith(f"{place}/") for place in places)


def _next(path: str, paths: tuple[str, ...]) -> str:
    """Return the first of the sorted paths from one on; ``""`` behind the last."""
    at = bisect_left(paths, path)
    return paths[at] if at < len(paths) else ""
