"""Takes a requirement out of a file where it has a line to itself."""

from __future__ import annotations

import re

from codemods.manifests import pep508
from codemods.manifests.model import Requirement
from codemods.model import Splice

_BOM = b"\xef\xbb\xbf"
_ELEMENT = re.compile(r"""[ \t]*(?P<quote>["']?)(?P<text>[^"'#\\].*?)(?P=quote)(?P<comma>,?)[ \t]*""")
_CLOSING = (b"]", b")")


def line(data: bytes, requirement: Requirement) -> Splice | None:
    """Return the splice that takes a requirement's line away, None where that would take more or less.

    A line with a comment, and one under a comment, stay: the comment would be lost, or be about the next.
    """
    if requirement.named is None:
        return None
    first = len(_BOM) if data.startswith(_BOM) else 0
    start = max(data.rfind(b"\n", 0, requirement.named[0]) + 1, first)
    end = data.find(b"\n", start) + 1 or len(data)
    above = data[first:start].rstrip(b"\r\n").rpartition(b"\n")[2].strip()
    found = _ELEMENT.fullmatch(data[start:end].decode("latin-1").rstrip("\r\n"))
    if not found or above.startswith(b"#") or above.endswith(b"\\"):
        return None
    located = pep508.locate(found["text"], start + found.start("text"))
    is_whole = located is not None and located.named == requirement.named
    # Behind a string without a comma its list must end: some write the comma on the next line.
    is_closed = not found["quote"] or found["comma"] or data[end:].lstrip().startswith(_CLOSING)
    if not is_whole or not is_closed:
        return None
    if start > first and not data[start:end].endswith(b"\n"):
        start -= 2 if data[:start].endswith(b"\r\n") else 1
    return Splice(start, end, b"")
