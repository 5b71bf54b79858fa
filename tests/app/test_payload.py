"""A body that is read quickly says the same as one that is read with care."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import payload

_NUMBERS = st.integers(-(2**63), 2**64 - 1)
_SCALARS = (
    st.none()
    | st.booleans()
    | _NUMBERS
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
)
_OBJECTS = st.dictionaries(st.text(max_size=6), _VALUES, max_size=6)
_COMPACT, _WIDE = (",", ":"), (", ", " : ")


def _said(read: Callable[[bytearray], object], body: bytes) -> object:
    try:
        return read(bytearray(body))
    except payload.Malformed as error:
        return str(error)


@given(_OBJECTS, st.sampled_from([_COMPACT, _WIDE]), st.booleans())
def test_both_ways_say_the_same(found: object, separators: tuple[str, str], plain: bool) -> None:  # noqa: FBT001 -- as above
    body = json.dumps(found, separators=separators, ensure_ascii=plain).encode()
    assert _said(payload.parse, body) == _said(payload._strict, body) == found


@given(_OBJECTS, st.binary(max_size=3), st.integers(0, 200))
def test_both_ways_refuse_the_same(found: object, wrong: bytes, place: int) -> None:
    body = json.dumps(found, separators=_COMPACT).encode()
    body = body[:place] + wrong + body[place:]
    assert _said(payload.parse, body) == _said(payload._strict, body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":2}',
        b'{"a":1,"b":{"c":1,"c" :2}}',
        b'{"a":1,"a"\n:2}',
        b'{"a":"\\":","\\u0061":2}',
        b'{"b":[{"a":1,"\\u0061":"x"}]}',
        b'{"a":{"x":1},"b":"\\\\","a":{}}',
    ],
)
def test_a_key_that_stands_twice_is_found_however_it_hides(body: bytes) -> None:
    assert _said(payload.parse, body) == "The body names a key twice."


def test_an_ordinary_body_is_read_quickly_and_an_empty_object_is_one() -> None:
    body = b'{"repository":{"id":9007199254740993,"name":"shop \\u00e9"},"commits":[{"id":"a"},{"id":"b"}]}'
    assert payload._plain(bytearray(body)) == json.loads(body)
    assert payload.parse(bytearray(b"{}")) == {}
    for odd in (b"[]", b'{"a": 1.5}', b'{"a" :1}', b'{"a":1e999}', b'{"a":"\\":"}', b""):
        assert payload._plain(bytearray(odd)) is None
