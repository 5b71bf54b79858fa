"""Understands Compose files: whom they are made for."""

from __future__ import annotations

import re

from codemods.document import Document

_OF_SWARM = re.compile(
    rb"^[ \t]*(?:placement|update_config|rollback_config|endpoint_mode)\s*:|\bdriver:[ \t]*[\"']?overlay\b",
    re.MULTILINE,
)


def for_swarm(file: Document) -> bool:
    """Say whether a file has keys that only Docker Swarm reads, whose format is an older one."""
    return _OF_SWARM.search(file.data) is not None
