"""Signs for the App, so that clocks that differ by minutes do not matter."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from githubkit import AppAuthStrategy
from githubkit.auth.app import AppAuth
from jwt.algorithms import RSAAlgorithm

from workers import logs
from workers.settings import keys

_BACK = timedelta(minutes=4)
_AHEAD = timedelta(minutes=5)
"""GitHub refuses what was signed in its future, has ended, or holds for more than ten minutes."""
_UNAUTHORIZED = 401

log = logs.get(__name__)


@lru_cache(maxsize=4)
def _key(pem: str) -> RSAPrivateKey:
    """Return a key that is ready to sign: to read and check it takes fifty times as long as to sign."""
    return cast("RSAPrivateKey", RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(pem))


@dataclass
class _Signature(AppAuth):
    signing: Signing | None = None

    def get_jwt(self) -> str:
        """Sign anew each time: one that is kept would end early."""
        now = datetime.now(UTC)
        claims = {"iss": self.issuer, "iat": now - _BACK, "exp": now + _AHEAD}
        return jwt.encode(claims, _key(self.private_key), algorithm="RS256")

    def sync_auth_flow(self, request: Any) -> Generator[Any, Any, None]:  # noqa: ANN401 -- the HTTP client's own
        """Sign with the key that GitHub knew last, and where it does not know that, with each other once."""
        strategy = self.signing
        for key in strategy.in_turn() if strategy else (self.private_key,):
            self.private_key = key
            request.headers["Authorization"] = f"Bearer {self.get_jwt()}"
            response = yield request
            if response.status_code != _UNAUTHORIZED:
                if strategy:
                    strategy.believe(key)
                return


@dataclass
class Signing(AppAuthStrategy):
    """The App's identity; ``private_key`` may hold two keys while they are exchanged."""

    def __post_init__(self) -> None:
        """Part the keys."""
        self._keys = list(keys(str(self.private_key))) or [str(self.private_key)]

    def get_auth_flow(self, github: Any) -> AppAuth:  # noqa: ANN401 -- githubkit's own
        """Return what signs each request."""
        return _Signature(github, self.app_id, self._keys[0], signing=self)

    def in_turn(self) -> Sequence[str]:
        """Return the keys, the one that GitHub knew last first."""
        return tuple(self._keys)

    def believe(self, key: str) -> None:
        """Begin with this key from now on: GitHub knows it."""
        if key != self._keys[0]:
            self._keys = [key, *(one for one in self._keys if one != key)]
            log.warning("GitHub does not know one of the private keys, and another one is used")
