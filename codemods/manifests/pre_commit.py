""".pre-commit-config.yaml: the repositories that hooks come from, and what is installed beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from codemods import document, splices, workflow
from codemods.document import Document, Node
from codemods.manifests import beside, pep508
from codemods.manifests.model import Change, Manifest, Reference, Requirement, Role, clause_splices
from codemods.model import Problem, Splice

FILES = (".pre-commit-config.yaml", ".pre-commit-config.yml")

_PATH = re.compile(r"(?:/[\w-]+(?:\.[\w-]+)*){2,6}", re.ASCII)
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.ASCII)
_PYTHON = frozenset({"", "python"})


def read(path: str, data: bytes) -> Manifest:
    """Return the hooks' repositories and packages; a file that is no YAML is a problem."""
    try:
        found = document.read(data)
    except document.Invalid as error:
        return Manifest(path, problems=(Problem(path, 1, f"skipped: {error}"),))
    listed = found.root.get("repos")
    repos = listed.items if listed else ()
    references = (_reference(path, found, repo) for repo in repos)
    requirements = (r for section, hook in _hooks(repos) for r in _packages(path, found, hook, section))
    known = tuple(r for r in references if r)
    return Manifest(path, tuple(requirements), references=known, isolated=True)


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return the splices that change an entry of a hook's packages."""
    return clause_splices(requirement, change)


def _hooks(repos: Sequence[Node]) -> Iterator[tuple[str, Node]]:
    """Yield every hook with a name of its own: each has an environment for itself."""
    seen: set[str] = set()
    for repo in repos:
        hooks = repo.get("hooks")
        for hook in hooks.items if hooks else ():
            name = id_ = workflow.text(hook, "id")
            while name in seen:
                name = f"{id_} {len(seen)}"
            seen.add(name)
            yield name, hook


def _reference(path: str, found: Document, repo: Node) -> Reference | None:
    """Return the revision of a repository that anybody can read, None for any other."""
    address, rev = _address(workflow.text(repo, "repo")), repo.get("rev")
    start = found.written(rev) if rev else None
    if not address or rev is None or start is None or not rev.text:
        return None
    name = address.removeprefix("git+https://").removeprefix("github.com/")
    line = splices.line_of(found.data, start)
    end = start + len(rev.text.encode())
    return beside.completed(found.data, Reference(name, address, path, line, rev.text, start, end), rev.end)


def _address(url: str) -> str:
    """Return the address of a repository on a public host, ``""`` for what cannot be one."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    path = parts.path.rstrip("/").removesuffix(".git")
    if parts.scheme != "https" or parts.query or parts.fragment or path.endswith(".lock"):
        return ""
    host = parts.netloc.lower()
    if not _HOST.fullmatch(host) or not _PATH.fullmatch(path):
        return ""
    return f"git+https://{host}{path.lower() if host == 'github.com' else path}"


def _packages(path: str, found: Document, hook: Node, section: str) -> Iterator[Requirement]:
    """Return the versions among a hook's packages; those of other languages are written otherwise."""
    listed = hook.get("additional_dependencies")
    if listed is None or workflow.text(hook, "language") not in _PYTHON:
        return
    for item in listed.items:
        start = found.written(item)
        located = pep508.locate(item.text, start) if start is not None and item.text.isascii() else None
        if start is None or located is None or located.direct or not located.clauses:
            continue
        comment, _ = beside.trailing(found.data, item.end)
        capped = any(c.operator in {"<", "<="} for c in located.clauses)
        yield Requirement(
            located.name,
            path,
            splices.line_of(found.data, start),
            located.clauses,
            Role.DEVELOPMENT,
            section,
            located.marker,
            beside.held(found.data, start, comment, capped=capped),
            extras=located.extras,
            named=located.named,
        )
