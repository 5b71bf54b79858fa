"""A delivery's body: bounded while it is read, and bounded while it is parsed."""

from __future__ import annotations

import json
from typing import NoReturn

_DIGITS = 20
"""GitHub's largest numbers are identities of 64 bits."""
_FRACTION = 64


class Malformed(Exception):  # noqa: N818 -- a refusal, told to whoever sent it
    """The body is no JSON object that GitHub could have sent; the message says why."""


def parse(body: bytearray) -> dict[str, object]:
    """Parse a JSON object strictly; raise `Malformed` for everything that only mischief sends.

    The body is emptied on the way, so that a large one is not held three times.
    """
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
