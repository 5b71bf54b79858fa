"""A service that starts together with its database finds nobody there: a database needs some seconds.

`depends_on` alone waits until the container was started, not until the database answers. Whether the
service comes up is then a matter of luck: on a new machine, where the database has to make its files
first, it mostly does not.

The database gets a health check in its own words, and those that depend on it wait for that (`condition:
service_healthy`). It is asked over TCP, where PostgreSQL and MySQL do not answer before they have run the
scripts that set them up. Left alone is who waits already, by a script or by being started again, a
database with a health check or with settings that nobody sees here, and what is made for a swarm, which
knows no conditions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import composed, document, insertions
from codemods.document import Document, Node, Pair
from codemods.model import About, Applicability, Category, Facts, Splice

ABOUT = About(
    title="Wait for databases before services start",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="Where a database does not answer within two minutes, `docker compose up` fails.",
    references=(
        "https://docs.docker.com/compose/how-tos/startup-order/",
        "https://docs.docker.com/reference/compose-file/services/#healthcheck",
    ),
    needles=(b"depends_on",),
    minutes=10,
    tests=False,
    pattern=rb"postgres|postgis|pgvector|mysql",
)

_TESTS = {
    "postgres": '["CMD-SHELL", "pg_isready -h 127.0.0.1 -U $${POSTGRES_USER:-postgres}"]',
    "postgis": '["CMD-SHELL", "pg_isready -h 127.0.0.1 -U $${POSTGRES_USER:-postgres}"]',
    "pgvector": '["CMD-SHELL", "pg_isready -h 127.0.0.1 -U $${POSTGRES_USER:-postgres}"]',
    "mysql": '["CMD", "mysqladmin", "ping", "-h", "127.0.0.1", "--silent"]',
}
_IMAGE = re.compile(
    r"(?:docker\.io/)?(?:library/|postgis/|pgvector/)?(?P<name>[a-z]+)(?::[\w.$\{\}:-]+)?(?:@\S+)?"
)
_PACE = ("interval: 5s", "timeout: 5s", "retries: 12", "start_period: 60s")
_OWN_WAYS = ("healthcheck", "command", "entrypoint", "extends", "network_mode", "user", "configs")
_WAITS = re.compile(r"wait|dockerize|pg_isready|\bnc\b|\buntil\b|\bsleep\b|retry|\.sh\b|^\.?/", re.IGNORECASE)
"""Who waits in words, or starts by a script that may do it."""
_SETTINGS = re.compile(r"\.conf\b|\.cnf\b|/etc/|PGPORT|MYSQL_TCP_PORT", re.IGNORECASE)

_TO_END_OF_LINE = re.compile(rb"[^\n]*")
_OPENS_LIST = re.compile(rb":\s*[\[-]?\s*")


def rewrite(file: Document, _: Facts) -> Iterator[Splice]:
    """Yield a health check for each database that somebody starts with, and the condition to wait for it."""
    services = file.root.get("services")
    if services is None or not file.plain or services.flow or composed.for_swarm(file):
        return
    databases = {p.key.text: p for p in services.pairs if _test(p.value)}
    waiting = [
        (w, named)
        for p in services.pairs
        if (w := p.value.pair("depends_on")) and (named := _named(file, p, w))
    ]
    wanted = {name for _, named in waiting for name in named if name in databases}
    for name in wanted:
        yield _check(file, databases[name])
    for pair, named in waiting:
        if wanted.intersection(named):
            yield _conditions(file, pair, named, wanted)


def _test(service: Node) -> str:
    """Return how a database is asked; nothing of what is none, or not run as its image knows it."""
    image = service.get("image")
    found = _IMAGE.fullmatch(image.text) if image and not service.flow else None
    if found is None or any(service.get(key) for key in _OWN_WAYS) or service.get("build"):
        return ""
    texts = (node.text for key in ("environment", "volumes") if (n := service.get(key)) for node in n.walk())
    return "" if any(map(_SETTINGS.search, texts)) else _TESTS.get(found["name"], "")


def _named(file: Document, service: Pair, pair: Pair) -> tuple[str, ...]:
    """Return the services that a list names which another waits for by nothing but their start."""
    items = pair.value.items
    between = file.data[pair.key.end : items[0].start if items else pair.key.end]
    written = _TO_END_OF_LINE.match(file.data, pair.value.end)
    behind = file.data[pair.value.start : written.end() if written else pair.value.end]
    if not items or service.value.flow or not _OPENS_LIST.fullmatch(between) or b"#" in behind:
        return ()
    said = (
        node.text for key in ("command", "entrypoint") if (n := service.value.get(key)) for node in n.walk()
    )
    restart = service.value.get("restart")
    if (restart and restart.text != "no") or service.value.get("deploy") or any(map(_WAITS.search, said)):
        return ()
    return tuple(dict.fromkeys(item.text for item in items))


def _check(file: Document, database: Pair) -> Splice:
    image = database.value.pair("image")
    if image is None:
        raise ValueError("a database without an image")
    lines = ["healthcheck:", *(f"  {line}" for line in (f"test: {_test(database.value)}", *_PACE))]
    return insertions.after(file, image, lines, f"`{database.key.text}` says when it answers")


def _conditions(file: Document, pair: Pair, named: tuple[str, ...], healthy: set[str]) -> Splice:
    """Return the splice that turns a list of services into one of conditions."""
    column = pair.key.start - document.line_start(file.data, pair.key.start)
    newline = "\r\n" if b"\r\n" in file.data else "\n"
    text = ":"
    for name in named:
        state = "service_healthy" if name in healthy else "service_started"
        text += f"{newline}{' ' * (column + 2)}{name}:{newline}{' ' * (column + 4)}condition: {state}"
    waited = " and ".join(f"`{name}`" for name in named if name in healthy)
    return Splice(pair.key.end, pair.value.end, text.encode(), f"it waits until {waited} answers")
