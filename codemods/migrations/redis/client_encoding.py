"""A Redis client takes `encoding` and `encoding_errors`; redis-py 6 knows `charset` and `errors` no more.

With the old names `Redis(…)` raises `TypeError`. The new ones are older than redis-py 3 and mean the same.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Name the encoding of Redis clients as redis-py 6 does",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the old arguments were handed to the new ones.",
    references=(
        "https://github.com/redis/redis-py/releases/tag/v6.0.0",
        "https://redis.readthedocs.io/en/stable/connections.html",
    ),
    needles=(b"redis",),
    pattern=rb"\b(?:charset|errors)\s*=",
    minutes=3,
    crosses=">=6",
    since="3.0",
)

_HOMES = ("redis", "redis.client")
_CLIENTS = tuple(f"{home}.{name}" for home in _HOMES for name in ("Redis", "StrictRedis"))
_FROM_URL = (*(f"{client}.from_url" for client in _CLIENTS), "redis.from_url", "redis.utils.from_url")
_CALLED = (*_CLIENTS, *_FROM_URL)
_TABLE = {called: {"charset": "encoding", "errors": "encoding_errors"} for called in _CALLED}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose clients are made with the new arguments."""
    return renamed.keywords_in(module, _TABLE)
