"""A program that runs as root in its container is root wherever it breaks out, and may write over itself.

A weakness of the program then reaches every file of the image, what is mounted into it, and the kernel as
root. A user of its own has what it needs to run and no more.

This adds one right before the command, so that all that is installed stays as it is; by its number, as
Kubernetes wants to be sure that it is not root. Whether the program writes beside its code, to a volume
or to a port below 1024 is for you to see: off by default, for what a container may write cannot be read
from its file. Left alone are files that name a user or a volume anywhere, that expose such a port, keep
anything in the home of root, or start something that changes its user itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import builds, instructions
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.source import Source

ABOUT = About(
    title="Run containers as a user of their own",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="What the program writes outside of its home, or reads from a volume of root, is refused.",
    references=(
        "https://docs.docker.com/build/building/best-practices/#user",
        "https://github.com/hadolint/hadolint/wiki/DL3002",
    ),
    needles=(b"CMD", b"ENTRYPOINT"),
    minutes=20,
    tests=False,
    default=False,
)

_DEBIAN = frozenset(("python", "debian", "ubuntu", "pypy"))
_OTHER_SYSTEM = re.compile(r"alpine|windows|nanoserver", re.IGNORECASE)
_NEEDS_ROOT = re.compile(
    r"\bsu\b|\bapt(?:-get)?\b|\b(?:uv|poetry|pipenv)\b"
    r"|\A\W*(?:/bin/)?(?:ba)?sh\W*\Z"
)
_HELD_BY_ROOT = re.compile(
    r"useradd|adduser|gosu|su-exec|setpriv|/root\b|~/|\$\{?HOME\b|--user\b|pipx|poetry|pyenv|conda|/var/(?:run|log)"
    r"|sudo|supervisor|\bcron\b|nginx|sshd|openssh|docker"
)
_LOWEST = 1024


def rewrite(source: Source, _: Facts) -> Iterator[Splice]:
    """Yield the user of an image that has none."""
    chain = builds.shipped(instructions.of(source))
    if (
        source.path.startswith(".github/")
        or not chain
        or chain[0].official not in _DEBIAN
        or _OTHER_SYSTEM.search(chain[0].image)
    ):
        return
    within = [one for stage in chain for one in stage.instructions]
    if any(
        one.name in {"USER", "VOLUME", "ONBUILD", "SHELL"} or _HELD_BY_ROOT.search(one.text) for one in within
    ):
        return
    starts = [one for one in chain[-1].instructions if one.name in {"CMD", "ENTRYPOINT"}]
    ports = [int(port) for one in within if one.name == "EXPOSE" for port in re.findall(r"\d+", one.text)]
    if not starts or min(ports, default=_LOWEST) < _LOWEST or any(_NEEDS_ROOT.search(s.text) for s in starts):
        return
    newline = b"\r\n" if b"\r\n" in source.data else b"\n"
    place = builds.above(source.data, starts[0])
    text = newline.join((b"RUN useradd --create-home --uid 10001 app", b"USER 10001", b""))
    yield Splice(place, place, text, "the program does not run as root")
