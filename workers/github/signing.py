"""Signs for the App, so that clocks that differ by minutes do not matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from githubkit import AppAuthStrategy
from githubkit.auth.app import AppAuth
from jwt.algorithms import RSAAlgorithm

_BACK = timedelta(minutes=4)
_AHEAD = timedelta(minutes=5)
"""GitHub refuses what was signed in its future, has ended, or holds for more than ten minutes."""


@lru_cache(maxsize=1)
def _key(pem: str) -> RSAPrivateKey:
    """Return a key that is ready to sign: to read and check it takes fifty times as long as to sign."""
    return cast("RSAPrivateKey", RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(pem))


@dataclass
class _Signature(AppAuth):
    def get_jwt(self) -> str:
        """Sign anew each time: one that is kept would end early."""
        now = datetime.now(UTC)
        claims = {"iss": self.issuer, "iat": now - _BACK, "exp": now + _AHEAD}
        return jwt.encode(claims, _key(self.private_key), algorithm="RS256")


@dataclass
class Signing(AppAuthStrategy):
    """The App's identity."""

    def get_auth_flow(self, github: Any) -> AppAuth:  # noqa: ANN401 -- githubkit's own
        """Return what signs each request."""
        return _Signature(github, self.app_id, self.private_key)
