"""A test that was switched off until an issue is fixed can run again: the issue is done.

"Skipped until #123 is fixed" is forgotten on the day on which #123 is fixed, and from then on nothing tests
what the fix was for. The marker (`pytest.mark.skip`, `pytest.mark.xfail`, `unittest.skip`) goes where its
reason says no more than which issue it waits for. An issue of this repository has to be closed as completed;
one of a dependency too, and the lowest version in use here has to be newer than that.

Whether the test passes is for the checks to say: the pull request begins as a draft, and stays one where it
fails. A marker with a condition stays, for it may be about a place where no check runs, and so does a strict
`xfail`, which fails by itself as soon as the test passes.
"""

from __future__ import annotations

import libcst as cst

from codemods import endings, markers, names, settled
from codemods.model import About, Applicability, Category, Facts
from codemods.names import Names

ABOUT = About(
    title="Run tests again whose issue is done",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="The test may fail, where the issue was closed without what the test needs.",
    references=(
        "https://docs.pytest.org/en/stable/how-to/skipping.html",
        "https://docs.python.org/3/library/unittest.html#skipping-tests-and-expected-failures",
    ),
    needles=(b"skip", b"xfail"),
    pattern=rb"(?i)\b(?:until|till|waiting|waits|blocked|pending|remove|enable|enabled|unskip)\b",
    minutes=10,
    asks=("issues",),
)

_REASON_FIRST = {"pytest.mark.skip": True, "pytest.mark.xfail": False, "unittest.skip": True}
"""Markers, and whether their first argument is the reason; that of the others is a condition."""
_HARMLESS = frozenset(("reason", "raises", "run", "strict"))


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module without the markers that wait for an issue that is done."""
    known = names.of(module)
    return markers.without(module, lambda call: _is_over(call, known, facts))


def _is_over(call: cst.Call, known: Names, facts: Facts) -> bool:
    reason = _reason(call, known.qualified(call.func) or "")
    waits = endings.alone(reason) if reason else None
    return waits is not None and settled.is_done(waits, facts) is True


def _reason(call: cst.Call, marker: str) -> str:
    """Return a marker's reason, ``""`` where it says anything else that counts."""
    if marker not in _REASON_FIRST or any(arg.star for arg in call.args):
        return ""
    plain = [arg.value for arg in call.args if arg.keyword is None]
    named = {arg.keyword.value: arg.value for arg in call.args if arg.keyword}
    if not _HARMLESS.issuperset(named) or len(plain) > _REASON_FIRST[marker]:
        return ""
    strict, run = named.get("strict"), named.get("run")
    if any(flag and not isinstance(flag, cst.Name) for flag in (strict, run)):
        return ""
    if isinstance(strict, cst.Name) and strict.value != "False":
        return ""
    said = named.get("reason") or (plain[0] if plain else None)
    text = said.evaluated_value if isinstance(said, cst.SimpleString | cst.ConcatenatedString) else None
    return text if isinstance(text, str) else ""
