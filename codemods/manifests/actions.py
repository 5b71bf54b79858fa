"""Workflows and actions of GitHub: the actions they use, and the packages that their steps install."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from packaging.utils import canonicalize_name

from codemods import document, places, splices, workflow
from codemods.document import Document, Node
from codemods.manifests import addresses, beside, compose, pep508, shell
from codemods.manifests.model import Change, Manifest, Reference, Requirement, Role, clause_splices
from codemods.model import Problem, Splice

FILES = (".github/workflows/*.yml", ".github/workflows/*.yaml", "action.yml", "action.yaml")
NEEDLES = (b"uses", b"install", b"container", b"image")
_GENERATED = "its first lines say that a program writes it"

_USES = re.compile(r"([A-Za-z0-9][\w-]*)/([\w-]+(?:\.[\w-]+)*)(?:/[^@\s]*)?@([^@\s]+)", re.ASCII)
_OTHER_INDEX = re.compile(rb"index-url|find-links|no-index|--index\b|--default-index|_INDEX|[ \t]-[if] ")


def read(path: str, data: bytes) -> Manifest:
    """Return what a workflow or an action uses and installs; one that is no YAML is a problem."""
    if "/.github/" in path:
        # GitHub runs the workflows of the root alone: what lies deeper came with somebody else's code.
        return Manifest(path)
    try:
        found = document.read(data)
    except document.Invalid as error:
        return Manifest(path, problems=(Problem(path, 1, f"skipped: {error}"),))
    references: list[Reference] = []
    references += (r for image in _images(found) if (r := compose.reference(path, found, image)))
    packages: list[tuple[Requirement | None, str]] = []
    for section, step in _steps(found):
        uses, run = step.get("uses"), step.get("run")
        if uses and (reference := _reference(path, found, uses, section)):
            references.append(reference)
        # A file that names another index somewhere may take any of its packages from there.
        if run and not _OTHER_INDEX.search(data) and workflow.text(step, "shell") != "python":
            packages += _packages(path, found, run, section)
    return Manifest(
        path,
        tuple(requirement for requirement, _ in packages if requirement),
        references=tuple(references),
        private=frozenset(name for requirement, name in packages if requirement is None),
        sealed=_GENERATED if places.is_generated(path, data) else "",
    )


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return the splices that change a word of a command line."""
    return clause_splices(requirement, change)


def _steps(found: Document) -> Iterator[tuple[str, Node]]:
    """Yield what may use an action, with where it stands: jobs that call workflows, and steps."""
    for job in workflow.jobs(found):
        yield f"jobs.{job.key.text}", job.value
        yield from ((f"jobs.{job.key.text}", step) for step in workflow.steps(job.value))
    if runs := found.root.get("runs"):
        yield from (("runs", step) for step in workflow.steps(runs))


def _images(found: Document) -> Iterator[Node]:
    """Yield the images that jobs run in, and those of their services."""
    for job in workflow.jobs(found):
        container, services = job.value.get("container"), job.value.get("services")
        if container:
            yield container.get("image") or container
        for service in services.pairs if services else ():
            if image := service.value.get("image"):
                yield image


def _reference(path: str, found: Document, uses: Node, section: str) -> Reference | None:
    """Return the action of another repository that a step uses, None for anything else."""
    parts, start = _USES.fullmatch(uses.text), found.written(uses)
    if parts is None or start is None or parts[2].endswith(".lock") or not uses.text.isascii():
        return None
    name = f"{parts[1]}/{parts[2]}"
    line = splices.line_of(found.data, start)
    at, end = start + parts.start(3), start + parts.end(3)
    address = f"git+https://github.com/{name.lower()}"
    plain = Reference(name, address, path, line, parts[3], at, end, section=section)
    return beside.completed(found.data, plain, uses.end)


def _packages(
    path: str, found: Document, run: Node, section: str
) -> Iterator[tuple[Requirement | None, str]]:
    """Yield the names that a step's commands install: the requirement, None where it has an address."""
    text, start = workflow.commands(found, run)
    for word in shell.installed(text):
        located = pep508.locate(word.text, start + word.start)
        if name := addresses.egg(word.text) or (located.name if located and located.direct else ""):
            yield None, canonicalize_name(name)
        elif located and located.clauses:
            yield _requirement(path, found.data, located, start + word.end, section), located.name


def _requirement(path: str, data: bytes, located: pep508.Located, end: int, section: str) -> Requirement:
    at = located.clauses[0].start
    comment, _ = beside.trailing(data, end)
    capped = any(c.operator in {"<", "<="} for c in located.clauses)
    return Requirement(
        located.name,
        path,
        splices.line_of(data, at),
        located.clauses,
        Role.DEVELOPMENT,
        section,
        located.marker,
        beside.held(data, at, comment, capped=capped),
        extras=located.extras,
        named=located.named,
    )
