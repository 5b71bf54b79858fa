"""The App's private key: one that cannot sign is told at once, and not by GitHub's 401."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from workers.settings import keys

_BITS = 2048


def unusable(pem: str) -> str:
    """Return why the keys in PEM cannot sign for the App, and what to do; ``""`` where each of them can."""
    return next(filter(None, map(_unusable, keys(pem) or (pem,))), "")


def _unusable(pem: str) -> str:
    try:
        key = load_pem_private_key(pem.encode(), None)
    except TypeError:
        reason = "it is encrypted"
    except ValueError:
        reason = "it is damaged or cut off"
    else:
        if isinstance(key, RSAPrivateKey) and key.key_size >= _BITS:
            return ""
        reason = "GitHub's keys are RSA of 2048 bits"
    return (
        f"KOTSU_GITHUB_PRIVATE_KEY is no private key that can be used ({reason}): take the .pem file "
        "that GitHub gave you, or generate a new one there."
    )
