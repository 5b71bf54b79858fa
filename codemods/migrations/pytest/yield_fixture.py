"""`pytest.yield_fixture` is an old name of `pytest.fixture`, which may `yield` since pytest 3.

It warns in every release since 6.2, and pytest 10 is where it ends. The two are the same decorator with the
same arguments.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Write fixtures that yield as plain fixtures",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the old decorator calls the new one.",
    references=(
        "https://docs.pytest.org/en/stable/deprecations.html#the-yield-fixture-function-decorator",
        "https://docs.astral.sh/ruff/rules/pytest-deprecated-yield-fixture/",
    ),
    needles=(b"yield_fixture",),
    codes=("PT020",),
    minutes=1,
    crosses=">=10",
    since="4.6",
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with `pytest.fixture` alone."""
    return renamed.names_in(module, {"pytest.yield_fixture": "pytest.fixture"})
