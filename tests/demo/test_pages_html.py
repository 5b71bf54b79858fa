"""The stand-in's pages for people, read as a browser reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import httpx
import pytest

from demo.github import LocalGitHub
from demo.github.pages import rendered
from tests.demo.client import Client

VOID = {"meta", "br", "col"}
HARMLESS = set(
    re.findall(
        r"\w+",
        """
        html head meta title style body nav main footer section div a p span h1 h2 h3 small strong em code pre
        del br ul ol li table thead tbody tr th td colgroup col time details summary
        """,
    )
)


class Page(HTMLParser):
    """A page's text, addresses and tags; every tag that is opened must be closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.styles: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.styles += [value or "" for name, value in attrs if name == "style"]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.text += data


@pytest.fixture
def browser(client: Client) -> Iterator[httpx.Client]:
    """Someone without any token, at the addresses of the web pages."""
    with httpx.Client(base_url=client.hub.url) as browser:
        yield browser


def read(browser: httpx.Client, path: str, status: int = 200) -> Page:
    answer = browser.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    page = Page(answer.text)
    assert page.tags <= HARMLESS, page.tags - HARMLESS
    assert not [name for name in page.attributes if name.startswith("on")]
    return page


def opened(client: Client, body: str, content: str = "x = 2\n", title: str = "fix: x") -> None:
    client.branch("kotsu/x", content)
    client.pull("kotsu/x", title)
    client.call("PATCH", "/repos/acme/widgets/pulls/1", body=body)


def test_every_page_leads_to_the_next(client: Client, browser: httpx.Client) -> None:
    opened(client, "Because.")
    assert "/acme/widgets/pulls" in read(browser, "/").links
    assert "/acme/widgets/blob/main/src/a.py" in read(browser, "/acme/widgets").links
    assert "/acme/widgets/pull/1" in read(browser, "/acme/widgets/pulls").links
    assert "x = 1" in read(browser, "/acme/widgets/blob/main/src/a.py").text
    inside = [link for link in read(browser, "/acme/widgets/pull/1").links if link.startswith("/")]
    assert inside
    assert {browser.get(link).status_code for link in inside} == {200}


def test_a_pull_request_shows_state_labels_checks_and_diff(client: Client, browser: httpx.Client) -> None:
    client.hub.world.checks = True
    opened(client, "Because.", "x = 2\ny = '</td><script>'\n")
    client.call("POST", "/repos/acme/widgets/issues/1/labels", labels=["kotsu", "needs-review"])
    client.hub.settle()
    page = read(browser, "/acme/widgets/pull/1")
    for words in ("Open", "fix: x", "kotsu", "needs-review", "tests success", "src/a.py", "-x = 1", "+x = 2"):
        assert words in page.text
    assert "+y = '</td><script>'" in page.text
    assert "checks: success" in read(browser, "/acme/widgets/pulls").text


def test_a_closed_or_merged_pull_request_says_so(client: Client, browser: httpx.Client) -> None:
    opened(client, "Because.")
    client.hub.merge("acme/widgets", 1)
    client.branch("kotsu/y", "x = 3\n")
    client.pull("kotsu/y")
    client.hub.close("acme/widgets", 2)
    assert "Merged" in read(browser, "/acme/widgets/pull/1").text
    assert "+x = 2" in read(browser, "/acme/widgets/pull/1").text
    assert "Closed" in read(browser, "/acme/widgets/pull/2").text


def test_what_people_write_stays_text(client: Client, browser: httpx.Client) -> None:
    nasty = "<script>alert(1)</script> <img src=x onerror=alert(2)> [go](javascript:alert(3)) </main></body>"
    opened(client, nasty, title="<b>fix</b> 'x' \"y\"")
    client.hub.comment("acme/widgets", 1, f"{nasty}\n\n<iframe src='https://example.com'></iframe>\n")
    page = read(browser, "/acme/widgets/pull/1")
    assert "<script>alert(1)</script>" in page.text
    assert "<b>fix</b> 'x' \"y\"" in page.text
    assert "<iframe src='https://example.com'></iframe>" in page.text
    assert not [link for link in page.links if link.startswith("javascript")]


def test_a_label_cannot_bring_its_own_style(client: Client, browser: httpx.Client) -> None:
    opened(client, "Because.")
    client.call("POST", "/repos/acme/widgets/issues/1/labels", labels=["odd"])
    client.hub.find("acme/widgets").labels["odd"].color = "red;position:fixed"
    assert read(browser, "/acme/widgets/pull/1").styles == ["background:#888888"]


def test_the_metadata_stays_hidden_and_the_fold_is_one(client: Client, browser: httpx.Client) -> None:
    fold = "<details><summary>No?</summary>\n\nThen `so`.\n\n</details>\n"
    opened(client, f'<!-- kotsu: {{"key": "unseen"}} -->\n\nWhy.\n\n{fold}')
    page = read(browser, "/acme/widgets/pull/1")
    assert "unseen" not in page.text
    assert {"details", "summary"} <= page.tags
    assert "Then so." in page.text


def test_the_diff_can_be_had_as_text(client: Client, browser: httpx.Client) -> None:
    opened(client, "Because.")
    answer = browser.get("/acme/widgets/pull/1.diff")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.endswith("-x = 1\n+x = 2\n")


@pytest.mark.parametrize(
    "path",
    [
        "/acme/nothing",
        "/acme/nothing/pulls",
        "/acme/widgets/pull/9",
        "/acme/widgets/issues/9",
        "/acme/widgets/blob/main/none.py",
        "/acme/widgets/blob/main/src",
        "/acme/widgets/blob/nowhere/src/a.py",
        "/favicon.ico",
    ],
)
def test_where_nothing_is_a_page_says_so(browser: httpx.Client, path: str) -> None:
    assert "nothing here" in read(browser, path, 404).text


def test_a_file_that_is_new_gone_or_binary_is_shown(client: Client, browser: httpx.Client) -> None:
    client.hub.push(
        "acme/widgets", {"new.py": b"a\rb\n", "src/a.py": None, "x.bin": b"\0\1"}, branch="kotsu/x"
    )
    client.pull("kotsu/x")
    page = read(browser, "/acme/widgets/pull/1")
    for words in ("new.py", "src/a.py", "x.bin", "Binary files", "-x = 1"):
        assert words in page.text


def test_looking_at_pages_uses_up_no_fault_and_leaves_no_trace(github: LocalGitHub) -> None:
    github.repository("acme/widgets", {"a.py": b""})
    github.fail("*", "", 500)
    assert httpx.get(f"{github.url}/").status_code == 200
    assert github.requests == []
    github.recover()


def test_markdown_looks_as_on_github() -> None:
    assert "<table>" in rendered("| a | b |\n| :-- | --: |\n| `x \\| y` | 2 |\n")
    assert rendered("See https://example.com/a_b(c)?d=1&e=2.") == (
        "<p>See <a href='https://example.com/a_b(c)?d=1&amp;e=2'>https://example.com/a_b(c)?d=1&amp;e=2</a>.</p>\n"
    )
    assert rendered("[https://a.example](https://b.example)").count("<a ") == 1
    assert rendered("<details open>\n\nx\n\n</details>\n") == "<details open>\n<p>x</p>\n</details>\n"
    assert "onclick" in rendered("<details onclick='x()'>y").replace("&#x27;", "'")
    assert "<details onclick" not in rendered("<details onclick='x()'>y")
