"""`ENV KEY value` without a sign between them is the old notation, and BuildKit warns of it in each build.

It holds one variable only, and it surprises: `ENV ONE TWO= THREE=world` sets one variable, not three. The
notation with an equals sign sets the same here, and the warning goes.

Only what means the same in both is changed: a value in one line, without backslashes, and without quotes
but around all of it. One of several words is put between quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import builds, instructions
from codemods.instructions import Instruction
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.source import Source

ABOUT = About(
    title="Write ENV and LABEL with an equals sign",
    category=Category.HYGIENE,
    applicability=Applicability.SAFE,
    risk="Both notations set the same value.",
    references=("https://docs.docker.com/reference/build-checks/legacy-key-value-format/",),
    needles=(b"ENV", b"env", b"LABEL", b"label"),
    minutes=1,
    tests=False,
    pattern=rb"(?im)^[ \t]*(?:ENV|LABEL)[ \t]+[\w.-]+[ \t]+[^ \t\r\n=]",
)

_OLD = re.compile(
    r"(?P<key>[A-Za-z_][\w.-]*)(?P<gap>[ \t]+)(?P<value>[^\s\"'\\`#][^\"'\\`]*|\"[^\"\\`]*\"|'[^'\\`]*')",
    re.ASCII,
)
_WHOLE = re.compile(r"\S+|\".*\"|'.*'", re.DOTALL)


def rewrite(source: Source, _: Facts) -> Iterator[Splice]:
    """Yield the sign for each variable and label in the old notation."""
    found = instructions.of(source)
    if not builds.stages(found):
        return
    for one in found:
        if one.name in {"ENV", "LABEL"} and "LegacyKeyValueFormat" not in one.ignored and not one.flags:
            yield from _new(one)


def _new(one: Instruction) -> Iterator[Splice]:
    said = _OLD.fullmatch(one.text)
    if one.lines or said is None:
        return
    value = said["value"]
    gap, end = one.at + said.start("gap"), one.at + said.end("gap")
    message = f"`{said['key']}` has its value behind an equals sign"
    if _WHOLE.fullmatch(value):
        yield Splice(gap, end, b"=", message)
    else:
        yield Splice(gap, end, b'="', message)
        yield Splice(one.end, one.end, b'"')
