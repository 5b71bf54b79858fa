"""Tags keep their shape, and what only looks like a version is none."""

from __future__ import annotations

import pytest

from codemods import tags


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("v4", ("v", (4,), "")),
        ("4.1.2", ("", (4, 1, 2), "")),
        ("release/v1.2", ("release/v", (1, 2), "")),
        ("codeql-bundle-v2.19.0", ("codeql-bundle-v", (2, 19, 0), "")),
        ("3.11.4-slim-bookworm", ("", (3, 11, 4), "-slim-bookworm")),
        ("3.11-alpine3.18", ("", (3, 11), "-alpine3.18")),
        ("v0.10.0.1", ("v", (0, 10, 0, 1), "")),
    ],
)
def test_the_parts_of_a_tag(text: str, parts: tuple[str, tuple[int, ...], str]) -> None:
    found = tags.parse(text)
    assert found is not None
    assert (found.prefix, found.numbers, found.suffix) == parts
    assert not found.is_prerelease


@pytest.mark.parametrize(
    "text", ["v1.0.0-rc.1", "2.0b1", "17beta1-alpine", "3.0.dev1", "v9-nightly", "1.0-RC2"]
)
def test_what_is_not_finished(text: str) -> None:
    found = tags.parse(text)
    assert found is not None
    assert found.is_prerelease


@pytest.mark.parametrize(
    "text",
    [
        "",
        "main",
        "latest",
        "stable",
        "v",
        "1.2.3-4",
        "v1..2",
        "v1 2",
        "1" * 40,
        "v1.2.3.4.5.6.7",
        "\uff11.\uff12",
    ],
)
def test_what_is_no_version(text: str) -> None:
    assert tags.parse(text) is None


@pytest.mark.parametrize(
    ("one", "other"), [("v4", "4"), ("v4", "v4.1"), ("4-slim", "4"), ("2019.1", "1.0"), ("20240101", "3")]
)
def test_tags_of_another_shape_are_not_compared(one: str, other: str) -> None:
    first, second = tags.parse(one), tags.parse(other)
    assert first is not None
    assert second is not None
    assert first.shape != second.shape


def test_a_hostile_tag_takes_no_time() -> None:
    assert tags.parse("a-" * 50_000 + "!") is None
    assert tags.parse("1." * 50_000) is None
