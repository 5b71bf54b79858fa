"""Reads the log of an Actions job from where GitHub keeps it, without the token, and finds what failed."""

from __future__ import annotations

import re
import time
from collections import deque
from urllib.parse import urlsplit

import httpx

_SECONDS, _ALL_SECONDS = 20.0, 60.0
_LARGEST = 64 * 1024 * 1024
_KEPT = 256 * 1024
"""Bytes of the end of a log that are looked at: what failed stands there."""
_STAMP = re.compile(r"^\ufeff?\d{4}-\d\d-\d\dT[\d:.]+Z ", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_MARK = re.compile(r"^##\[(\w+)\]", re.MULTILINE)
_ERROR = "##[error]"


def read(address: str, home: str) -> str:
    """Return the end of the log at an address, ``""`` where there is none to be had.

    The address is GitHub's, so it may be any host's, but by https only, as ``home`` (the API's address) is;
    nothing of ours is sent there, and it may not lead on.
    """
    parts = urlsplit(address)
    if parts.scheme not in {"https", urlsplit(home).scheme} or not parts.hostname or parts.username:
        return ""
    kept: deque[bytes] = deque()
    size, total, ends = 0, 0, time.monotonic() + _ALL_SECONDS
    try:
        with httpx.stream("GET", address, timeout=_SECONDS, follow_redirects=False) as answer:
            if answer.status_code != httpx.codes.OK:
                return ""
            for chunk in answer.iter_bytes():
                kept.append(chunk)
                size, total = size + len(chunk), total + len(chunk)
                while size - len(kept[0]) >= _KEPT:
                    size -= len(kept.popleft())
                if total > _LARGEST or time.monotonic() > ends:
                    break
    except (httpx.HTTPError, httpx.InvalidURL):
        return ""
    return b"".join(kept)[-_KEPT:].decode(errors="replace")


def failed(log: str, longest: int) -> str:
    """Return at most so many characters of a log, up to its last error: what follows only tidies up."""
    plain = _COLOUR.sub("", _STAMP.sub("", log.replace("\r\n", "\n"))).strip()
    end = plain.rfind(_ERROR)
    shown = plain if end < 0 else plain[:end] + plain[end:].partition("\n")[0]
    lines = _MARK.sub(lambda mark: f"{mark[1]}: ", shown)[-longest:]
    # A line that was cut says half of something.
    return lines.partition("\n")[2] if len(shown) > longest and "\n" in lines else lines
