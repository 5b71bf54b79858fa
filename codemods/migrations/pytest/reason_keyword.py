"""`pytest.skip`, `fail` and `exit` take a `reason`; with `msg` they raise `TypeError` in pytest 8.

Both names mean the same text, and `reason` works since pytest 7.0.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Give pytest's skip, fail and exit a reason, not a msg",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the text is shown in the same places.",
    references=(
        "https://docs.pytest.org/en/stable/deprecations.html#pytest-skip-pytest-fail-and-pytest-exit-msg-argument",
    ),
    needles=(b"pytest",),
    pattern=rb"\b(?:skip|fail|exit)\s*\([^)]*\bmsg\s*=",
    minutes=1,
    crosses=">=8",
    since="7.0",
)

_CALLED = ("pytest.skip", "pytest.fail", "pytest.exit", "_pytest.outcomes.skip", "_pytest.outcomes.fail")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the keyword that pytest 8 knows."""
    return renamed.keywords_in(module, {name: {"msg": "reason"} for name in _CALLED})
