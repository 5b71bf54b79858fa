"""openai 1 has its errors in the package itself: the module `openai.error` is gone, and some names with it.

`Timeout` is `APITimeoutError`, `InvalidRequestError` is `BadRequestError`, `PermissionError` is
`PermissionDeniedError`, and `ServiceUnavailableError` is `InternalServerError`; the others keep their names.

They also stand in another order: `APIError` is the class of all errors that a call raises, and
`APIConnectionError` that of `APITimeoutError`. So a module stays as it is where one of these would catch what
a later `except` waits for, where it reads of an error what errors have no more (`http_status`,
`user_message`), where it makes errors itself, and where an `InvalidRequestError` may say that what was looked
up by its id is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import libcst as cst

from codemods import alignment, guards, leftovers, names, nodes, renamed, scopes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Catch the errors of openai 1",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="`InvalidRequestError` was also raised for what is not found, which is `NotFoundError` now, and "
    "`APIError` catches every error of a call.",
    references=(
        "https://github.com/openai/openai-python/discussions/742",
        "https://github.com/openai/openai-python/blob/v1.0.0/src/openai/_exceptions.py",
    ),
    needles=(b"openai",),
    pattern=rb"\b(?:error|InvalidRequestError)\b",
    minutes=4,
    crosses=">=1",
    since="1.0.0",
)

_ERRORS = {
    "OpenAIError": "OpenAIError",
    "APIError": "APIError",
    "APIConnectionError": "APIConnectionError",
    "Timeout": "APITimeoutError",
    "InvalidRequestError": "BadRequestError",
    "AuthenticationError": "AuthenticationError",
    "PermissionError": "PermissionDeniedError",
    "RateLimitError": "RateLimitError",
    "ServiceUnavailableError": "InternalServerError",
}
_NAMES = {
    **{f"openai.error.{old}": f"openai.{new}" for old, new in _ERRORS.items()},
    "openai.InvalidRequestError": "openai.BadRequestError",
}
_COVERED = frozenset(
    (
        *(("openai.APIError", f"openai.{new}") for new in _ERRORS.values() if new != "OpenAIError"),
        *((f"openai.{new}", f"openai.{new}") for new in _ERRORS.values()),
        ("openai.APIConnectionError", "openai.APITimeoutError"),
    )
)
"""Pairs of errors the first of which catches the second, though it did not before."""
_GONE = frozenset(
    (
        *("http_status", "http_body", "json_body", "user_message", "headers", "error", "organization"),
        *("should_retry", "construct_error_object", "_message"),
    )
)


_BY_ID = frozenset(("retrieve", "delete", "cancel", "download", "list_events"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the errors of openai 1, where it treats them as they are there."""
    known, seen = names.of(module), nodes.of(module)
    if any(full == "openai.error" for node in seen.all(cst.Import) for full in _imported(node)):
        return module
    if any(known.qualified(call.func) in _NAMES for call in seen.all(cst.Call)):
        return module
    if any(known.qualified(base.value) in _NAMES for c in seen.all(cst.ClassDef) for base in c.bases):
        return module
    if any(_is_askew(attempt, module) for attempt in seen.all(cst.Try)):
        return module
    behind: dict[cst.CSTNode, str] = {
        node: text for node in seen.all(cst.Attribute) if (text := _behind_a_dot(node, module))
    }
    result = alignment.renamed(module, behind) if behind else module
    return leftovers.tidied(module, renamed.names_in(result, _NAMES))


def _behind_a_dot(node: cst.Attribute, module: cst.Module) -> str | None:
    """Return ``openai.Error`` for ``openai.error.Error``, by the name that openai has here."""
    known = names.of(module)
    root = node.value.value if isinstance(node.value, cst.Attribute) else None
    new = _NAMES.get(known.qualified(node) or "")
    if new is None or not isinstance(root, cst.Name) or guards.for_some_versions(node, module):
        return None
    return None if nodes.comments(node) else f"{root.value}.{new.removeprefix('openai.')}"


def _imported(node: cst.Import) -> Iterator[str]:
    return (scopes.dotted(alias.name) for alias in node.names)


def _is_askew(attempt: cst.Try, module: cst.Module) -> bool:
    """Say whether one handler would take another's errors, or reads what an error has no more."""
    caught = [set(_caught(handler, module)) for handler in attempt.handlers]
    taken = ((a, b) for one, other in combinations(caught, 2) for a in one for b in other)
    reads = (h for h, errors in zip(attempt.handlers, caught, strict=True) if errors and _reads_gone(h))
    looks_up = any("openai.BadRequestError" in errors for errors in caught) and _looks_up(attempt.body)
    return looks_up or any(pair in _COVERED for pair in taken) or any(reads)


def _looks_up(body: cst.BaseSuite) -> bool:
    """Say whether something is looked up that may be missing: that was an invalid request, too."""
    return any(isinstance(n, cst.Attribute) and n.attr.value in _BY_ID for n in nodes.walk(body))


def _caught(handler: cst.ExceptHandler, module: cst.Module) -> Iterator[str]:
    if handler.type is not None:
        found = (names.of(module).qualified(n) for n in nodes.walk(handler.type) if isinstance(n, _NAMED))
        yield from (_NAMES[full] for full in found if full in _NAMES)


_NAMED = cst.Name | cst.Attribute


def _reads_gone(handler: cst.ExceptHandler) -> bool:
    bound = handler.name.name if handler.name else None
    read = (n for n in nodes.walk(handler.body) if isinstance(n, cst.Attribute) and n.attr.value in _GONE)
    return isinstance(bound, cst.Name) and any(
        isinstance(n.value, cst.Name) and n.value.value == bound.value for n in read
    )
