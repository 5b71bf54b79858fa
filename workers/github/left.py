"""What GitHub says is left of its budgets: every answer has it in its headers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from workers.sparing import Left

_LATEST = 2**33
"""Seconds since 1970 that are a moment, whatever a header says."""


def left(headers: Mapping[str, str]) -> Left | None:
    """Read an answer's headers; None where nobody counts, as on a server without limits."""
    told = [headers.get(f"x-ratelimit-{name}", "") for name in ("remaining", "limit", "reset")]
    if not all(words.isascii() and words.isdigit() and len(words) < len("10000000000") for words in told):
        return None
    remaining, limit, resets = map(int, told)
    moment = datetime.fromtimestamp(min(resets, _LATEST), UTC)
    return Left(str(headers.get("x-ratelimit-resource") or "core"), remaining, limit, moment)
