"""Trees that are in memory already."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Files:
    """A tree made of a mapping from path to bytes."""

    files: Mapping[str, bytes]

    def paths(self) -> Sequence[str]:
        """Return every path, sorted."""
        return sorted(self.files)

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        return self.files[path]

    def identity(self, path: str) -> str:
        """Return the git blob id of a file."""
        return blob_id(self.files[path])


def blob_id(data: bytes) -> str:
    """Return the id that git gives to a blob of these bytes."""
    return hashlib.sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()
