"""An image without a tag is whatever is newest on the day of the build, another one tomorrow.

The next major of a system or of a language then comes with a build that was about something else, on some
machines and not on others, and nobody sees in the history when it came. With a tag it comes as a change
that can be read and taken back, and Kotsu proposes it when it is there.

Which version the image has today is not written anywhere, so nothing is edited: look at what you run, and
name that. Only official images are named here, and one for each file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import builds, instructions
from codemods.model import About, Advice, Applicability, Category, Facts
from codemods.source import Source

ABOUT = About(
    title="Name the version of base images",
    category=Category.RELIABILITY,
    applicability=Applicability.ADVICE,
    risk="Nothing is edited: the version that you run today is the one to name.",
    references=(
        "https://docs.docker.com/build/building/best-practices/#pin-base-image-versions",
        "https://github.com/hadolint/hadolint/wiki/DL3006",
        "https://github.com/hadolint/hadolint/wiki/DL3007",
    ),
    needles=(b"FROM", b"from", b"From"),
    minutes=10,
    tests=False,
)

_FLOATING = re.compile(
    r"(?:docker\.io/)?(?:library/)?(?:python|pypy|node|debian|ubuntu|alpine|fedora|rockylinux|almalinux|amazonlinux"
    r"|nginx|httpd|caddy|traefik|redis|postgres|mysql|mariadb|mongo|rabbitmq|memcached|golang|rust|ruby|php|openjdk"
    r"|eclipse-temurin|perl|r-base|julia)(?::latest)?"
)
_CODES = frozenset(("DL3006", "DL3007"))


def rewrite(source: Source, _: Facts) -> Iterator[Advice]:
    """Yield words about the first image that has no version."""
    names = {"scratch"}
    for stage in builds.stages(instructions.of(source)):
        known, image = stage.image.lower() in names, stage.image
        names.add(stage.name)
        if not known and _FLOATING.fullmatch(image) and not stage.start.ignored & _CODES:
            words = "is another image whenever a newer one is there: name the version that you run"
            yield Advice(stage.start.start, f"`{image}` {words}")
            return
