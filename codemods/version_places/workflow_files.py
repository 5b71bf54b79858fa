"""Versions of Python in workflows and actions of GitHub: matrices, inputs, variables, images and commands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from codemods import document, workflow
from codemods.document import Document, Node, Pair
from codemods.version_places import model, toml_files, yaml_files
from codemods.version_places.model import Place, Role, Row

FILES = (".github/workflows/*.yml", ".github/workflows/*.yaml", "action.yml", "action.yaml")

_KEY = re.compile(r"(?:python|py)(?:[-_]?versions?|ver)?", re.IGNORECASE)
_NAMES = re.compile(r"tox[-_]?env|toxenvs?|env|session|nox[-_]?session|factor|name", re.IGNORECASE)
_VARIABLE = re.compile(
    r"(?:(?:DEFAULT|MAIN|MIN|MINIMUM|CI|UV)_)?(?:PYTHON|PY)(?:_?VER(?:SION)?)?(?:_DEFAULT)?"
)
_INPUT = re.compile(r"python[-_]?version", re.IGNORECASE)
_COMMAND = re.compile(r"(?:\btox\b[^\n;|&]{0,200}?[ \t]-e[ \t=]*|TOXENV[=:][ \t]*[\"']?)(?P<list>[\w,.{}-]+)")
_CONDITION = re.compile(
    rf"matrix\.(?:[\w-]+[_-])?{_KEY.pattern}[ \t]*(?P<operator>[!=]=)[ \t]*['\"]?{model.VERSION}",
    re.IGNORECASE,
)
MATRIX = "the CI matrix"
"""What places in a matrix of CI are called."""


def read(path: str, data: bytes) -> list[Place]:
    """Return the places of a workflow or an action; none of a file that is no YAML."""
    try:
        found = document.read(data)
    except document.Invalid:
        return []
    places = [p for job in workflow.jobs(found) for p in _job(path, found, job.value)]
    if runs := found.root.get("runs"):
        places += [p for step in workflow.steps(runs) for p in _step(path, found, step)]
    places += _variables(path, found, found.root)
    places += _commands(path, data)
    return list(dict.fromkeys(places))


def _job(path: str, found: Document, job: Node) -> Iterator[Place]:
    strategy = job.get("strategy")
    if strategy and (matrix := strategy.get("matrix")):
        yield from _matrix(path, found, matrix)
    yield from _variables(path, found, job)
    yield from _inputs(path, found, job)
    containers = [job.get("container")]
    services = job.get("services")
    containers += [s.value for s in services.pairs] if services else []
    for container in containers:
        if container:
            yield from yaml_files.image(path, found, container.get("image") or container)
    for step in workflow.steps(job):
        yield from _step(path, found, step)


def _step(path: str, found: Document, step: Node) -> Iterator[Place]:
    yield from _variables(path, found, step)
    yield from _inputs(path, found, step)


def _matrix(path: str, found: Document, matrix: Node) -> Iterator[Place]:
    for pair in matrix.pairs:
        if pair.key.text in {"include", "exclude"}:
            yield from _combinations(path, found, pair)
        elif pair.value.kind == "sequence":
            yield from _axis(path, found, pair)


def _axis(path: str, found: Document, pair: Pair) -> Iterator[Place]:
    row = Row(tuple((n.start, n.end) for n in pair.value.items))
    for index, node in enumerate(pair.value.items):
        start = found.written(node)
        if start is None:
            continue
        if _KEY.fullmatch(pair.key.text):
            yield from model.listed(path, node.text, start, MATRIX, row, index, bare=not node.style)
        elif _NAMES.fullmatch(pair.key.text):
            yield from model.factor(path, node.text, start, MATRIX, row, index)


def _combinations(path: str, found: Document, pair: Pair) -> Iterator[Place]:
    row = Row(
        tuple((n.start, n.end) for n in pair.value.items),
        keeps=False,
        moves=pair.key.text == "include",
        holder=_holder(found, pair),
    )
    for index, item in enumerate(pair.value.items):
        values = [(p.key.text, p.value, found.written(p.value)) for p in item.pairs]
        keyed = [(k, node, at) for k, node, at in values if at is not None and _KEY.fullmatch(k)]
        named = [(k, node, at) for k, node, at in values if at is not None and not _KEY.fullmatch(k)]
        for _, node, at in keyed:
            yield from model.listed(path, node.text, at, MATRIX, row, index, bare=not node.style)
        for key, node, at in named:
            if keyed or _NAMES.fullmatch(key):
                yield from model.factor(path, node.text, at, MATRIX, row, index)


def _holder(found: Document, pair: Pair) -> tuple[int, int] | None:
    """Return the lines of a key and its value, None where it shares them."""
    first = document.line_start(found.data, pair.key.start)
    end = found.data.find(b"\n", pair.value.end) + 1 or len(found.data)
    rest = found.data[pair.value.end : end].split(b"#")[0].strip()
    return None if found.data[first : pair.key.start].strip() or rest else (first, end)


def _variables(path: str, found: Document, node: Node) -> Iterator[Place]:
    variables = node.get("env")
    for pair in variables.pairs if variables else ():
        start = found.written(pair.value)
        if start is None:
            continue
        if _VARIABLE.fullmatch(pair.key.text):
            yield from yaml_files.scalar(path, found, pair.value, f"`{pair.key.text}`")
        elif pair.key.text == "CIBW_BUILD":
            yield from toml_files.builds(path, pair.value.text, start, "`CIBW_BUILD`")


def _inputs(path: str, found: Document, step: Node) -> Iterator[Place]:
    given = step.get("with")
    for pair in given.pairs if given else ():
        if not _INPUT.fullmatch(pair.key.text):
            continue
        if pair.value.style in {"|", ">"}:
            yield from _lines(path, found, pair.value)
        else:
            yield from yaml_files.scalar(path, found, pair.value, f"the input `{pair.key.text}`")


def _lines(path: str, found: Document, node: Node) -> Sequence[Place]:
    """Return the versions that setup-python gets one a line."""
    start = found.data.find(b"\n", node.start, node.end) + 1
    lines = list(re.finditer(r"\S+", found.data[start : node.end].decode("latin-1"))) if start else []
    row = Row(tuple((start + m.start(), start + m.end()) for m in lines))
    what = "the input `python-version`"
    return [p for n, m in enumerate(lines) for p in model.listed(path, m[0], start + m.start(), what, row, n)]


def _commands(path: str, data: bytes) -> Iterator[Place]:
    """Return the environments of tox that commands name, and what conditions say of the matrix."""
    text = data.decode("latin-1")
    for found in _COMMAND.finditer(text):
        yield from model.environments(path, [(found.start("list"), found["list"])], "a command of tox")
    for found in _CONDITION.finditer(text):
        span = found.span("version")
        alone = found["operator"] == "=="
        # A step that no version reaches any more is lost in silence: where it belongs is for people to say.
        role, stuck = (Role.RUNS, "what runs on it alone would never run") if alone else (Role.TOLD, "")
        yield Place(path, *span, model.minor(found), role, "a condition on the matrix", stuck=stuck)
