"""Settings of YAML files where they stand, and what is taken out of lists."""

from __future__ import annotations

import tomllib

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from codemods import document, listed, registry, settings, spelled, splices
from codemods.model import Splice
from codemods.tls import Policy

MANY = b"""\
# first
kind: Gateway
spec:
  servers:
    - tls: {minimum: "1.0"}
--- # second
- a list
---
kind: Caf\xc3\xa9
spec: [a, 'b']
...
---
kind: [broken
"""


def test_each_document_of_a_file_stands_at_its_bytes() -> None:
    found = list(document.several(MANY))
    assert [d.root.pairs[0].value.text for d in found] == ["Gateway", "Café"]
    for one in found:
        for node in one.root.walk():
            if node.kind == "scalar":
                start = one.written(node)
                assert start is not None
                assert MANY[start:].startswith(node.text.encode())


def test_no_document_of_a_file_is_read_that_is_too_large() -> None:
    assert not list(document.several(b"a: b\n---\n" + b"#" * document.LARGEST))


def test_a_setting_knows_its_keys_and_what_is_beside_it() -> None:
    found = {s.path: s for s in settings.read(MANY)}
    minimum = found["spec", "servers", "tls", "minimum"]
    assert (minimum.value.text, minimum.key, minimum.beside("minimum")) == ("1.0", "minimum", "1.0")
    assert minimum.beside("maximum") == ""
    assert [s.value.text for s in settings.read(MANY) if s.path == ("spec",)][-2:] == ["a", "b"]


def test_a_template_has_no_settings() -> None:
    assert not list(settings.read(b"{% if old %}\na: b\n{% endif %}\n"))


@pytest.mark.parametrize(
    ("text", "version", "newer"),
    [
        ("VersionTLS10", "1.0", "VersionTLS12"),
        ("TLSv1", "1.0", "TLSv1.2"),
        ("TLSv1_1", "1.1", "TLSv1_2"),
        ("TLSV1_0", "1.0", "TLSV1_2"),
        ("tlsv1.1", "1.1", "tlsv1.2"),
        ("1.0", "1.0", "1.2"),
    ],
)
def test_a_newer_version_is_spelled_like_the_old_one(text: str, version: str, newer: str) -> None:
    assert (spelled.version(text), spelled.like(text, "1.2")) == (version, newer)
    assert spelled.version(newer) == "1.2"


@pytest.mark.parametrize("text", ["", "TLS", "TLSv12", "VersionTLS1", "TLSv1.4", "1", "auto", "${TLS}"])
def test_what_is_no_version_is_none(text: str) -> None:
    assert spelled.version(text) == ""
    with pytest.raises(ValueError, match="no version"):
        spelled.like(text, "1.2")


LISTS = {
    "block": ("x:\n", "  - {}\n", "", "y: 1\n", yaml.safe_load),
    "flow": ("x: [", "{}", ", ", "]\n", yaml.safe_load),
    "lines": ("x = [\n", "  '{}',\n", "", "]\n", tomllib.loads),
    "inline": ("x = [ ", "'{}'", " , ", " ]\n", tomllib.loads),
}


@how(deadline=None)
@given(st.sampled_from(sorted(LISTS)), st.lists(st.booleans(), min_size=2, max_size=7), st.integers(0, 6))
def test_what_goes_from_a_list_is_all_that_goes(shape: str, goes: list[bool], stays: int) -> None:
    goes[stays % len(goes)] = False
    head, item, between, tail, load = LISTS[shape]
    names = [f"name{n}" for n in range(len(goes))]
    text = head + between.join(map(item.format, names)) + tail
    quote = 1 if "'" in item else 0
    spans = [(text.index(name) - quote, text.index(name) + len(name) + quote) for name in names]
    out = [n for n, gone in enumerate(goes) if gone]
    after = splices.apply(text.encode(), listed.without(text.encode(), spans, out) if out else ())
    assert load(after.decode())["x"] == [name for name, gone in zip(names, goes, strict=True) if not gone]


def test_a_comment_between_two_items_is_left_alone() -> None:
    data = b"x: [a, # of a\n  b]\n"
    assert listed.without(data, [(4, 5), (16, 17)], [0]) == ()


def test_a_lowest_version_is_not_raised_above_the_highest() -> None:
    (setting,) = settings.read(b"minimum: TLSv1.0\n")
    assert list(settings.newer(setting, Policy(), "TLSv1.1")) == []
    (splice,) = settings.newer(setting, Policy(), "TLSv1.3")
    assert splice == Splice(9, 16, b"TLSv1.2", "`minimum: TLSv1.0` becomes `TLSv1.2`")


def test_what_stands_for_an_old_policy_of_a_cloud_is_not_old() -> None:
    table = registry.load(registry.ids()["cloud-tls-policy"]).module._table()
    for (name, old), new in table.items():
        assert old
        assert not [value for value in new if (name, value) in table]
