"""Python 3.13 took the module `pipes` away; its `quote` was `shlex.quote` all along.

An import of `pipes` raises `ModuleNotFoundError` there. What most programs took from it is one function,
which `pipes` itself imported from `shlex` since Python 3.3. Its templates have no equal: where a module uses
them, it keeps its import and needs a person.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Quote words for a shell with shlex, not with pipes",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: it is the same function.",
    references=(
        "https://docs.python.org/3/library/shlex.html#shlex.quote",
        "https://peps.python.org/pep-0594/#pipes",
    ),
    needles=(b"pipes",),
    pattern=rb"\bquote\b",
    minutes=3,
    crosses=">=3.13",
    since="3.3",
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with `shlex.quote` in place of `pipes.quote`."""
    return renamed.names_in(module, {"pipes.quote": "shlex.quote"})
