"""Compose files: the images that services run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemods import document, places, splices
from codemods.document import Document, Node
from codemods.manifests import beside, images
from codemods.manifests.model import Change, Manifest, Reference, Requirement, clause_splices
from codemods.model import Problem, Splice

FILES = tuple(
    f"{name}.{ending}"
    for name in ("compose", "compose.*", "docker-compose", "docker-compose.*", "docker-compose-*")
    for ending in ("yml", "yaml")
)
NEEDLES = (b"image",)

_GENERATED = "its first lines say that a program writes it"


def read(path: str, data: bytes) -> Manifest:
    """Return the images of a compose file's services; a file that is no YAML is a problem."""
    try:
        found = document.read(data)
    except document.Invalid as error:
        return Manifest(path, problems=(Problem(path, 1, f"skipped: {error}"),))
    references = (reference(path, found, image) for image in _images(found))
    sealed = _GENERATED if places.is_generated(path, data) else ""
    return Manifest(path, references=tuple(r for r in references if r), sealed=sealed)


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return the splices of a requirement; a compose file has none."""
    return clause_splices(requirement, change)


def _images(found: Document) -> Iterator[Node]:
    """Yield the images that are pulled: beside ``build`` stands the name of what is built."""
    services = found.root.get("services")
    for service in services.pairs if services else ():
        image = service.value.get("image")
        if image and service.value.get("build") is None:
            yield image


def reference(path: str, found: Document, image: Node) -> Reference | None:
    """Return the version of the image that a scalar of a YAML file names, None where it names none."""
    start = found.written(image)
    if start is None or not image.text.isascii():
        return None
    named = images.reference(image.text, path, splices.line_of(found.data, start), start)
    return named and beside.completed(found.data, named, image.end)
