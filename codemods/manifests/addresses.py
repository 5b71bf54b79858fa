"""Shows an address that a repository names without what may be secret in it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_EGG = re.compile(r"#(?:.*&)?egg=([A-Za-z0-9][\w.-]*)")
PYPI = "https://pypi.org/simple"


def plain(address: str) -> str:
    """Return scheme, host and path of an address; never a user, a password, a query or a variable."""
    try:
        parts = urlsplit(address.strip("\"'"))
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    if not host:
        return "a local folder"
    if "$" in host:
        return "an address from the environment"
    path = "" if "$" in parts.path else parts.path.rstrip("/")
    return f"{parts.scheme}://{host}{port}{path}"


def is_same(one: str, other: str) -> bool:
    """Say whether two plain addresses are the same package index."""
    return _key(one) == _key(other)


def _key(address: str) -> str:
    key = re.sub(r"^https?://", "", address.rstrip("/")).lower()
    return "pypi.org/simple" if key in {"pypi.python.org/simple", "pypi.org"} else key


def egg(address: str) -> str:
    """Return the name in the ``#egg=`` part of an address, ``""`` if there is none."""
    found = _EGG.search(address)
    return found[1] if found else ""
