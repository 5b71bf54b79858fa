"""Seals what rests in the ledger and must not be read there: with Fernet, under the operator's key."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from workers.settings import Settings, SettingsError

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

_FILE = "encryption.key"


class SealError(Exception):
    """What is sealed cannot be opened; the text says what to do."""


@dataclass(frozen=True)
class Seal:
    """One or two keys, each 32 bytes in URL-safe base64: the first one seals, all of them open."""

    keys: Sequence[str]

    @cached_property
    def _fernet(self) -> MultiFernet:
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 -- 7 MB, which most processes never need

        return MultiFernet([Fernet(key) for key in self.keys])

    def sealed(self, secret: str) -> str:
        """Return the secret as it may rest."""
        return self._fernet.encrypt(secret.encode()).decode()

    def opened(self, sealed: str, within: int | None = None) -> str:
        """Return the secret; SealError where none of the keys has sealed it (``within`` so many seconds)."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 -- as above

        try:
            return self._fernet.decrypt(sealed.encode(), within).decode()
        except InvalidToken:
            raise SealError(
                "What is stored was sealed with another key: put that key behind the new one, separated by a "
                "comma, in KOTSU_ENCRYPTION_KEY, or run `kotsu setup` again."
            ) from None


def seal(given: Settings) -> Seal:
    """Return the seal of the operator's keys; an embedded server without any makes its own, once.

    Raise `SettingsError` where several processes would need the same key and nobody gave one.
    """
    if given.encryption_keys:
        return Seal(given.encryption_keys)
    if not given.embedded:
        raise SettingsError(
            "Set KOTSU_ENCRYPTION_KEY, the same for all processes: `openssl rand -base64 32 | tr +/ -_`."
        )
    return Seal((_own(given.data_dir / _FILE),))


def _own(path: Path) -> str:
    """Return the key of this data folder; whoever makes it first, all have the same."""
    if not path.exists():
        from cryptography.fernet import Fernet  # noqa: PLC0415 -- as above

        path.parent.mkdir(parents=True, exist_ok=True)
        # A link comes whole or not at all, so nobody reads half a key. The file is made with mode 0600.
        with tempfile.NamedTemporaryFile("wb", dir=path.parent) as file, suppress(FileExistsError):
            file.write(Fernet.generate_key())
            file.flush()
            os.link(file.name, path)
    return path.read_text("ascii").strip()
