"""The App's identity: what the environment says of it, and where it says nothing, what set-up stored."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workers import logs
from workers.ledger import Ledger, Unavailable
from workers.settings import GITHUB, Settings, SettingsError

if TYPE_CHECKING:
    from workers.sealing import Seal

FRESH = 10.0
"""Seconds after which what is stored is read again: every process knows a new secret by then."""
_WAITING = 1.0
"""The same where nothing is stored yet, and somebody may be at it."""
SLUG, PAGE = "slug", "page"
"""What is stored beside the settings: the App's name and its page, both for people."""

log = logs.get(__name__)


@dataclass(slots=True)
class Identity:
    """The settings of a process, completed by what is stored; it may be stored while the process runs."""

    given: Settings
    book: Ledger
    clock: Callable[[], float] = time.monotonic
    _known: Settings | None = None
    _read: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def kept(self) -> Settings | None:
        """What is known without asking the ledger, None where it has to be asked."""
        if _says_all(self.given):
            return self.given
        fresh = FRESH if self._known is not None and self._known.app_id else _WAITING
        return self._known if self.clock() - self._read < fresh else None

    async def soon(self) -> Settings:
        """Return the same where others must not wait: a ledger that has to be asked is asked in a thread."""
        known = self.kept
        return known if known is not None else await asyncio.to_thread(self.now)

    def forget(self) -> None:
        """Ask the ledger the next time: it has just been written."""
        self._read = float("-inf")

    def now(self) -> Settings:
        """Return the settings as they are now; what was known holds where the ledger does not answer."""
        with self._lock:
            if found := self.kept:
                return found
            try:
                self._known = completed(self.given, stored(self.given, self.book))
            except (SettingsError, Unavailable) as error:
                log.error("stored credentials cannot be read", reason=str(error))  # noqa: TRY400 -- no bug of ours
            else:
                logs.redact(*self._known.secrets)
            self._read = self.clock()
            return self._known or self.given


def stored(given: Settings, book: Ledger) -> Mapping[str, str]:
    """Return what set-up stored, by its names; SettingsError where no key of the operator's opens it."""
    sealed = book.credentials.read()
    if not sealed:
        return {}
    from workers.sealing import SealError  # noqa: PLC0415 -- loads cryptography, which few processes need here

    seal = _seal(given)
    try:
        return {name: seal.opened(value) for name, value in sealed.items()}
    except SealError as error:
        raise SettingsError(str(error)) from None


def store(given: Settings, book: Ledger, values: Mapping[str, str], now: datetime) -> None:
    """Store values, sealed with the operator's first key, all or none."""
    logs.redact(*(value for name, value in values.items() if name in _SECRETS))
    seal = _seal(given)
    book.credentials.set({name: seal.sealed(value) for name, value in values.items()}, now)


def seal_anew(given: Settings, book: Ledger, now: datetime) -> None:
    """Seal what is stored with the operator's first key, so that the other one may go."""
    if len(given.encryption_keys) > 1 and (values := stored(given, book)):
        store(given, book, values, now)


def completed(given: Settings, values: Mapping[str, str]) -> Settings:
    """Return the settings with what was stored in the place of what the environment does not say.

    Of another App than the environment's nothing is taken but where it is.
    """
    found: dict[str, Any] = {}
    if given.github_api_url == GITHUB and values.get("github_api_url"):
        found["github_api_url"] = values["github_api_url"]
    if not given.public_url and values.get("public_url"):
        found["public_url"] = values["public_url"]
    if str(given.app_id or values.get("app_id")) == values.get("app_id"):
        found |= {name: read(values[name]) for name, read in _OF_APP.items() if _lacks(given, name, values)}
    return replace(given, **found)


def is_whole(given: Settings) -> bool:
    """Tell whether a process that receives and works knows the App."""
    return bool(given.app_id and given.private_key and (given.webhook_secrets or given.poll))


def is_begun(given: Settings) -> bool:
    """Tell whether the environment says anything of the App, so that what is missing there is a mistake."""
    return bool(given.app_id or given.private_key or given.webhook_secrets)


def _says_all(given: Settings) -> bool:
    return bool(given.app_id and given.private_key and given.webhook_secrets)


def _lacks(given: Settings, name: str, values: Mapping[str, str]) -> bool:
    return not getattr(given, name) and bool(values.get(name))


def _several(value: str) -> tuple[str, ...]:
    return tuple(value.split(","))


_OF_APP: Mapping[str, Callable[[str], object]] = {
    "app_id": int,
    "private_key": str,
    "webhook_secrets": _several,
    "client_id": str,
    "client_secret": str,
}
_SECRETS = frozenset({"private_key", "webhook_secrets", "client_secret"})


def _seal(given: Settings) -> Seal:
    from workers.sealing import seal  # noqa: PLC0415 -- as above

    return seal(given)
