"""Gunicorn ignores `--ssl-version` since 21.0: whoever reads the command believes a limit that is none.

It picks the newest version of TLS that both sides know, whatever the option says, and writes a warning at
each start. The option goes, so that the command says what happens. Who needs a limit sets it in the hook
`ssl_context` of a file of settings, which is given the context that is used.

The lowest Gunicorn that can be installed is 21.0, and the workers are its own: those of uvicorn and aiohttp
do use the option, so it stays where the command names them, or names none and the project has them. Where
settings come from elsewhere (`-c`, `--config`) the command has to name its workers.
"""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from codemods import directives, server_settings, started
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.source import Source
from codemods.started import Command

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
    asks=("dependencies",),
    tests=False,
)

_SINCE = Version("21")
_OPTION = "--ssl-version"
_WORKERS = ("-k", "--worker-class")
_SETTINGS = ("-c", "--config")


def rewrite(source: Source, facts: Facts) -> Iterator[Splice]:
    """Yield what takes the option out of the commands that start Gunicorn."""
    lowest = facts.dependencies.get("gunicorn")
    if lowest is None or lowest < _SINCE:
        return
    for command in started.read(source):
        program, behind = command.behind(("gunicorn",))
        found = list(started.options(command, behind, _OPTION))
        if program and len(found) == 1 and _is_ignored(command, behind, facts):
            first, last, value = found[0]
            if not directives.meant(source.data, command.words[0].start, value.end):
                for splice in command.without(source.data, first, last):
                    message = f"Gunicorn ignores `{_OPTION} {value.text}`"
                    yield Splice(splice.start, splice.end, splice.text, message)


def _is_ignored(command: Command, behind: int, facts: Facts) -> bool:
    """Say whether the workers are Gunicorn's own, as far as the command tells."""
    texts = [word.text for word in command.words[behind:]]
    named = [value.text for name in _WORKERS for *_, value in started.options(command, behind, name)]
    if len(named) == 1:
        return server_settings.has_own_workers(named[0], frozenset())
    says_more = any(text.startswith(("-k", "--worker-class", *_SETTINGS)) for text in texts)
    return not says_more and server_settings.has_own_workers("", frozenset(facts.dependencies))
