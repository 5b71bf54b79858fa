"""NumPy's exceptions and warnings live in `numpy.exceptions`; NumPy 2 has them nowhere else.

`np.AxisError` raises `AttributeError` there. The classes are the same ones, and `numpy.exceptions` came with
NumPy 1.25, so a project that still allows an older one is left alone.
"""

from __future__ import annotations

import libcst as cst

from codemods.migrations.numpy import inner
from codemods.model import About, Applicability, Category, Facts

_NAMES = (
    *("AxisError", "ComplexWarning", "ModuleDeprecationWarning", "TooHardError"),
    "VisibleDeprecationWarning",
)
_TABLE = {f"numpy.{name}": f"numpy.exceptions.{name}" for name in _NAMES}

ABOUT = About(
    title="Take NumPy's exceptions from numpy.exceptions",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the classes are the same.",
    references=(
        "https://numpy.org/doc/stable/reference/routines.exceptions.html",
        "https://numpy.org/doc/stable/numpy_2_0_migration_guide.html",
    ),
    needles=tuple(name.encode() for name in _NAMES),
    codes=("NPY201",),
    minutes=2,
    crosses=">=2",
    since="1.25",
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the exceptions from where NumPy has them."""
    return inner.moved(module, _TABLE)
