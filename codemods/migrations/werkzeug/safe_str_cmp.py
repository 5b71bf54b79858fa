"""Werkzeug 2.1 has no `safe_str_cmp`: the standard library's `hmac.compare_digest` does the same.

Both compare without telling by their time how much is alike. `compare_digest` raises `TypeError` where one of
two texts is not ASCII, and `safe_str_cmp` compared such texts as UTF-8.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Compare with hmac.compare_digest, as Werkzeug 2.1 needs",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="`compare_digest` raises TypeError for texts that are not ASCII, and for bytes beside a text: "
    "encode both where that may happen.",
    references=(
        "https://werkzeug.palletsprojects.com/en/stable/changes/#version-2-1-0",
        "https://docs.python.org/3/library/hmac.html#hmac.compare_digest",
    ),
    needles=(b"safe_str_cmp",),
    minutes=3,
    crosses=">=2.1",
    since="0.7",
)

_NAMES = {"werkzeug.security.safe_str_cmp": "hmac.compare_digest"}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the comparison of the standard library."""
    return renamed.names_in(module, _NAMES)
