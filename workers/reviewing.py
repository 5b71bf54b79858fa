"""Asks for reviews, reminds once, and asks another."""

from __future__ import annotations

from workers.case import Case


def attend(case: Case) -> None:  # noqa: ARG001 -- to come
    """Do what is next so that somebody looks at it."""
    return
