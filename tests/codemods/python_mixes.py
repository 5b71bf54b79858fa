"""Python that nobody wrote: the pages' cases and the standard library's modules, nested, mixed and cut."""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from random import Random
from textwrap import indent

from codemods import registry, testing

_WORD = re.compile(r"[A-Za-z_]\w*")
_TOKEN = re.compile(r"\w+|[^\w\s]+|[ \t]+")
_LARGEST = 12_000
_PACKAGES = ("asyncio", "email", "http", "json", "logging", "unittest", "urllib", "xml", "concurrent")
_SHELLS = (
    "def f(self, *args, **kwargs):\n{}",
    "async def f(a, b=None):\n{}",
    "class C(Base):\n    x = 1\n{}",
    "class C:\n    def m(self):\n        def inner():\n            pass\n{}",
    "if True:\n{}else:\n    pass\n",
    "try:\n{}except Exception as e:\n    raise\n",
    "try:\n    pass\nexcept ImportError:\n{}",
    "for x in y:\n{}",
    "while True:\n{}",
    "with a as b, c:\n{}",
    "match x:\n    case [y, *z]:\n        pass\n{}",
    "if TYPE_CHECKING:\n{}",
)
_REMARKS = ("# noqa", "# kotsu: ignore", "# type: ignore", "# why not", "# pylint: disable=all", "#")
_STATEMENTS = (
    "from os import *",
    "import logging as os, re as json",
    "x: int = 1; y = (yield)",
    "global os, re",
    "del os",
    "lambda: (x := 1)",
    "os = re = None",
    "print(f'{x!r:>{y}}', *a, **b)",
    "@a.b(c)\ndef d(e, /, f=[], *, g={}): ...",
    "async with a as (b, c): pass",
    "type X[T] = list[T]",
    "def f[T: int](x: T = 1) -> 'T': return x",
    "try: pass\nexcept* ValueError: pass",
    "assert x, 'y'",
    "'''text'''",
    "x = 1 if y else \\\n    2",
)


@cache
def texts() -> Sequence[str]:
    """Return the files of all cases of Python improvements, before and after."""
    pages = (
        registry.page(m) for m in registry.ids().values() if registry.kind(m) in ("python", "migrations")
    )
    found = (c for page in pages for c in testing.cases(page))
    return tuple(dict.fromkeys(text for case in found for text in (case.before, case.after)))


@cache
def modules() -> Sequence[str]:
    """Return small modules of the standard library that runs this."""
    root = Path(sysconfig.get_path("stdlib"))
    paths = sorted(p for package in _PACKAGES for p in (root / package).glob("*.py"))
    return tuple(p.read_text("utf-8") for p in paths if p.stat().st_size < _LARGEST)


def mixed(dice: Random, start: Sequence[str]) -> str:
    """Return one of some texts, changed in a few places; often it is Python still."""
    text = dice.choice(start)
    for _ in range(dice.randrange(1, 5)):
        text = dice.choice(_MIXES)(text, dice)
        if len(text) > 2 * _LARGEST:
            break
    return text


def _nested(text: str, dice: Random) -> str:
    shell = dice.choice(_SHELLS)
    deeper = "        " if "def m" in shell else "    "
    body = indent(text, deeper)
    return shell.format(body if body.endswith("\n") else f"{body}\n")


def _behind(text: str, dice: Random) -> str:
    return f"{text}\n{dice.choice(texts())}"


def _before(text: str, dice: Random) -> str:
    return f"{dice.choice(_STATEMENTS)}\n{text}"


def _between(text: str, dice: Random) -> str:
    """Put a statement in front of a line, as deep as that."""
    lines = text.splitlines(keepends=True)
    if not lines:
        return text
    at = dice.randrange(len(lines))
    margin = re.match(r"[ \t]*", lines[at])
    lines.insert(at, indent(dice.choice(_STATEMENTS), margin[0] if margin else "") + "\n")
    return "".join(lines)


def _without(text: str, dice: Random) -> str:
    lines = text.splitlines(keepends=True)
    at = dice.randrange(len(lines) + 1)
    return "".join(lines[:at] + lines[at + dice.randrange(1, 3) :])


def _twice(text: str, dice: Random) -> str:
    lines = text.splitlines(keepends=True)
    at = dice.randrange(len(lines) + 1)
    return "".join(lines[:at] + lines[at : at + 1] + lines[at:])


def _remarked(text: str, dice: Random) -> str:
    lines = text.split("\n")
    at = dice.randrange(len(lines))
    lines[at] += f"  {dice.choice(_REMARKS)}"
    return "\n".join(lines)


def _renamed(text: str, dice: Random) -> str:
    """Let one word be another everywhere: a local variable gets the name of a module, and the like."""
    words = sorted(set(_WORD.findall(text)))
    if not words:
        return text
    old, new = dice.choice(words), dice.choice(words)
    return re.sub(rf"\b{old}\b", new, text)


def _retold(text: str, dice: Random) -> str:
    tokens, others = list(_TOKEN.finditer(text)), _TOKEN.findall(dice.choice(texts()))
    if not tokens or not others:
        return text
    token = dice.choice(tokens)
    return text[: token.start()] + dice.choice(others) + text[token.end() :]


def _ended(text: str, dice: Random) -> str:
    return text.replace("\n", dice.choice(("\r\n", "\n\n", "\n")))


_MIXES: Sequence[Callable[[str, Random], str]] = (
    *(_nested, _behind, _before, _between, _without, _twice, _remarked, _ended),
    *(_nested, _behind, _renamed, _renamed, _retold),
)
