"""Another reader of workflows judges what improvements make of them: its findings never grow."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from codemods import registry, testing

_ZIZMOR = Path(sys.executable).with_name("zizmor")
_GONE = {
    "persisted-credentials": "artipacked",
    "read-only-token": "excessive-permissions",
    "superseded-runs": "concurrency-limits",
    "template-injection": "template-injection",
    "unpinned-action": "unpinned-uses",
    "unsound-condition": "unsound-condition",
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Counter[str], Counter[str]]]:
    """What zizmor finds before and after each case that changes a workflow, by improvement and situation."""
    top = tmp_path_factory.mktemp("workflows")
    names = {}
    for number, (name, case) in enumerate(_changing()):
        names[f"{number}.yml"] = name
        for state, text in (("before", case.before), ("after", case.after)):
            written = top / state / ".github" / "workflows" / f"{number}.yml"
            written.parent.mkdir(parents=True, exist_ok=True)
            written.write_text(text, "utf-8")
    before, after = _findings(top / "before"), _findings(top / "after")
    return {name: (before[file], after[file]) for file, name in names.items()}


def _changing() -> Iterator[tuple[str, testing.Case]]:
    for id_, module in registry.ids().items():
        if registry.kind(module) == "workflows" or id_ == "unpinned-action":
            for case in testing.cases(registry.page(module)):
                if case.changes and case.path.startswith(".github/workflows/"):
                    yield f"{id_}: {case.title}", case


def _findings(folder: Path) -> dict[str, Counter[str]]:
    options = ["--offline", "--no-config", "--no-exit-codes", "--strict-collection"]
    command = [str(_ZIZMOR), *options, "--persona=auditor", "--format=json", str(folder)]
    said = subprocess.run(command, capture_output=True, check=True).stdout
    found: dict[str, Counter[str]] = {path.name: Counter() for path in folder.rglob("*.yml")}
    for finding in json.loads(said):
        places = [e["symbolic"]["key"]["Local"]["verbatim_path"] for e in finding["locations"]]
        found[Path(places[0]).name][finding["ident"]] += 1
    return found


def test_no_edit_gives_zizmor_more_to_find(judged: dict[str, tuple[Counter[str], Counter[str]]]) -> None:
    assert {name: after - before for name, (before, after) in judged.items() if after - before} == {}


@pytest.mark.parametrize(("id_", "audit"), _GONE.items())
def test_what_an_improvement_is_about_is_gone(
    judged: dict[str, tuple[Counter[str], Counter[str]]], id_: str, audit: str
) -> None:
    cases = {name: found for name, found in judged.items() if name.startswith(f"{id_}:")}
    assert cases
    assert {n: found for n, found in cases.items() if found[1][audit] >= found[0][audit]} == {}
