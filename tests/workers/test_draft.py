"""The proposal as it will be read: whole, short enough, and inert."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from types import ModuleType

import pytest
from markdown_it import MarkdownIt
from packaging.version import Version

from codemods import registry
from codemods.model import About, Applicability, Category, Edit, Finding, Upgrade
from codemods.registry import Improvement
from tests.workers.improvements import Improvements
from workers import config, draft, plan
from workers.config import Config
from workers.model import Background, Candidate, Note, Proposal, mark

ABOUT = About(
    title="Mend the wheels",
    category=Category.RELIABILITY,
    applicability=Applicability.SAFE,
    risk="The brakes may squeak.",
    references=("https://example.org/wheels", "https://example.org/brakes"),
    needles=(),
    minutes=5,
)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EDIT = Edit("a.py", b"a\n", b"b\n")
FINDING = Finding("mend-wheels", "a.py", 3, "`a` → `b`", EDIT)
CANDIDATE = Candidate(
    "mend-wheels", "mend-wheels", ABOUT.title, ABOUT.category, ABOUT.applicability, (FINDING,), 5
)


def improvement(kind: str = "python", about: About = ABOUT) -> Improvement:
    module = ModuleType("mend_wheels", "Wheels break.\n\nThey should not.")
    module.ABOUT = about  # type: ignore[attr-defined]
    return Improvement("mend-wheels", kind, module)


def written(*findings: Finding, semantic: bool = False, kind: str = "python", **changed: object) -> Proposal:
    candidate = replace(CANDIDATE, findings=findings or (FINDING,), **changed)  # type: ignore[arg-type]
    return draft.write(candidate, improvement(kind), config.defaults(), semantic=semantic)


def told(*known: Background, **changed: object) -> Proposal:
    """A proposal of one upgrade for each background."""
    upgrades = [Upgrade(f"shelf{n}", Version("1.0"), Version("2.0")) for n in range(len(known))]
    findings = tuple(replace(FINDING, upgrade=upgrade) for upgrade in upgrades)
    candidate = replace(CANDIDATE, findings=findings, **changed)  # type: ignore[arg-type]
    given = dict(zip(upgrades, known, strict=True))
    return draft.write(candidate, improvement(), config.defaults(), semantic=False, known=given)


def row(message: str, path: str = "a.py") -> str:
    """The table's one row."""
    body = written(Finding("mend-wheels", path, 3, message, EDIT)).body
    found = [line for line in body.split("\n") if line.startswith("| ")]
    assert len(found) == 3, body
    return found[2]


# --- the title


@pytest.mark.parametrize("semantic", [False, True])
@pytest.mark.parametrize("part", [1, 2, 12])
@pytest.mark.parametrize(
    "title", ["Mend the wheels", "Mend " + "very " * 20 + "many wheels", "Mend\nthe  wheels"]
)
def test_a_title_fits_every_list(title: str, part: int, *, semantic: bool) -> None:
    found = written(title=title, part=part, parts=part, semantic=semantic).title
    assert len(found) <= 72
    assert found.isprintable()
    assert found.endswith(f" (part {part} of {part})") is (part > 1)


@pytest.mark.parametrize(
    ("kind", "category", "title", "expected"),
    [
        ("python", Category.RELIABILITY, "Mend the wheels", "fix: mend the wheels"),
        ("python", Category.SECURITY, "Mend the wheels", "fix: mend the wheels"),
        ("python", Category.SPEED, "Mend the wheels", "perf: mend the wheels"),
        ("python", Category.UPGRADE, "Mend the wheels", "refactor: mend the wheels"),
        ("workflows", Category.SECURITY, "Mend the wheels", "ci: mend the wheels"),
        ("dependencies", Category.SECURITY, "Mend the wheels", "fix(deps): mend the wheels"),
        ("dependencies", Category.UPGRADE, "Upgrade wheels to 4", "chore(deps): upgrade wheels to 4"),
        ("python", Category.RELIABILITY, "HTTP calls get a timeout", "fix: HTTP calls get a timeout"),
    ],
)
def test_a_semantic_history_gets_a_semantic_title(
    kind: str, category: Category, title: str, expected: str
) -> None:
    assert written(semantic=True, kind=kind, category=category, title=title).title == expected


def test_a_history_is_semantic_when_half_of_it_is() -> None:
    assert draft.is_semantic(["feat: a", "fix(core): b", "feat!: c", "oops", "chore(deps)!: d", "more"])
    assert not draft.is_semantic(["feat: a", "oops", "more", "and more", "Fix: e"])


def test_a_short_history_says_nothing() -> None:
    assert not draft.is_semantic(["feat: a", "fix: b"])
    assert not draft.is_semantic([])


def test_merges_and_reverts_do_not_count() -> None:
    own = ["feat: a", "fix: b", "docs: c", "ci: d", "test: e"]
    assert draft.is_semantic(["Merge pull request #1", 'Revert "x"'] * 10 + own)


def test_only_the_newest_commits_count() -> None:
    assert not draft.is_semantic(["plain words"] * 30 + ["fix: a"] * 100)


# --- the body


def test_the_body_says_all_that_a_reviewer_needs() -> None:
    body = written().body
    parts = [
        "<!-- kotsu: ",
        "Wheels break.\n\nThey should not.",
        "### What changes",
        "| `a.py` | 3 | `a` → `b` |",
        "### Risk, and how to undo it",
        "The brakes may squeak.",
        "reverting",
        "### References",
        "- https://example.org/wheels\n- https://example.org/brakes",
        "Don't want this?",
        "```yaml\nimprovements:\n  mend-wheels: false\n```",
        "# kotsu: ignore",
        "</details>\n",
    ]
    places = [body.find(part) for part in parts]
    assert places[0] == 0
    assert places == sorted(places)
    assert -1 not in places


def metadata(body: str) -> dict[str, object]:
    found = re.match(r"<!-- kotsu: (\{.*?\}) -->\n", body)
    assert found, body[:200]
    read: dict[str, object] = json.loads(found[1])
    return read


def test_hidden_metadata_stands_at_the_front() -> None:
    proposal = written()
    assert metadata(proposal.body) == {
        "version": 1,
        "key": "mend-wheels",
        "improvement": "mend-wheels",
        "digest": proposal.digest,
        "change": proposal.change,
        "title": mark(proposal.title),
        "files": [mark("a.py")],
    }


def test_a_part_says_which_one_it_is_and_what_it_changes() -> None:
    proposal = written(part=2, parts=3)
    assert (metadata(proposal.body)["files"], metadata(proposal.body)["parts"]) == ([mark("a.py")], 3)
    assert "This is part 2 of 3;" in proposal.body
    assert "it will not be opened again, nor will any other part of it." in proposal.body
    assert "part" not in written().title + written().body.partition("### What changes")[2]


def test_what_has_a_target_is_never_a_part_and_marks_no_files() -> None:
    assert "files" not in metadata(written(replace(FINDING, target="shelf")).body)


def test_another_number_of_parts_is_no_reason_to_write_a_pull_request_again() -> None:
    for title in ("Mend the wheels", "Mend " + "very " * 20 + "many wheels"):
        one, other = written(title=title, part=2, parts=3), written(title=title, part=2, parts=12)
        assert one.title != other.title
        assert one.digest == other.digest == written(title=title).digest


def test_the_owner_is_asked_where_nobody_else_is_named() -> None:
    candidate = replace(CANDIDATE, owners=("acme/web",))
    named = config.defaults().model_copy(update={"reviewers": ("ada",)})
    for given, expected in ((config.defaults(), ("acme/web",)), (named, ("ada",))):
        assert draft.write(candidate, improvement(), given, semantic=False).reviewers == expected
    assert written().reviewers == ()


def test_the_digest_tells_whether_the_pull_request_would_be_the_same() -> None:
    other = replace(FINDING, edit=Edit("a.py", b"a\n", b"c\n"))
    assert written().digest == written().digest
    assert len({written().digest, written(other).digest, written(title="Mend").digest}) == 3


def test_unsafe_changes_are_labelled_for_review() -> None:
    assert written().labels == ("kotsu",)
    assert written(applicability=Applicability.UNSAFE).labels == ("kotsu", "needs-review")


def test_what_mends_a_weakness_is_labelled() -> None:
    assert written(category=Category.SECURITY).labels == ("kotsu", "security")


@pytest.mark.parametrize("key", ["unbounded-request", "upgrade-dependency/django", "unbounded-request.2"])
def test_the_snippet_switches_it_off(key: str) -> None:
    catalogue = registry.catalogue()
    id_, _, target = key.removesuffix(".2").partition("/")
    finding = Finding(id_, "a.py", 1, "m", EDIT, target)
    (candidate,) = plan.make([finding], catalogue, config.defaults(), (), NOW).now
    body = draft.write(replace(candidate, key=key), catalogue[id_], config.defaults(), semantic=False).body
    snippets = re.findall(r"```yaml\n(.*?)```", body, re.DOTALL)
    assert len(snippets) == 1 + bool(target)
    for snippet in snippets:
        read = config.read(snippet, "kotsu.yml")
        assert isinstance(read, Config), read
        assert plan.make([finding], catalogue, read, (), NOW).now == ()


# --- what foreign text may do: nothing


@pytest.mark.parametrize(
    "said",
    [
        "thanks @everyone",
        "thanks `now @everyone",
        "\\`@everyone\\`",
        "`a` @everyone `b`",
        "fixes #1",
        "closes octo/repo#1",
        "resolves GH-1",
        "Fixed: https://github.com/o/r/issues/1",
        "<img src=x onerror=y>",
        "</details><h1>",
        "<!-- hidden",
        "![](https://example.org/pixel.png)",
        "one\n\n# two",
        "one\r| two |",
        "a | b",
        "\x1b[31mred\x1b]8;;https://evil.test\x07",
        "[free](javascript:alert(1))",
        "[free](//evil.test/)",
        "[free]( data:text/html,x)",
        "`\x1b[31mred\u202e`",
        "[free][1] [1]: javascript:alert(1)",
        "![x]: data:text/html,<script>",
    ],
)
def test_foreign_words_neither_ping_nor_close_nor_break_the_table(said: str) -> None:
    found = row(said)
    assert not re.search(r"@\w|#\w|\bGH-\d|<|!\[|[\r\n]", found.removeprefix("| `a.py` | 3 |"))
    assert not re.search(r"(?i)fixed: http|\]\((?!https://)", found)
    assert found.replace("\u200b", "").isprintable()
    assert len(re.findall(r"(?<!\\)\|", found)) == 4


@pytest.mark.parametrize(
    "said", ["one \\\\` a ` @everyone ` b", "a ` b ``c` @everyone `` d", "\\` a ` @everyone `"]
)
def test_a_span_of_code_is_the_same_for_us_and_for_the_reader(said: str) -> None:
    tokens = MarkdownIt().enable("table").parse(written(replace(FINDING, message=said)).body)
    words = [c.content for t in tokens for c in t.children or [] if c.type == "text"]
    assert any("a" in word for word in words)
    assert not any("@everyone" in word for word in words)


def test_code_stays_as_it_is() -> None:
    assert row("`@app.task` → `a[b] < c`  # no").endswith("| `@app.task` → `a[b] < c` # no |")
    assert row("``a`b @x``").endswith("| ``a`b @x`` |")


def test_a_pipe_in_code_is_escaped_once() -> None:
    assert row("`a | b` and c \\| d").endswith("| `a \\| b` and c \\| d |")


@pytest.mark.parametrize(
    "path", ["a|b.py", "`@everyone`.py", "``", "a\nb.py", "x\x1b[0m.py", "\u202eyp.a", "<b>.py"]
)
def test_a_path_stays_inside_of_its_cell(path: str) -> None:
    found = row("m", path)
    assert len(re.findall(r"(?<!\\)\|", found)) == 4
    assert found.isprintable()
    fence = re.match(r"\| (`+)", found)
    assert fence
    assert found.count(fence[1]) >= 2


# --- too much to say


def test_many_places_are_counted_and_not_all_listed() -> None:
    many = [replace(FINDING, line=n, path=f"{n % 7}.py") for n in range(200)]
    body = written(*many).body
    assert body.count("\n| `") == 50
    assert "… and 150 more; in all 200 places in 7 files." in body


@pytest.mark.parametrize("size", [1_000, 5_000, 70_000])
def test_a_body_that_would_be_too_long_loses_rows_and_nothing_else(size: int) -> None:
    many = [replace(FINDING, line=n, message="é" * size) for n in range(60)]
    body = written(*many).body
    assert len(body) <= 65_536
    assert metadata(body)["key"] == "mend-wheels"
    assert body.endswith(written().body[-300:])
    assert re.search(r"\n\n… and \d+ more; in all 60 places in 1 files?\.\n\n### Risk", body)


def test_a_patch_and_its_files_are_those_of_the_edits() -> None:
    proposal = written()
    assert proposal.edits == (EDIT,)
    assert "-a\n+b\n" in proposal.patch
    assert proposal.as_json()["files"] == ["a.py"]
    assert proposal.branch == "kotsu/mend-wheels"


def test_a_release_says_what_decides_about_it() -> None:
    public = "https://pypi.org/project/shelf/2.0/"
    moved = Upgrade(
        "shelf",
        Version("1.0"),
        Version("2.0"),
        released="2026-02-01",
        age=29,
        pythons=(">=3.8", ">=3.10"),
        page=public,
    )
    body = written(replace(FINDING, upgrade=moved), replace(FINDING, upgrade=moved, line=4)).body
    line = f"| [shelf]({public}) | 1.0 → 2.0 | 2026-02-01, 29 days before this was proposed"
    line += " | `>=3.10` (was `>=3.8`) |"
    assert [found for found in body.split("\n")[1:] if "shelf" in found] == [line]


def test_a_private_release_of_unknown_age_says_so_and_links_nowhere() -> None:
    body = written(replace(FINDING, upgrade=Upgrade("shelf", None, Version("2.0")))).body
    assert "| shelf | 2.0 | unknown | any |" in body


# --- what is known of the upgrades


NOTE = Note("v2.0", "Thanks @ada", "https://github.com/octo/shelf/releases/tag/v2.0", "2026-02-01")


def test_news_stand_behind_the_table_of_releases_and_before_the_risk() -> None:
    known = Background(
        "https://github.com/octo/shelf", (NOTE,), ("needs `oak` in addition", "no wheel any more")
    )
    body = told(known).body
    parts = [
        "### Releases",
        "| shelf0 ([releases](https://github.com/octo/shelf/releases)) | 1.0 → 2.0 |",
        "- shelf0: needs `oak` in addition; no wheel any more.",
        "<details><summary>Release notes of shelf0, 1.0 to 2.0</summary>",
        "Thanks @\u200bada",
        "### Risk",
    ]
    places = [body.find(part) for part in parts]
    assert places == sorted(places)
    assert -1 not in places


def test_news_are_no_reason_to_write_a_pull_request_again() -> None:
    plain, more = told(Background()), told(Background("https://github.com/octo/shelf", (NOTE,), ("x",)))
    assert plain.digest == more.digest
    assert plain.body != more.body


@pytest.mark.parametrize("number", [1, 5, 50])
def test_notes_give_way_before_anything_else_does(number: int) -> None:
    long = Background("", tuple(replace(NOTE, tag=f"v1.{n}", text="word " * 500) for n in range(9)))
    body = told(*[long] * number).body
    assert len(body) <= 60_000
    assert body.count("\n| `a.py` |") == number
    assert body.count("<details>") == body.count("</details>") > 1
    assert body.endswith(written().body[-300:])


def test_an_action_has_no_python() -> None:
    moved = Upgrade("octo/act", Version("4"), Version("5"), repository="https://github.com/octo/act")
    assert "| octo/act | 4 → 5 | unknown |  |" in written(replace(FINDING, upgrade=moved)).body


# --- what stays


def test_places_that_stay_are_named_with_the_reason() -> None:
    left = tuple(Finding("mend-wheels", "b.txt", n, "`x` is held by @ada", target="x") for n in range(1, 13))
    body = written(left=left).body
    assert "### What stays as it is\n\n- `b.txt:1`: `x` is held by @\u200bada\n- `b.txt:2`" in body
    assert body.count("- `b.txt:") == 10
    assert "\n- … and 2 more\n\n### Risk" in body
    assert "What stays" not in written().body


# --- what was measured


CLAIM = """---
benchmark:
  setup: doc = "````"
  before: sorted(doc)[0]
  after: min(doc)
  times: 3
---
"""


def test_an_improvement_for_speed_says_what_was_measured(improvements: Improvements) -> None:
    improvements.comments("mend_wheels", page=CLAIM, category="SPEED")
    improvements.comments("mend_doors", page=CLAIM)
    catalogue = improvements.catalogue()
    fast, slow = (
        draft.write(CANDIDATE, catalogue[id_], config.defaults(), semantic=False).body
        for id_ in ("mend-wheels", "mend-doors")
    )
    assert "Measured" not in slow
    tokens = MarkdownIt().parse(fast)
    (heading,) = [n for n, t in enumerate(tokens) if t.content == "How much faster"]
    said, code = tokens[heading + 3], tokens[heading + 5]
    assert said.content == "Measured: 3 times as fast after the change; CPython 3.11; your figures differ."
    expected = '# given\ndoc = "````"\n# before\nsorted(doc)[0]\n# after\nmin(doc)\n'
    assert (code.type, code.info, code.content) == ("fence", "python", expected)
    assert fast.index("| `a.py`") < fast.index("How much faster") < fast.index("### Risk")


# --- what a review costs


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"cost": 6}, "Its review is estimated at 6 minutes."),
        ({"cost": 6, "team": "acme/web"}, "estimated at 6 minutes, of the budget of `acme/web`."),
        (
            {"cost": 6, "overdraft": True, "urgent": True},
            "estimated at 6 minutes. It goes beyond a limit or a budget, because it cannot wait.",
        ),
        ({"cost": 90, "overdraft": True}, "estimated at 90 minutes, which is more than the budget has."),
    ],
    ids=["plain", "of a team", "urgent", "large"],
)
def test_the_body_says_what_the_review_costs(about: dict[str, object], words: str) -> None:
    assert words in written(**about).body  # type: ignore[arg-type]  # handed on
