"""Sends each name to whoever knows its versions: the package index, the host of a repository, a registry."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

from codemods.model import Releases
from workers import indexes, registries, remotes
from workers.settings import Settings

KEPT = 3600.0
"""Seconds for which an answer about a repository serves every scan: all of an organisation use the same."""


@dataclass
class Memory:
    """Answers about addresses, each with the moment (seconds of a clock that never goes back) it came."""

    found: dict[str, tuple[float, Releases]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def recall(self, addresses: Iterable[str], now: float) -> Mapping[str, Releases]:
        """Return what is known of some addresses, and forget what is too old."""
        with self.lock:
            self.found = {a: kept for a, kept in self.found.items() if now - kept[0] < KEPT}
            return {a: self.found[a][1] for a in addresses if a in self.found}

    def keep(self, answers: Mapping[str, Releases], now: float) -> None:
        """Keep the answers; what went wrong is asked again the next time."""
        with self.lock:
            self.found |= {a: (now, answer) for a, answer in answers.items() if not answer.error}


def answer(names: Iterable[str], given: Settings, memory: Memory | None = None) -> Mapping[str, Releases]:
    """Return the answer for each name; where no host may be asked at all, addresses are left out."""
    asked = frozenset(names)
    addresses = frozenset(name for name in asked if is_address(name))
    found = dict(_releases(asked - addresses, given)) if asked - addresses else {}
    return found | dict(_tags(addresses, given, memory or _memory())) if given.hosts else found


def _releases(names: frozenset[str], given: Settings) -> Mapping[str, Releases]:
    """Return the answers of the operator's indexes, which are kept for every process."""
    store = given.data_dir / "index"
    return indexes.answer(names, given.index_url, extra=given.extra_index_urls, store=store)


def is_address(name: str) -> bool:
    """Say whether a name is the address of something that is no distribution."""
    return "+" in name


def _tags(addresses: frozenset[str], given: Settings, memory: Memory) -> Mapping[str, Releases]:
    """Return the answers of the hosts that the operator admits."""
    refused = {a: host for a in addresses if (host := _host(a)) not in given.hosts}
    words = "its host `{}` is not asked: KOTSU_HOSTS does not name it"
    now = time.monotonic()
    known = memory.recall(addresses - refused.keys(), now)
    unknown = addresses - refused.keys() - known.keys()
    images = frozenset(a for a in unknown if a.startswith(registries.PREFIX))
    allowed = given.named.__contains__
    fresh = {
        **remotes.answer(unknown - images, allowed=allowed),
        **registries.answer(images, allowed=allowed),
    }
    memory.keep(fresh, now)
    return {**known, **fresh, **{a: Releases(a, error=words.format(host)) for a, host in refused.items()}}


def _host(address: str) -> str:
    rest = address.partition("+")[2]
    try:
        return urlsplit(rest if "://" in rest else f"//{rest}").hostname or ""
    except ValueError:
        return ""


@cache
def _memory() -> Memory:
    """Return the memory of this process."""
    return Memory()
