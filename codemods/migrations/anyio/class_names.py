"""anyio 4 makes its locks and scopes by their classes: `anyio.create_lock` is gone, and `anyio.Lock()` stays.

The functions did nothing but call the classes since anyio 3.0.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Make locks and scopes of anyio by their classes",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the functions only called the classes.",
    references=("https://anyio.readthedocs.io/en/stable/versionhistory.html",),
    needles=(
        *(b"create_event", b"create_lock", b"create_condition", b"create_semaphore"),
        *(b"create_capacity_limiter", b"open_cancel_scope"),
    ),
    pattern=rb"\banyio\b",
    minutes=1,
    crosses=">=4",
    since="3.0",
)

_NAMES = {
    "anyio.create_event": "anyio.Event",
    "anyio.create_lock": "anyio.Lock",
    "anyio.create_condition": "anyio.Condition",
    "anyio.create_semaphore": "anyio.Semaphore",
    "anyio.create_capacity_limiter": "anyio.CapacityLimiter",
    "anyio.open_cancel_scope": "anyio.CancelScope",
}
_KEYWORDS = {"anyio.Semaphore": {"value": "initial_value"}}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the classes of anyio."""
    return renamed.keywords_in(renamed.names_in(module, _NAMES), _KEYWORDS)
