"""Commands in files that start programs: found in each shape, and with words taken out of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemods import source, splices, started
from codemods.started import Command

SHAPES = {
    "script": ("start.sh", "#!/bin/sh\nset -e\n{}\n", " "),
    "lines of a script": ("start.sh", "exec \\\n  {}\n", " \\\n  "),
    "unit": ("shop.service", "[Service]\nExecStart=-{}\nRestart=always\n", " "),
    "lines of a unit": ("shop.service", "[Service]\nExecStart={}\n", " \\\n    "),
    "Procfile": ("Procfile", "# the shop\nweb: {}\nworker: celery\n", " "),
    "shell form": ("Dockerfile", "FROM python\nCMD {}\n", " "),
    "lines of an image": ("Dockerfile", "FROM python\nENTRYPOINT {}\nUSER shop\n", " \\\n    "),
    "text": ("compose.yml", "services:\n  shop:\n    command: '{}'\n    image: shop\n", " "),
    "folded": ("compose.yml", "services:\n  shop:\n    command: >-\n      {}\n    image: shop\n", "\n      "),
    "plain lines": ("compose.yml", "services:\n  shop:\n    command: {}\n    image: shop\n", "\n      "),
    "literal": ("shop.yaml", "command:\n  - sh\n  - -c\n  - |\n    cd /srv\n    {}\nname: shop\n", " "),
    "shell's text": ("shop.yaml", 'args: ["sh", "-ec", "{}"]\n', " "),
}
WORDS = st.lists(st.sampled_from(["--port", "8443", "shop:app", "--reload", "a=b", "-w"]), max_size=6)


def commands(path: str, text: str) -> list[Command]:
    data = text.encode()
    found = list(started.read(source.read(path, data, text)))
    for command in found:
        for word in command.words:
            assert data[word.start : word.end].decode() == word.quote + word.text + word.quote
    return [command for command in found if command.behind(["uvicorn"])[0]]


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(before=WORDS, after=WORDS)
def test_what_is_taken_out_of_a_command_is_all_that_goes(
    shape: str, before: list[str], after: list[str]
) -> None:
    path, frame, between = SHAPES[shape]
    words = ["uvicorn", *before, "--ssl-version", "3", *after]
    text = frame.format(between.join(words))
    (command,) = commands(path, text)
    _, behind = command.behind(["uvicorn"])
    ((first, last, value),) = started.options(command, behind, "--ssl-version")
    assert value.text == "3"
    changed = splices.apply(text.encode(), command.without(text.encode(), first, last, "old")).decode()
    (again,) = commands(path, changed)
    texts = [word.text for word in again.words]
    assert texts[texts.index("uvicorn") :] == ["uvicorn", *before, *after]
    assert len(text) - len(changed) == len(between + "--ssl-version" + between + "3")


LISTS = {
    "exec form": ("Dockerfile", "FROM python\nCMD {}\n", json.dumps),
    "flow": ("shop.yaml", "args: {}\n", json.dumps),
    "block": ("shop.yaml", "args:\n{}", lambda words: "".join(f"  - {json.dumps(w)}\n" for w in words)),
}


@pytest.mark.parametrize("shape", LISTS)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(before=WORDS, after=WORDS)
def test_what_is_taken_out_of_a_list_is_all_that_goes(
    shape: str, before: list[str], after: list[str]
) -> None:
    path, frame, written = LISTS[shape]
    text = frame.format(written(["uvicorn", *before, "--ssl-version=3", *after]))
    (command,) = commands(path, text)
    ((first, last, value),) = started.options(command, 1, "--ssl-version")
    changed = splices.apply(text.encode(), command.without(text.encode(), first, last, "old"))
    assert (value.text, changed.decode()) == ("3", frame.format(written(["uvicorn", *before, *after])))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("notes.txt", "uvicorn shop:app\n"),
        ("start.sh", "echo uvicorn shop:app\n# uvicorn shop:app\n$uvicorn shop:app\n"),
        ("start.sh", "cat <<END\nuvicorn shop:app\nEND\n"),
        ("shop.service", "[Service]\nEnvironment=START=uvicorn\n# ExecStart=uvicorn\n"),
        ("shop.yaml", "name: uvicorn\nimage: [uvicorn]\n"),
        ("shop.yaml", '{% if x %}\ncommand: ["uvicorn"]\n{% endif %}\n'),
        ("Dockerfile", 'FROM python\nRUN pip install uvicorn\nCMD ["python", "shop.py"]\n'),
    ],
)
def test_what_starts_no_program_of_that_name(path: str, text: str) -> None:
    assert commands(path, text) == []


def test_a_value_in_quotes_is_found_behind_an_equals_sign() -> None:
    (command,) = commands(
        "start.sh", 'uvicorn --ssl-ciphers="ALL:!RC4" --ssl-ciphers=\'A\' --ssl-ciphers="$B"\n'
    )
    found = [value for *_, value in started.options(command, 1, "--ssl-ciphers")]
    assert [(value.text, value.quote) for value in found] == [("ALL:!RC4", '"'), ("A", "'")]
