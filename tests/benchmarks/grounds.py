"""Lays out the folders that are measured, in a process of its own so that the one that measures stays small.

Run it as ``python tests/benchmarks/grounds.py TARGET SAMPLE [SOURCE]``; without a source it is Django, as
projects.toml pins it. In TARGET it makes ``corpus`` (a git repository of the files that Kotsu sees in the
source), ``silent`` (those of them that Kotsu reads, with every needle broken), ``needles`` (one a line) and
``sample`` (so many of the Python files, spread evenly over their sizes), and it prints what it made.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import corpus

from codemods import engine, places, registry
from codemods.model import About
from tests import archives
from workers import snapshot

Change = Callable[[bytes], bytes]


def brought() -> Path:
    """Return the project that is scanned where none is given; it stays for the next time."""
    (django,) = corpus.projects(frozenset({"django"}))
    return corpus.brought(django, Path(__file__).parents[2] / ".tools/benchmarks")


def copied(source: Path, paths: Iterable[str], target: Path, change: Change) -> None:
    """Copy files into a git repository of one commit."""
    for path in paths:
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(change((source / path).read_bytes()))
    # Everything runs, also what is off until somebody asks for it.
    off = [id_ for id_, i in registry.catalogue().items() if not i.about.default]
    (target / "kotsu.yml").write_text("".join(("improvements:\n", *(f"  {id_}: true\n" for id_ in off))))
    archives.committed(target, "As measured")


def broken(abouts: Sequence[About]) -> Change:
    """Return how every needle and pattern of some improvements is struck out of a file."""
    needles = {re.escape(n) for about in abouts for n in about.needles}
    patterns = [*sorted({about.pattern for about in abouts} - {b""}), b"|".join(sorted(needles))]
    signs = [re.compile(pattern) for pattern in patterns if pattern]

    def change(data: bytes) -> bytes:
        for sign in signs:
            data = sign.sub(lambda found: b"~" * len(found[0]), data)
        return data

    return change


def main() -> None:
    """Make the folders and print what is in them."""
    target, sample, *given = sys.argv[1:]
    root, source = Path(target), Path(given[0]).resolve() if given else brought()
    catalogue = {i.module.__name__: i for i in registry.catalogue().values() if i.kind != "dependencies"}
    abouts = [i.about for i in catalogue.values()]
    files = snapshot.folder(source).files
    read = [path for path in files if engine.kinds_of(path) and not places.is_foreign(path)]
    copied(source, files, root / "corpus", lambda data: data)
    copied(source, read, root / "silent", broken(abouts))
    python = sorted((p for p in files if p.endswith(".py")), key=lambda p: ((source / p).stat().st_size, p))
    count = min(int(sample), len(python))
    chosen = [python[len(python) * (2 * n + 1) // (2 * count)] for n in range(count)]
    for number, path in enumerate(chosen):
        (root / "sample").mkdir(exist_ok=True)
        shutil.copyfile(source / path, root / f"sample/sample_{number}.py")
    (root / "needles").write_bytes(b"\n".join(sorted({n for about in abouts for n in about.needles})))
    hits = [p for p in python if p in set(read) and engine.needed((source / p).read_bytes(), catalogue)]
    loud = [p for p in read if engine.needed((root / "silent" / p).read_bytes(), catalogue)]
    told = {
        "name": source.name,
        "files": len(files),
        "python": len(python),
        "read": len(read),
        "loud": len(loud),
        "hits": len(hits),
        "improvements": len(catalogue),
        "sample": len(chosen),
        "bytes": sum((source / p).stat().st_size for p in python),
        "sampled": sum((source / p).stat().st_size for p in chosen),
        "edited": hits[len(hits) // 2] if hits else python[len(python) // 2],
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
