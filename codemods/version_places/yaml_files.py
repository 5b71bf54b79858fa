"""Versions of Python in other YAML: hooks, documentation, environments, functions, images, other CI."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from fnmatch import fnmatchcase

from codemods import document
from codemods.document import Document, Node
from codemods.pythons import Minor
from codemods.version_places import model
from codemods.version_places.model import Place, Role, Row, Shape

_VERSION = re.compile(rf"(?:python-?)?{model.VERSION}(?:\.x)?")
_INSIDE = re.compile(rf"(?<![\d.]){model.VERSION}")
_JOINED = re.compile(rf"python{model.JOINED}")
_PLUS = re.compile(rf"--py{model.JOINED}-plus")
_TARGET = re.compile(rf"(?:--target-version=|-t=?)?py{model.JOINED}")
_CHECKED = re.compile(rf"--python-version[= ]{model.VERSION}")
_CONDA = re.compile(
    rf"(?:[\w./-]+::)?python[ ]*(?P<operator>={{1,2}}|>=|~=| )[ ]*{model.VERSION}"
    r"(?:\.\*|=\*|\*)?(?P<rest>(?:,.*)?)"
)
_IMAGE = re.compile(r"(?P<name>[\w./-]+):(?P<tag>[\w.-]+)(?P<digest>@sha256:[0-9a-f]+)?")
_ARGUMENT = re.compile(r"(?:PYTHON|PY)(?:_?VER(?:SION)?)?", re.IGNORECASE)


def read(path: str, data: bytes) -> list[Place]:
    """Return the places of a file whose name is known; none of one that is no YAML."""
    reader = next((r for glob, r in _READERS.items() if fnmatchcase(f"/{path}", f"*/{glob}")), None)
    try:
        return list(reader(path, document.read(data))) if reader else []
    except document.Invalid:
        return []


def scalar(path: str, found: Document, node: Node, what: str, role: Role = Role.RUNS) -> list[Place]:
    """Return the version that a scalar is: 3.9, "3.9.18", python3.9, python39."""
    start = found.written(node)
    if start is None or node.kind != "scalar":
        return []
    match = _VERSION.fullmatch(node.text)
    joined = None if match else _JOINED.fullmatch(node.text)
    if match is None and joined is None:
        return []
    said = match or joined
    assert said is not None  # noqa: S101 -- one of the two, for the type checker
    span = start + said.start("version"), start + said.end("version")
    shape = model.shape(said) if match else Shape.JOINED
    bare = not node.style and span == (start, start + len(node.text))
    return [Place(path, *span, model.minor(said), role, what, shape, bare=bare)]


def image(path: str, found: Document, node: Node) -> list[Place]:
    """Return the Python of the image that a scalar names."""
    start = found.written(node)
    named = _IMAGE.fullmatch(node.text) if start is not None and node.text.isascii() else None
    if start is None or named is None:
        return []
    at = start + named.start("tag")
    return model.image(path, named["name"], named["tag"], at, digest=bool(named["digest"]))


def _images(path: str, found: Document) -> Iterator[Place]:
    """Return the images of compose files and of other hosts of CI, and the arguments of builds."""
    for node in found.root.walk():
        for pair in node.pairs:
            if pair.key.text == "image":
                yield from image(path, found, pair.value.get("name") or pair.value)
            elif pair.key.text == "args":
                for given in pair.value.pairs:
                    if _ARGUMENT.fullmatch(given.key.text):
                        yield from scalar(path, found, given.value, f"the argument `{given.key.text}`")


def _pre_commit(path: str, found: Document) -> Iterator[Place]:
    languages = found.root.get("default_language_version")
    if languages and (python := languages.get("python")):
        yield from scalar(path, found, python, "`default_language_version`")
    repos = found.root.get("repos")
    for repo in repos.items if repos else ():
        hooks = repo.get("hooks")
        for hook in hooks.items if hooks else ():
            if version := hook.get("language_version"):
                yield from scalar(path, found, version, "a hook's `language_version`")
            arguments = hook.get("args")
            items = arguments.items if arguments else ()
            checked = [place for argument in items for place in _argument(path, found, argument)]
            yield from (*checked, *_title(path, found, hook, {place.minor for place in checked}))


def _argument(path: str, found: Document, node: Node) -> Iterator[Place]:
    start = found.written(node)
    for pattern, shape in ((_PLUS, Shape.JOINED), (_TARGET, Shape.JOINED), (_CHECKED, Shape.DOTTED)):
        match = pattern.fullmatch(node.text) if start is not None else None
        if start is not None and match is not None:
            span = start + match.start("version"), start + match.end("version")
            yield Place(path, *span, model.minor(match), Role.TARGET, "a hook's argument", shape)


def _title(path: str, found: Document, hook: Node, minors: Collection[Minor]) -> Iterator[Place]:
    """Return the version in the name of a hook that has it as an argument too."""
    name = hook.get("name")
    start = found.written(name) if name else None
    if name is None or start is None or not name.text.isascii():
        return
    for match in _INSIDE.finditer(name.text):
        if model.minor(match) in minors:
            span = start + match.start("version"), start + match.end("version")
            yield Place(path, *span, model.minor(match), Role.TARGET, "a hook's name")


def _docs(path: str, found: Document) -> Iterator[Place]:
    build = found.root.get("build")
    tools = build.get("tools") if build else None
    for node in (tools and tools.get("python"), (found.root.get("python") or found.root).get("version")):
        if node and node.kind == "scalar" and node.text != "2":
            yield from scalar(path, found, node, "Read the Docs' `python`")


def _conda(path: str, found: Document) -> Iterator[Place]:
    listed = found.root.get("dependencies")
    for node in listed.items if listed else ():
        start = found.written(node) if node.kind == "scalar" else None
        named = _CONDA.fullmatch(node.text) if start is not None else None
        if start is None or named is None:
            continue
        span = start + named.start("version"), start + named.end("version")
        role = Role.RUNS if named["operator"].strip() in {"", "=", "=="} else Role.DECLARED
        stuck = "it has a bound that is not edited yet" if named["rest"] else ""
        form = Shape.DOTTED if role is Role.DECLARED else model.shape(named)
        yield Place(path, *span, model.minor(named), role, "conda's `python`", form, stuck=stuck)


def _runtimes(path: str, found: Document) -> Iterator[Place]:
    """Return the runtimes of functions: serverless, SAM, App Engine."""
    for node in found.root.walk():
        for pair in node.pairs:
            if pair.key.text in {"runtime", "Runtime"} and pair.value.text.startswith("python"):
                yield from scalar(path, found, pair.value, f"`{pair.key.text}`")


def _azure(path: str, found: Document) -> Iterator[Place]:
    for node in found.root.walk():
        for pair in node.pairs:
            if pair.key.text in {"versionSpec", "python.version"}:
                yield from scalar(path, found, pair.value, f"`{pair.key.text}`")


def _travis(path: str, found: Document) -> Iterator[Place]:
    named = found.root.get("python")
    if named and named.kind == "sequence":
        row = Row(tuple((n.start, n.end) for n in named.items))
        for index, node in enumerate(named.items):
            start = found.written(node)
            if start is not None:
                yield from model.listed(
                    path, node.text, start, "Travis' `python`", row, index, bare=not node.style
                )
    elif named:
        yield from scalar(path, found, named, "Travis' `python`")


_READERS: Mapping[str, Callable[[str, Document], Iterator[Place]]] = {
    ".pre-commit-config.y*ml": _pre_commit,
    ".readthedocs.y*ml": _docs,
    "readthedocs.y*ml": _docs,
    "environment*.y*ml": _conda,
    "serverless.y*ml": _runtimes,
    "template.y*ml": _runtimes,
    "app.yaml": _runtimes,
    "compose*.y*ml": _images,
    "docker-compose*.y*ml": _images,
    ".gitlab-ci.yml": _images,
    ".circleci/config.yml": _images,
    "azure-pipelines.y*ml": _azure,
    ".travis.yml": _travis,
}
FILES = tuple(_READERS)
