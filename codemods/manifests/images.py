"""Reads how a file names a container image: where it comes from, its tag, and its digest."""

from __future__ import annotations

import re

from codemods.manifests.model import Reference

_IMAGE = re.compile(
    r"(?:(?P<host>localhost|[\w-]+(?:\.[\w-]+)+|[\w-]+(?=:\d))(?P<port>:\d{1,5})?/)?"
    r"(?P<path>[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*){0,5})"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)
_HUB = frozenset({"", "docker.io", "index.docker.io", "registry-1.docker.io"})


def reference(text: str, path: str, line: int, start: int) -> Reference | None:
    """Return the version of an image that ``text`` at byte ``start`` names, None where it names none.

    What a build or a shell would put together is none, and so is a host that only this network knows.
    """
    found = _IMAGE.fullmatch(text)
    if (
        found is None
        or found["port"]
        or found["host"] == "localhost"
        or not (found["tag"] or found["digest"])
    ):
        return None
    part = "digest" if found["digest"] else "tag"
    said = "tag" if found["digest"] and found["tag"] else ""
    address = _address((found["host"] or "").lower(), found["path"])
    return Reference(
        address.removeprefix("docker.io/").removeprefix("library/"),
        f"image+{address}",
        path,
        line,
        found[part],
        start + found.start(part),
        start + found.end(part),
        said=found[said] if said else "",
        said_at=start + found.start(said) if said else 0,
        said_end=start + found.end(said) if said else 0,
    )


def _address(host: str, path: str) -> str:
    if host not in _HUB:
        return f"{host}/{path}"
    return f"docker.io/{path}" if "/" in path else f"docker.io/library/{path}"
