"""`MAINTAINER` is given up, and BuildKit warns of it in each build.

A label says the same to whoever looks: `org.opencontainers.image.authors` is the one that the Open
Container Initiative has for it. The field `Author` of the image is empty then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import builds, instructions
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.source import Source

ABOUT = About(
    title="Name the authors of images in a label",
    category=Category.HYGIENE,
    applicability=Applicability.UNSAFE,
    risk="Whatever reads the field `Author` of the image finds it empty.",
    references=(
        "https://docs.docker.com/reference/build-checks/maintainer-deprecated/",
        "https://specs.opencontainers.org/image-spec/annotations/",
    ),
    needles=(b"MAINTAINER", b"maintainer", b"Maintainer"),
    minutes=1,
    tests=False,
)

_AUTHOR = re.compile(r"(\"?)([^\"'\\$`]+)\1")
_CODES = frozenset(("DL4000", "MaintainerDeprecated"))


def rewrite(source: Source, _: Facts) -> Iterator[Splice]:
    """Yield a label for each maintainer."""
    found = instructions.of(source)
    stages = builds.stages(found)
    old = [one for one in found if one.name == "MAINTAINER"]
    labelled = any("image.authors" in one.text for one in found)
    if not stages or labelled or len(old) != 1 or old[0].start < stages[0].start.start:
        return
    one, author = old[0], _AUTHOR.fullmatch(old[0].text)
    if author and not one.lines and not one.ignored & _CODES:
        written = source.data[one.at + author.start(2) : one.at + author.end(2)].strip()
        name = b"label" if source.data[one.start : one.start + 1].islower() else b"LABEL"
        text = name + b' org.opencontainers.image.authors="' + written + b'"'
        yield Splice(one.start, one.end, text, "the author stands in a label")
