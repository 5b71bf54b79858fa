"""Knows what actions need of a job's token: what `grants.toml` says."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from codemods import workflow
from codemods.document import Node, Pair

READ = {"contents": "read"}
"""What is needed to check out the code."""
_TOKEN = re.compile(r"\$\{\{\s*(?:secrets\.GITHUB_TOKEN|github\.token)\s*\}\}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Action:
    """One action: the ``grants`` that it needs, by scope, and the input that takes the ``token`` (or ``""``).

    With one of the inputs ``unless`` it would need something else. Where it has ``git``, it may use the
    credentials that a checkout left behind.
    """

    grants: Mapping[str, str]
    token: str = ""
    unless: frozenset[str] = frozenset()
    git: bool = False


@cache
def known() -> Mapping[str, Action]:
    """Return what is written down, by the action's name in small letters."""
    return read((files("codemods") / "grants.toml").read_text("utf-8"))


def read(text: str) -> Mapping[str, Action]:
    """Read a table of actions."""
    table = tomllib.loads(text)
    readers = {name: Action(READ) for name in table["readers"]}
    return readers | {entry["action"]: _action(entry) for entry in table["writers"]}


def _action(entry: Mapping[str, Any]) -> Action:
    unless = frozenset(entry.get("unless", ()))
    return Action(entry["grants"], entry["token"], unless, git=entry.get("git", False))


def of(step: Node) -> Action | None:
    """Return what the action of a step needs; None where that is not known, or it gets another token."""
    action, given = known().get(workflow.action(step)), step.get("with")
    inputs = {pair.key.text for pair in given.pairs} if given else set()
    if action is None or inputs & action.unless:
        return None
    return action if all(_TOKEN.fullmatch(p.value.text.strip()) for p in _tokens(step, action)) else None


def handed(step: Node) -> Iterator[Pair]:
    """Yield where a step hands the token to an action that is known to take it."""
    if action := of(step):
        yield from _tokens(step, action)


def _tokens(step: Node, action: Action) -> Iterator[Pair]:
    given, env = step.get("with"), step.get("env")
    named = given.pair(action.token) if given and action.token else None
    shown = env.pair("GITHUB_TOKEN") if env and action.token else None
    yield from (pair for pair in (named, shown) if pair)
