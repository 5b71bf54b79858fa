"""Wording: names are read as the words that they are made of."""

from __future__ import annotations

import libcst as cst
import pytest

from codemods import wording


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("api_key", {"api", "key"}),
        ("APIKey", {"api", "key"}),
        ("_apiKey2", {"api", "key2"}),
        ("SHA1_DIGEST", {"sha1", "digest"}),
        ("setETag", {"set", "etag"}),
        ("author", {"author"}),
        ("__", set()),
    ],
)
def test_a_name_is_taken_apart(name: str, words: set[str]) -> None:
    assert wording.words(name) == words


def test_names_and_strings_speak() -> None:
    code = cst.parse_statement("""a.b(c="d", **{'e': f"f{g}"})""")

    assert sorted(wording.spoken(code)) == ["a", "b", "c", "d", "e", "f", "g"]


@pytest.mark.parametrize(
    ("text", "name"), [("a", "a"), ("a.b", "b"), ("a['b c']", "b c"), ("a[b]", ""), ("a['b', 'c']", "")]
)
def test_a_target_has_a_name(text: str, name: str) -> None:
    assert wording.target(cst.parse_expression(text)) == name
