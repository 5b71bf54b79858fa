"""MarkupSafe 2.1 has `soft_str` only: `soft_unicode`, its name from the time of Python 2, is gone.

Both return what is text already as it is, and make text of anything else. The new name works since
MarkupSafe 2.0, where the old one warns.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Use soft_str, as MarkupSafe 2.1 needs",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: `soft_unicode` called `soft_str` in MarkupSafe 2.0.",
    references=("https://markupsafe.palletsprojects.com/en/stable/changes/#version-2-1-0",),
    needles=(b"soft_unicode",),
    minutes=1,
    crosses=">=2.1",
    since="2.0",
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the name that MarkupSafe 2.1 knows."""
    return renamed.names_in(module, {"markupsafe.soft_unicode": "markupsafe.soft_str"})
