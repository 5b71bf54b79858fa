"""What the dependency files of a tree are, and what they say about each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from codemods import inventory
from codemods.tree import Files


def test_a_new_format_is_found_by_its_module_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "formats_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("", "utf-8")
    (package / "shared.py").write_text("X = 1\n", "utf-8")
    (package / "shelf.py").write_text("FILES = ('*.shelf',)\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    import formats_of_a_test  # type: ignore[import-not-found]  # noqa: PLC0415 -- it exists from here on

    assert [f.FILES for f in inventory.formats(formats_of_a_test)] == [("*.shelf",)]


def test_letters_of_utf_8_end_no_line() -> None:
    data = "[metadata]\nauthor = Åsa\n[options]\ninstall_requires =\n  # Å shelf==1\n  lamp==1\n".encode()
    (manifest,) = inventory.read(Files({"setup.cfg": data})).manifests
    assert [(r.name, r.line) for r in manifest.requirements] == [("lamp", 6)]


def test_a_version_of_letters_that_are_several_bytes_is_no_reference() -> None:
    text = "on: push\njobs:\n  a:\n    steps:\n      - uses: x/y@\N{NO-BREAK SPACE}v1\n      - uses: x/z@v1\n"
    (manifest,) = inventory.read(Files({".github/workflows/ci.yml": text.encode()})).manifests
    assert [r.name for r in manifest.references] == ["x/z"]


def test_a_file_beside_its_source_is_compiled_whatever_its_header_says() -> None:
    files = {
        "dev-requirements.in": b"click\n",
        "dev-requirements.txt": b"# edit the other one\nclick==8.1.0\n",
    }
    sealed = {m.path: m.sealed for m in inventory.read(Files(files)).manifests}
    assert "compiled again from `dev-requirements.in`" in sealed["dev-requirements.txt"]
    assert "compiled" not in sealed.get("dev-requirements.in", "")
