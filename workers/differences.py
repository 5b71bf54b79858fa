"""Says what a reviewer must know of how a new release differs from the old one: only what is not the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from workers.described import Described

_SHOWN = 5
_ANY = "every platform"
_WINDOWS = {"win32": "Windows 32-bit", "win_amd64": "Windows x86_64", "win_arm64": "Windows arm64"}
_FAMILIES = (
    *(("manylinux", "Linux"), ("musllinux", "musl Linux"), ("linux", "Linux")),
    *(("macosx", "macOS"), ("ios", "iOS"), ("android", "Android")),
)
_MACHINES = re.compile(r".*?_(x86_64|aarch64|arm64|i686|armv7l|ppc64le|s390x|riscv64|universal2)")
_INTERPRETER = re.compile(r"cp3(\d{1,2})")
_SPECIFIER = re.compile(r"[\w.,*=!<>~+]{0,60}", re.ASCII)
_GLIBC = re.compile(r"manylinux_2_(\d{1,3})_x86_64|manylinux(1|2010|2014)_x86_64")
_NAMED_GLIBC = {"1": 5, "2010": 12, "2014": 17}


def between(old: Described, new: Described) -> tuple[str, ...]:
    """Return short statements without a period, none where nothing differs or one side is not known."""
    return (*_wheels(old.wheels, new.wheels), *_requirements(old, new), *_license(old, new))


def _wheels(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    if not old or not new:
        if old or new:
            yield "no wheel any more" if old else "the first release with wheels"
        return
    before, after = _platforms(old), _platforms(new)
    if _ANY in before and _ANY not in after:
        yield f"wheels only for {_listed(after)}; there was one for {_ANY}"
    elif _ANY in after and _ANY not in before:
        yield f"a wheel for {_ANY}; there were some for {_listed(before)}"
    elif _ANY not in before:
        yield from _changed(before, after, "")
        yield from _changed(_pythons(old), _pythons(new), "Python ")
        yield from _glibc(old, new)


def _changed(before: Sequence[str], after: Sequence[str], what: str) -> Iterator[str]:
    gone, come = ([w for w in one if w not in other] for one, other in ((before, after), (after, before)))
    # Without either there is nothing to compare: one set of wheels may serve all.
    if gone and after:
        yield f"no wheel for {what}{_listed(gone)} any more"
    if come and before:
        yield f"now with wheels for {what}{_listed(come)}"


def _tags(wheels: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the interpreters, the ABIs and the platforms of wheels, each as their names join them."""
    for name in wheels:
        parts = name.removesuffix(".whl").rsplit("-", 3)
        yield parts[-3], parts[-2], parts[-1]


def _platforms(wheels: Sequence[str]) -> list[str]:
    found = {words for *_, tags in _tags(wheels) for tag in tags.split(".") for words in _platform(tag)}
    return sorted(found, key=str.lower)


def _platform(tag: str) -> tuple[str, ...]:
    if tag == "any":
        return (_ANY,)
    if tag in _WINDOWS:
        return (_WINDOWS[tag],)
    family, machine = (
        next((words for mark, words in _FAMILIES if tag.startswith(mark)), ""),
        _MACHINES.fullmatch(tag),
    )
    if not family or not machine:
        return ()
    machines = ("arm64", "x86_64") if machine[1] == "universal2" else (machine[1],)
    return tuple(f"{family} {name}" for name in machines)


def _pythons(wheels: Sequence[str]) -> list[str]:
    """Return the minors that wheels are made for; none where some serve several by their ABI."""
    tags = list(_tags(wheels))
    if any(abi in {"abi3", "none"} for _, abi, _ in tags):
        return []
    minors = {
        int(found[1])
        for python, abi, _ in tags
        if (found := _INTERPRETER.fullmatch(python)) and abi in {python, f"{python}m"}
    }
    return [f"3.{minor}" for minor in sorted(minors)]


def _glibc(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    before, after = (
        min((int(m[1] or _NAMED_GLIBC[m[2]]) for name in wheels for m in _GLIBC.finditer(name)), default=None)
        for wheels in (old, new)
    )
    if before and after and before < after:
        yield f"wheels for Linux need glibc 2.{after} (was 2.{before})"


def _requirements(old: Described, new: Described) -> Iterator[str]:
    if old.requires is None or new.requires is None:
        return
    before, after = _names(old.requires), _names(new.requires)
    if come := [words for name, words in after.items() if name not in before]:
        yield f"needs {_listed(come)} in addition"
    if gone := [f"`{name}`" for name in before if name not in after]:
        yield f"no longer needs {_listed(gone)}"


def _names(lines: Sequence[str]) -> dict[str, str]:
    """Return what is installed with a release in any case, by name, each as people read it."""
    found: dict[str, str] = {}
    for line in lines:
        try:
            wanted = Requirement(line)
        except InvalidRequirement:
            continue
        if "extra" not in str(wanted.marker or ""):
            name = canonicalize_name(wanted.name)
            is_plain = _SPECIFIER.fullmatch(str(wanted.specifier))
            words = f"`{name}{wanted.specifier if is_plain else ''}`"
            found.setdefault(name, f"{words} (not everywhere)" if wanted.marker else words)
    return found


def _license(old: Described, new: Described) -> Iterator[str]:
    (kind, before), (other, after) = old.license, new.license
    # Another field says the same in other words, most of the time.
    if kind and kind == other and before.lower() != after.lower():
        yield f"its licence is {after} (was {before})"


def _listed(words: Sequence[str]) -> str:
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return ", ".join(words[:_SHOWN]) + more
