"""A YAML file is located to the byte, and what is added to it changes nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from codemods import document, insertions, splices

_BOM = b"\xef\xbb\xbf"
_KEYS = ("name", "on", "jobs", "runs-on", "été", "with")
_SCALARS = (
    "x",
    "",
    "'it''s'",
    '"a: b"',
    "[a, b]",
    "{a: 1}",
    "${{ x }}",
    "two words",
    "ünïcode 🐍",
    "1\n{}  2",
)
_BLOCKS = ("|", ">", "|-", "|+", ">+", ">-", "| # why", "|2", "|+2")
_BODIES = ("text", "text\n{}# no comment", "text\n\n{}more", "text\n\n", "text\n\n\n", "🐍\n{}  deeper", "")


@st.composite
def _mapping(draw: st.DrawFn, indent: int = 0, depth: int = 0) -> list[str]:
    lines = []
    for key in draw(st.lists(st.sampled_from(_KEYS), min_size=1, max_size=3, unique=True)):
        lines += draw(_entry(f"{' ' * indent}{key}:", indent, depth))
        lines += draw(_around(indent))
    return lines


@st.composite
def _entry(draw: st.DrawFn, head: str, indent: int, depth: int) -> list[str]:
    shape = draw(st.sampled_from(("scalar", "block", "mapping", "sequence") if depth < 3 else ("scalar",)))
    comment = draw(st.sampled_from(("", "  # why", " ")))
    step = draw(st.sampled_from((2, 4)))
    margin = " " * (indent + step)
    if shape == "scalar":
        return f"{head} {draw(st.sampled_from(_SCALARS))}{comment}".replace("{}", margin).split("\n")
    if shape == "block":
        body = draw(st.sampled_from(_BODIES)).replace("{}", " " * (indent + 2))
        first = f"{' ' * (indent + 2)}{body}".rstrip(" ")
        return [f"{head} {draw(st.sampled_from(_BLOCKS))}", *first.split("\n")]
    if shape == "mapping":
        return [head + comment, *draw(_around(indent)), *draw(_mapping(indent + step, depth + 1))]
    dash = " " * (indent + draw(st.sampled_from((0, 2))))
    item = draw(_mapping(len(dash) + 2, depth + 1))
    while not item[0].strip() or item[0].lstrip().startswith("#"):
        item.pop(0)
    return [head + comment, f"{dash}- plain", f"{dash}- {item[0].lstrip()}", *item[1:]]


@st.composite
def _around(draw: st.DrawFn, indent: int) -> list[str]:
    some = (
        "",
        "",
        "   ",
        "# at the margin",
        "#   deeper",
        f"{' ' * indent}# here",
        f"{' ' * indent}  # within",
    )
    return draw(st.lists(st.sampled_from(some), max_size=2))


@st.composite
def _files(draw: st.DrawFn) -> bytes:
    lines = [*draw(st.sampled_from(([], ["---"], ["# first", ""]))), *draw(_mapping())]
    text = draw(st.sampled_from(("\n", "\r\n"))).join([*lines, ""])
    if draw(st.booleans()):
        text = text.rstrip("\r\n")
    return draw(st.sampled_from((b"", _BOM))) + text.encode()


def _loaded(data: bytes) -> Any:
    return yaml.load(data.decode("utf-8-sig"), Loader=yaml.BaseLoader)


def _is_yaml(data: bytes) -> bool:
    try:
        _loaded(data)
    except yaml.YAMLError:
        return False
    return True


def _places(
    node: document.Node, way: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], document.Pair]]:
    for pair in () if node.flow else node.pairs:
        yield (*way, pair.key.text), pair
        yield from _places(pair.value, (*way, pair.key.text))
    for index, item in enumerate(node.items):
        yield from _places(item, (*way, index))


def _with(value: Any, way: tuple[Any, ...]) -> Any:
    """Return a loaded value with a key ``added`` behind the one at the end of ``way``."""
    step, *rest = way
    if isinstance(value, list):
        return [_with(v, tuple(rest)) if i == step else v for i, v in enumerate(value)]
    result = {}
    for key, child in value.items():
        result[key] = _with(child, tuple(rest)) if key == step and rest else child
        if key == step and not rest:
            result["added"] = {"inner": "1"}
    return result


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(_files(), st.randoms(use_true_random=False))
def test_what_is_added_stands_where_it_should_and_no_other_byte_changes(data: bytes, chance: Any) -> None:
    assume(_is_yaml(data))
    file = document.read(data)
    way, pair = chance.choice(list(_places(file.root)))
    splice = insertions.after(file, pair, ["added:", "  inner: 1"], "why")
    result = splices.apply(data, [splice])
    assert result[: splice.start] + result[splice.start + len(splice.text) :] == data
    # Without a final newline, a text in a block at the end has none either, which whatever follows gives it.
    before = _loaded(data + b"\n" if splice.start == len(data) else data)
    assert json.dumps(_loaded(result)) == json.dumps(_with(before, way))
    assert result.count(b"\r\n") in {0, result.count(b"\n")}
    assert result.endswith(b"\n") == data.endswith(b"\n") or splice.start == len(data)
    added = [p for w, p in _places(document.read(result).root) if w == (*way[:-1], "added")]
    assert [p.key.text for p in added] == ["added"]


@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(_files())
def test_a_node_is_the_bytes_that_say_it(data: bytes) -> None:
    assume(_is_yaml(data))
    for node in document.read(data).root.walk():
        said = data[node.start : node.end].decode()
        if node.kind == "scalar" and not node.style and "\n" not in said:
            assert said == node.text
        elif node.style in {"'", '"'}:
            assert said[0] == said[-1] == node.style


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is empty"),
        (b"# only words\n", "it is empty"),
        (b"- a\n", "its top level is no mapping"),
        (b"a: 1\nb: 2\na: 3\n", "line 3: the key 'a' is there already"),
        (b"a: 1\n---\nb: 1\n", "line 2: a second document"),
        (b"a:\n\t- b\n", "line 2: found character that cannot start any token"),
        (b"a: [\n", "line 2: did not find expected node content"),
        (b"a: 1\nb: \xff\n", "line 2: it is not UTF-8"),
        (b"a: 1\rb: 2\n", "line 1: a line break that not all readers see"),
        (b"a: 1\nb: \xe2\x80\xa8\n", "line 2: a line break that not all readers see"),
        (b"? [a]\n: 1\n", "line 1: a key that is no word"),
        (b"#" * (document.LARGEST + 1), "it is larger than 256 KiB"),
        (b"a: *b\n? ", "line 2: "),
    ],
)
def test_a_file_that_is_no_mapping_says_why(data: bytes, said: str) -> None:
    if said == "line 2: ":
        assert not document.read(data).plain
        return
    with pytest.raises(document.Invalid) as refused:
        document.read(data)
    assert str(refused.value) == said


def test_a_character_that_yaml_forbids_is_refused() -> None:
    with pytest.raises(document.Invalid, match="control characters"):
        document.read(b"a: \x00\n")


@pytest.mark.parametrize("unit", [b"[", b"{a: ", b"- ", b"- - ", b"? "])
def test_deep_nesting_is_refused_at_once(unit: bytes) -> None:
    start = time.perf_counter()
    with pytest.raises(document.Invalid):
        document.read(unit * (document.LARGEST // len(unit)))
    assert time.perf_counter() - start < 1


def test_aliases_are_not_expanded() -> None:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 200)]
    file = document.read("\n".join(["a0: &a0 x", *levels]).encode())
    assert not file.plain
    assert sum(1 for _ in file.root.walk()) < 3000


@pytest.mark.parametrize(
    "data",
    [b"a: &b 1\n", b"a: &b 1\nc: *b\n", b"a: !!str 1\n", b"a: !x 1\n", b"a: {<<: {b: 1}}\n", b"? a\n: b\n"],
)
def test_what_acts_elsewhere_is_not_plain(data: bytes) -> None:
    assert not document.read(data).plain


def test_on_is_a_word() -> None:
    file = document.read(b"on: yes\n'no': 010\n")
    assert file.plain
    assert [(p.key.text, p.value.text) for p in file.root.pairs] == [("on", "yes"), ("no", "010")]
    assert file.root.get("off") is None


_SECTIONS = {
    "a blank line between sections": (
        "name: CI\n\non: push\n\njobs: {}\n",
        "name: CI\n\non: push\n\nnew:\n  a: 1\n\njobs: {}\n",
    ),
    "no blank lines": ("name: CI\non: push\njobs: {}\n", "name: CI\non: push\nnew:\n  a: 1\njobs: {}\n"),
    "two blank lines": ("on: push\n\n\njobs: {}\n", "on: push\n\n\nnew:\n  a: 1\n\n\njobs: {}\n"),
    "on stands last": ("jobs: {}\n\non: push\n", "jobs: {}\n\non: push\n\nnew:\n  a: 1\n"),
    "on stands first": ("on: push\nname: CI\n\njobs: {}", "on: push\nname: CI\n\nnew:\n  a: 1\n\njobs: {}"),
    "a name that stands last": (
        "on: push\njobs: {}\nname: CI\n",
        "on: push\nnew:\n  a: 1\njobs: {}\nname: CI\n",
    ),
    "a comment on what comes next": (
        "on: push\n\n# The work.\njobs: {}\n",
        "on: push\n\nnew:\n  a: 1\n\n# The work.\njobs: {}\n",
    ),
    "a comment out of what stands before": (
        "on:\n  push:\n#    branches: [main]\njobs: {}\n",
        "on:\n  push:\n#    branches: [main]\nnew:\n  a: 1\njobs: {}\n",
    ),
    "comments below what they speak of": (
        "on:\n  push:\n# not yet:\n# pull_request\n\njobs: {}\n",
        "on:\n  push:\n# not yet:\n# pull_request\n\nnew:\n  a: 1\n\njobs: {}\n",
    ),
    "the end of a document": (
        "---\njobs: {}\non: push\n...\n",
        "---\njobs: {}\non: push\nnew:\n  a: 1\n...\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), _SECTIONS.values(), ids=_SECTIONS.keys())
def test_a_section_stands_apart_as_the_others_do(before: str, after: str) -> None:
    file = document.read(before.encode())
    splice = insertions.section(file, ("on", "name"), ("new:", "  a: 1"), "why")
    assert splices.apply(file.data, [splice]).decode() == after


def test_a_section_needs_the_first_of_its_keys() -> None:
    with pytest.raises(ValueError, match="no on in"):
        insertions.section(document.read(b"jobs: {}\n"), ("on",), ("new: 1",), "why")
