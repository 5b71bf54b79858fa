"""Knows which versions and ciphers of TLS are too old, by a policy and by the guideline in `tls.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

VERSIONS = ("SSLv2", "SSLv3", "1.0", "1.1", "1.2", "1.3")
"""All there have been, oldest first."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What the guideline says of one kind of server.

    ``versions`` are those of TLS, ``ciphers`` are for versions below 1.3 by the names that OpenSSL and IANA
    have for them, ``suites`` are for 1.3; ``oldest`` are the oldest clients that it serves.
    """

    versions: tuple[str, ...]
    ciphers: Mapping[str, str]
    suites: tuple[str, ...]
    curves: tuple[str, ...]
    oldest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a project asks of TLS: the lowest version that it leaves alone, and a profile of the guideline."""

    minimum: str = "1.2"
    profile: str = "intermediate"

    @property
    def lowest(self) -> str:
        """The lowest version that is left alone: a profile may ask for more than the minimum."""
        return max(self.minimum, known()[self.profile].versions[0])

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that are proposed, lowest first."""
        return tuple(v for v in known()[self.profile].versions if v >= self.lowest)

    @property
    def ciphers(self) -> str:
        """The ciphers that are proposed for versions below 1.3, as OpenSSL writes a list; ``""`` for none."""
        return ":".join(known()[self.profile].ciphers) if self.lowest < "1.3" else ""

    @property
    def oldest(self) -> str:
        """Which clients can go on, for a reviewer to read."""
        profile = "modern" if self.lowest == "1.3" else self.profile
        return f"the oldest clients by the guideline: {', '.join(known()[profile].oldest)}"

    def is_old(self, version: str) -> bool:
        """Say whether one of the `VERSIONS` is below the lowest."""
        return VERSIONS.index(version) < VERSIONS.index(self.lowest)


INTERMEDIATE = Policy()
"""What holds where kotsu.yml says nothing."""


@cache
def known() -> Mapping[str, Profile]:
    """Return the guideline's profiles by their names."""
    tables = tomllib.loads((files("codemods") / "tls.toml").read_text("utf-8"))
    return {name: _profile(table) for name, table in tables.items() if isinstance(table, dict)}


def _profile(table: Mapping[str, Any]) -> Profile:
    rest = {name: tuple(table[name]) for name in ("versions", "suites", "curves", "oldest")}
    return Profile(ciphers=dict(table["ciphers"]), **rest)


_FAMILIES = {
    **dict.fromkeys(("NULL", "ENULL"), "ENULL"),
    **dict.fromkeys(("ANULL", "ADH", "AECDH"), "ANULL"),
    **dict.fromkeys(("EXP", "EXP1024", "EXPORT", "EXPORT40", "EXPORT56"), "EXPORT"),
    **dict.fromkeys(("3DES", "CBC3"), "3DES"),
    **{name: name for name in ("LOW", "RC2", "RC4", "DES", "MD5", "IDEA", "SEED")},
}
"""What the parts of a cipher's name say of it, where nobody should use it."""
_ALL = frozenset(("ALL", "COMPLEMENTOFDEFAULT"))
_LEVELS = {"LOW": ("DES", "RC2", "EXPORT"), "MEDIUM": ("3DES", "RC4", "IDEA", "SEED")}
"""What OpenSSL counts among a level (3DES only from 1.1.0 on, before that among the high ones)."""
_SEPARATOR = re.compile(r"[:, ]+")
_PART = re.compile(r"[-+_]")


def weak(ciphers: str) -> tuple[str, ...]:
    """Return the words of a list, as OpenSSL reads it, that let in ciphers which nobody should use.

    In their order. A word that another one takes out (``!RC4``, ``-RC4``) lets nothing in, and where that
    cannot be told, it is not among them. None is where a list has nothing else, or lowers OpenSSL's level:
    it is for somebody in particular.
    """
    if "@SECLEVEL=0" in ciphers or "@SECLEVEL=1" in ciphers:
        return ()
    words = [word for word in _SEPARATOR.split(ciphers) if word]
    out = frozenset(word[1:].upper() for word in words if word[0] in "!-")
    if out & {"ALL", "SSLV3", "COMPLEMENTOFDEFAULT"}:
        return ()
    out |= {_FAMILIES[word] for word in out & _FAMILIES.keys() - _PARTIAL}
    out |= {family for level in out & _LEVELS.keys() for family in _LEVELS[level]}
    added = [word for word in words if word[0] not in "!-+@"]
    found = tuple(word for word in added if _lets_in(word.upper(), out))
    is_all = any(word.upper() in _ALL for word in found)
    return found if is_all or len(found) < len(added) else ()


def only_old(ciphers: Iterable[str]) -> bool:
    """Say whether ciphers are named, as OpenSSL or IANA do, and none that came with TLS 1.2 or later.

    Who lists nothing else serves old clients, whatever else is said.
    """
    every = tuple(ciphers)
    return bool(every) and not any(map(_OF_TLS_12.search, every))


_OF_TLS_12 = re.compile(r"GCM|CCM|CHACHA20|SHA(?:256|384)\b|HIGH|ALL|DEFAULT", re.IGNORECASE)

_PARTIAL = frozenset(("ADH", "AECDH", "EXPORT40", "EXPORT56"))
"""What names only a part of its family."""


def _lets_in(word: str, out: frozenset[str]) -> bool:
    if word in _ALL:
        return "ANULL" not in out
    parts = frozenset(_PART.split(word))
    if "CBC3" in parts:
        parts -= {"DES"}
    found = {_FAMILIES[part] for part in parts & _FAMILIES.keys()}
    if not found or found & out or parts & out or word in out:
        return False
    # What the name does not say is an exchange of keys by RSA alone.
    return "DH" in word or not out & {"RSA", "KRSA", "ARSA"}
