"""A delivery's body: bounded while it is read, and bounded while it is parsed."""

from __future__ import annotations

import json
from typing import NoReturn

import orjson

_DIGITS = 20
"""GitHub's largest numbers are identities of 64 bits."""
_FRACTION = 64
_LARGE = 1024 * 1024
_BLANKS = (b"\n", b"\t", b"\r", b" :")
"""One of them is in a body where a key and its colon do not touch each other."""


class Malformed(Exception):  # noqa: N818 -- a refusal, told to whoever sent it
    """The body is no JSON object that GitHub could have sent; the message says why."""


def parse(body: bytearray) -> dict[str, object]:
    """Parse a JSON object strictly; raise `Malformed` for everything that only mischief sends.

    The body is emptied on the way, so that a large one is not held three times.
    """
    found = _plain(body)
    return _strict(body) if found is None else found


def _plain(body: bytearray) -> dict[str, object] | None:
    """Return what an ordinary body holds, None for one that has to be read with care.

    It is ordinary when it is not large, of which two would be held here, is compact, as GitHub writes it, has
    no fraction (which a number that is too long becomes here, too), and has no more ``":`` than the object
    has keys: then no key of it stands twice.
    """
    if len(body) > _LARGE or any(blank in body for blank in _BLANKS):
        return None
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    keys, left = 0, [payload]
    while left:
        one = left.pop()
        kind = type(one)
        if kind is dict:
            keys += len(one)
            left.extend(one.values())
        elif kind is list:
            left.extend(one)
        elif kind is float:
            return None
    if type(payload) is not dict or body.count(b'":') != keys:
        return None
    body.clear()
    return payload


def _strict(body: bytearray) -> dict[str, object]:
    """Return what a body holds, or say what is wrong with it."""
    try:
        text = body.decode("utf-8")
        body.clear()
        payload = _DECODER.decode(text)
        if "\\ud" in text or "\\uD" in text:
            json.dumps(payload, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
        raise Malformed("The body is not UTF-8.") from None
    except RecursionError:
        raise Malformed("The body is nested too deeply.") from None
    except json.JSONDecodeError:
        raise Malformed("The body is not JSON.") from None
    if not isinstance(payload, dict):
        raise Malformed("The body is not a JSON object.")
    return payload


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("The body names a key twice.")
    return found


def _number(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise Malformed("The body holds a number that is too long.")
    return int(digits)


def _fraction(digits: str) -> float:
    if len(digits) > _FRACTION:
        raise Malformed("The body holds a number that is too long.")
    return float(digits)


def _constant(name: str) -> NoReturn:
    raise Malformed(f"The body holds {name}, which is not JSON.")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_number, parse_float=_fraction, parse_constant=_constant
)
"""Made once: to make one takes as long as to read a small body."""
