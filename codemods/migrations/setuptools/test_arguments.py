"""setuptools 72 runs no tests, and warns of `test_suite`, `test_loader` and `test_runner` as unknown options.

They said what `python setup.py test` should run, a command that is gone. What the tests need
(`tests_require`) is not known any more either; it stays, for it has to be written down somewhere else first.

A call that brings commands of its own may read these options, and is left alone.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, names, nodes, renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Leave out what setup.py test was told",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: setuptools 72 ignores these options, but for a warning.",
    references=("https://setuptools.pypa.io/en/stable/history.html#v72-0-0",),
    needles=(b"test_suite", b"test_loader", b"test_runner"),
    pattern=rb"\bsetuptools\b",
    minutes=2,
    crosses=">=72",
)

_SETUP = "setuptools.setup"
_GONE = {_SETUP: dict.fromkeys(("test_suite", "test_loader", "test_runner"))}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module without the options, where nothing else reads them."""
    known = names.of(module)
    calls = [c for c in nodes.of(module).all(cst.Call) if known.qualified(c.func) == _SETUP]
    if any(arguments.named(call, name) for call in calls for name in ("cmdclass", "distclass")):
        return module
    return renamed.keywords_in(module, _GONE)
