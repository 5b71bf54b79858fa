"""A repository hears exactly what it said wrong, and nothing it says brings the reader down."""

from __future__ import annotations

import json
import string
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from workers import config, wants
from workers.config import Broken, Config

SOURCE = ".github/kotsu.yml"


def wrong(text: str | bytes, package: ModuleType | None = None) -> list[str]:
    result = config.read(text, SOURCE, package) if package else config.read(text, SOURCE)
    assert isinstance(result, Broken)
    return [line.removeprefix(f"{SOURCE}:") for line in str(result).splitlines()]


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


MISTAKES = {
    "an unknown key": ("limit: 3", '1:1: unknown key "limit": did you mean "limits"?'),
    "an underscore": ("release_age: 3", '1:1: unknown key "release_age": did you mean "release-age"?'),
    "an unknown inner key": (
        "limits:\n  open: 3\n  per-dya: 1\n",
        '3:3: unknown key "per-dya": did you mean "per-day"?',
    ),
    "an unknown key far from all": (
        "limits: {zzz: 1}",
        '1:10: unknown key "zzz": known are open, first, per-day, files, lines',
    ),
    "an unknown improvement": (
        "improvements:\n  plain_chnage: false",
        '2:3: unknown improvement "plain_chnage": did you mean "plain-change"?',
    ),
    "an unknown option": (
        "improvements:\n  add-timeout:\n    second: 3",
        '3:5: unknown key "second": did you mean "seconds"?',
    ),
    "an option of the wrong type": (
        "improvements:\n  add-timeout:\n    seconds: soon",
        '3:14: "seconds" must be a whole number, not `soon`',
    ),
    "an option on a key, where it would do nothing": (
        "improvements:\n  raise-version/django:\n    ignore: [a]",
        '3:5: unknown key "ignore": known are enabled',
    ),
    "a key with a strange target": (
        "improvements:\n  raise-version/${{x}}: false",
        '2:3: "${{x}}" names nothing that raise-version could be about',
    ),
    "improvements as a list": (
        "improvements: [a]",
        '1:15: "improvements" must be a mapping, not a list',
    ),
    "an improvement that is a word": (
        "improvements: {plain-change: never}",
        '1:30: "plain-change" must be true, false or a mapping, not `never`',
    ),
    "a word for a flag": ("unsafe: maybe", '1:9: "unsafe" must be true or false, not `maybe`'),
    "a quoted flag": ('unsafe: "no"', '1:9: "unsafe" must be true or false, not `no`'),
    "a flag for a number": (
        "release-age: yes",
        '1:14: "release-age" must be a whole number, not `yes` (YAML reads it as true)',
    ),
    "a unit": ("release-age: 3 days", '1:14: "release-age" must be a whole number, not `3 days`'),
    "an octal number": ("release-age: 010", '1:14: "release-age" must be a whole number, not `010`'),
    "a time of day": ("limits: {open: 1:30}", '1:16: "open" must be a whole number, not `1:30`'),
    "too many": ("limits: {open: 101}", '1:16: "open" must be at most 100'),
    "less than none": ("limits: {open: -1}", '1:16: "open" must be at least 0'),
    "the country Norway": (
        "labels: [no]",
        '1:10: an item of "labels" must be text, not `no` (YAML reads it as false): put it in quotes, "no"',
    ),
    "a version as a label": (
        "labels:\n  - kotsu\n  - 3.10",
        '3:5: an item of "labels" must be text, not `3.10`: put it in quotes, "3.10"',
    ),
    "one label alone": ("labels: kotsu", '1:9: "labels" must be a list, not `kotsu`: write [kotsu]'),
    "a list for a mapping": ("limits: [3]", '1:9: "limits" must be a mapping, not a list'),
    "a value left out": (
        "labels:\nunsafe: no",
        '1:8: "labels" must be a list, not empty: write a value or remove the line',
    ),
    "another version": ("version: 2", '1:10: "version" must be at most 1'),
    "a list": ("- a", "1:1: the file is no mapping of keys to values"),
    "a second document": (
        "unsafe: no\n---\nunsafe: yes",
        "2:1: a second document: keep one and remove the line `---`",
    ),
    "a key twice": (
        "unsafe: no\nenabled: yes\nunsafe: yes",
        '3:1: key "unsafe" a second time: it stands on line 1',
    ),
    "a tab": ("limits:\n\topen: 3", "2:1: a tab in front of a key or an item: write spaces"),
    "an open bracket": ("labels: [a\n", "1:11: not YAML: did not find expected ',' or ']'"),
    "a colon too many": ("labels: a: b", "1:10: not YAML: mapping values are not allowed in this context"),
    "a tag": (
        "labels: !!python/object:os.system [x]",
        "1:9: the tag `!!python/object:os.system`: remove it, ",
    ),
    "a tag of one's own": ("labels: !secret x", "1:9: the tag `!secret`: remove it, tags are not read"),
    "an alias": (
        "ignore: &a [x]\nlabels: *a",
        "2:9: the alias `*a`: write the value out, aliases are not read",
    ),
    "a list as a key": ("? [a]\n: 1", "1:3: a key that is not text"),
    "an unknown word of a rule": (
        "rules:\n  - match: {improvment: x}\n    unsafe: no\n",
        '2:13: unknown key "improvment": did you mean "improvement"?',
    ),
    "an unknown option of a rule": (
        "rules:\n  - match: {package: x}\n    automrge: yes\n",
        '3:5: unknown key "automrge": did you mean "automerge"?',
    ),
    "a rule about an improvement that is none": (
        "rules:\n  - match:\n      improvement: [plain-*, add-timout]\n    unsafe: no\n",
        '3:30: unknown improvement "add-timout": did you mean "add-timeout"?',
    ),
    "a rule about a key": (
        "rules:\n  - match: {improvement: raise-version/django}\n    unsafe: no\n",
        '2:26: unknown improvement "raise-version/django": did you mean "raise-version"?',
    ),
    "a rule about improvements that are none": (
        "rules:\n  - match: {improvement: 'x*'}\n    unsafe: no\n",
        '2:26: unknown improvement "x*": known are ',
    ),
    "a rule about a category that is none": (
        "rules:\n  - match: {category: securty}\n    unsafe: no\n",
        '2:23: `securty` is no category: did you mean "security"?',
    ),
    "a rule about two categories, one of which is none": (
        "rules:\n  - match: {category: [speed, feature]}\n    unsafe: no\n",
        "2:31: `feature` is no category: known are ",
    ),
    "a rule about an applicability that is none": (
        "rules:\n  - match: {applicability: unsave}\n    unsafe: no\n",
        '2:28: `unsave` is no applicability: did you mean "unsafe"?',
    ),
    "a rule about the step to Norway": (
        "rules:\n  - match: {update: no}\n    unsafe: no\n",
        '2:21: "update" must be a list, not `no` (YAML reads it as false)',
    ),
    "a rule about a step that is none": (
        "rules:\n  - match: {update: mayor}\n    unsafe: no\n",
        '2:21: `mayor` is no step of a version: did you mean "major"?',
    ),
    "a rule about a version": (
        "rules:\n  - match: {update: [3.10]}\n    unsafe: no\n",
        '2:22: an item of "update" must be text, not `3.10`: put it in quotes, "3.10"',
    ),
    "a rule about nothing": (
        "rules:\n  - match: {}\n    unsafe: no\n",
        '2:5: the rule matches nothing: write `match: {improvement: "*"}` if it is about all',
    ),
    "a rule without a match": ("rules:\n  - unsafe: no\n", '2:5: "match" is missing'),
    "a rule that says nothing": (
        "rules:\n  - match: {package: x}\n",
        "2:5: the rule says nothing: it can set enabled, unsafe, release-age, labels, reviewers, ",
    ),
    "an age that goes by a path": (
        "rules:\n  - match: {path: docs/}\n    release-age: 9\n",
        "2:5: `release-age` cannot depend on a path: match packages",
    ),
    "a way to open that is none": (
        "open-as: no",
        '1:10: "open-as" must be `draft`, `ready` or `branch`, not `no`',
    ),
    "a day that is none": (
        "capacity: {days: [Monday]}",
        '1:19: an item of "days" must be `monday`, `tuesday`, ',
    ),
    "a time zone that is none": (
        "capacity: {time-zone: Berlin}",
        "1:23: `Berlin` is no time zone: write a name such as Europe/Berlin",
    ),
    "hours of no day": (
        "capacity: {hours: 9-17}",
        "1:19: `9-17` is no span of a day: write it as 09:00-17:00",
    ),
    "a person who is away until nobody knows": (
        "review: {away: {ada: soon}}",
        "1:22: `soon` is no day: write it as 2026-12-31",
    ),
    "a person who is none": (
        "review: {away: {'@ada': 2026-12-31}}",
        "1:17: `@ada` starts with @: write the name",
    ),
    "what others inherit": (
        "extends: acme/presets",
        '1:1: unknown key "extends": the kotsu.yml of the organisation\'s `.github` repository is inherited',
    ),
    "a budget of all repositories": (
        "capacity:\n  organisation: {open: 3}\n",
        '2:3: "organisation" counts only in the kotsu.yml of the organisation\'s `.github` repository: ',
    ),
    "a day as a number": (
        "review: {away: {ada: 20261231}}",
        '1:22: "ada" must be a day such as 2026-12-31, not `20261231`',
    ),
    "people away without a day": (
        "review: {away: [ada]}",
        '1:16: "away" must be a mapping, not a list',
    ),
    "a campaign of one repository": (
        "campaigns: {a: {improvement: plain-change}}",
        '1:1: "campaigns" counts only in the kotsu.yml of the organisation\'s `.github` repository: remove',
    ),
    "a character": ("labels: [a\0]", "1:11: the character U+0000 is not allowed: remove it"),
}


@pytest.mark.parametrize("situation", MISTAKES)
def test_a_mistake_is_named_with_its_place(situation: str, stubs: ModuleType) -> None:
    text, line = MISTAKES[situation]
    (found,) = wrong(text, stubs)
    assert found.startswith(line)


def test_all_mistakes_are_named_at_once_in_order(stubs: ModuleType) -> None:
    text = "limits: {open: x}\nimprovements: {nothing: no}\nlabels: [yes]\nunsafe: 1\n"
    assert [line.split(":")[0] for line in wrong(text, stubs)] == ["1", "2", "3", "4"]


def test_an_unreadable_encoding_has_a_place_too() -> None:
    assert wrong("labels: []\n# é".encode("latin-1")) == ["2:3: not UTF-8: save the file with this encoding"]


PATHS = ["../x", "a/../b", "./a", "/etc/passwd", "~/x", "~root", "C:/x", "c:x", "a\\b", "!a", "{a,b}"]
TRICKS = [
    "a\nb",
    "a\0b",
    "${{ github.token }}",
    "$(id)",
    "`id`",
    "a;b",
    "a|b",
    "a&b",
    "<img>",
    "a\u202eb",
    "",
]


@pytest.mark.parametrize("glob", [*PATHS, *TRICKS])
def test_a_path_that_leaves_the_repository_is_refused(glob: str) -> None:
    assert len(wrong(f"ignore: [{quoted(glob)}]")) == 1


@pytest.mark.parametrize("label", [*TRICKS, "a,b", " a", "x" * 51, "\t"])
def test_a_label_that_does_more_than_name_is_refused(label: str) -> None:
    assert len(wrong(f"labels: [{quoted(label)}]")) == 1


@pytest.mark.parametrize("login", [*TRICKS, "@octocat", "a b", "a/b/c", "-a", "a/", "é", "x" * 40])
def test_a_reviewer_that_cannot_be_is_refused(login: str) -> None:
    assert len(wrong(f"reviewers: [{quoted(login)}]")) == 1


@pytest.mark.parametrize("name", [*TRICKS, " a", "x" * 201])
@pytest.mark.parametrize(
    "form",
    ["checks: {required: [%s]}", "checks: {ignore: [%s]}", "rules: [{match: {package: %s}, unsafe: no}]"],
)
def test_a_name_that_does_more_than_name_is_refused(form: str, name: str) -> None:
    assert len(wrong(form % quoted(name))) == 1


@pytest.mark.parametrize("glob", [*PATHS, *TRICKS])
@pytest.mark.parametrize("form", ["%s", "[%s]"])
def test_a_rule_is_about_paths_in_the_repository(form: str, glob: str) -> None:
    assert len(wrong(f"rules: [{{match: {{path: {form % quoted(glob)}}}, unsafe: no}}]")) == 1


@pytest.mark.parametrize(
    "zone", ["../../etc/passwd", "/etc/localtime", "a\0b", "", "Europe/../Europe/Berlin", "é"]
)
def test_a_time_zone_is_no_path(zone: str) -> None:
    assert len(wrong(f"capacity: {{time-zone: {quoted(zone)}}}")) == 1


@pytest.mark.parametrize(
    "label", ["good first issue", "type: upkeep", "prio/1", "c++", "kotsu 👍", "wartung-für"]
)
def test_a_usual_label_is_taken(label: str) -> None:
    assert config.read(f"labels: [{quoted(label)}]", SOURCE) == Config(labels=(label,))


def test_a_message_never_carries_what_a_stranger_wrote_between_the_lines() -> None:
    (line,) = wrong('"a\\nb\\e[31m`@everyone`": 1')
    assert line.startswith('1:1: unknown key "a�b�[31m�@everyone�"')


HEAVY = {
    "nested lists": "[" * 200_000,
    "nested mappings": "{a: " * 60_000,
    "nested items": "- " * 120_000,
    "nested keys": "? " * 120_000,
    "many items": "ignore:\n" + "- a\n" * 60_000,
    "many unknown keys": "".join(f"k{i}: 1\n" for i in range(4_000)),
    "many unknown improvements": "improvements:\n" + "".join(f"  k{i}: 1\n" for i in range(4_000)),
    "many rules about nothing": "rules:\n" + "- {match: {package: x}}\n" * 1_500,
    "many bad words in one rule": "rules: [{match: {category: [" + "x, " * 4_000 + "]}, unsafe: no}]",
    "many improvements in one rule": "rules: [{match: {improvement: [" + "x*, " * 4_000 + "]}, unsafe: no}]",
    "many campaigns": "campaigns:\n" + "".join(f"  k{i}: 1\n" for i in range(4_000)),
    "many budgets": "capacity: {teams: {" + ", ".join(f"'@{i}': 1" for i in range(3_000)) + "}}",
    "many bad globs": "ignore: [" + '"/", ' * 190 + "]",
    "ten megabytes": "x" * 10_000_000,
    "one long key": "k" * 200_000,
    "one long word": "labels: " + "k" * 200_000,
    "laughs": "a: &a [x, x]\n"
    + "".join(
        f"{n}: &{n} [*{m}, *{m}]\n"
        for m, n in zip(string.ascii_letters, string.ascii_letters[1:], strict=False)
    ),
}


@contextmanager
def counting_lines() -> Iterator[list[int]]:
    """Count the lines of Python that run: unlike a time, they are the same on every machine."""
    count = [0]

    def one(*_: object) -> Any:
        count[0] += 1
        return one

    before = sys.gettrace()
    sys.settrace(one)
    try:
        yield count
    finally:
        sys.settrace(before)


@pytest.mark.parametrize("situation", HEAVY)
def test_a_heavy_file_is_refused_at_once(situation: str, stubs: ModuleType) -> None:
    with counting_lines() as count:
        lines = wrong(HEAVY[situation], stubs)
    assert count[0] < 2_000_000
    assert len(lines) <= 50
    assert max(map(len, lines)) < 400


ALPHABET = st.sampled_from(
    [*" \t\n\r:-[]{},#&*!|>'\"%@`?~\0é\u2028", "---", "key", "no", "1", "<<", "labels", "limits"]
)
YAMLISH = st.lists(ALPHABET, max_size=40).map("".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from([str(f.alias) for f in Config.model_fields.values()])


@settings(max_examples=200, deadline=500, derandomize=True)
@given(st.binary(max_size=200) | YAMLISH | st.text(max_size=100))
def test_no_bytes_bring_it_down(data: bytes | str) -> None:
    result = config.read(data, SOURCE)
    text = data if isinstance(data, str) else data.decode(errors="replace")
    if isinstance(result, Broken):
        lines = text.splitlines() or [""]
        assert all(1 <= m.line <= len(lines) + 1 and m.column >= 1 for m in result.mistakes)
        assert result.mistakes


@settings(max_examples=200, deadline=500, derandomize=True)
@given(st.dictionaries(FIELDS | st.text(max_size=12), VALUES, max_size=5))
def test_no_value_brings_it_down(value: dict[str, Any]) -> None:
    result = config.read(yaml.safe_dump(value, allow_unicode=True), SOURCE)
    assert isinstance(result, Config | Broken)


NESTED = st.sampled_from(
    sorted(
        str(field.alias)
        for model in (
            Config,
            wants.Rule,
            wants.Match,
            wants.Capacity,
            wants.Checks,
            wants.Review,
            wants.Campaign,
        )
        for field in model.model_fields.values()
    )
)
WORDS = st.sampled_from(
    [
        "*",
        "upgrade-dependency",
        "upgrade",
        "major",
        "safe",
        "unsafe",
        "ada",
        "a/b",
        "no",
        "draft",
        "UTC",
        "docs/",
    ]
)
DEEP = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 400) | WORDS | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NESTED | st.just("match") | st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=25,
)


@settings(max_examples=400, deadline=500, derandomize=True)
@given(st.dictionaries(FIELDS, DEEP, max_size=4), st.booleans())
def test_every_mistake_has_a_place(value: dict[str, Any], organisation: bool) -> None:  # noqa: FBT001 -- drawn
    text = yaml.safe_dump(value, allow_unicode=True)
    result = config.read(text, SOURCE, organisation=organisation)
    if isinstance(result, Config):
        assert not result.doubts
        return
    lines = text.splitlines()
    assert result.mistakes
    for mistake in result.mistakes:
        assert 1 <= mistake.line <= len(lines)
        assert 1 <= mistake.column <= len(lines[mistake.line - 1]) + 1


NOT_FOR_A_SCHEMA = {  # what is lost, or the same, once YAML has been read
    "a second document",
    "a key twice",
    "a tab",
    "an open bracket",
    "a colon too many",
    "a tag",
    "a tag of one's own",
    "an alias",
    "a list as a key",
    "a character",
    "a list",
    "an octal number",
    "a time of day",
    # what a schema cannot know, or says in another file
    "a rule about an improvement that is none",
    "a rule about a key",
    "a rule about improvements that are none",
    "a rule about nothing",
    "a rule that says nothing",
    "an age that goes by a path",
    "a time zone that is none",
    "a person who is away until nobody knows",
    "a person who is none",
    "a budget of all repositories",
    "a campaign of one repository",
}


@pytest.mark.parametrize("situation", sorted(MISTAKES.keys() - NOT_FOR_A_SCHEMA))
def test_the_schema_refuses_what_the_reader_refuses(situation: str, stubs: ModuleType) -> None:
    value = yaml.safe_load(MISTAKES[situation][0])
    assert not jsonschema.Draft202012Validator(config.schema(stubs)).is_valid(value)


@pytest.mark.parametrize("size", ["0", "-1", "10001"])
def test_a_wave_has_repositories(size: str) -> None:
    text = f"campaigns: {{a: {{improvement: aware-utcnow, waves: [1, {size}]}}}}"
    result = config.read(text, SOURCE, organisation=True)
    assert isinstance(result, Broken)
    assert result.mistakes[0].message.startswith('an item of "waves" must be at ')
    assert result.sound is not None
    assert result.sound.campaigns == {}


def test_a_campaign_about_no_improvement_is_a_mistake_and_the_others_hold() -> None:
    text = (
        "campaigns:\n"
        "  one: {improvement: aware-utcnwo}\n"
        "  two:\n    improvement: upgrade-dependecy/django\n    waves: [0]\n"
        "  three: {improvement: upgrade-dependency/django}\n"
    )
    result = config.read(text, SOURCE, organisation=True)
    assert isinstance(result, Broken)
    assert str(result).splitlines()[:2] == [
        f'{SOURCE}:2:22: unknown improvement "aware-utcnwo": did you mean "aware-utcnow"?',
        f'{SOURCE}:4:18: unknown improvement "upgrade-dependecy": did you mean "upgrade-dependency"?',
    ]
    assert len(result.mistakes) == 3
    assert result.sound
    assert list(result.sound.campaigns) == ["three"]
