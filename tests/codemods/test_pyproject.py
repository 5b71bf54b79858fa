"""pyproject.toml: which strings are requirements, and that nothing outside them changes."""

from __future__ import annotations

import tomllib

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from codemods import inventory, splices
from codemods.manifests import pyproject, toml_strings
from codemods.manifests.model import Change, Manifest, Requirement, Role
from codemods.tree import Files


def _read(text: str) -> Manifest:
    return pyproject.read("pyproject.toml", text.encode())


def _names(text: str) -> dict[str, str]:
    return {r.name: r.section for r in _read(text).requirements}


def test_every_list_of_requirements_is_read() -> None:
    text = """
    [build-system]
    requires = ["a==1"]
    [project]
    name = "own"
    dependencies = ["b>=1",
        'c[x]~=2.0 ; python_version < "3.12"',  # why
        \"\"\"multi==1\"\"\",
    ]
    optional-dependencies.web = ["d<3"]
    [project.optional-dependencies]
    "with.dot" = ["e==5"]
    [dependency-groups]
    test = [{include-group = "lint"}, "f==6"]
    lint = []
    [tool.uv]
    dev-dependencies = ["g==7"]
    constraint-dependencies = ["h<8"]
    [tool.hatch.envs.docs]
    dependencies = ["i==9"]
    [tool.pdm.dev-dependencies]
    x = ["j==10"]
    [tool.other]
    dependencies = ["not-this==1"]
    """.replace("optional-dependencies.web", "# x")
    assert _names(text) == {
        "a": "build-system.requires",
        "b": "project.dependencies",
        "c": "project.dependencies",
        "e": "project.optional-dependencies.with.dot",
        "f": "dependency-groups.test",
        "g": "tool.uv.dev-dependencies",
        "h": "tool.uv.constraint-dependencies",
        "i": "tool.hatch.envs.docs.dependencies",
        "j": "tool.pdm.dev-dependencies.x",
    }


def test_the_lists_of_every_tool_are_read() -> None:
    text = """
    [tool.uv]
    override-dependencies = ["a==1"]
    build-constraint-dependencies = ["b==1"]
    extra-build-dependencies = {x = ["c==1"]}
    [tool.hatch]
    env.requires = ["d==1"]
    build.hooks.vcs.dependencies = ["e==1"]
    build.targets.wheel.hooks.custom.dependencies = ["f==1"]
    build.targets.wheel.packages = ["not-this==1"]
    [tool.flit.metadata]
    requires = ["g (>=1,<2)", "h; python_version < '3.9'"]
    dev-requires = ["i==1"]
    requires-extra.x = ["j==1"]
    [tool.tox]
    requires = ["k==1"]
    [tool.tox.env."3.12"]
    deps = ["l==1", "-r docs/x.txt", "-cy.txt", {replace = "ref", of = ["m==1"]}]
    [dependency-groups]
    before-release = ["s==1"]
    [tool.cibuildwheel]
    before-build = "pip install -c z.txt t==1 u"
    test-requires = "n==1 o>=2,<3"
    linux.test-requires = ["p==1"]
    [[tool.cibuildwheel.overrides]]
    test-requires = "q==1"
    test-command = "r==1"
    """
    found = pyproject.read("sub/pyproject.toml", text.encode())
    roles = {role: "".join(r.name for r in found.requirements if r.role is role) for role in Role}
    assert roles == {
        Role.INSTALL: "ghj",
        Role.LIBRARY: "",
        Role.DEVELOPMENT: "ilsnopq",
        Role.BUILD: "bcdefkt",
        Role.CONSTRAINT: "a",
    }
    assert (found.includes, found.constraints) == (("sub/docs/x.txt",), ("sub/y.txt",))


def test_a_tox_ini_within_a_string_is_read_where_it_stands() -> None:
    lines = [
        "[tool.tox]",
        'legacy_tox_ini = """',
        "[tox]",
        "envlist = é",
        "[testenv]",
        "deps =",
        "    a==1.0  # é",
    ]
    data = "\r\n".join([*lines, "    -rdocs/x.txt", '"""', "b = 'c==1.0'", ""]).encode()
    manifest = pyproject.read("pyproject.toml", data)
    (found,) = manifest.requirements
    assert (found.name, found.line, found.role, manifest.includes) == (
        "a",
        7,
        Role.DEVELOPMENT,
        ("docs/x.txt",),
    )
    after = splices.apply(data, pyproject.write(data, found, Change(((0, "==2.0"),))))
    assert after == data.replace(b"a==1.0", b"a==2.0")
    assert not _read('[tool.tox]\nlegacy_tox_ini = "[testenv]\\ndeps = a==1.0"\n').requirements


def test_what_is_installed_together() -> None:
    text = """
    [build-system]
    requires = ["a"]
    [dependency-groups]
    all = ["b", {include-group = "One_two"}]
    one-two = ["c", {include-group = "all"}]
    [tool.hatch.build.hooks.x]
    dependencies = ["d"]
    [tool.hatch.envs.default]
    dependencies = ["e"]
    features = ["x"]
    [tool.hatch.envs.docs]
    extra-dependencies = ["f"]
    [tool.hatch.envs.lint]
    detached = true
    dependencies = ["g"]
    extra-dependencies = ["h"]
    """
    own = ("project.dependencies", "tool.flit.metadata.requires")
    envs = "tool.hatch.envs"
    extra = "project.optional-dependencies.x"
    assert dict(_read(text).extends) == {
        "dependency-groups.all": (*own, "dependency-groups.one-two"),
        "dependency-groups.one-two": (*own, "dependency-groups.all"),
        "tool.hatch.build.hooks.x.dependencies": ("build-system.requires",),
        f"{envs}.default.dependencies": (*own, extra),
        f"{envs}.docs.extra-dependencies": (*own, f"{envs}.default.dependencies", extra),
        f"{envs}.lint.dependencies": (*own, f"{envs}.lint.extra-dependencies"),
        f"{envs}.lint.extra-dependencies": (*own, f"{envs}.lint.dependencies"),
    }


def test_members_of_a_workspace_are_no_packages_of_an_index() -> None:
    files = {
        "pyproject.toml": b"[project]\nname = 'top'\ndependencies = ['shelf>=1,<2', 'lamp==1']\n"
        b"[tool.uv.workspace]\nmembers = ['packages/*']\n[tool.uv.sources]\nlamp = {workspace = true}\n",
        "packages/shelf/pyproject.toml": b"[project]\nname = 'Shelf'\ndependencies = ['top', 'plank==1']\n",
    }
    assert set(inventory.read(Files(files)).by_name()) == {"plank"}


def test_dotted_keys_and_inline_tables_are_read() -> None:
    text = (
        'project.dependencies = ["a==1"]\nproject.optional-dependencies = {web = ["b==1"], "x" = ["c==1"]}\n'
    )
    assert list(_names(text)) == ["a", "b", "c"]


def test_only_the_version_inside_the_quotes_changes() -> None:
    data = b"[project]\r\ndependencies = [ \"a == 1.0 ; os_name == 'nt'\", # \xc3\xa9\r\n]\r\n"
    (found,) = pyproject.read("pyproject.toml", data).requirements
    after = splices.apply(data, pyproject.write(data, found, Change(((0, "==2.0"),))))
    assert after == data.replace(b"1.0", b"2.0")


def test_a_string_with_escapes_is_left_alone() -> None:
    assert _names('[project]\ndependencies = ["a\\u003d=1", "b==1"]\n') == {"b": "project.dependencies"}


@pytest.mark.parametrize("text", ["[a", "a = 1\na = 2\n", "[t]\n[t]\n", "a = [" * 5000])
def test_a_file_that_is_no_toml_is_a_problem(text: str) -> None:
    (problem,) = _read(text).problems
    assert problem.message.startswith("skipped: ")


def test_a_huge_file_and_one_in_another_encoding_are_problems() -> None:
    assert pyproject.read("pyproject.toml", b"#" * 2_000_000).problems
    assert pyproject.read("pyproject.toml", b"a = '\xff'\n").problems


def test_a_project_that_is_no_package_has_no_floor_to_keep() -> None:
    listed = '[project]\ndependencies = ["a~=1.0"]\n'
    assert _read(listed).requirements[0].role is Role.INSTALL
    assert _read(f"[build-system]\nrequires = []\n{listed}").requirements[0].role is Role.LIBRARY
    assert _read(f"[build-system]\n{listed}[tool.uv]\npackage = false\n").requirements[0].role is Role.INSTALL


@pytest.mark.parametrize(
    "table",
    [
        "[tool.poetry]\npackage-mode = false\n",
        "[tool.uv]\npackage = false\n",
        "[tool.poetry]\nclassifiers = ['Private :: Do Not Upload']\n",
        "[project]\nclassifiers = ['Private :: Do Not Upload']\n",
    ],
)
def test_what_is_never_published_is_an_application(table: str) -> None:
    build = "[build-system]\nrequires = []\n"
    listed = "[tool.poetry.dependencies]\na = '^1.0'\n"
    assert _read(build + listed).requirements[0].role is Role.LIBRARY
    assert _read(build + table + listed).requirements[0].role is Role.INSTALL


def test_comments_hold_the_line_they_stand_on_or_above() -> None:
    text = """[project]
dependencies = [
  "a==1",
  # pinned because of a bug
  "b==1",
  "c==1", # kotsu: hold
  "d==1"]  # see https://example.org/issues/3
"""
    holds = {r.name: bool(r.hold) for r in _read(text).requirements}
    assert holds == {"a": False, "b": True, "c": True, "d": True}


def test_sources_and_addresses_are_private() -> None:
    text = """
    [project]
    dependencies = ["a @ https://example.org/a.zip", "b"]
    [tool.uv.sources]
    B_C = {path = "b"}
    [tool.poetry.dependencies]
    d = {git = "https://example.org/d"}
    """
    assert _read(text).private == {"a", "b-c", "d"}


def test_indexes_are_named_without_credentials_and_explicit_ones_not_at_all() -> None:
    text = """
    [[tool.uv.index]]
    url = "https://me:canary@one.test/simple"
    [[tool.uv.index]]
    url = "https://two.test/simple"
    explicit = true
    """
    assert _read(text).indexes == ("https://one.test/simple",)


def test_a_lock_file_seals_what_it_was_made_from() -> None:
    files = {
        "pyproject.toml": b"",
        "packages/a/pyproject.toml": b"",
        "docs/requirements.txt": b"a==1\nb==1\n",
    }
    read = inventory.read(Files({**files, "uv.lock": b""}))
    assert {m.path: m.sealed for m in read.manifests if m.lock is None} == {
        "pyproject.toml": "`uv.lock` would have to be refreshed with it",
        "packages/a/pyproject.toml": "`uv.lock` would have to be refreshed with it",
        "docs/requirements.txt": "",
    }


def test_a_format_is_found_by_its_files() -> None:
    found = {glob for format_ in inventory.formats() for glob in format_.FILES}
    assert {"pyproject.toml", "*requirements*.txt"} <= found


_NAMES = st.text("abcXYZ_-. \"'#é\\", min_size=1, max_size=6)
_VALUES = st.recursive(
    st.one_of(st.text("ab #\"'\\\n,]}é=", max_size=8), st.integers(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_NAMES, inner, max_size=4)),
    max_leaves=12,
)


def _strings(value: object, path: toml_strings.Path = ()) -> dict[toml_strings.Path, str]:
    if isinstance(value, str):
        return {path: value}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {p: s for key, inner in items for p, s in _strings(inner, (*path, key)).items()}


@given(st.dictionaries(_NAMES, _VALUES, max_size=5))
def test_strings_stand_where_the_scanner_says(document: dict[str, object]) -> None:
    text = tomlkit.dumps(document)
    parsed = _strings(tomllib.loads(text))
    found = list(toml_strings.find(text.encode().decode("latin-1")))
    assert len(found) == len(parsed)
    plain = [
        literal for literal in found if not literal.escaped and all(str(k).isascii() for k in literal.path)
    ]
    assert all(parsed.get(p.path, p.raw) == p.raw for p in plain)


def test_arrays_of_tables_are_told_apart() -> None:
    text = '[[a]]\nx = "0"\n[[a.b]]\ny = "00"\n[[a]]\nx = "1"\n[[a.b]]\ny = "10"\n[a.c]\nz = """q"r"""\n'
    assert {literal.path: literal.raw for literal in toml_strings.find(text)} == _strings(tomllib.loads(text))


def test_a_requirement_knows_its_line() -> None:
    found: tuple[Requirement, ...] = _read('[project]\ndependencies = [\n"a==1",\n]\n').requirements
    assert found[0].line == 3
