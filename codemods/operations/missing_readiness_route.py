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

import ast
import re
from collections.abc import Iterator

from codemods import engine, places, project, silence
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
_SERVER = re.compile(r"\b(?:uvicorn|gunicorn|hypercorn|granian|waitress-serve|fastapi|flask)\b")
_TARGET = re.compile(r"[\s\"',=](?P<module>[A-Za-z_][\w.]*):(?P<app>[A-Za-z_]\w*)")
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
_SOURCES = {"fastapi": "FastAPI", "flask": "Flask"}


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: everything stands in the tree."""
    return frozenset()


def find(tree: Tree, _: Facts) -> Iterator[Finding]:
    """Return words about the one app that an image starts, where nothing tells whether it is ready."""
    started = {(p, module, app) for p in tree.paths() for module, app in _started(tree, p)}
    apps = {
        (path, line, framework, app, image)
        for image, module, app in started
        for path, line, framework in _made(tree, module, app)
    }
    if len({path for path, *_ in apps}) != 1 or any(_speaks(tree, p) for p in tree.paths()):
        return
    path, line, framework, app, image = min(apps)
    route = _ROUTES[framework].format(app=app)
    said = f"`{image}` starts this {framework} app, and nothing tells whether it answers: {route} does"
    yield Finding(_ID, path, line, said)


def _speaks(tree: Tree, path: str) -> bool:
    return bool(_READ.search(path)) and bool(_SPEAKS.search(tree.read(path)))


def _started(tree: Tree, path: str) -> Iterator[tuple[str, str]]:
    """Yield the modules and the names of the apps that an image starts."""
    if places.KINDS["containers"](path) and project.is_own(path):
        text = _CONTINUED.sub(" ", tree.read(path).decode("utf-8", "replace"))
        for command in _COMMAND.findall(text):
            server = _SERVER.search(command)
            target = _TARGET.search(command, server.end()) if server else None
            if target:
                yield target["module"], target["app"]


def _made(tree: Tree, module: str, app: str) -> Iterator[tuple[str, int, str]]:
    """Yield where a module makes its app, if there is one module of that name and it does so plainly."""
    tail = "/" + module.replace(".", "/")
    paths = [p for p in tree.paths() if f"/{p}".endswith((f"{tail}.py", f"{tail}/__init__.py"))]
    if len(paths) != 1 or not project.is_own(paths[0]):
        return
    data = tree.read(paths[0])
    source = engine.skimmed(paths[0], data)
    for node in source.body if source else ():
        targets = [ast.unparse(t) for t in node.targets] if isinstance(node, ast.Assign) else []
        if targets == [app] and isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            made = ast.unparse(node.value.func)
            framework = _SOURCES.get(_source(source, made), "") if source else ""
            line = data.splitlines()[node.lineno - 1].decode("utf-8", "replace")
            if framework == made and not silence.says_ignore(line, _ID):
                yield paths[0], node.lineno, framework


def _source(module: ast.Module, name: str) -> str:
    """Return the module that a name is imported from, ``""`` where it is not."""
    imports = (n for n in module.body if isinstance(n, ast.ImportFrom) and not n.level)
    return next((n.module or "" for n in imports for a in n.names if (a.asname or a.name) == name), "")
