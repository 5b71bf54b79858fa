"""Redaction by value: what was registered as a secret appears nowhere, in no spelling."""

from __future__ import annotations

import base64
import json
import threading
from collections import OrderedDict
from urllib.parse import quote, quote_plus

MASK = "[redacted]"
_KEPT = 256
"""How many secrets that pass are remembered: installation tokens come and go every hour."""
_SHORTEST = 6
"""Anything shorter would be found in every other word."""
_LINE = 16
"""The length from which one line of a key counts as a secret of its own."""

_lock = threading.Lock()
_known: dict[str, tuple[str, ...]] = {}
_passing: OrderedDict[str, tuple[str, ...]] = OrderedDict()
_forms: tuple[str, ...] = ()


def redact(*secrets: str) -> None:
    """Register secrets; from now on `clean` replaces them, quoted, escaped and in base64 too."""
    with _lock:
        _known.update((secret, _spellings(secret)) for secret in secrets if _is_one(secret))
        _learn()


def redact_passing(*secrets: str) -> None:
    """Register secrets that are worthless within hours; those that were registered long ago are forgotten."""
    with _lock:
        for secret in filter(_is_one, secrets):
            _passing[secret] = _spellings(secret)
            _passing.move_to_end(secret)
        while len(_passing) > _KEPT:
            _passing.popitem(last=False)
        _learn()


def _is_one(secret: str) -> bool:
    return len(secret.strip()) >= _SHORTEST


def _learn() -> None:
    global _forms  # noqa: PLW0603 -- one memory for the whole process, replaced as a whole for readers without a lock
    unique = {form for known in (_known, _passing) for forms in known.values() for form in forms}
    _forms = tuple(sorted(unique, key=lambda form: (-len(form), form)))


def clean(text: str) -> str:
    """Return the text without any registered secret."""
    for form in _forms:
        if form in text:
            text = text.replace(form, MASK)
    return text


def _spellings(secret: str) -> tuple[str, ...]:
    """Return the secret, and each long line of it, in every spelling that a log has shown."""
    parts = {secret, secret.strip()} | {line for line in secret.splitlines() if len(line) >= _LINE}
    parts = {part for part in parts if not part.startswith("-----") or "\n" in part}
    return tuple({form for part in parts for form in _written(part)})


def _written(part: str) -> set[str]:
    plain = {
        part,
        quote(part, safe=""),
        quote(part),
        quote_plus(part),
        json.dumps(part)[1:-1],
        repr(part)[1:-1],
    }
    encoded = base64.b64encode(part.encode()).decode()
    return plain | {encoded, encoded.rstrip("=")} | _inside_base64(part.encode())


def _inside_base64(secret: bytes) -> set[str]:
    """Return what base64 makes of the secret after one, two or three other bytes, without the edges.

    ``Authorization: Basic`` is the base64 of a user, a colon and the token: its letters depend on how many
    bytes came before, and only those in the middle are the token's alone.
    """
    found = set()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + secret)
        first = -(-before * 8 // 6)
        last = (before + len(secret)) * 8 // 6
        middle = encoded[first:last].decode()
        if len(middle) >= _SHORTEST:
            found |= {middle, middle.replace("+", "-").replace("/", "_")}
    return found
