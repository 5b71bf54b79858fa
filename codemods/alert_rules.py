"""Reads the rules of Prometheus in a YAML file, and which metrics their expressions ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from codemods import document

_TEXT = re.compile(r"\"(?:\\.|[^\"\\])*(?:\"|\\?\Z)|'(?:\\.|[^'\\])*(?:'|\\?\Z)|`[^`]*`|#[^\n]*", re.DOTALL)
_LABELS = re.compile(
    r"\{[^{}]*\}|\[[^\[\]]*\]|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)", re.IGNORECASE
)
_NAME = re.compile(r"(?<![\w:.])[A-Za-z_:][\w:]*(?P<call>\s*\()?")
_KEYWORDS = frozenset(
    (
        *("and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring", "group_left"),
        *("group_right", "inf", "nan", "atan2", "start", "end"),
    )
)
_FILLED_IN = re.compile(r"\{\{|\$|<%|%\(")


class Rule(NamedTuple):
    """A rule that alerts or records: the pair with its name, and its expression."""

    name: document.Pair
    expression: document.Node
    node: document.Node

    @property
    def alerts(self) -> bool:
        """Whether it alerts; the other kind records."""
        return self.name.key.text == "alert"


def groups(root: document.Node) -> tuple[document.Node, ...]:
    """Return the groups of a file of rules, or of a `PrometheusRule` of Kubernetes."""
    found = root.get("groups") or (root.get("spec") or root).get("groups")
    return found.items if found else ()


def of(group: document.Node) -> Iterator[Rule]:
    """Yield the rules of a group that have a name and an expression."""
    rules = group.get("rules")
    for node in rules.items if rules else ():
        name, expression = node.pair("alert") or node.pair("record"), node.get("expr")
        if name and expression:
            yield Rule(name, expression, node)


def asked_for(expression: str) -> frozenset[str]:
    """Return the names of the metrics that an expression asks for; none where a tool fills something in."""
    said = _TEXT.sub(" ", expression)
    if _FILLED_IN.search(said):
        return frozenset()
    found = (m[0] for m in _NAME.finditer(_LABELS.sub(" ", said)) if not m["call"])
    return frozenset(name for name in found if name.lower() not in _KEYWORDS)
