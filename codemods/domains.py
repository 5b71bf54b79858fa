"""Tells what is installed together, so that a resolver can be asked whether it still can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from codemods.inventory import Inventory
from codemods.manifests.model import Manifest, Requirement, Role


@dataclass(frozen=True, slots=True)
class Domain:
    """One set of requirements that meet in one environment, as the text of a requirements file.

    ``label`` says where it stands, ``path`` is its file; ``lines`` are the requirements behind
    ``requirements`` and ``constraints``. Names that come from no index are left out: nobody can be asked.
    """

    label: str
    path: str
    requirements: str
    constraints: str
    lines: tuple[Requirement, ...]


def of(found: Inventory, name: str) -> Mapping[str, Domain]:
    """Return every domain that a distribution is declared in, by label."""
    by_path = {m.path: m for m in found.manifests}
    domains = (d for m in _roots(found.manifests) for d in _domains(m, by_path, found.private))
    return {d.label: d for d in domains if any(r.name == name for r in d.lines)}


def _roots(manifests: Sequence[Manifest]) -> Iterator[Manifest]:
    """Return the files that no other file includes, and those that include each other in a circle."""
    included = {path for m in manifests for path in m.includes if m.path not in _reached(m, manifests)}
    for manifest in manifests:
        if manifest.path not in included and manifest.requirements:
            yield manifest


def _reached(manifest: Manifest, manifests: Sequence[Manifest]) -> frozenset[str]:
    """Return the paths of all files that a file includes, at any depth."""
    by_path = {m.path: m for m in manifests}
    return frozenset(m.path for m in _closure(manifest.includes, by_path))


def _closure(paths: Iterable[str], by_path: Mapping[str, Manifest]) -> list[Manifest]:
    found: dict[str, Manifest] = {}
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path in by_path and path not in found:
            found[path] = by_path[path]
            waiting += by_path[path].includes
    return list(found.values())


def _domains(
    manifest: Manifest, by_path: Mapping[str, Manifest], private: frozenset[str]
) -> Iterator[Domain]:
    files = [m for m in _closure(manifest.includes, by_path) if m.path != manifest.path]
    constraining = _closure([p for m in (manifest, *files) for p in m.constraints], by_path)
    shared = [r for m in (*files, *constraining) for r in m.requirements]
    general = [r for r in manifest.requirements if r.role is Role.CONSTRAINT and r.section]
    for section in dict.fromkeys(r.section for r in manifest.requirements if r not in general):
        wanted = _sections(manifest, section)
        own = [r for r in manifest.requirements if r.section in wanted]
        lines = [r for r in (*own, *general, *shared) if r.name not in private]
        label = f"{manifest.path} [{section}]" if section else manifest.path
        yield _domain(label, manifest.path, lines)


def _sections(manifest: Manifest, section: str) -> set[str]:
    """Return a section and all that are installed with it."""
    extends = dict(manifest.extends)
    found, waiting = {section}, [section]
    while waiting:
        fresh = set(extends.get(waiting.pop(), ())) - found
        found |= fresh
        waiting += fresh
    return found


def _domain(label: str, path: str, lines: Iterable[Requirement]) -> Domain:
    kept = tuple(dict.fromkeys(lines))
    constraints = [_text(r) for r in kept if r.role is Role.CONSTRAINT]
    requirements = [_text(r) for r in kept if r.role is not Role.CONSTRAINT]
    text = "\n".join(dict.fromkeys(requirements))
    return Domain(label, path, text, "\n".join(dict.fromkeys(constraints)), kept)


def _text(requirement: Requirement) -> str:
    # pip takes no extras in constraints.
    extras = requirement.extras if requirement.role is not Role.CONSTRAINT else ()
    asked = f"[{','.join(extras)}]" if extras else ""
    marker = f" ; {requirement.marker}" if requirement.marker else ""
    return f"{requirement.name}{asked}{requirement.specifier}{marker}"
