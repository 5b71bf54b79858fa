"""What a library says of its migrations is data with limits, and a mistake in it stops all of them."""

from __future__ import annotations

import tomllib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from codemods import shipped
from codemods.model import Applicability
from codemods.shipped import Migration, MistakeError
from tests.workers.shipping import CHANGE, MODULES, SOURCE, TABLE, TOML

SOURCES = {"kotsu_migrations.sign_in": SOURCE}


def read(text: str = TOML, source: str = SOURCE) -> tuple[Migration, ...]:
    found = shipped.listed(text)
    shipped.modules(found)
    shipped.boundary(found)
    return shipped.migrations(found, {"kotsu_migrations.sign_in": source}, "Corp_Auth", Version("4.1"))


def test_a_migration_says_what_ours_say() -> None:
    (found,) = read()
    assert (found.id, found.distribution, found.kind) == ("corp-auth-sign-in", "corp-auth", "migrations")
    assert (found.crosses, found.since) == (Version("4"), Version("3.2"))
    assert found.about.needles == (b"corp_auth",)
    assert found.why.startswith("The platform's login is called `sign_in`")
    assert found.source == SOURCE


def test_it_is_unsafe_whatever_it_says() -> None:
    (found,) = read()
    assert found.about.applicability is Applicability.UNSAFE
    with pytest.raises(MistakeError, match="unknown key `applicability`"):
        read(TOML.replace("[[change]]", 'applicability = "safe"\n[[change]]', 1))


def test_its_own_reason_comes_before_the_docstring() -> None:
    (found,) = read(TOML.replace('risk = "None."', 'risk = "None."\nwhy = "Because."'))
    assert found.why == "Because."


def test_without_since_the_new_way_works_in_what_it_crosses() -> None:
    (found,) = read(TOML.replace('since = "3.2"\n', ""))
    assert found.since == Version("4")


def test_what_changed_is_read_as_in_a_file_of_ours() -> None:
    found = shipped.boundary(shipped.listed(TOML))
    assert found is not None
    assert [(c.name, c.by, c.hand) for c in found.changes] == [
        ("corp_auth.login", "corp-auth-sign-in", ""),
        ("corp_auth.token", "", "Ask @platform."),
    ]
    assert shipped.boundary(shipped.listed(MODULES + TABLE)) is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (TOML, "x = 1", "`x` is none of modules, migration, change and note"),
        (TOML, "[migration]\nname = 1", "migration has to be tables"),
        (TOML, "migration = [1]", "migration has to be tables"),
        (TOML, TABLE * 51, "more than 50 tables migration"),
        (TOML, "a = " + "[" * 9999, "nested too deeply"),
        (TOML, ".".join("a" * 9999) + " = 1", "nested too deeply"),
        (TOML, "a = " + "1" * 9999, "it is not valid TOML"),
        (TOML, "#" * 300_000, "larger than 256 KiB"),
        ('"sign-in"', '"Sign In"', "name has to be lower-case words"),
        ('"sign-in"', '"../x"', "name has to be lower-case words"),
        ('"sign-in"', "1", "has no name"),
        ('"kotsu_migrations.sign_in"', '"../sign_in"', "module has to be a dotted name"),
        ('"kotsu_migrations.sign_in"', '"os.path"', "the wheel has no module os.path"),
        ('module = "kotsu_migrations.sign_in"\n', "", "has no module"),
        ('">=4"', '"4"', "crosses has to be `>=` and a version up to 4.1"),
        ('">=4"', '"<4"', "crosses and since have to be versions"),
        ('">=4"', '">=5"', "crosses has to be `>=` and a version up to 4.1"),
        ('">=4"', '">=latest"', "crosses and since have to be versions"),
        ('">=4"', '">=3"', "the new way has to work in 3"),
        ('"3.2"', '"soon"', "crosses and since have to be versions"),
        ('title = "', 'title = "' + "x" * 99, "title has more than 80 characters"),
        ('risk = "None."', 'risk = ""', "has no risk"),
        ('risk = "None."', 'risk = "None."\nsudo = true', "unknown key `sudo`"),
        ('["corp_auth"]\nref', "[]\nref", "needles have to be texts of three characters"),
        ('["corp_auth"]\nref', '["a"]\nref', "needles have to be texts of three characters"),
        ('["corp_auth"]\nref', "[1]\nref", "needles has to be a list of texts"),
        ('["https', '["http', "references have to begin with https://"),
        ('["https://corp', '["https://co) [x](rp', "references have to begin with https://"),
        ('at = "4"', 'at = "four"', "change corp_auth.login: Invalid version"),
        ('at = "4"', "at = 4", "change 1: at is no str"),
        ('at = "4"', 'at = "4"\nby_hand = "x"', "change 1 has the unknown key `by_hand`"),
        ('at = "4"\nwhat = "is gone"', 'at = "4"', "change 2 has no what"),
        ('url = "https', 'url = "javascript', "change 2: url has to begin with https://"),
        (MODULES, "", "modules has to name what code imports"),
        (MODULES, 'modules = ["a b"]\n', "modules has to name what code imports"),
        (CHANGE, "[[note]]\nat = '4'\ntext = 'x'", "note 1 has no url"),
        (
            CHANGE,
            "[[note]]\nat = '4'\ntext = 'x'\nurl = 'https://x.y'\nuses = [1]",
            "note 1: uses is no list",
        ),
    ],
)
def test_a_mistake_is_said_in_words(old: str, new: str, words: str) -> None:
    assert old in TOML
    with pytest.raises(MistakeError) as caught:
        read(TOML.replace(old, new))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def rewrite(", "its module is no Python (line 1)"),
        ("x = '\0'", "its module is no Python"),
        ("(" * 5000, "its module is no Python"),
        ('"""Why."""\n', "has no function rewrite"),
        ('"""Why."""\nasync def rewrite(module, facts): ...\n', "has no function rewrite"),
        ("def rewrite(module, facts): ...\n", "has no why"),
        ('"""Why."""\nimport os\n', "imports `os`"),
        ('"""Why."""\nimport re, socket as re\n', "imports `socket`"),
        ('"""Why."""\nfrom os import path\n', "imports `os.path`"),
        ('"""Why."""\nfrom codemods import engine\n', "imports `codemods.engine`"),
        ('"""Why."""\nimport codemods\n', "imports `codemods`"),
        ('"""Why."""\nfrom . import sibling\n', "imports `.`"),
        ('"""Why."""\ndef f():\n    import subprocess\n', "imports `subprocess`"),
        ("#" * 300_000, "larger than 256 KiB"),
    ],
)
def test_a_module_that_cannot_run_is_known_without_running_it(source: str, words: str) -> None:
    with pytest.raises(MistakeError) as caught:
        read(source=source)
    assert words in str(caught.value)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=9) | st.booleans(), st.lists, max_leaves=5))
def test_values_of_any_kind_are_mistakes_at_worst(value: object) -> None:
    for key in ("name", "needles", "references", "crosses", "tests", "why"):
        table = {**tomllib.loads(TABLE)["migration"][0], key: value}
        with suppress(MistakeError):
            (found,) = shipped.migrations({"migration": [table]}, SOURCES, "corp-auth", Version("4.1"))
            assert found.since <= found.crosses


def test_only_what_it_imports_is_there_where_it_runs() -> None:
    source = (
        "import re, libcst as cst\nfrom codemods import renamed, names\nfrom typing import Any\nimport os\n"
    )
    assert shipped.imports(source) == ["re", "libcst", "codemods.renamed", "codemods.names", "typing"]
