"""Every case of every page, and what a page must have."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from mypy import api

import codemods
from codemods import registry, testing

_PROTOCOLS = {
    "python": "PythonCodemod",
    "migrations": "Migration",
    "workflows": "DocumentRule",
    "compose": "DocumentRule",
    "alerts": "DocumentRule",
    "dependabot": "DocumentRule",
    "containers": "SourceRule",
    "servers": "SourceRule",
    "comments": "SourceRule",
    "dependencies": "TreeRule",
    "lifecycle": "TreeRule",
    "operations": "TreeRule",
}


def _situations() -> Iterator[object]:
    for id_, module in registry.ids().items():
        for case in testing.cases(registry.page(module)):
            yield pytest.param(module, case, id=f"{id_}: {case.title}")


@pytest.mark.parametrize(("module", "case"), list(_situations()))
def test_a_case_is_as_written(module: str, case: testing.Case) -> None:
    testing.check(registry.load(module), case)


def _formats() -> Iterator[object]:
    for page in sorted((files(codemods) / "manifests").iterdir(), key=lambda e: e.name):
        if page.name.endswith(".md"):
            for case in testing.cases(page.read_text("utf-8")):
                yield pytest.param(case, id=f"{page.name}: {case.title}")


@pytest.mark.parametrize("case", list(_formats()))
def test_a_case_of_a_format_is_as_written(case: testing.Case) -> None:
    testing.check_format(case)


@pytest.mark.parametrize("module", list(registry.ids().values()), ids=str)
def test_an_improvement_has_all_that_people_are_shown(module: str) -> None:
    assert testing.complaints(registry.load(module)) == []


def test_a_module_with_about_has_a_page() -> None:
    top = Path(codemods.__file__).parent
    rooms = [top / kind for kind in registry.KINDS]
    declared = {
        ".".join(("codemods", *path.relative_to(top).with_suffix("").parts))
        for room in rooms
        for path in room.rglob("*.py")
        if "\nABOUT = " in path.read_text("utf-8")
    }
    assert declared == set(registry.ids().values())


def test_each_module_has_the_shape_of_its_kind(tmp_path: Path) -> None:
    kinds = {module: registry.kind(module) for module in registry.ids().values()}
    lines = ["from codemods import kinds", *(f"import {module}" for module in kinds)]
    lines += [f"_{n}: kinds.{_PROTOCOLS[kind]} = {m}" for n, (m, kind) in enumerate(kinds.items())]
    generated = tmp_path / "shapes.py"
    generated.write_text("\n".join(lines) + "\n", "utf-8")
    said, errors, _ = api.run([str(generated), "--no-error-summary", "--follow-imports=silent"])
    assert (said, errors) == ("", "")
