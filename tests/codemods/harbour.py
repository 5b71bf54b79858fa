"""The repository of `harbour.md`, which writes its Python in every place that there is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_BLOCK = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@cache
def files() -> Mapping[str, bytes]:
    """Return its files by path."""
    text = Path(__file__).with_suffix(".md").read_text("utf-8")
    return {path: data.encode() for path, data in _BLOCK.findall(text)}
