"""TLS below 1.2 and ciphers such as RC4 and 3DES protect nobody who connects to uvicorn or Gunicorn any more.

TLS 1.0 and 1.1 were taken out of use by RFC 8996 in 2021. `--ssl-version` takes the number that Python has
for a protocol, and 3 is not "1.0 or newer" but 1.0 alone, 4 is 1.1. The option goes: without it these
servers speak the newest version that both sides know. A list of ciphers (`--ssl-ciphers` of uvicorn,
`--ciphers` of Gunicorn and Hypercorn, `ciphers` in hypercorn.toml) becomes that of Mozilla's guideline, by
`tls` in kotsu.yml, but only where it lets in what nobody should use. Hypercorn speaks nothing below 1.2.

The commands are those of Dockerfiles, Compose files and manifests of Kubernetes, units of systemd, Procfiles
and shell scripts. Left alone is a value that a variable gives, a command with a comment that speaks of
clients that need it, a file that is for old clients by its name or because it lowers OpenSSL's level, and
one in which a template decides. The number 2 stands for any version, and stays.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from codemods import directives, server_settings, started
from codemods.directives import Word
from codemods.manifests import toml_document, toml_strings
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.source import Source
from codemods.started import Command

ABOUT = About(
    title="Let Python's servers speak only TLS that is still safe",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="A client that knows nothing newer than TLS 1.1, or no cipher of the new list, is refused.",
    references=(
        "https://www.uvicorn.org/settings/#https",
        "https://docs.gunicorn.org/en/stable/settings.html#ciphers",
        "https://hypercorn.readthedocs.io/en/latest/how_to_guides/configuring.html",
        "https://ssl-config.mozilla.org/guidelines/6.0.json",
    ),
    needles=(b"--ssl-version", b"ciphers"),
    pattern=rb"(?m)--(?:ssl-)?(?:version|ciphers)\b|^[ \t]*ciphers[ \t]*=",
    minutes=10,
    asks=("tls", "dependencies", "paths"),
    tests=False,
)

_CIPHERS = {"uvicorn": "--ssl-ciphers", "gunicorn": "--ciphers", "hypercorn": "--ciphers"}
_NUMBERS = {"1": "SSLv3", "3": "1.0", "4": "1.1"}
"""What `ssl.PROTOCOL_…` are as numbers, of which each stands for one version."""
_NAMES = {"SSLv3": "SSLv3", "TLSv1": "1.0", "TLSv1_1": "1.1"}
"""What Gunicorn takes as well, from 20.0 on."""


def rewrite(source: Source, facts: Facts) -> Iterator[Splice]:
    """Yield what becomes of the versions and the ciphers that are too old."""
    if directives.for_old(source.path, source.data):
        return
    if source.path.endswith(".toml"):
        yield from _settings(source, facts)
    for command in started.read(source):
        program, behind = command.behind(tuple(_CIPHERS))
        if program and not directives.meant(source.data, command.words[0].start, command.words[-1].end):
            yield from _ciphers(source.data, command, behind, _CIPHERS[program], facts)
            yield from _versions(source.data, command, behind, program, facts)


def _ciphers(data: bytes, command: Command, behind: int, option: str, facts: Facts) -> Iterator[Splice]:
    for _, _, value in started.options(command, behind, option):
        if not directives.meant(data, value.start, value.end):
            yield from directives.stronger(value, facts.tls, f"`{option}` lets in")


def _versions(data: bytes, command: Command, behind: int, program: str, facts: Facts) -> Iterator[Splice]:
    """Yield what takes an old version out, where it is one that the server still reads."""
    if program == "hypercorn" or (
        program == "gunicorn" and server_settings.ignores_version(command, behind, facts)
    ):
        return
    known = _NUMBERS | (_NAMES if program == "gunicorn" else {})
    for first, last, value in started.options(command, behind, "--ssl-version"):
        version = known.get(value.text, "")
        if version and not directives.meant(data, value.start, value.end):
            message = f"`--ssl-version {value.text}` is {_said(version)} alone; {facts.tls.oldest}"
            yield from command.without(data, first, last, message)


def _said(version: str) -> str:
    return version if version.startswith("SSL") else f"TLS {version}"


def _settings(source: Source, facts: Facts) -> Iterator[Splice]:
    """Yield the policy's ciphers in the place of those of Hypercorn's own file."""
    data = source.data
    if "hypercorn" not in posixpath.basename(source.path) or directives.decided(data):
        return
    try:
        toml_document.parse(data)
    except ValueError:
        return
    for literal in toml_strings.find(data.decode("latin-1"), source.offset):
        plain = not literal.escaped and data[literal.start - 1 : literal.start] in {b'"', b"'"}
        if literal.path == ("ciphers",) and plain and not directives.meant(data, literal.start, literal.end):
            word = Word(literal.start, literal.end, literal.raw)
            yield from directives.stronger(word, facts.tls, "`ciphers` lets in")
