"""Which minor versions of Python a specifier or a marker admits, by membership alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import product

from packaging.markers import Marker, UndefinedEnvironmentName
from packaging.specifiers import SpecifierSet

Minor = tuple[int, int]

MINORS: tuple[Minor, ...] = ((2, 7), *((3, minor) for minor in range(16)))
"""Every minor that a project may still mean."""

_LONGEST = 500
_PATCHES = range(100)
_WILD_BOUND = re.compile(r"((?:<|>)=?)\s*([\d.]+?)\.\*")
_PLATFORMS = (
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "aarch64"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
)
_IMPLEMENTATIONS = (("cpython", "CPython"), ("pypy", "PyPy"))


@cache
def admitted(specifier: str) -> tuple[Minor, ...] | None:
    """Return the minors of which a ``requires-python`` admits any patch; None when it is no specifier.

    Ranges with a wildcard such as ``>=3.6.*``, which old metadata has, are read as they were meant.
    """
    if len(specifier) > _LONGEST:
        return None
    try:
        wanted = SpecifierSet(_WILD_BOUND.sub(r"\1\2", specifier))
        return tuple(m for m in MINORS if any(wanted.contains(f"{m[0]}.{m[1]}.{p}") for p in _PATCHES))
    except ValueError:  # which is also said of a number with thousands of digits
        return None


@cache
def marked(marker: str) -> tuple[Minor, ...]:
    """Return the minors on which an environment marker can be true on some platform; all without a marker.

    A marker that asks for an extra is read as if every extra were asked for: it restricts no Python.
    """
    if not marker:
        return MINORS
    try:
        parsed = Marker(marker)
        found = tuple(m for m in MINORS if any(_true(parsed, m, p) for p in (0, 99)))
    except (ValueError, UndefinedEnvironmentName):  # see admitted
        return MINORS
    return found if found or "extra" not in marker else MINORS


def _true(marker: Marker, minor: Minor, patch: int) -> bool:
    version = text(minor)
    python = {"python_version": version, "python_full_version": f"{version}.{patch}", "extra": ""}
    for platform, (name, title) in product(_PLATFORMS, _IMPLEMENTATIONS):
        implementation = {"implementation_name": name, "platform_python_implementation": title}
        if marker.evaluate({**python, **platform, **implementation}):
            return True
    return False


def text(minor: Minor) -> str:
    """Return a minor as people write it."""
    return f"{minor[0]}.{minor[1]}"


def words(minors: Iterable[Minor]) -> str:
    """Return minors as people write them."""
    return ", ".join(map(text, minors))
