"""A Dockerfile is read as BuildKit reads it, with the place of each thing."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemods import builds, engine, instructions, registry
from codemods.dependencies import cache_hostile_layers, unbounded_context
from codemods.manifests import dockerfile
from codemods.model import Facts
from codemods.source import Source
from codemods.tree import Files

_LINES = (
    *(
        "FROM python:3.14 AS base",
        "RUN a && \\",
        "    b",
        "  # a comment",
        "",
        "RUN <<END",
        "END",
        "\\",
        "COPY . .",
    ),
    *(
        'CMD ["a", "b"]',
        "ENV A \\  ",
        "RUN cat <<-A <<B",
        "\tA",
        "B",
        "RUN ü \\",
        "# escape=`",
        "COPY --from=base /x /y",
    ),
)


def _names(text: str) -> list[str]:
    return [one.name for one in instructions.read(text.encode())]


def test_lines_go_on_over_comments_and_empty_lines() -> None:
    run, cmd = instructions.read(b"RUN a \\\n\n  # no\n  b \\  \n  c\nCMD x\n")
    assert run.text.split() == ["a", "b", "c"]
    assert cmd.words[0].text == "x"


def test_two_backslashes_let_no_line_go_on() -> None:
    assert _names("RUN a \\\\\nCMD x\n") == ["RUN", "CMD"]


def test_flags_are_apart_from_what_they_are_about() -> None:
    (copy,) = instructions.read(b"copy --link \\\n  --from=base:1 /a --b /c\n")
    assert (copy.name, [f.text for f in copy.flags]) == ("COPY", ["--link", "--from=base:1"])
    assert [word.text for word in copy.words] == ["/a", "--b", "/c"]


@pytest.mark.parametrize(
    "run",
    [
        "RUN <<END\nCMD no\nEND\n",
        "RUN cat <<'A' <<-B > x\nCMD no\nA\nCMD no\n\tB\n",
        'RUN <<"END" bash \\\n  -e\nCMD no\nEND\n',
        "COPY <<A <<B /etc/\nCMD no\nA\nCMD no\nB\n",
    ],
)
def test_documents_belong_to_their_instruction(run: str) -> None:
    found = instructions.read(f"{run}CMD yes\n".encode())
    assert [one.name for one in found] == [run[:4].strip(), "CMD"]
    assert found[0].documented


@pytest.mark.parametrize(
    "run", ['RUN echo "<<END"', "RUN echo a<<END", "RUN echo $((1<<2))", "RUN cat <<< END"]
)
def test_what_only_looks_like_a_document_is_none(run: str) -> None:
    assert _names(f"{run}\nCMD yes\n") == ["RUN", "CMD"]


def test_the_exec_form_is_a_list_of_words() -> None:
    form, shell, odd = instructions.read(b'CMD ["a", \\\n "b c"]\nCMD a [b]\nCMD [\'a\']\n')
    assert form.arguments == ["a", "b c"]
    assert shell.arguments is None
    assert odd.arguments is None


def test_a_word_that_goes_on_in_another_line_is_told() -> None:
    whole, broken = instructions.read(b"RUN a \\\nb\nRUN a\\\nb\n")
    assert (whole.broken, broken.broken) == (False, True)


def test_comments_silence_rules_for_an_instruction_or_for_all() -> None:
    data = b"# check=skip=X\n# hadolint global ignore=DL1\nFROM a\n# hadolint ignore=DL2, DL3\nRUN a\n"
    start, run = instructions.read(data)
    assert start.ignored == {"X", "DL1"}
    assert run.ignored == {"X", "DL1", "DL2", "DL3"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Dockerfile.j2", "FROM a\n"),
        ("Dockerfile", "FROM a:{{ tag }}\n"),
        ("Dockerfile", "{% if a %}\nFROM a\n"),
        ("Dockerfile", "FROM a\nINCLUDE+ b\n"),
        ("Dockerfile.dockerignore", "FROM\n"),
        ("Dockerfile", "# escape=`\nFROM a\n"),
    ],
)
def test_what_a_program_fills_in_is_left_alone(path: str, text: str) -> None:
    assert instructions.of(Source(path, text.encode(), text)) == ()


@given(st.lists(st.sampled_from(_LINES), max_size=12), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_places_are_those_of_the_bytes(lines: list[str], newline: str, bom: bool) -> None:  # noqa: FBT001 -- drawn
    data = (b"\xef\xbb\xbf" if bom else b"") + newline.join(lines).encode()
    before = 0
    for one in instructions.read(data):
        assert before <= one.start < one.end <= len(data)
        assert data[one.start : one.start + len(one.name)].decode("latin-1").upper()[:3] == one.name[:3]
        assert len(one.text) == max(one.end - one.at, 0)
        for word in (*one.words, *one.flags):
            there = data[word.start : word.end]
            assert there == word.text.encode() or not there.isascii()
        before = one.end


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "FROM python AS a\n",
            "ADD src b\n",
            "RUN apt-get update && apt-get install x\n",
            "RUN rm pip install ",
        ),
        *("COPY . .\nRUN pip install -r a.txt\n", 'RUN <<A "', "ENV A \\\n# c\n", "\\ ' \"", "# a= "),
    ],
)
def test_the_same_over_and_over_takes_no_more_time_than_it_is_long(unit: str) -> None:
    data = f"FROM python:3.14\n{unit * (instructions.LARGEST // 4 // len(unit))}".encode()
    tree = Files({"Dockerfile": data, "a.txt": b"flask\n"})
    modules = [module for module in registry.ids().values() if registry.kind(module) == "containers"]
    facts = Facts(today=date(2026, 11, 26), paths=("Dockerfile",))
    started = time.process_time()
    engine.examine(engine.Task("Dockerfile", data, tuple((module, facts) for module in modules)))
    list(cache_hostile_layers.find(tree, facts))
    list(unbounded_context.find(tree, facts))
    dockerfile.read("Dockerfile", data)
    assert time.process_time() - started < 3, unit


def _stages(text: str) -> list[str]:
    return [stage.image for stage in builds.shipped(instructions.read(text.encode()))]


def test_the_last_stage_ships_with_all_that_it_stands_on() -> None:
    text = "FROM a AS one\nFROM b AS two\nFROM One AS three\nFROM three\nCOPY --from=two /x /y\n"
    assert _stages(text) == ["a", "One", "three"]


def test_a_name_is_that_of_the_nearest_stage_before() -> None:
    assert _stages("FROM a AS x\nFROM b AS x\nFROM x\n") == ["b", "x"]
    assert _stages("FROM x AS x\n") == ["x"]


def test_only_official_images_have_a_name_of_their_own() -> None:
    images = (
        "python:3.14",
        "docker.io/library/python@sha256:0",
        "python",
        "acme/python",
        "ghcr.io/python:3",
        "$A",
    )
    found = builds.stages(instructions.read("".join(f"FROM {image}\n" for image in images).encode()))
    assert [stage.official for stage in found] == ["python"] * 3 + [""] * 3
