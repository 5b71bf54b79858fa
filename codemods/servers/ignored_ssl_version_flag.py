"""Gunicorn ignores `--ssl-version` since 21.0: whoever reads the command believes a limit that is none.

It picks the newest version of TLS that both sides know, whatever the option says, and writes a warning at
each start. The option goes, so that the command says what happens. Who needs a limit sets it in the hook
`ssl_context` of a file of settings, which is given the context that is used.

The lowest Gunicorn that can be installed is 21.0, and the workers are its own: those of uvicorn and aiohttp
do use the option, so it stays where the command names them, or names none and the project has them. Where
settings come from elsewhere (`-c`, `--config`, a `gunicorn.conf.py`, `GUNICORN_CMD_ARGS`) the command has to
name its workers.
"""

from __future__ import annotations

from collections.abc import Iterator

from codemods import directives, server_settings, started
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.source import Source

ABOUT = About(
    title="Drop the option for a TLS version that Gunicorn ignores",
    category=Category.HYGIENE,
    applicability=Applicability.SAFE,
    risk="None known: Gunicorn's own workers use the option nowhere.",
    references=(
        "https://docs.gunicorn.org/en/stable/settings.html#ssl-version",
        "https://docs.gunicorn.org/en/stable/2023-news.html",
    ),
    needles=(b"--ssl-version",),
    pattern=rb"\bgunicorn\b",
    minutes=5,
    asks=("dependencies", "paths"),
    tests=False,
)

_OPTION = "--ssl-version"


def rewrite(source: Source, facts: Facts) -> Iterator[Splice]:
    """Yield what takes the option out of the commands that start Gunicorn."""
    if b"GUNICORN_CMD_ARGS" in source.data:
        return
    for command in started.read(source):
        program, behind = command.behind(("gunicorn",))
        found = list(started.options(command, behind, _OPTION))
        if program and len(found) == 1 and server_settings.ignores_version(command, behind, facts):
            first, last, value = found[0]
            if not directives.meant(source.data, command.words[0].start, value.end):
                message = f"Gunicorn ignores `{_OPTION} {value.text}`"
                yield from command.without(source.data, first, last, message)
