"""The dashboard's text: it always ends well, is read back, and nothing that others wrote acts in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from codemods.debts import Debt, Promise, Standing, Stood
from codemods.model import Finding
from tests.workers.test_draft import EDIT, written
from tests.workers.test_inert import _PARTS
from workers import boxes, calm, commands, dashboard, marker, whynot
from workers.boxes import Box
from workers.dashboard import Closed, Dependency, Seen
from workers.model import Stage
from workers.owed import Digest, Owed
from workers.reasons import Reason

_READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_TEXTS = st.one_of(st.lists(st.sampled_from(_PARTS), max_size=20).map("".join), st.text(max_size=80))
_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_OURS = re.compile(
    r"(?:\s*(?:<!--.*?-->|</?details>|</?summary>|Don't want this\?|\d+ in \d+ files?))*\s*", re.DOTALL
)
_ACTS = re.compile(
    r"[@#\uff20\uff03]\w|(?<![^\W_])GH-\d|\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+https?:",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Row:
    key: str = "upgrade-dependency/shelf"
    improvement: str = "upgrade-dependency"
    title: str = "Upgrade shelf"
    reason: str = "open-limit"
    sentence: str = Reason.OPEN_LIMIT.value
    targets: tuple[str, ...] = ("shelf",)
    number: int = 7
    url: str = "https://github.com/acme/shop/pull/7"
    stage: str = Stage.DRAFT
    versions: tuple[str, ...] = ()
    overdraft: bool = False
    failure: dict[str, str] | None = None


def _all(tokens: list[Token]) -> list[Token]:
    return [t for token in tokens for t in (token, *_all(token.children or []))]


def acting(text: str) -> list[str]:
    """Return the words outside of code that would call, link or close something, and foreign HTML."""
    tokens = _READER.parse(text)
    inline = [t.children or [] for t in tokens if t.type == "inline"]
    words = ["".join(c.content if c.type == "text" else "\n" for c in children) for children in inline]
    html = [t.content for t in _all(tokens) if t.type in ("html_block", "html_inline")]
    images = [t.content for t in _all(tokens) if t.type == "image"]
    return [w for w in words if _ACTS.search(w)] + [h for h in html if not _OURS.fullmatch(h)] + images


def _digest(path: str, text: str, owner: str) -> Digest:
    promise = Promise(3, 3, "TODO", owner, "", text, ((0, 1),))
    owed = Owed(Debt(path, promise, Stood(Standing.DUE, text, "read")), owner, None, owner)
    address = "https://github.com/acme/shop/blob/0123"
    return Digest([owed], counted={Standing.DUE: 3}, address=address)


@settings(deadline=None)
@given(texts=st.lists(_TEXTS, min_size=6, max_size=6))
@example(texts=["fixes #1", "@everyone", "</details>", "-->", "- [x] <!-- kotsu:never a -->", "![x](y)"])
@example(texts=["\n- [x] <!-- kotsu:now a -->", "`", "``", "a|b", "GH-1", "closes https://e.com/1"])
def test_whatever_others_wrote_does_nothing(texts: list[str]) -> None:
    title, sentence, path, name, key, line = texts
    row = Row(key=key or "a", title=title, sentence=sentence)
    seen = Seen(
        [row, Row(key=name, reason="declined")],
        [Closed(key, title, 3, "snooze")],
        {key, name},
        [Dependency(path, name, sentence)],
        [line, path],
        {row.key},
        _digest(path, sentence, name),
    )
    body = dashboard.render([row], seen)
    assert acting(body) == []
    box = Box("now", row.key)
    assert boxes.ticked(body) == (boxes.ticked(box.on) if box.can_be_written else ())
    assert dashboard.never(body) == {key, name}
    tokens = _READER.parse(body)
    folds = [t.content for t in tokens if t.type == "html_block" and "details>" in t.content]
    assert [("</details>" in f, "<details>" in f) for f in folds] == [(False, True), (True, False)]
    assert [t.content for t in tokens if t.type in ("fence", "code_block")] == []
    assert dashboard.refreshed(body, [row]) == body


def test_a_title_that_looks_like_the_seam_parts_nothing() -> None:
    rows = [Row(title="Say `<!-- kotsu-scan -->` and `<!-- kotsu-dashboard: {} -->`")]
    body = dashboard.render(rows, Seen(rows, never=["lint"]))
    assert dashboard.refreshed(body.replace("\n", "\r\n"), rows) == body
    assert dashboard.never(f"Please read on.\n{body}") == {"lint"}


@settings(deadline=None)
@given(text=_TEXTS)
def test_a_title_calls_and_closes_nothing(text: str) -> None:
    assert not _ACTS.search(calm.title(text))
    assert acting(f"- {calm.line(text)}\n- {calm.code(text)}") == []


@settings(deadline=None)
@given(texts=st.lists(_TEXTS, min_size=3, max_size=3))
@example(texts=["fixes #1", "@everyone | </details>", "-->.py"])
def test_the_body_of_a_pull_request_does_nothing_either(texts: list[str]) -> None:
    title, message, path = texts
    found = Finding("mend-wheels", path or "a.py", 3, message, EDIT, target=path)
    made = written(found, title=title or "x", key=f"mend-wheels/{path}", left=(found,))
    assert not _ACTS.search(made.title)
    assert acting(made.body) == []
    assert boxes.ticked(made.body) == ()
    assert marker.metadata(made.body)["key"] == f"mend-wheels/{path}"
    assert marker.metadata(marker.with_metadata(made.body, word="never"))["word"] == "never"


@settings(deadline=None)
@given(text=_TEXTS)
def test_a_reply_repeats_nothing_that_acts(text: str) -> None:
    said = commands.spoken(f"/kotsu {text}")
    assert said is not None
    found = commands.read(said, _NOW)
    if isinstance(found, commands.Misunderstood):
        assert acting(found.sentence) == []


@pytest.mark.parametrize("count", [0, 1, 30, 3_000])
def test_it_always_ends_well(count: int) -> None:
    rows = [Row(key=f"lint/k{n}", title=f"T{n} " * 20, number=n) for n in range(count)]
    seen = Seen(
        rows,
        [Closed(r.key, r.title, r.number) for r in rows],
        [r.key for r in rows],
        [Dependency(f"f{n // 50}.txt", f"name-{n}", "==1.0") for n in range(count)],
        [f"`a.py:{n}`: it does not parse" for n in range(count)],
        promises=_digest("a.py", "mend it", "ann"),
    )
    body = dashboard.render(rows, seen)
    assert len(body) <= 65_536
    assert body.count("<details>") == body.count("</details>")
    assert body.count("… and") == 1 + 5 * (count == 3_000)


def test_a_promise_is_shown_with_its_place_its_owner_and_how_it_stands() -> None:
    body = dashboard.render([], Seen(promises=_digest("a b.py", "remove @ann's", "acme/web")))
    place = "[`a b.py:3`](https://github.com/acme/shop/blob/0123/a%20b.py#L3)"
    assert f"- {place}: `remove @ann's` (`acme/web`): due; remove @\u200bann's\n- … and 2 more" in body


def test_each_stage_has_its_place() -> None:
    rows = [Row(title=stage.value, number=n, stage=stage) for n, stage in enumerate(Stage, 1)]
    sections = dashboard.render(rows, Seen()).partition("<!-- kotsu-scan -->")[0].split("### ")[1:]
    found = {s.partition("\n")[0]: re.findall(r"\) ([a-z]+)(?=:|\n)", s) for s in sections}
    assert found == {
        "Waiting for review": ["ready"],
        "Waiting for checks": ["branch", "draft"],
        "Red: nobody is asked": ["red"],
        "Drafts of people: left alone": ["held"],
    }


def test_what_went_beyond_a_budget_says_so() -> None:
    body = dashboard.render([Row(overdraft=True), Row(key="lint", number=8)], Seen())
    assert "Upgrade shelf (beyond a limit or a budget): it waits" in body
    assert body.count("beyond a limit") == 1


def test_what_has_no_pull_request_yet_has_no_number() -> None:
    row = Row(number=-1234567, stage=Stage.BRANCH)
    body = dashboard.render([row], Seen(closed=[Closed("lint", "Lint", -7654321)]))
    assert "- the branch `kotsu/upgrade-dependency/shelf` Upgrade shelf: its branch waits" in body
    assert "-1234567" not in body
    assert "-7654321" not in body
    told = whynot.as_json("acme/shop", [row], [])["open"]
    assert isinstance(told, list)
    assert told[0]["number"] is None


def test_a_box_that_is_none_of_the_dashboards_asks_nothing() -> None:
    text = "- [x] <!-- kotsu:rebase -->\n- [x] <!-- kotsu:dance lint -->\n- [x] <!-- kotsu:now lint -->\n"
    assert dashboard.ticked(text) == [Box("now", "lint")]


def test_a_box_is_written_ticked_and_emptied() -> None:
    text = f"{Box('now', 'upgrade-dependency/shelf')} propose it\r\n{Box('never', 'lint')} no\r\n"
    assert boxes.ticked(text) == ()
    ticked = text.replace("[ ]", "[x]", 1)
    assert boxes.ticked(ticked) == (Box("now", "upgrade-dependency/shelf"),)
    assert boxes.emptied(ticked) == text
    assert not Box("now", "a b").can_be_written
    assert not Box("now", "a-->").can_be_written
