"""A service of production that stops stays away until a person starts it again, after a reboot too.

Docker does nothing by default when a process ends or the machine starts. With a restart policy it starts the
container again, waiting longer each time; `unless-stopped` leaves alone what somebody stopped on purpose.
What the other services of the file say is what this one gets.

It is done only in files made for production, by their name or because most of their services have a
policy, and only for what certainly runs on: servers that everybody knows, a command that ends in one, a
service with ports or a health check. What prepares something and ends, or belongs to a profile or a swarm,
stays as it is, and so does `restart: "no"` and whatever a file beside says of the same service.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress

from codemods import composed, document, insertions, places, project, silence, splices
from codemods.document import Document, Node, line_end, line_start
from codemods.model import About, Applicability, Category, Edit, Facts, Finding, Splice, Tree

ABOUT = About(
    title="Start services of production again when they stop",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="A service that fails at its start is started again and again, and comes back with the machine.",
    references=(
        "https://docs.docker.com/engine/containers/start-containers-automatically/",
        "https://docs.docker.com/reference/compose-file/services/#restart",
    ),
    needles=(),
    minutes=5,
    default=False,
)

_ID = "compose-without-restart"
_PRODUCTION = frozenset(("prod", "prd", "production"))
_OTHER_PLACES = frozenset(
    (
        *("dev", "devel", "develop", "development", "devcontainer", "debug", "local", "override", "base"),
        *("test", "tests", "testing", "ci", "e2e", "integration", "staging", "stage", "stack", "swarm"),
        *("common", "example", "examples", "sample", "demo", "docs", "template", "build"),
    )
)
_WORKED_ON = re.compile(
    rb"reload|runserver|docker(?:file)?[\w.-]*[.-]dev|run dev\b|(?:^|[\s\"'])\.{1,2}/?:/"
    rb"|DEBUG[\"']?\s*[:=]\s*[\"']?(?:1|true|on|yes)\b|development",
    re.IGNORECASE | re.MULTILINE,
)
"""What is said where people write code: it is reloaded, or the folder of the file is mounted."""
_ENDS = re.compile(
    r"(?:init|migrat|setup|seed|load|import|bootstrap|create|make|build|backup|restore|test|e2e|certbot|job|once"
    r"|cli|shell|console|tool|debug|dev|wait|copy|static|py\.?test|report)"
)
_ENDS_AT_ONCE = re.compile(
    r"\s(?:--(?:help|version|check-config|print-config|burst|detach|daemon(?:ize)?|initialize\S*)|-D)(?=[\s=]|\Z)"
    r"|\bnginx\s+-[tTvVh]|\brq\s+worker\s(?:.*\s)?-b(?=\s|\Z)"
    r"|\bcelery\s(?:(?!\s(?:worker|beat|flower)\b).)*\s(?:call|control|graph|inspect|list|purge|report|result|status)\s",
    re.DOTALL,
)
"""With these, what serves otherwise only looks at something, or leaves the container alone behind it."""
_SPOKEN_OF = re.compile(r"^[ \t]*#.*\brestart", re.MULTILINE | re.IGNORECASE)
_LEFT = frozenset(("restart", "profiles", "extends", "stdin_open", "tty", "scale", "provider"))
_DAEMON = re.compile(
    r"(?:docker\.io/)?(?:(?:library/)?(?:postgres|mysql|mariadb|mongo|redis|memcached|rabbitmq|nginx|httpd|haproxy"
    r"|traefik|caddy|nats|influxdb|elasticsearch)|valkey/valkey|postgis/postgis|pgvector/pgvector"
    r"|grafana/grafana|prom/(?:prometheus|alertmanager))(?::[\w.$\{\}:-]+)?(?:@\S+)?"
)
_SERVES = re.compile(
    r"(?:exec\s+)?(?:(?:poetry|uv|pipenv)\s+run\s+|python3?\s+-m\s+)?(?:\S*/)?"
    r"(?:(?:gunicorn|uvicorn|hypercorn|daphne|granian|uwsgi|waitress-serve|dramatiq|mysqld|mongod|traefik"
    r"|(?:redis|valkey|rabbitmq)-server|memcached)(?=\s|\Z)|nginx\s.*daemon off|postgres\s+-|rq\s+worker\b"
    r"|celery\s(?:.*\s)?(?:worker|beat|flower)(?=\s|\Z))",
    re.DOTALL,
)
_SHELL = re.compile(r"(?:\S*/)?(?:ba|da)?sh -\w*c\s+")
_NEXT = re.compile(r"&&|\|\||[;\n|&]")


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: everything stands in the tree."""
    return frozenset()


def find(tree: Tree, _: Facts) -> Iterator[Finding]:
    """Return the policies that services of production lack, file by file."""
    composes = [path for path in tree.paths() if places.KINDS["compose"](path)]
    for path in composes:
        data = tree.read(path)
        is_ours = project.is_own(path) and not places.is_foreign(path) and not places.is_generated(path, data)
        if not is_ours or not _OTHER_PLACES.isdisjoint(_words(path)):
            continue
        beside = [p for p in composes if p != path and posixpath.dirname(p) == posixpath.dirname(path)]
        with suppress(document.Invalid):
            file = document.read(data, path)
            if any(_policies(file, set())):
                said = {name for p in beside for name in _decided(document.read(tree.read(p), p))}
                yield from _found(file, list(_policies(file, said)))


def _found(file: Document, policies: Sequence[Splice]) -> Iterator[Finding]:
    if policies:
        edit = Edit(file.path, file.data, splices.apply(file.data, policies))
        for one in policies:
            yield Finding(_ID, file.path, splices.line_of(file.data, one.start), one.message, edit)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.split(r"[\W_]+", text.lower()))


def _decided(file: Document) -> Iterator[str]:
    """Yield the services of which a file says whether they are started again, as far as anybody can see."""
    services = file.root.get("services")
    for name, service in services.pairs if services else ():
        if service.kind != "mapping" or any(service.get(k) for k in ("restart", "deploy", "extends", "<<")):
            yield name.text


def _policies(file: Document, decided: set[str]) -> Iterator[Splice]:
    services = file.root.get("services")
    if services is None or services.flow or not file.plain or composed.for_swarm(file):
        return
    # What has neither image nor build stands in another file, and this one is laid upon that.
    if not all(s.get("image") or s.get("build") for _, s in services.pairs):
        return
    said = [node for _, service in services.pairs if (node := service.get("restart")) and _is_policy(node)]
    most = 2 * len(said) > len(services.pairs) and not _WORKED_ON.search(file.data)
    if not (most or _words(file.path) & _PRODUCTION):
        return
    policy = _policy(file, said)
    done = {name for _, service in services.pairs for name in _waited_for(service)}
    for name, service in services.pairs:
        line = file.data[line_start(file.data, name.start) : line_end(file.data, name.start)].decode()
        is_left = name.text in decided | done or silence.says_ignore(line, _ID)
        place = service.pair("image") or service.pair("build")
        is_left = is_left or bool(_SPOKEN_OF.search(file.data[service.start : service.end].decode()))
        if place and not is_left and _runs_on(name.text, service):
            said_of_it = f"`{name.text}` is started again by itself"
            yield insertions.after(file, place, [f"restart: {policy}"], said_of_it)


def _is_policy(node: Node) -> bool:
    return node.text not in {"", "no", "false"} and node.style not in {"|", ">"}


def _policy(file: Document, said: Sequence[Node]) -> str:
    """Return the policy that most services have, as the first of them writes it."""
    counted = Counter(node.text for node in said).most_common(2)
    if not counted or (len(counted) > 1 and counted[0][1] == counted[1][1]):
        return "unless-stopped"
    first = next(node for node in said if node.text == counted[0][0])
    return file.data[first.start : first.end].decode()


def _waited_for(service: Node) -> Iterator[str]:
    """Yield the services that have to end before this one starts."""
    for name, how in (service.get("depends_on") or service).pairs:
        condition = how.get("condition")
        if condition and condition.text == "service_completed_successfully":
            yield name.text


def _runs_on(name: str, service: Node) -> bool:
    """Say whether a service certainly has no end of its own, and nothing decides about its start."""
    deploy, build = service.get("deploy"), service.get("build")
    built = " ".join(node.text for node in build.walk()) if build else ""
    is_left = any(service.get(key) for key in _LEFT) or service.flow
    parted = any(key.text != "resources" for key, _ in deploy.pairs) if deploy else False
    if is_left or parted or not _OTHER_PLACES.isdisjoint(_words(built)):
        return False
    if any(_ENDS.match(word) for word in _words(name)):
        return False
    command, entrypoint = _said(service, "command"), _said(service, "entrypoint")
    image = service.get("image")
    is_daemon = bool(image and not build and _DAEMON.fullmatch(image.text)) and not entrypoint
    if is_daemon and (not command or command.startswith("-")):
        return True
    said = command or entrypoint
    if _ENDS_AT_ONCE.search(f" {said}"):
        return False
    return _serves(said) or (_is_reached(service) and not any(map(_ENDS.match, re.split(r"\W+", said))))


def _said(service: Node, key: str) -> str:
    """Return a command as one text, however it is written."""
    node = service.get(key)
    return " ".join(n.text for n in (node.items or (node,))).strip() if node else ""


def _serves(command: str) -> bool:
    script = _SHELL.match(command)
    text = command[script.end() :].strip("\"'") if script else command
    parts = [part.strip() for part in (_NEXT.split(text) if script else [text]) if part.strip()]
    return bool(parts) and _SERVES.match(parts[-1]) is not None


def _is_reached(service: Node) -> bool:
    """Say whether somebody outside asks a service, or asks whether it is well."""
    ports, check = service.get("ports"), service.get("healthcheck")
    return bool(ports and ports.items) or bool(check and check.get("test") and not check.get("disable"))
