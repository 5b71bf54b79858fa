"""Every format, whatever the bytes: reading never fails, and a span is where its text stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from codemods import inventory, splices
from codemods.manifests.model import Change
from codemods.tree import Files

_SAMPLES = {
    "requirements.txt": b"-r a.txt\nshelf[x]>=1,<2 ; os_name=='nt' \\\n  --hash=sha256:"
    + b"a" * 64
    + b"  # c\n",
    "pyproject.toml": b"[project]\nname='own'\ndependencies=[\"shelf>=1,<2\", # c\n'b~=1.0']\n"
    b"[[tool.uv.index]]\nurl='https://h.test'\n[tool.poetry.dependencies]\nc={version='^1'}\n"
    b"d='>=1 <2'\n[[tool.poetry.group.x.dependencies.e]]\npython='<3.9||^4'\nversion=' ~1.2 | ^2'\n",
    "setup.cfg": b"[metadata]\nname = own\n[options]\ninstall_requires =\n    shelf>=1,<2  # c\n",
    "setup.py": b"from setuptools import setup\nX = ['shelf>=1,<2']\n"
    b"setup(install_requires=X, extras_require={'a': ['b==1']})\n",
    "tox.ini": b"[tox]\nrequires = tox>=4\n[testenv]\ndeps =\n    -r{toxinidir}/a.txt\n"
    b"    py3: shelf>=1,<2  # c\n    b==1\n    {[x]deps}\n",
    "tox.toml": b"requires=['tox>=4']\n[env_run_base]\ndeps=['shelf>=1,<2', '-r a.txt']\n"
    b"[env.a]\ndeps=['b==1']\n",
    "Pipfile": b"[[source]]\nurl='https://h.test'\n[packages]\nshelf='>=1,<2' # c\n"
    b"b={version='==1',extras=['x']}\n[dev-packages]\nc={git='https://h.test'}\n",
    "noxfile.py": b"import nox\n@nox.session\ndef a(s):\n"
    b"    s.install('-r', 'a.txt', 'shelf>=1,<2', 'b==1')\n",
    "uv.lock": b'version = 1\nrevision = 3\n[[package]]\nname = "a"\nversion = "1"\n'
    b'source = { registry = "https://h.test" }\n\n[[package]]\nname = "own"\nsource = { virtual = "." }\n',
    ".github/workflows/ci.yml": b"on: push\njobs:\n  a:\n    steps:\n"
    b"      - uses: x/y@v1  # c\n      - uses: 'x/z@" + b"a" * 40 + b"' # v1.2\n"
    b"      - run: pip install 'shelf>=1,<2' b==1 # c\n"
    b'      - run: |\n          pip install b==1 \\\n            "d~=1.0"\n',
    "Dockerfile": b"FROM x/y:1.2 AS a\nRUN true \\\n  # c\n  FROM x:1\n"
    b"COPY --from=h.test/x:1.2@sha256:" + b"a" * 64 + b" /a /b\n",
    "compose.yml": b"services:\n  a:\n    image: 'x/y:1.2'  # c\n  b: {build: ., image: x:1}\n"
    b"  c:\n    image: h.test/x:1.2@sha256:" + b"a" * 64 + b"\n",
    ".pre-commit-config.yaml": b"repos:\n- repo: https://h.test/x/y\n  rev: v1  # c\n"
    b"  hooks: [{id: a, additional_dependencies: ['shelf>=1,<2', b==1]}]\n"
    b"- repo: https://h.test/x/z\n  rev: " + b"a" * 40 + b"  # frozen: v1.2\n",
    "hatch.toml": b"[envs.a]\ndependencies=['shelf>=1,<2', # c\n\"b==1\"]\n[build.hooks.x]\n"
    b"dependencies = ['c~=1.0']\n",
    "environment.yml": b"dependencies:\n  - python=3.9\n  - pip:\n    - shelf>=1,<2 # c\n"
    b"    - 'b==1'\n    - -r a.txt\n",
    "script.py": b"# /// script\n# dependencies = [\n#   'shelf>=1,<2', # c\n#\n#   'b==1']\n# ///\n",
}


def test_every_format_has_a_sample_here() -> None:
    assert {inventory.format_of(path) for path in _SAMPLES} == set(inventory.formats())


@pytest.mark.parametrize("path", _SAMPLES)
@given(
    cuts=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 20), st.binary(max_size=4)), max_size=4),
    end=st.sampled_from([b"\n", b"\r\n", b"\r"]),
)
def test_a_mutated_file_is_read_and_its_spans_are_true(
    path: str, cuts: list[tuple[int, int, bytes]], end: bytes
) -> None:
    data = _SAMPLES[path].replace(b"\n", end)
    for start, length, text in cuts:
        data = data[:start] + text + data[start + length :]
    for manifest in inventory.read(Files({path: data})).manifests:
        for found in manifest.requirements:
            if found.named:
                start, end = found.named
                assert canonicalize_name(data[start:end].decode("latin-1")) == found.name
                renamed = inventory.writing(path).write(data, found, Change((), name="lamp"))
                assert splices.apply(data, renamed) == data[:start] + b"lamp" + data[end:]
            for index, clause in enumerate(found.clauses):
                assert data[clause.at : clause.end].decode("latin-1") == clause.version
                change = Change(((index, f"{clause.operator}77"),))
                after = splices.apply(data, inventory.writing(path).write(data, found, change))
                assert after == data[: clause.at] + b"77" + data[clause.end :]
        for reference in manifest.references:
            written = data[reference.at : reference.end], data[reference.said_at : reference.said_end]
            for text, read in zip(written, (reference.version, reference.said), strict=True):
                assert text in {read.encode(), read.encode("latin-1", "replace")}


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


def test_a_file_beside_its_source_is_compiled_whatever_its_header_says() -> None:
    files = {
        "dev-requirements.in": b"click\n",
        "dev-requirements.txt": b"# edit the other one\nclick==8.1.0\n",
    }
    sealed = {m.path: m.sealed for m in inventory.read(Files(files)).manifests}
    assert "compiled again from `dev-requirements.in`" in sealed["dev-requirements.txt"]
    assert "compiled" not in sealed.get("dev-requirements.in", "")


@pytest.mark.parametrize("path", sorted(set(_SAMPLES) - {"Pipfile", "uv.lock"}))
def test_a_format_says_where_a_name_stands(path: str) -> None:
    (manifest,) = inventory.read(Files({path: _SAMPLES[path]})).manifests
    assert [r.name for r in manifest.requirements if r.named is None and "poetry" not in r.section] == []
