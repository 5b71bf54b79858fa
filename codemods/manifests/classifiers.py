"""What the classifiers of a project say about who may install it."""

from __future__ import annotations

from collections.abc import Iterable


def are_private(classifiers: Iterable[object]) -> bool:
    """Say whether one of them keeps a project from being published: no index takes it with that."""
    return any(str(one).strip().startswith("Private ::") for one in classifiers)
