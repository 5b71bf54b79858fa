"""Writes a file of what is kept for all processes, so that they see all of it or nothing."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def put(path: Path, data: bytes) -> None:
    """Write a file, its folder too, in the place of the one there is; what cannot be written is left out."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=".", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(draft).replace(path)
        except OSError:
            Path(draft).unlink(missing_ok=True)
