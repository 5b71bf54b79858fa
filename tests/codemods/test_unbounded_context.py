"""A missing `.dockerignore` is a file that comes to be."""

from __future__ import annotations

from datetime import date

from codemods.dependencies import unbounded_context
from codemods.model import Edit, Facts
from codemods.tree import Files

_FACTS = Facts(today=date(2026, 11, 26))


def _edits(files: dict[str, bytes]) -> list[Edit | None]:
    return [found.edit for found in unbounded_context.find(Files(files), _FACTS)]


def test_a_repository_without_the_file_gets_one() -> None:
    (edit,) = _edits({"Dockerfile": b"FROM python:3.14\nCOPY . .\n"})
    assert edit is not None
    assert (edit.path, edit.before) == (".dockerignore", None)
    assert edit.after is not None
    assert edit.after.startswith(b".git\n")
    assert edit.after.endswith(b"\nhtmlcov\n")
    assert not _edits({"Dockerfile": b"FROM python:3.14\nCOPY . .\n", ".dockerignore": edit.after})


def test_an_image_in_another_folder_has_another_context() -> None:
    assert not _edits({"docker/Dockerfile": b"FROM python:3.14\nCOPY . .\n"})


def test_another_image_may_be_built_from_the_root_and_need_git() -> None:
    root = {"Dockerfile": b"FROM python:3.14\nCOPY . .\n"}
    assert _edits(root | {"docs/Dockerfile": b"FROM python:3.14\nCOPY docs /docs\n"})
    assert not _edits(root | {"docs/Dockerfile": b"FROM python:3.14\nCOPY .git /docs/.git\n"})


def test_a_makefile_may_ask_git_while_an_image_is_built() -> None:
    made = b"version:\n\tgit describe --tags > VERSION\n"
    assert not _edits({"Dockerfile": b"FROM python:3.14\nCOPY . .\nRUN make version\n", "Makefile": made})
