"""Python 3.12 took the module `imp` away; `importlib` and `types` have what it only handed on.

An import of it raises `ModuleNotFoundError` there. `imp.reload`, `new_module`, `cache_from_source` and
`source_from_cache` called the functions that take their place, and did nothing else. To find and to load
modules works another way by now: where a module does that, it keeps its import and needs a person.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Call importlib for what imp handed on to it",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the old functions called the new ones.",
    references=("https://docs.python.org/3/whatsnew/3.12.html#imp",),
    needles=(b"imp",),
    pattern=rb"\b(?:reload|new_module|cache_from_source|source_from_cache)\b",
    minutes=4,
    crosses=">=3.12",
    since="3.4",
)

_NAMES = {
    "imp.reload": "importlib.reload",
    "imp.new_module": "types.ModuleType",
    "imp.cache_from_source": "importlib.util.cache_from_source",
    "imp.source_from_cache": "importlib.util.source_from_cache",
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the functions that are left."""
    return renamed.names_in(module, _NAMES)
