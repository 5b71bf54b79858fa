"""Takes names apart into the words that they are made of, for what only a name can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import libcst as cst

from codemods import nodes

_WORD = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+")


@lru_cache(maxsize=4096)
def words(name: str) -> frozenset[str]:
    """Return the words of a name or a text in small letters: of ``apiKey`` and ``API_KEY`` the same two."""
    return frozenset(word.lower() for word in _WORD.findall(name.replace("ETag", "Etag")))


def spoken(node: cst.CSTNode) -> Iterator[str]:
    """Yield the names and the texts of strings in a node, in no order."""
    for inner in nodes.walk(node):
        if isinstance(inner, cst.Name | cst.FormattedStringText):
            yield inner.value
        elif isinstance(inner, cst.SimpleString):
            yield str(inner.raw_value)


def target(node: cst.CSTNode) -> str:
    """Return what an assignment's target is called: a name, an attribute, or the text of its last key."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        return node.attr.value
    if isinstance(node, cst.Subscript) and len(node.slice) == 1:
        index = node.slice[0].slice
        if isinstance(index, cst.Index) and isinstance(index.value, cst.SimpleString):
            return str(index.value.raw_value)
    return ""
