"""A form asks what its template asked, and GitHub accepts it."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from codemods import issue_templates, registry, testing
from codemods.model import Finding
from codemods.tree import Files

_RULE = registry.load("codemods.operations.issue_form")
_PATH = ".github/ISSUE_TEMPLATE/idea.md"
_HEAD = "---\nname: Idea\nabout: Something new\n---\n"
_PIECES = (
    "## What for",
    "## Where",
    "**When**",
    "- [ ] now",
    "- one:",
    "<!-- x -->",
    "words",
    "```",
    "",
    "<b>",
    "> q",
)


def _found(data: bytes, path: str = _PATH) -> list[Finding]:
    return list(_RULE.module.find(Files({path: data}), testing.facts({})))


def test_the_template_goes_where_its_form_comes() -> None:
    made, gone = _found(f"{_HEAD}## What for\n## Where\n".encode())
    assert made.edit
    assert gone.edit
    assert (made.edit.path, made.edit.before) == (".github/ISSUE_TEMPLATE/idea.yml", None)
    assert (gone.edit.path, gone.edit.after) == (_PATH, None)
    assert made.target == gone.target == "idea"


def test_a_template_with_other_line_breaks_and_a_mark_becomes_a_form_without() -> None:
    text = f"{_HEAD}## What for\n\n<!-- Why? -->\n\n## Where\n"
    plain, *_ = _found(text.encode())
    made, *_ = _found(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert made.edit
    assert plain.edit
    assert made.edit.after == (plain.edit.after or b"").replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    "hostile", [b"\xff\xfe", b"\0", b"---\n", b"---\na: [\n---\n", b"---\n- a\n---\n", b"#" * 99_999]
)
def test_what_cannot_be_read_is_left_alone(hostile: bytes) -> None:
    assert _found(hostile) == _found(hostile + _HEAD.encode()) == []


@pytest.mark.parametrize("said", ["labels: {a: b}", "title: [a, [b]]", "assignees: |\n  a\n  b"])
def test_a_value_of_another_shape_is_left_alone(said: str) -> None:
    assert _found(f"---\nname: Idea\nabout: New\n{said}\n---\n## What for\n## Where\n".encode()) == []


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=12))
def test_every_word_of_a_template_stands_in_its_form(pieces: list[str]) -> None:
    body = "\n".join(pieces)
    found = _found((_HEAD + body).encode())
    template = issue_templates.read(_HEAD + body)
    assert template is not None or not found
    if found and found[0].edit:
        form = yaml.safe_load(found[0].edit.after or b"")
        fields = [part for part in form["body"] if part["type"] != "markdown"]
        ids = [part["id"] for part in fields]
        assert len(ids) == len(set(ids)) > 1
        said = yaml.safe_dump(form, allow_unicode=True)
        for word in ("What for", "Where", "When", "now", "one:", "words"):
            assert body.count(word) <= said.count(word)
