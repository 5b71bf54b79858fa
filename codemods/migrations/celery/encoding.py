"""`celery.utils.encoding` and `celery.five` are gone in Celery 5; the helpers for texts live in kombu.

The functions are the very same objects: Celery 4 imported them from `kombu.utils.encoding`. What
`celery.five` had for Python 2 is left to a person.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Import Celery's text helpers from kombu",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the functions are the same objects.",
    references=(
        "https://docs.celeryq.dev/en/stable/history/whatsnew-5.0.html",
        "https://docs.celeryq.dev/projects/kombu/en/stable/reference/kombu.utils.encoding.html",
    ),
    needles=(b"celery",),
    pattern=rb"\bcelery\.utils\.encoding\b",
    minutes=2,
    crosses=">=5",
    since="4.0",
)

_NAMES = (
    *("bytes_to_str", "default_encode", "default_encoding", "ensure_bytes", "from_utf8", "safe_repr"),
    *("safe_str", "str_to_bytes"),
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with these functions from where they are defined."""
    return renamed.names_in(
        module, {f"celery.utils.encoding.{name}": f"kombu.utils.encoding.{name}" for name in _NAMES}
    )
