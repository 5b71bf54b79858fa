"""A test that only unsupported Pythons skip is never skipped, and its marker says nothing.

`pytest.mark.skipif`, `pytest.mark.xfail`, `unittest.skipIf` and `unittest.skipUnless` with a test of
`sys.version_info` that the lowest declared Python decides are taken off the function or the class. The test
runs as it did before.

A marker with a comment of its own stays, and so does one that would skip the test everywhere: that is a test
nobody runs any more, and a person should know.
"""

from __future__ import annotations

import libcst as cst

from codemods import markers, names, verdicts
from codemods.model import About, Applicability, Category, Facts
from codemods.names import Names

ABOUT = About(
    title="Take skip markers off that never skip any more",
    category=Category.HYGIENE,
    applicability=Applicability.SAFE,
    risk="None on the supported versions; on an older Python the test would run.",
    references=(
        "https://docs.pytest.org/en/stable/how-to/skipping.html#skip-all-test-functions-of-a-class-or-module",
        "https://docs.python.org/3/library/unittest.html#skipping-tests-and-expected-failures",
    ),
    needles=(b"skipif", b"xfail", b"skipIf", b"skipUnless"),
    pattern=rb"version_info|\bPY[23]\b",
    minutes=2,
    asks=("floor",),
)

_WITHOUT_EFFECT = {
    "pytest.mark.skipif": False,
    "pytest.mark.xfail": False,
    "unittest.skipIf": False,
    "unittest.skipUnless": True,
}
"""Markers, and the outcome of their condition for which they do nothing."""


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module without the markers whose condition the floor decides."""
    floor, known = facts.floor, names.of(module)
    if floor is None:
        return module
    return markers.without(module, lambda call: _does_nothing(call, known, floor))


def _does_nothing(call: cst.Call, known: Names, floor: tuple[int, int]) -> bool:
    marker = known.qualified(call.func) or ""
    wanted = _WITHOUT_EFFECT.get(marker)
    test, *others = call.args or (None,)
    if wanted is None or test is None or test.star or (test.keyword and test.keyword.value != "condition"):
        return False
    # What stands beside it must be words alone: a second condition, or what a call does, would be lost.
    plain = (cst.SimpleString, cst.ConcatenatedString, cst.Name, cst.Attribute)
    words = all(isinstance(o.value, plain) and not o.star for o in others)
    named = all(o.keyword for o in others) or marker.startswith("unittest")
    return words and named and verdicts.of(test.value, known, floor) is wanted
