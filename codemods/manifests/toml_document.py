"""Reads a TOML file as tables, and finds what stands in them, whatever shape somebody gave it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

Table = Mapping[str, object]

_BOM = b"\xef\xbb\xbf"
_LARGEST = 1024 * 1024
_ENDLESS = re.compile(rb"(?<![\w.\"'-])(?:(?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')[ \t]*+\.[ \t]*+){40}")
"""The time that tomllib needs for a key grows with the square of its parts."""


def parse(data: bytes, largest: int = _LARGEST) -> dict[str, object]:
    """Return a TOML document of at most so many bytes; ValueError says what is wrong with it."""
    if len(data) > largest:
        raise ValueError(f"it is larger than {largest // 1024 // 1024} MiB")
    if _ENDLESS.search(data):
        raise ValueError("nested too deeply")
    try:
        return tomllib.loads(data.removeprefix(_BOM).decode())
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8") from error
    except ValueError as error:  # which is also said of a number with thousands of digits
        raise ValueError(f"it is not valid TOML ({error})") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def at(table: object, *keys: str) -> Table:
    """Return the table below some keys, an empty one where there is none."""
    for key in keys:
        table = table.get(key) if isinstance(table, Mapping) else None
    return table if isinstance(table, Mapping) else {}


def listed(value: object) -> list[object]:
    """Return a list as it is, anything else as the only element of one, and nothing as an empty one."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
