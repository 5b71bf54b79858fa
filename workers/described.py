"""Reads what a release says of itself: its core metadata and the names of its wheels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from packaging.metadata import parse_email
from packaging.utils import canonicalize_name
from packaging.version import Version

from workers import listings

_LICENSE = "License :: "
_LONGEST = 60
_MOST = 500
_LABELS = (
    *("source", "repository", "sourcecode", "code", "github", "sourcerepository", "githubrepository"),
    *("changelog", "changes", "whatsnew", "history", "releasenotes", "releases", "homepage"),
)
"""Labels of project URLs that can lead to the repository, the surest first, as they are normalised."""
_REPOSITORY = re.compile(
    r"/([A-Za-z0-9][A-Za-z0-9-]{0,38})/(?!\.{1,2}(?:/|$))([A-Za-z0-9._-]{1,100})(?:/.*)?"
)
_NO_OWNERS = frozenset({"about", "apps", "features", "marketplace", "orgs", "settings", "sponsors", "topics"})


@dataclass(frozen=True, slots=True)
class Described:
    """What one release says; ``requires`` are its requirements as they are written, None where unknown.

    ``wheels`` are the names of the wheels' files; ``license`` are the kind of field that names the licence,
    and what it says; ``addresses`` are the project's own, those that can lead to the repository first.
    """

    wheels: tuple[str, ...] = ()
    requires: tuple[str, ...] | None = None
    license: tuple[str, str] = ("", "")
    addresses: tuple[str, ...] = ()


def read(metadata: bytes, wheels: tuple[str, ...], name: str, version: Version) -> Described:
    """Return what a release's core metadata says; what is no such is as if it was not there."""
    try:
        raw, _ = parse_email(metadata)
        is_own = canonicalize_name(raw.get("name", "")) == name and Version(raw["version"]) == version
    except (ValueError, TypeError, LookupError, RecursionError):
        return Described(wheels)
    if not is_own:
        return Described(wheels)
    named = raw.get("license_expression") or ""
    classified = [c for c in raw.get("classifiers", ()) if c.startswith(_LICENSE)]
    told = (
        ("expression", named),
        ("classifier", ", ".join(sorted(c.rpartition(" :: ")[2] for c in classified))),
        ("license", " ".join(raw.get("license", "").split())),
    )
    kind, words = next(((kind, words) for kind, words in told if words), ("", ""))
    known = words and len(words) <= _LONGEST
    return Described(
        wheels,
        tuple(raw.get("requires_dist", ())[:_MOST]),
        (kind, listings.printable(words, _LONGEST)) if known else ("", ""),
        tuple(_addresses(raw.get("project_urls", {}), raw.get("home_page", ""))),
    )


def _addresses(urls: Mapping[str, str], home_page: str) -> list[str]:
    known = {re.sub(r"[\W_]", "", label).lower(): url for label, url in urls.items()}
    found = [*(known[label] for label in _LABELS if label in known), home_page]
    return [url for url in found if url and len(url) <= _MOST]


def repository(described: Described, hosts: frozenset[str]) -> str:
    """Return the repository that a release comes from, on one of some GitHubs; ``""`` where none is named.

    ``hosts`` are written as in an address, with a port where they have one.
    """
    return next(filter(None, (located(address, hosts) for address in described.addresses)), "")


def located(address: str, hosts: frozenset[str]) -> str:
    """Return the repository on one of some GitHubs that an address belongs to, ``""`` where it is no such."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    found, host = _REPOSITORY.fullmatch(parts.path), parts.netloc.lower().removeprefix("www.")
    if found is None or host not in hosts or found[1].lower() in _NO_OWNERS:
        return ""
    scheme = "https" if host == "github.com" else parts.scheme
    return f"{scheme}://{host}/{found[1]}/{found[2].removesuffix('.git')}"
