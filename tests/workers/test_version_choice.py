"""The version that is chosen, and how it is written: packaging and uv say the same of hundreds of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from codemods import versions
from codemods.manifests import pep508
from codemods.manifests.model import Clause
from codemods.model import Release
from workers import sandbox
from workers.lockers import stand_ins

_MANY = 400
_SHAPES = (
    *("=={a}", "~={a}", ">={a}", ">{a}", "<{b}", "<={b}", "!={c}", "=={a}.*", "!={c}.*", "~={a},!={c}"),
    *(
        ">={a},<{b}",
        ">{a},<={b}",
        ">={a},<{b},!={c}",
        "<{b},>={a}",
        ">={a}, < {b}",
        "~={a},<{b}",
        ">={a},!={c}.*",
    ),
    *(
        ">={a}a1",
        ">={a}rc1,<{b}",
        "=={a},!={c}",
        ">={a},<{b}.dev0",
        ">={a},<{b}a1",
        ">={a},<{b}.post1",
        ">={a},>{c},<{b}",
        "~={a},~={c}",
    ),
)
_SUFFIXES = ("", "", "", "", ".post1", ".post2", "rc1", "a2", ".dev3", "b1.post2")


@pytest.fixture(scope="module")
def drawn() -> Sequence[tuple[str, list[Version]]]:
    """Specifiers as people write them, and for each the versions that an index has."""
    dice = Random(20261124)
    return [(_specifier(dice), [_version(dice) for _ in range(8)]) for _ in range(_MANY)]


def _specifier(dice: Random) -> str:
    a, b, c = (".".join(str(dice.randrange(4)) for _ in range(dice.randint(2, 4))) for _ in "abc")
    return dice.choice(_SHAPES).format(a=a, b=b, c=c)


def _version(dice: Random) -> Version:
    number = ".".join(str(dice.randrange(5)) for _ in range(dice.randint(1, 4)))
    return Version(dice.choice(("", "", "", "", "", "1!")) + number + dice.choice(_SUFFIXES))


def _clauses(specifier: str) -> tuple[Clause, ...]:
    located = pep508.locate(f"x{specifier}", 0)
    assert located, specifier
    return located.clauses


def _used(specifier: str, offered: Sequence[Version]) -> Version | None:
    return versions.in_use(_clauses(specifier), [Release(version) for version in offered])


def _rewritten(specifier: str, version: Version, *, keep_floor: bool) -> str | None:
    clauses = _clauses(specifier)
    changes = versions.rewritten(clauses, version, keep_floor=keep_floor)
    if changes is None:
        return None
    texts = dict(enumerate(c.text for c in clauses)) | dict(changes)
    return ",".join(texts.values())


def _compiled(folder: Path, wanted: Mapping[str, tuple[str, Sequence[Version]]]) -> Mapping[str, Version]:
    """Return what uv chooses for each name, of wheels that are nothing but a name and a version."""
    work, store, wheels = (folder / name for name in ("work", "store", "wheels"))
    work.mkdir()
    wheels.mkdir()
    for name, (_, offered) in wanted.items():
        for version in offered:
            path, data = stand_ins.wheel(name, str(version), ())
            (wheels / path).write_bytes(data)
    lines = [f"{name}{specifier}\n" for name, (specifier, _) in wanted.items()]
    (work / "requirements.in").write_text("".join(lines), "utf-8")
    command = [sandbox.UV, "pip", "compile", "requirements.in", "-o", "out.txt", "--no-index", "--offline"]
    command += ["--find-links", str(wheels), "--no-build", "--no-config", "--no-header", "--no-annotate"]
    done = sandbox.run(command, work, sandbox.environment("https://index.test/simple", store, folder))
    assert done.code == 0, done.words
    pins = (line.split("==") for line in (work / "out.txt").read_text("utf-8").splitlines())
    return {name: Version(version) for name, version in pins}


def test_what_a_requirement_admits_is_what_packaging_admits(
    drawn: Sequence[tuple[str, list[Version]]],
) -> None:
    for specifier, offered in drawn:
        wanted = SpecifierSet(specifier)
        for version in offered:
            admitted = wanted.contains(version, prereleases=True)
            assert versions.admits(_clauses(specifier), version) == admitted, (specifier, version)


def test_what_is_installed_today_is_what_packaging_chooses(
    drawn: Sequence[tuple[str, list[Version]]],
) -> None:
    for specifier, offered in drawn:
        wanted = SpecifierSet(specifier)
        # Where a bound is a pre-release, pip takes any that is newer, and uv a final release: so do we.
        if not versions.is_pin(_clauses(specifier)) and not wanted.prereleases:
            chosen = max(wanted.filter(offered), default=None)
            assert _used(specifier, offered) == chosen, (specifier, offered)


_DAY = date(2026, 11, 24)


def test_a_release_is_refused_for_each_reason_and_for_no_other() -> None:
    dice = Random(20261125)
    said = Counter[bool]()
    for _ in range(1_500):
        version = Version(f"{_version(dice)}{dice.choice(('', '', '', '+cpu'))}")
        age, days = dice.choice((0, 3, 7)), dice.randint(-3, 9)
        python = dice.choice(
            ("", ">=3.8", ">=3.9,<3.13", "~=3.10", "!=3.9.*", "<3.12", ">=3.8.1", "==3.11.*")
        )
        minors = tuple((3, n) for n in range(8, 14) if dice.random() < 0.5)
        kept = tuple(minor for minor in minors if dice.random() < 0.7)
        uploaded = dice.choice((f"{_DAY - timedelta(days)}T12:00:00Z",) * 5 + ("",))
        flags = {name: dice.random() < 0.2 for name in ("yanked", "wheel", "prereleases", "digests")}
        hashes = dice.choice(((), ("a" * 64,)))
        release = Release(version, uploaded, python, flags["yanked"], dice.random() < 0.8, hashes)
        terms = versions.Terms(
            _DAY, age, minors, kept, flags["wheel"], flags["prereleases"], flags["digests"]
        )
        lost = [m for m in minors if not kept or m <= max(kept)]
        lost = [
            m for m in lost if python and not any(f"3.{m[1]}.{p}" in SpecifierSet(python) for p in range(99))
        ]
        wrong = release.yanked or version.local or (version.is_prerelease and not terms.prereleases) or lost
        wrong = wrong or (terms.wheel and not release.wheel) or (terms.digests and not hashes)
        wrong = wrong or (age > 0 and (not uploaded or max(days, 0) < age))
        assert bool(versions.refusal(release, terms)) == bool(wrong), (release, terms)
        said[bool(wrong)] += 1
    assert min(said.values()) > 100


def test_what_is_installed_today_is_what_uv_chooses(
    drawn: Sequence[tuple[str, list[Version]]], tmp_path: Path
) -> None:
    wanted = {
        f"name-{number}": (specifier, offered)
        for number, (specifier, offered) in enumerate(drawn)
        if (used := _used(specifier, offered)) in offered and used and not used.is_prerelease
    }
    assert len(wanted) > _MANY / 4
    assert _compiled(tmp_path, wanted) == {name: _used(*both) for name, both in wanted.items()}


def test_uv_takes_the_chosen_version_for_what_was_written(
    drawn: Sequence[tuple[str, list[Version]]], tmp_path: Path
) -> None:
    wanted: dict[str, tuple[str, Sequence[Version]]] = {}
    for number, (specifier, offered) in enumerate(drawn):
        for version in offered:
            text = _rewritten(specifier, version, keep_floor=number % 2 == 0)
            if text is not None and text != ",".join(c.text for c in _clauses(specifier)):
                wanted[f"name-{len(wanted)}"] = text, [version]
    assert len(wanted) > _MANY
    assert _compiled(tmp_path, wanted) == {name: offered[0] for name, (_, offered) in wanted.items()}
