"""Whoever runs a container can only ask whether its process lives, not whether it answers.

A process that has lost its event loop, or waits for a lock, still lives: it gets its share of the requests
until a person notices. With a route that answers `200`, a probe of Kubernetes, a check of a load balancer or
a `HEALTHCHECK` takes it out of service by itself, and a deployment waits for the new version to answer before
the old one goes. The route need not ask the database: then all copies would go at once when that is away.

This names the FastAPI or Flask app that an image starts, where nothing in the repository speaks of health at
all: no route, no probe, no check of an image, no package that brings one. Where the route belongs, behind
which prefix and which login, only you know, so nothing is edited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import places, project, serving, silence
from codemods.model import About, Applicability, Category, Facts, Finding, Tree

ABOUT = About(
    title="Add a route that tells whether the service answers",
    category=Category.OPERABILITY,
    applicability=Applicability.ADVICE,
    risk="The route answers everybody: it has to say no more than that it is there.",
    references=(
        "https://kubernetes.io/docs/concepts/workloads/pods/probes/",
        "https://docs.docker.com/reference/dockerfile/#healthcheck",
        "https://fastapi.tiangolo.com/deployment/docker/",
    ),
    needles=(),
    minutes=15,
)

_ID = "missing-readiness-route"
_COMMAND = re.compile(r"^[ \t]*(?:CMD|ENTRYPOINT)\b.*", re.MULTILINE | re.IGNORECASE)
_CONTINUED = re.compile(r"\\\r?\n")
_SPEAKS = re.compile(
    rb"health|readiness|\bready|readyz|liveness|livez|heartbeat|httpGet|probe\b|/(?:ping|alive|live|status|up)/?[\"'?]",
    re.IGNORECASE,
)
_READ = re.compile(
    r"\.(?:py|ya?ml|toml|json|sh|conf|tf|hcl|j2|tpl|txt|cfg|ini|lock)\Z|(?:^|/)[^./]+\Z|ockerfile[^/]*\Z"
)
_ROUTES = {
    "FastAPI": '`@{app}.get("/healthz")` over `def healthz() -> dict[str, str]: return {{"status": "ok"}}`',
    "Flask": '`@{app}.get("/healthz")` over `def healthz(): return {{"status": "ok"}}`',
}


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: everything stands in the tree."""
    return frozenset()


def find(tree: Tree, _: Facts) -> Iterator[Finding]:
    """Return words about the one app that an image starts, where nothing tells whether it is ready."""
    started = {(p, named) for p in tree.paths() for named in _started(tree, p)}
    apps = [
        (app, image)
        for image, named in sorted(started)
        for app in serving.made(tree, *named)
        if not silence.says_ignore(app.line, _ID)
    ]
    if len({app.path for app, _ in apps}) != 1 or any(_speaks(tree, p) for p in tree.paths()):
        return
    app, image = min(
        apps, key=lambda found: (found[0].call.lineno, found[0].framework, found[0].name, found[1])
    )
    route = _ROUTES[app.framework].format(app=app.name)
    said = f"`{image}` starts this {app.framework} app, and nothing tells whether it answers: {route} does"
    yield Finding(_ID, app.path, app.call.lineno, said)


def _speaks(tree: Tree, path: str) -> bool:
    return bool(_READ.search(path)) and bool(_SPEAKS.search(tree.read(path)))


def _started(tree: Tree, path: str) -> Iterator[tuple[str, str]]:
    """Yield the modules and the names of the apps that an image starts."""
    if places.KINDS["containers"](path) and project.is_own(path):
        text = _CONTINUED.sub(" ", tree.read(path).decode("utf-8", "replace"))
        for command in _COMMAND.findall(text):
            if named := serving.named(command):
                yield named
