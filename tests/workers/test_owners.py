"""Whose file it is, by GitHub's rules for CODEOWNERS."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from codemods.tree import Files
from workers import owners

DOCUMENTED = """\
# In GitHub's own words, shortened.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/*  docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("setup.py", ("global-owner1", "global-owner2")),
        ("deep/down/it.js", ("js-owner",)),
        ("deep/it.go", ("docs@example.com",)),
        ("a.txt", ("octo-org/octocats",)),
        ("build/logs/deep/a.py", ("octocat",)),
        ("src/build/logs.py", ("global-owner1", "global-owner2")),
        ("src/apps/deep/a.py", ("octocat",)),
        ("docs/a.py", ("doctocat",)),
        ("scripts/a.py", ("doctocat", "octocat")),
        ("deeply/nested/logs/a.py", ("octocat",)),
        ("apps/a.py", ("octocat",)),
        ("apps/github/a.py", ()),
        ("apps/github", ()),
    ],
)
def test_the_documented_example(path: str, expected: tuple[str, ...]) -> None:
    assert owners.read(DOCUMENTED).of(path) == expected


@pytest.mark.parametrize(
    ("pattern", "path", "is_theirs"),
    [
        ("shop", "shop/a.py", True),
        ("shop", "src/shop/a.py", True),
        ("shop", "shopping/a.py", False),
        ("/shop", "src/shop/a.py", False),
        ("/shop/", "shop", False),
        ("shop/", "shop", False),
        ("src/shop", "lib/src/shop/a.py", False),
        ("src/shop", "src/shop/deep/a.py", True),
        ("docs/*", "docs/a.py", True),
        ("docs/*", "docs/deep/a.py", False),
        ("docs/**", "docs/deep/a.py", True),
        ("docs/*.py", "docs/a.py", True),
        ("docs/*.py", "docs/deep/a.py", False),
        ("/*", "a.py", True),
        ("/*", "deep/a.py", False),
        ("**", "deep/a.py", True),
        ("*", ".hidden", True),
        ("/src/**/tests", "src/tests/a.py", True),
        ("/src/**/tests", "src/a/b/tests/a.py", True),
        ("/src/**/tests/*.py", "src/tests/b/tests/a.py", True),
        ("/src/**/tests/*.py", "src/tests/a/b.py", False),
        ("/src/*/a.py", "src/a.py", False),
        ("/src/*/a.py", "src/b/a.py", True),
        ("?.py", "a.py", True),
        ("?.py", "ab.py", False),
        ("A.py", "a.py", False),
        ("/My\\ Code/", "My Code/a.py", True),
        ("/", "a.py", False),
    ],
)
def test_a_pattern_means_what_github_says(pattern: str, path: str, *, is_theirs: bool) -> None:
    assert owners.read(f"{pattern} @ada").of(path) == (("ada",) if is_theirs else ())


@pytest.mark.parametrize(
    "line",
    [
        "!a.py @eve",
        "[ab].py @eve",
        "a].py @eve",
        "\\#a.py @eve",
        "a.py eve",
        "a.py @eve TODO",
        "a.py @",
        "#a.py",
    ],
)
def test_a_line_that_is_not_well_formed_is_skipped_alone(line: str) -> None:
    assert owners.read(f"* @ada\n{line}\n\nb.py @bob").of("a.py") == ("ada",)
    assert owners.read(f"* @ada\n{line}\n\nb.py @bob").of("b.py") == ("bob",)


def test_names_are_the_same_in_whatever_case_and_order() -> None:
    found = owners.read("a.py @Acme/Web @Ada\r\nb.py @ada @acme/web\r\n")
    assert found.of("a.py") == found.of("b.py") == ("acme/web", "ada")


def test_the_first_place_counts_even_where_it_says_nothing() -> None:
    everywhere = {path: f"* @{number}".encode() for number, path in enumerate(("a", *owners.PATHS))}
    assert owners.found(Files(everywhere)).of("a.py") == ("1",)
    del everywhere[".github/CODEOWNERS"]
    assert owners.found(Files(everywhere)).of("a.py") == ("2",)
    del everywhere["CODEOWNERS"]
    assert owners.found(Files(everywhere)).of("a.py") == ("3",)
    assert owners.found(Files({**everywhere, "CODEOWNERS": b""})).of("a.py") == ()


@pytest.mark.parametrize(
    "data", [b"* @ada\n" + b"#" * owners.LARGEST, b"* @ada \xff", b"* @ada".decode().encode("utf-16")]
)
def test_a_file_that_cannot_be_read_says_nothing(data: bytes) -> None:
    assert owners.found(Files({"CODEOWNERS": data})).of("a.py") == ()


def test_a_repository_without_the_file_has_no_owners() -> None:
    assert owners.found(Files({"src/CODEOWNERS": b"* @ada"})).of("a.py") == ()


@dataclass(frozen=True)
class Closed(Files):
    """Files that may not be read."""

    def read(self, path: str) -> bytes:
        raise PermissionError(path)


def test_a_file_that_may_not_be_read_says_nothing() -> None:
    assert owners.found(Closed({"CODEOWNERS": b"* @ada"})).of("a.py") == ()


@pytest.mark.parametrize(
    "text",
    [
        "/" + "**/a/" * 400 + "b @eve",
        "*a" * 400 + "b @eve",
        "\\ " * 100_000 + "@eve",
        "* a@" + "." * 100_000 + "@eve",
        "*a" * 1_000_000 + " @eve",
        "\n".join(f"/{n}/** @eve" for n in range(100_000)),
        "\n".join(f"/{n}/a @eve" for n in range(100_000)),
    ],
    ids=[
        "many folders",
        "many stars",
        "many blanks",
        "a long address",
        "a long pattern",
        "many wildcards",
        "many lines",
    ],
)
def test_a_hostile_file_takes_no_time(text: str) -> None:
    begun = time.process_time()
    found = owners.read(text)
    for path in ("a/" * 500 + "a", "a" * 4000):
        assert found.of(path) == ()
    assert time.process_time() - begun < 5
