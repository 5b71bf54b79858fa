"""Files that nobody wrote: the cases of the formats' pages, cut, mixed and with hostile text in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from random import Random
from types import MappingProxyType

import codemods
from codemods import inventory, testing
from codemods.manifests.model import Format

_HOSTILE: Sequence[bytes] = (
    *(b"", b"\n", b"\r", b"\r\n", b"\0", b"\t", b"\x0b\x0c", b"\x1c\x1d\x85", b"\\", b"\\\n", b"\x1b[31m"),
    *(b"\xef\xbb\xbf", b"\xff", b"\xff\xfe", b"\xc3", b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\xed\xa0\x80"),
    *("é".encode(), "\N{ARABIC-INDIC DIGIT ONE}".encode(), "\N{SNAKE}".encode(), b"\xc2\xa0", b"\xc2\x85"),
    *(b'"', b"'", b'"""', b"'''", b"`", b"#", b" # x", b";", b",", b":", b": ", b"=", b"==", b"~=1", b"|"),
    *(b"[", b"]", b"{", b"}", b"(", b")", b"[[", b"]]", b"- ", b"? ", b"&a ", b"*a", b"!!int ", b"<<: *a\n"),
    *(b"[x]\n", b"[project]\n", b"[[x]]\n", b"x = 1\n", b"x: 1\n", b"---\n", b"...\n", b"%YAML 1.1\n"),
    *(b"shelf==1.0", b"shelf[x] >=1,<2 ; os_name=='nt'", b" @ https://h.test/x", b"-r a.txt\n", b"${X}"),
    *(b"9" * 30, b"9" * 5_000, b"1." * 2_000, b"1e999999999", b"-0", b"0x", b"1!2.0+local", b"1.*"),
    *(b"[" * 100, b"{" * 100, b"(" * 300, b"[" * 3_000, b"{a: " * 200, b"{a=" * 400, b"- " * 200),
    *(b"a" * 9_000, b"<<EOF\n", b"$(x)", b"# /// script\n", b"# ///\n", b"# kotsu: hold\n", b"FROM x:1\n"),
)
_TOKEN = re.compile(rb"[A-Za-z_-]+|[0-9.]+|[=<>~!^|]+|\s+|\S")


@cache
def cases() -> Mapping[Format, Sequence[tuple[str, bytes]]]:
    """Return for each format the files of the cases that it reads: their paths and what they hold."""
    found: dict[Format, list[tuple[str, bytes]]] = {format_: [] for format_ in inventory.formats()}
    for page in sorted((files(codemods) / "manifests").iterdir(), key=lambda entry: entry.name):
        for case in testing.cases(page.read_text("utf-8")) if page.name.endswith(".md") else ():
            format_ = inventory.format_of(case.path)
            assert format_, case.path
            found[format_] += [
                (case.path, text.encode()) for text in dict.fromkeys((case.before, case.after))
            ]
    return MappingProxyType(found)


def mutated(format_: Format, dice: Random) -> tuple[str, bytes]:
    """Return a file of a format, changed in a few places, and the path that it stands at."""
    path, data = dice.choice(cases()[format_])
    return path, strange(data, [other for _, other in cases()[format_]], dice)


def strange(data: bytes, others: Sequence[bytes], dice: Random) -> bytes:
    """Return a file changed in a few places, with pieces of others in it."""
    for _ in range(dice.randrange(5)):
        data = dice.choice(_MUTATIONS)(data, dice.choice(others), dice)
    return data


def _deleted(data: bytes, _: bytes, dice: Random) -> bytes:
    start, end = _span(data, dice)
    return data[:start] + data[end:]


def _inserted(data: bytes, _: bytes, dice: Random) -> bytes:
    start, _end = _span(data, dice)
    return data[:start] + dice.choice(_HOSTILE) + data[start:]


def _replaced(data: bytes, _: bytes, dice: Random) -> bytes:
    start, end = _span(data, dice)
    return data[:start] + dice.choice(_HOSTILE) + data[end:]


def _doubled(data: bytes, _: bytes, dice: Random) -> bytes:
    start, end = _span(data, dice)
    return data[:end] + data[start:end] * dice.choice((1, 2, 50)) + data[end:]


def _cut(data: bytes, _: bytes, dice: Random) -> bytes:
    start, _end = _span(data, dice)
    return data[:start] if dice.random() < 0.5 else data[start:]


def _swapped(data: bytes, _: bytes, dice: Random) -> bytes:
    """Let two neighbouring pieces change places."""
    start, end = _span(data, dice)
    middle = dice.randint(start, end)
    return data[:start] + data[middle:end] + data[start:middle] + data[end:]


def _mixed(data: bytes, other: bytes, dice: Random) -> bytes:
    """Put a piece of another file of the format in."""
    start, end = _span(other, dice)
    at, _end = _span(data, dice)
    return data[:at] + other[start:end] + data[at:]


def _flipped(data: bytes, _: bytes, dice: Random) -> bytes:
    start, _end = _span(data, dice)
    return data[:start] + bytes((dice.randrange(256),)) + data[start + 1 :]


def _retold(data: bytes, other: bytes, dice: Random) -> bytes:
    """Put a word, number or mark in the place of another: what comes out is often well formed."""
    tokens, others = list(_TOKEN.finditer(data)), _TOKEN.findall(other)
    if not tokens or not others:
        return data
    token = dice.choice(tokens)
    alike = [
        o for o in others if o[:1].isalnum() == token[0][:1].isalnum() and o.isspace() == token[0].isspace()
    ]
    new = dice.choice(alike or others) if dice.random() < 0.8 else dice.choice(_HOSTILE)
    return data[: token.start()] + new + data[token.end() :]


def _line_ends(data: bytes, _: bytes, dice: Random) -> bytes:
    return data.replace(b"\n", dice.choice((b"\r\n", b"\r", b"\n\n", b"\n \n", b"\n\t")))


def _span(data: bytes, dice: Random) -> tuple[int, int]:
    """Return two places: any bytes close together, or lines from start to end."""
    if dice.random() < 0.5:
        start = dice.randint(0, len(data))
        return start, min(len(data), start + dice.randint(0, 20))
    ends = [0, *(n + 1 for n, byte in enumerate(data) if byte == 10), len(data)]
    first = dice.randrange(len(ends))
    return ends[first], ends[min(len(ends) - 1, first + dice.randint(0, 3))]


_MUTATIONS: Sequence[Callable[[bytes, bytes, Random], bytes]] = (
    *(_deleted, _inserted, _replaced, _doubled, _cut, _swapped, _mixed, _flipped, _line_ends),
    *(_retold,) * 6,
)
