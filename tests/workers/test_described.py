"""What a release says of itself, and what of it a reviewer is told."""

from __future__ import annotations

import pytest
from packaging.version import Version

from workers import described, differences
from workers.described import Described

HOSTS = frozenset({"github.com", "127.0.0.1:80"})


def read(*lines: str, wheels: tuple[str, ...] = ()) -> Described:
    head = ("Metadata-Version: 2.4", "Name: shelf", "Version: 1.0")
    metadata = "\n".join([*head, *lines, "", "Long words"]).encode()
    return described.read(metadata, wheels, "shelf", Version("1"))


def wheels(*tags: str) -> Described:
    return Described(tuple(f"shelf-1.0-{tag}.whl" for tag in tags))


# --- where the repository is


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["Project-URL: Source, https://github.com/octo/shelf"], "https://github.com/octo/shelf"),
        (["Project-URL: Source Code, http://www.github.com/octo/shelf.git"], "https://github.com/octo/shelf"),
        (["Project-URL: Changelog, https://github.com/octo/shelf/releases"], "https://github.com/octo/shelf"),
        (["Home-page: https://github.com/octo/shelf#readme"], "https://github.com/octo/shelf"),
        (
            [
                "Project-URL: Homepage, https://github.com/a/b",
                "Project-URL: Repository, https://github.com/c/d",
            ],
            "https://github.com/c/d",
        ),
        (
            ["Project-URL: Source, https://gitlab.com/a/b", "Project-URL: Homepage, https://github.com/c/d"],
            "https://github.com/c/d",
        ),
        (["Project-URL: Code, http://127.0.0.1:80/octo/shelf"], "http://127.0.0.1:80/octo/shelf"),
        (["Project-URL: Funding, https://github.com/sponsors/octo"], ""),
        (["Project-URL: Homepage, https://github.com/sponsors/octo"], ""),
        (["Project-URL: Issues, https://github.com/octo/shelf/issues"], ""),
        (["Project-URL: Source, https://github.com/octo"], ""),
        (["Project-URL: Source, https://github.com/octo/.."], ""),
        (["Project-URL: Source, https://github.com.evil.example/octo/shelf"], ""),
        (["Project-URL: Source, https://x@github.com/octo/shelf"], ""),
        (["Project-URL: Source, https://[github.com/octo/shelf"], ""),
        (["Project-URL: Source, javascript://github.com/octo/a)b"], ""),
        (["Project-URL: Source", "Home-page: UNKNOWN"], ""),
        ([], ""),
    ],
)
def test_a_repository_is_found_by_the_labels_that_are_well_known(lines: list[str], found: str) -> None:
    assert described.repository(read(*lines), HOSTS) == found


_OTHERS = (b"Name: oak\nVersion: 1", b"Name: shelf\nVersion: 2", b"Name: shelf\nVersion: x", b"Name: shelf\n")


@pytest.mark.parametrize("metadata", [b"", b"\xff\xfe\x00", b"<html>", b"Name" * 9, b"\n\n\n", *_OTHERS])
def test_what_is_no_metadata_says_nothing(metadata: bytes) -> None:
    metadata += b"\nRequires-Dist: a\n"
    assert described.read(metadata, ("x",), "shelf", Version("1")) == Described(("x",))


# --- what differs


def test_nothing_is_said_of_what_is_the_same() -> None:
    lines = (
        "Requires-Dist: a>=1",
        "License-Expression: MIT",
        "Classifier: License :: OSI Approved :: MIT License",
    )
    one, other = read(*lines, wheels=("shelf-1.0-py3-none-any.whl",)), read(*reversed(lines))
    assert differences.between(one, one) == ()
    assert differences.between(other, other) == ()
    assert differences.between(Described(), Described()) == ()


def test_dependencies_that_come_and_go_are_named() -> None:
    old = read("Requires-Dist: A.b>=1", "Requires-Dist: six", 'Requires-Dist: docs; extra == "docs"')
    new = read(
        "Requires-Dist: a-b>=2",
        'Requires-Dist: tomli>=2; python_version < "3.11"',
        "Requires-Dist: idna<4,>=3",
    )
    assert differences.between(old, new) == (
        "needs `tomli>=2` (not everywhere), `idna<4,>=3` in addition",
        "no longer needs `six`",
    )


def test_many_dependencies_are_counted() -> None:
    new = read(*(f"Requires-Dist: d{n}" for n in range(9)), "Requires-Dist: broken ===`@x`")
    assert differences.between(read("Requires-Dist: d0"), new) == (
        "needs `d1`, `d2`, `d3`, `d4`, `d5` and 4 more in addition",
    )


def test_dependencies_that_are_not_known_are_not_compared() -> None:
    assert differences.between(Described(), read("Requires-Dist: a")) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "License-Expression: MIT",
            "License-Expression: GPL-3.0-only",
            "its licence is GPL-3.0-only (was MIT)",
        ),
        ("License: MIT", "License: `@x` <b>", "its licence is x b (was MIT)"),
        (
            "Classifier: License :: OSI Approved :: MIT License",
            "Classifier: License :: Other/Proprietary License",
            "its licence is Other/Proprietary License (was MIT License)",
        ),
        ("License: MIT", "License-Expression: MIT", ""),
        ("License: MIT", "License: mit", ""),
        ("License: MIT", f"License: {'long ' * 50}", ""),
        ("License: MIT", "Summary: x", ""),
    ],
)
def test_another_licence_is_told_where_it_is_one_for_certain(old: str, new: str, said: str) -> None:
    assert differences.between(read(old), read(new)) == ((said,) if said else ())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (["py3-none-any"], ["py2.py3-none-any"], []),
        (["py3-none-any"], [], ["no wheel any more"]),
        ([], ["py3-none-any"], ["the first release with wheels"]),
        (
            ["py3-none-any"],
            ["cp312-cp312-win_amd64"],
            ["wheels only for Windows x86_64; there was one for every platform"],
        ),
        (
            ["cp312-cp312-win32"],
            ["py3-none-any"],
            ["a wheel for every platform; there were some for Windows 32-bit"],
        ),
        (["py3-none-any", "cp312-cp312-win32"], ["py3-none-any"], []),
        (
            ["cp312-cp312-macosx_10_9_universal2", "cp312-cp312-manylinux2014_x86_64"],
            [
                "cp312-cp312-macosx_11_0_arm64",
                "cp312-cp312-manylinux2014_x86_64",
                "cp312-cp312-musllinux_1_2_aarch64",
            ],
            ["no wheel for macOS x86_64 any more", "now with wheels for musl Linux aarch64"],
        ),
        (
            ["cp27-cp27m-win32", "cp37-cp37m-win32", "cp313-cp313-win32", "pp310-pypy310_pp73-win32"],
            ["cp313-cp313-win32", "cp314-cp314-win32", "cp314-cp314t-win32"],
            ["no wheel for Python 3.7 any more", "now with wheels for Python 3.14"],
        ),
        (["cp38-abi3-win32"], ["cp313-cp313-win32"], []),
        (
            ["cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64"],
            ["cp312-cp312-manylinux_2_28_x86_64"],
            ["wheels for Linux need glibc 2.28 (was 2.17)"],
        ),
        (["cp312-cp312-manylinux_2_28_x86_64"], ["cp312-cp312-manylinux1_x86_64"], []),
        (["cp312-cp312-win32"], ["cp312-cp312-strange"], []),
    ],
)
def test_wheels_that_come_and_go_are_named(old: list[str], new: list[str], said: list[str]) -> None:
    assert list(differences.between(wheels(*old), wheels(*new))) == said
