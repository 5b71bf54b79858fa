"""`np.trapz` is called `np.trapezoid` since NumPy 2.0, and NumPy 2.4 has the old name no more.

It is the same function with the same arguments. A project that still allows NumPy 1, which does not know the
new name, is left alone.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Call NumPy's trapezoidal rule by its new name",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: it is the same function.",
    references=(
        "https://numpy.org/doc/stable/release/2.0.0-notes.html",
        "https://numpy.org/doc/stable/reference/generated/numpy.trapezoid.html",
    ),
    needles=(b"trapz",),
    codes=("NPY201",),
    minutes=1,
    crosses=">=2.4",
    since="2.0",
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with `np.trapezoid`."""
    return renamed.names_in(module, {"numpy.trapz": "numpy.trapezoid"})
