"""Reads a version of TLS as programs spell it, and writes another one in the same way."""

from __future__ import annotations

import re

_WRITTEN = re.compile(r"(VersionTLS1)()([0-3])|([Tt][Ll][Ss][Vv]1)(?:([._])([0-3]))?|1\.([0-3])")


def version(text: str) -> str:
    """Return as ``"1.2"`` what ``VersionTLS12``, ``TLSv1_2`` or ``1.2`` says, ``""`` for no version."""
    found = _WRITTEN.fullmatch(text)
    return f"1.{found[3] or found[6] or found[7] or 0}" if found else ""


def like(text: str, new: str) -> str:
    """Return a version, given as ``"1.2"``, spelled like one that `version` can read."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no version of TLS")
    if found[7]:
        return new
    return f"{found[1] or found[4]}{'' if found[1] else found[5] or '.'}{new[-1]}"
