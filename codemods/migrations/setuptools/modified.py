"""setuptools 70 has no `setuptools.dep_util` any more: what it had is in `setuptools.modified`.

Whoever builds extensions asks `newer_group` whether the sources are newer than what was built of them. The
function has had its public place since setuptools 69; an import of the old one ends the build.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Take newer_group from setuptools.modified",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: both names are the same functions.",
    references=("https://setuptools.pypa.io/en/stable/history.html#v69-0-0",),
    needles=(b"dep_util",),
    pattern=rb"\bsetuptools\b",
    minutes=2,
    crosses=">=70",
    since="69",
)

_NAMES = {
    f"setuptools.dep_util.{name}": f"setuptools.modified.{name}"
    for name in ("newer_group", "newer_pairwise_group")
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names of `setuptools.modified`."""
    return renamed.names_in(module, _NAMES)
