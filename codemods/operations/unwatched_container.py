"""Docker takes a container for well as long as its process lives, though the app in it has a route to ask.

With a HEALTHCHECK that asks it, `docker ps` tells who does not answer any more, Compose can wait for the
service (`condition: service_healthy`), and Swarm replaces what hangs. It is asked in Python, for slim images
have no curl; without a proxy, and without a shell. Kubernetes reads no HEALTHCHECK and has probes of its own.

It is proposed only where all of it is certain: the command in exec form names app and port, the app's module
has the route itself, which answers with what is written there and asks nothing else, nothing in front of it
can refuse the question, nobody in the repository asks the route in another way, and no Compose file lets an
image do anything else: a worker from the same image would be asked, too.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from itertools import pairwise

from codemods import builds, certain_routes, document, instructions, places, project, serving, splices
from codemods.document import Node
from codemods.instructions import Instruction
from codemods.model import About, Applicability, Category, Edit, Facts, Finding, Splice, Tree
from codemods.source import Source

ABOUT = About(
    title="Let Docker ask whether the app in a container answers",
    category=Category.OPERABILITY,
    applicability=Applicability.UNSAFE,
    risk="What waits for the container waits until it answers, and Swarm ends what does not answer in time.",
    references=(
        "https://docs.docker.com/reference/dockerfile/#healthcheck",
        "https://docs.docker.com/compose/how-tos/startup-order/",
    ),
    needles=(),
    minutes=15,
    default=False,
)

_ID = "unwatched-container"
_SERVERS = frozenset(("uvicorn", "gunicorn"))
_ADDRESS = re.compile(r"(?:0\.0\.0\.0|127\.0\.0\.1|localhost)?:(\d{2,5})")
_HOSTS = frozenset(("0.0.0.0", "127.0.0.1", "localhost"))  # noqa: S104 -- only compared
_ODD = re.compile(r"ssl|uds|\bfd|unix:|cert|root-path|factory|app-dir|chdir|config|env-file|\$|^-c$")
"""Options with which a server is elsewhere, speaks TLS, or is told more in a file."""
_SETTINGS = re.compile(r"(?:UVICORN|GUNICORN)_(?!VERSION)|\bSCRIPT_NAME\b")
_OF_SETTINGS = re.compile(_SETTINGS.pattern.encode())
_OLD_PYTHON = re.compile(r"python:2")
_ASKS = re.compile(
    r"^(?!\.github/).*(?:\.(?:ya?ml|toml|json|sh|conf|tf|hcl|j2|tpl|cfg|ini)|ockerfile[^/]*|(?:^|/)[^./]+)\Z"
)
_MEETS_ALL = re.compile(rb"before_app_request|TrustedHost|HTTPSRedirect|TRUSTED_HOSTS|SERVER_NAME")
_KUBERNETES = re.compile(rb"livenessProbe|readinessProbe|^kind: *[\"']?Deployment", re.MULTILINE)
_CHECK = (
    'HEALTHCHECK --start-period=30s CMD ["python", "-c", "import http.client as h; '
    "c = h.HTTPConnection('127.0.0.1', {port}, timeout=3); c.request('GET', '{route}'); "
    'raise SystemExit(c.getresponse().status != 200)"]'
)


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: everything stands in the tree."""
    return frozenset()


def find(tree: Tree, _: Facts) -> Iterator[Finding]:
    """Return the check for each image whose app has a route that certainly answers."""
    for path in tree.paths():
        if not places.KINDS["containers"](path) or not project.is_own(path) or places.is_foreign(path):
            continue
        data = tree.read(path)
        source = Source(path, data, data.decode("utf-8", "replace"))
        command = None if places.is_generated(path, data) else _command(source)
        port = _port(command.arguments or ()) if command else None
        if not command or not port:
            continue
        for app, route in _certain(tree, command):
            newline = b"\r\n" if b"\r\n" in data else b"\n"
            place = builds.above(data, command)
            text = _CHECK.format(port=port, route=route).encode() + newline
            edit = Edit(path, data, splices.apply(data, [Splice(place, place, text)]))
            line = splices.line_of(data, command.start)
            yield Finding(_ID, path, line, f"`{route}` of `{app.path}` is asked on port {port}", edit)


def _certain(tree: Tree, command: Instruction) -> Iterator[tuple[serving.App, str]]:
    """Yield the app that a command serves with its route, if it has one that nobody asks yet."""
    named = serving.named(" " + " ".join(command.arguments or ()))
    for app in serving.made(tree, *named) if named else ():
        route = next(certain_routes.of(app), "")
        met = any(_MEETS_ALL.search(tree.read(path)) for path in tree.paths() if path.endswith(".py"))
        if route and not met and not _is_asked(tree, route) and not _does_more(tree):
            yield app, route


def _command(source: Source) -> Instruction | None:
    """Return what a Python image starts, if nothing else decides about that and it is not watched already."""
    found = instructions.of(source)
    chain = builds.shipped(found)
    if not chain or chain[0].official != "python" or _OLD_PYTHON.search(chain[0].image):
        return None
    if any(one.name == "HEALTHCHECK" for one in found):
        return None
    within = [one for stage in chain for one in stage.instructions]
    if builds.is_worked_in(source) or any(
        one.name in {"ENTRYPOINT", "SHELL", "ONBUILD"} or _SETTINGS.search(one.text) for one in within
    ):
        return None
    return builds.last(chain[-1], "CMD")


def _port(words: Sequence[str]) -> int | None:
    """Return the port on which a server answers over HTTP; None where it is not said, or not all is known."""
    rest = list(words[2:] if list(words[:2]) in (["python", "-m"], ["python3", "-m"]) else words)
    server = rest[0] if rest and rest[0] in _SERVERS else ""
    ports, hosts = list[str](), list[str]()
    for option, value in pairwise([*rest[1:], ""]):
        flag, _, joined = option.partition("=")
        if server == "gunicorn" and flag in {"-b", "--bind"}:
            address = _ADDRESS.fullmatch(joined or value)
            ports.append(address[1] if address else "")
        elif server == "uvicorn" and flag in {"--port", "--host"}:
            (ports if flag == "--port" else hosts).append(joined or value)
        elif _ODD.search(option):
            return None
    is_certain = server and len(ports) == 1 and ports[0].isdecimal() and _HOSTS.issuperset(hosts)
    return int(ports[0]) if is_certain else None


def _is_asked(tree: Tree, route: str) -> bool:
    """Say whether anything but code asks it, Kubernetes runs the image, or a file tells gunicorn more."""
    last = b"/" + route.rstrip("/").rpartition("/")[2].encode()
    files = [tree.read(path) for path in tree.paths() if _ASKS.search(path)]
    asked = any(_KUBERNETES.search(data) or _OF_SETTINGS.search(data) or last in data for data in files)
    return asked or any(posixpath.basename(path) == "gunicorn.conf.py" for path in tree.paths())


def _does_more(tree: Tree) -> bool:
    """Say whether a Compose file lets an image that may be this one do something else, without a check."""
    for path in filter(places.KINDS["compose"], tree.paths()):
        try:
            found = document.read(tree.read(path)).root.get("services")
        except document.Invalid:
            return True
        services = [service for _, service in found.pairs] if found else []
        built = {image.text for one in services if one.get("build") and (image := one.get("image"))}
        if found is None or any(map(partial(_does, built), services)):
            return True
    return False


def _does(built: Collection[str], service: Node) -> bool:
    image = service.get("image")
    is_own = service.get("build") or (image and (image.text in built or re.search(r"[/$]", image.text)))
    does = service.get("command") or service.get("entrypoint")
    return bool(is_own and does and not service.get("healthcheck")) or service.get("<<") is not None
