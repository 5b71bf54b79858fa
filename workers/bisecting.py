"""Searches a red group for the members that break it, on branches beside the pull request."""

from __future__ import annotations

from workers.case import Case


def attend(case: Case) -> bool:  # noqa: ARG001 -- to come
    """Do the next step of the search, if it is one of a group; return whether the search goes on."""
    return False
