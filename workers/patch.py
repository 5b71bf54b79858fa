"""Writes edits as a unified diff that ``git apply`` takes."""

from __future__ import annotations

import base64
import string
import zlib
from collections.abc import Iterable, Iterator

from codemods import changes
from codemods.model import Edit
from codemods.tree import blob_id

_NO_NEWLINE = "\\ No newline at end of file\n"
_NAMED = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_NONE = "0" * 40
_CONTEXT = 3


def write(edits: Iterable[Edit]) -> str:
    """Return the edits as one patch, in the order given; files that are not UTF-8 as git's binary patches."""
    return "".join(_one(edit) for edit in edits)


def count(edits: Iterable[Edit]) -> tuple[int, int]:
    """Return how many lines the edits add and remove."""
    lines = [line for edit in edits for line in _hunks(edit.before or b"", edit.after or b"")]
    return sum(line.startswith(b"+") for line in lines), sum(line.startswith(b"-") for line in lines)


def _one(edit: Edit) -> str:
    before, after = edit.before or b"", edit.after or b""
    old, new = quote(f"a/{edit.path}"), quote(f"b/{edit.path}")
    head = f"diff --git {old} {new}\n"
    if edit.before is None:
        head += "new file mode 100644\n"
    if edit.after is None:
        head += "deleted file mode 100644\n"
    try:
        body = "".join(_text(line) for line in _hunks(before, after))
    except UnicodeDecodeError:
        ids = (blob_id(b) if b is not None else _NONE for b in (edit.before, edit.after))
        return head + "index {}..{}\n".format(*ids) + _binary(before, after)
    names = ["/dev/null" if edit.before is None else old, "/dev/null" if edit.after is None else new]
    # git ends a name that holds a space at a tab, and takes none of it otherwise.
    ends = ["\t" if " " in name and not name.startswith('"') else "" for name in names]
    return f"{head}--- {names[0]}{ends[0]}\n+++ {names[1]}{ends[1]}\n{body}"


def _hunks(before: bytes, after: bytes) -> Iterator[bytes]:
    """Yield the lines of a unified diff, without the names above it."""
    old, new = _lines(before), _lines(after)
    for near in _near(changes.runs(old, new)):
        (a, _, c, _), (_, b, _, d) = near[0], near[-1]
        above, below = min(a, _CONTEXT), min(len(old) - b, _CONTEXT)
        yield b"@@ -%b +%b @@\n" % (_range(a - above, b + below), _range(c - above, d + below))
        place = a - above
        for a, b, c, d in near:
            yield from (b" " + line for line in old[place:a])
            yield from (b"-" + line for line in old[a:b])
            yield from (b"+" + line for line in new[c:d])
            place = b
        yield from (b" " + line for line in old[place : place + below])


def _near(runs: Iterable[changes.Run]) -> Iterator[list[changes.Run]]:
    """Yield runs together where their contexts would touch."""
    near: list[changes.Run] = []
    for run in runs:
        if near and run[0] - near[-1][1] > 2 * _CONTEXT:
            yield near
            near = []
        near.append(run)
    if near:
        yield near


def _range(start: int, end: int) -> bytes:
    """Return lines as git counts them: from 1, and where there are none, after the line before."""
    return b"%d,%d" % (start + (end > start), end - start)


def _lines(data: bytes) -> list[bytes]:
    """Split at line feeds alone, as git does; a carriage return or form feed belongs to its line."""
    return [line + b"\n" for line in data.split(b"\n")[:-1]] + [
        last for last in [data.rpartition(b"\n")[2]] if last
    ]


def _text(line: bytes) -> str:
    text = line.decode()
    return text if text.endswith("\n") else f"{text}\n{_NO_NEWLINE}"


def _binary(before: bytes, after: bytes) -> str:
    return f"GIT binary patch\n{_literal(after)}\n{_literal(before)}\n"


def _literal(data: bytes) -> str:
    packed = zlib.compress(data)
    chunks = (packed[i : i + 52] for i in range(0, len(packed), 52))
    lines = "".join(f"{_length(len(c))}{base64.b85encode(c, pad=True).decode()}\n" for c in chunks)
    return f"literal {len(data)}\n{lines}"


def _length(size: int) -> str:
    letters = string.ascii_uppercase + string.ascii_lowercase
    return letters[size - 1]


def quote(path: str) -> str:
    """Return a path as git writes it in a patch: C-quoted when it holds anything but plain characters."""
    if path.isascii() and path.isprintable() and not {'"', "\\"} & set(path):
        return path
    return '"' + "".join(_escape(c) for c in path) + '"'


def _escape(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if character.isascii() and character.isprintable():
        return character
    return "".join(f"\\{byte:03o}" for byte in character.encode())
