"""Who left a group, and why: read by reviewers, and quoted so that nothing in it acts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from packaging.version import Version

from codemods import registry
from codemods.model import Edit, Finding, Upgrade
from workers import apart, bundles, draft, marker
from workers.config import Config
from workers.model import Apart, Candidate, Past, State, Trial

ID = "upgrade-dependency"
GROUP = f"{ID}/linters-group"
CATALOGUE = registry.catalogue()
FAILED = Apart(GROUP, ("mypy==1.1",), "tests", "https://ci.example/runs/1", "E   AssertionError\n1 failed")
MARKDOWN = MarkdownIt("gfm-like", {"linkify": False})


def finding(name: str, after: str = "1.1") -> Finding:
    edit = Edit("requirements.txt", b"", name.encode())
    upgrade = Upgrade(name, Version("1.0"), Version(after))
    return Finding(ID, "requirements.txt", 1, name, edit, name, f"Upgrade {name}", upgrade=upgrade)


def candidate(*names: str, key: str = "") -> Candidate:
    about = CATALOGUE[ID].about
    found = tuple(finding(name) for name in names)
    key = key or f"{ID}/{names[0]}"
    return Candidate(key, ID, "Upgrade it", about.category, about.applicability, found, 10)


def body(of: Candidate, *gone: Apart) -> str:
    return draft.write(of, CATALOGUE[ID], Config(), semantic=False, apart=gone).body


def groups(alone: list[Apart], *findings: Finding) -> dict[str, str]:
    return {f.target: f.group for f in bundles.bundled(findings, CATALOGUE, Config(), (), alone)}


def test_what_broke_its_group_is_in_none() -> None:
    found = groups([FAILED], finding("black"), finding("mypy"), finding("ruff"))
    assert found == {"black": "linters-group", "mypy": "", "ruff": "linters-group"}


def test_another_version_of_it_may_be_fine_in_the_group() -> None:
    found = groups([FAILED], finding("black"), finding("mypy", "1.2"))
    assert set(found.values()) == {"linters-group"}


def test_a_name_without_a_version_is_apart_in_all_of_them() -> None:
    named = replace(FAILED, members=("mypy",))
    assert groups([named], finding("black"), finding("mypy", "1.2"), finding("ruff"))["mypy"] == ""


def test_the_last_one_of_a_group_that_others_left_stays_in_it() -> None:
    past = [Past(GROUP, State.OPEN, datetime(2026, 11, 24, tzinfo=UTC))]
    found = bundles.bundled([finding("black"), finding("mypy")], CATALOGUE, Config(), past, [FAILED])
    assert {f.target: f.group for f in found} == {"black": "linters-group", "mypy": ""}


def test_a_trial_takes_its_members_alone_and_as_one() -> None:
    silent = Finding(ID, "requirements.txt", 1, "`mypy` is held", target="mypy")
    other = replace(finding("black"), improvement="fix-vulnerable-dependency")
    found = bundles.only(
        [finding("black"), finding("mypy"), finding("ruff"), silent, other],
        Trial(GROUP, ("black==1.1", "mypy==1.1")),
    )
    assert [(f.improvement, f.target, f.group) for f in found] == [
        (ID, "black", "linters-group"),
        (ID, "mypy", "linters-group"),
    ]


def test_a_member_that_moves_to_two_versions_may_use_both() -> None:
    assert Trial(GROUP, ("a==1.9", "a==2.0", "b==1")).newest == {"a": Version("2.0"), "b": Version("1")}


def test_the_culprits_body_has_the_failing_job() -> None:
    said = body(candidate("mypy"), FAILED)
    assert (
        "### Why it comes alone\n\n`mypy==1.1` comes alone: with it, the check "
        "[tests](https://ci.example/runs/1) failed in `linters-group`.\n\n"
        "```text\nE   AssertionError\n1 failed\n```\n" in said
    )
    assert "apart" not in marker.metadata(said)


def test_the_groups_body_says_who_left_it() -> None:
    said = body(candidate("black", "ruff", key=GROUP), FAILED, replace(FAILED, members=("isort==3",)))
    assert marker.apart(marker.metadata(said)) == ("mypy==1.1", "isort==3")
    assert "### What comes alone\n\n- `mypy==1.1` comes alone" in said
    assert "1 failed" not in said


@pytest.mark.parametrize(
    "of", [candidate("ruff"), replace(candidate("mypy"), findings=(finding("mypy", "2"),))]
)
def test_others_hear_nothing_of_it(of: Candidate) -> None:
    assert body(of, FAILED) == body(of)


def test_several_that_left_together_are_named_together() -> None:
    gone = replace(FAILED, members=("mypy==1.1", "ruff==1.1"), check="", url="", excerpt="", why="of that")
    (said,) = apart.sections(candidate("ruff"), [gone])
    assert said.endswith("`mypy==1.1` and `ruff==1.1` come alone, outside of `linters-group`: of that.")


def test_the_digest_does_not_know_who_left() -> None:
    of = candidate("black", "ruff", key=GROUP)
    written = [draft.write(of, CATALOGUE[ID], Config(), semantic=False, apart=a) for a in ((), (FAILED,))]
    assert written[0].digest == written[1].digest


HOSTILE = st.lists(
    st.sampled_from([*"`~<>[]()|@#!\\*_-:/ \n\r\t\x1b\u202eab1", "```", "fixes #1", "@acme", "</details>"])
).map("".join)


@given(HOSTILE, HOSTILE)
def test_what_a_check_is_called_and_says_stays_in_its_place(name: str, excerpt: str) -> None:
    gone = replace(FAILED, check=f"x{name}", excerpt=excerpt)
    (said,) = apart.sections(candidate("mypy"), [gone])
    tokens = MARKDOWN.parse(f"{said}\n\nafter")
    kinds = [t.type for t in tokens if t.level == 0 and t.nesting != -1]
    fence = ["fence"] if excerpt.strip() and "fence" in kinds else []
    assert kinds == ["heading_open", "paragraph_open", *fence, "paragraph_open"]
    assert tokens[-2].content == "after"
    inline = [child for t in tokens for child in t.children or ()]
    links = [c.attrs["href"] for c in inline if c.type == "link_open"]
    assert links == ["https://ci.example/runs/1"]
    assert not [c for c in inline if c.type in ("html_inline", "image")]
    outside = "".join(c.content for c in inline if c.type == "text")
    assert "@acme" not in outside
    assert "fixes #1" not in outside


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a b", "https://a)x", "https://a>", "", "https://a\n"]
)
def test_an_address_that_is_none_is_no_link(url: str) -> None:
    (said,) = apart.sections(candidate("mypy"), [replace(FAILED, url=url)])
    assert "the check tests failed" in said


def test_a_body_stays_within_its_length_with_a_long_excerpt() -> None:
    long = replace(FAILED, excerpt="E   assert\n" * 20_000, check="c" * 500)
    said = body(candidate("mypy"), long)
    assert len(said) < 60_000
    assert "### Risk" in said


@pytest.mark.parametrize(
    "said", ["x", 3, None, [3, None, "a b", "a\nb", "ä==1", ""], {"mypy": "1"}, ["x" * 400]]
)
def test_what_nobody_of_us_wrote_sets_nobody_apart(said: object) -> None:
    assert marker.apart({"apart": said}) == ()
