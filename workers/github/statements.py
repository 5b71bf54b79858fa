"""Says something about a commit: a finished check run, with remarks at places in its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workers.github.client import Client

_REMARKS = 50
"""Annotations that GitHub takes at a time."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong at one place of a file; line and column count from 1."""

    path: str
    line: int
    column: int
    message: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What a check run says: ``conclusion`` is GitHub's word, ``summary`` is Markdown."""

    name: str
    conclusion: str
    title: str
    summary: str
    remarks: Sequence[Remark] = ()


class Statements:
    """The check runs that we write in one repository."""

    def __init__(self, client: Client, root: str) -> None:
        self._client, self._root = client, root

    def make(self, commit: str, said: Statement) -> None:
        """Say something about a commit; what was the last word about it is not repeated."""
        path = f"{self._root}/commits/{commit}/check-runs"
        runs = self._client.get(path, {"check_name": said.name})["check_runs"]
        if any(r["conclusion"] == said.conclusion and _text(r) == (said.title, said.summary) for r in runs):
            return
        output: dict[str, Any] = {"title": said.title, "summary": said.summary}
        if said.remarks:
            output["annotations"] = [_annotation(remark) for remark in said.remarks[:_REMARKS]]
        body = {
            "name": said.name,
            "head_sha": commit,
            "status": "completed",
            "conclusion": said.conclusion,
            "output": output,
        }
        self._client.post(f"{self._root}/check-runs", body)


def _text(run: Mapping[str, Any]) -> tuple[object, object]:
    return run["output"].get("title"), run["output"].get("summary")


def _annotation(remark: Remark) -> Mapping[str, Any]:
    return {
        "path": remark.path,
        "start_line": remark.line,
        "end_line": remark.line,
        "start_column": remark.column,
        "end_column": remark.column,
        "annotation_level": "failure",
        "message": remark.message,
    }
