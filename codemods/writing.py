"""Writes a module statement by statement: what an improvement did not touch is not written again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import libcst as cst

_BREAKS = ("\r\n", "\n", "\r")


@lru_cache(maxsize=2)
def pieces(module: cst.Module) -> Mapping[cst.CSTNode, str]:
    """Return the text of each statement at the top of a module; asked twice, it is written once."""
    return {line: module.code_for_node(line) for line in module.body}


def text(module: cst.Module, known: Mapping[cst.CSTNode, str]) -> str:
    """Return the text of a module, given that of the statements that are ``known`` already."""
    parts = [
        *(module.code_for_node(line) for line in module.header),
        *(known[line] if line in known else module.code_for_node(line) for line in module.body),
        *(module.code_for_node(line) for line in module.footer),
    ]
    whole = "".join(parts)
    if module.has_trailing_newline:
        return whole or module.default_newline
    # libcst writes a line break behind every statement, and takes the last one back.
    return whole.removesuffix(next((end for end in _BREAKS if whole.endswith(end)), ""))


def new(before: cst.Module, after: cst.Module) -> cst.Module:
    """Return a module of the statements that stand at the top of one and did not in the other."""
    old = set(before.body)
    return after.with_changes(
        header=(),
        body=[line for line in after.body if line not in old],
        footer=(),
        has_trailing_newline=True,
    )
