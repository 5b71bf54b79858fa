"""The test client no longer knows `allow_redirects=`; it raises `TypeError` since FastAPI 0.115.7.

The client is one of httpx since FastAPI 0.87, where the keyword is `follow_redirects`. Only requests of what
certainly is a `TestClient` change; other clients of HTTP have a keyword `allow_redirects` of their own.
"""

from __future__ import annotations

import libcst as cst

from codemods import redirected
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Tell the test client to follow redirects by its keyword",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the old keyword was handed on as the new one.",
    references=(
        "https://starlette.dev/release-notes/",
        "https://fastapi.tiangolo.com/release-notes/#0870",
    ),
    needles=(b"allow_redirects",),
    pattern=rb"\bTestClient\b",
    minutes=1,
    crosses=">=0.115.7",
    since="0.87",
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the keyword of httpx."""
    return redirected.rewrite(module)
