"""The pages: what is shown to whom, what may be done, and what a hostile site or browser gets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from app.pages import view
from app.signin import own_path
from demo.github import LocalGitHub
from tests.app.browsing import HOME, Browser
from tests.app.serving import Server, serving
from tests.fleet import NOW
from workers.ledger import TRIES, JobState, WithheldRow
from workers.messages import Kind, Repository

KEY = Fernet.generate_key().decode()
SHOP, VAULT = "/repositories/acme/shop", "/repositories/other/vault"


@pytest.fixture
def signed(github: LocalGitHub, sqlite_url: str) -> Iterator[Server]:
    """A server where people sign in, with repositories of two organisations that do not share anybody."""
    for name, who in (("acme/shop", "ada"), ("other/vault", "eve")):
        github.repository(name, {"a.py": b"1\n"})
        github.people.grant(name, who)
    for name in ("acme", "other"):
        github.install(name)
    app = github.world.app
    app.callbacks.append(f"{HOME}/signin/callback")
    github.world.browser = "ada"
    client = {"client_id": app.client_id, "client_secret": app.client_secret, "encryption_keys": (KEY,)}
    with serving(sqlite_url, public_url=HOME, github_api_url=github.api_url, **client) as server:
        for known in github.world.repositories.values():
            installed = github.world.installation_of(known)
            assert installed
            row = Repository(known.id, known.owner.login, known.name, "main", installed.id)
            server.book.upsert_repository(row, NOW)
        yield server


def id_of(server: Server, full_name: str) -> int:
    return next(row.id for row in server.book.repositories() if row.full_name == full_name)


# --- signing in


def test_a_person_signs_in_at_github_and_is_back_where_they_wanted_to_go(signed: Server) -> None:
    browser = Browser(signed)
    answer = browser.go(SHOP)
    assert answer.status_code == 200
    assert "acme/shop" in answer.text
    assert list(browser.cookies) == ["__Host-kotsu"]
    assert [(row.who, row.action) for row in signed.book.audit.read(None)] == [("ada", "sign-in")]


def test_what_others_own_is_not_there_and_not_even_named(signed: Server) -> None:
    browser = Browser(signed)
    browser.go("/")
    assert "vault" not in browser.get("/").text
    answers = [browser.get(path) for path in (VAULT, "/repositories/other/nothing")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text == answers[1].text
    job = signed.book.enqueue(Kind.SCAN, "scan/x", NOW, repository_id=id_of(signed, "other/vault"))
    refused = browser.post(f"/jobs/{job}/retry", browser.csrf("/"))
    assert refused.status_code == 404


def test_the_cookie_says_nothing_and_scripts_and_other_sites_do_not_get_it(signed: Server) -> None:
    browser = Browser(signed)
    answer = browser.get("/signin")
    answer = browser.get(answer.headers["location"])
    told = browser.get(answer.headers["location"]).headers.get_list("set-cookie")
    (session,) = [one for one in told if one.startswith("__Host-kotsu=")]
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(session.split("; "))
    with signed.book.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM session").all()
    assert browser.cookies["__Host-kotsu"] not in str(rows)
    assert "ghu_" not in str(rows)


def test_a_key_that_somebody_else_planted_is_not_the_one_that_is_signed_in(signed: Server) -> None:
    browser = Browser(signed, {"__Host-kotsu": "planted"})
    browser.go("/")
    assert browser.cookies["__Host-kotsu"] != "planted"
    assert Browser(signed, {"__Host-kotsu": "planted"}).get("/").status_code == 302


@pytest.mark.parametrize("state", ["", "another", "\u00fc"])
def test_a_sign_in_that_began_elsewhere_ends_here(signed: Server, state: str) -> None:
    browser = Browser(signed)
    browser.get("/signin")
    answer = browser.get(f"/signin/callback?code=x&state={state}")
    assert answer.status_code == 400
    assert "begin again" in answer.text
    assert "__Host-kotsu" not in browser.cookies


def test_a_code_is_good_once_and_only_with_what_it_was_asked_for_with(signed: Server) -> None:
    browser, other = Browser(signed), Browser(signed)
    at_github = browser.get(browser.get("/signin").headers["location"])
    back = at_github.headers["location"]
    assert other.get(back).status_code == 400
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 400


def test_who_says_no_at_github_may_begin_again(signed: Server) -> None:
    browser = Browser(signed)
    location = browser.get("/signin").headers["location"]
    state = location.partition("state=")[2].partition("&")[0]
    answer = browser.get(f"/signin/callback?error=access_denied&state={state}")
    assert answer.status_code == 403
    assert "begin again" in answer.text


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\n/evil",
        "",
        "/signin",
    ],
)
def test_nobody_is_led_elsewhere_behind_a_sign_in(elsewhere: str) -> None:
    assert own_path(elsewhere) == "/"


def test_a_page_of_ours_is_gone_back_to() -> None:
    assert own_path("/repositories/acme/shop?x=1") == "/repositories/acme/shop?x=1"


def test_signing_out_ends_the_session_everywhere(signed: Server) -> None:
    browser = Browser(signed)
    browser.go("/")
    kept = dict(browser.cookies)
    assert browser.post("/signout", browser.csrf("/")).status_code == 303
    assert browser.cookies == {}
    assert Browser(signed, kept).get("/").status_code == 302


def test_a_session_ends_by_itself(github: LocalGitHub, signed: Server) -> None:
    browser = Browser(signed)
    browser.go("/")
    with signed.book.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE session SET until = '2020-01-01 00:00:00.000000'")
    assert browser.get("/").status_code == 302
    assert github.world.people


def test_who_is_removed_at_github_sees_nothing_soon_and_does_nothing_at_once(
    github: LocalGitHub, signed: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(signed)
    csrf_page = browser.go(SHOP)
    assert csrf_page.status_code == 200
    csrf = browser.csrf(SHOP)
    github.world.repositories[id_of(signed, "acme/shop")].collaborators.clear()
    assert browser.get(SHOP).status_code == 200
    monkeypatch.setattr("app.visitors.FRESH_TO_WRITE", 0.0)
    assert browser.post(f"{SHOP}/scan", csrf).status_code == 404
    assert browser.get(SHOP).status_code == 404
    assert signed.hinted == []


def test_who_takes_the_consent_back_is_signed_out(
    github: LocalGitHub, signed: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(signed)
    browser.go("/")
    github.world.people.clear()
    monkeypatch.setattr("app.visitors.FRESH", 0.0)
    assert browser.get("/").status_code == 302


def test_where_github_does_not_answer_the_page_says_so(
    github: LocalGitHub, signed: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(signed)
    browser.go("/")
    monkeypatch.setattr("app.visitors.FRESH", 0.0)
    github.fail("GET", "/user/installations", 502)
    answer = browser.get("/")
    assert answer.status_code == 502
    assert "try again" in answer.text


def test_an_installation_that_hides_itself_hides_no_other(
    github: LocalGitHub, signed: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.people.grant("other/vault", "ada")
    monkeypatch.setattr("app.visitors.FRESH", 0.0)
    github.fail("GET", f"/user/installations/{min(github.world.installations)}/repositories", 403)
    text = Browser(signed).go("/").text
    assert ("acme/shop" in text) != ("other/vault" in text)


# --- what may be done


def test_a_scan_is_asked_for_once_and_written_down(signed: Server) -> None:
    browser = Browser(signed)
    browser.go(SHOP)
    answer = browser.post(f"{SHOP}/scan", browser.csrf(SHOP))
    assert (answer.status_code, answer.headers["location"]) == (303, SHOP)
    (job,) = signed.book.jobs(JobState.QUEUED)
    assert (job.key, job.priority) == (f"scan:{id_of(signed, 'acme/shop')}", 0)
    newest, *_ = signed.book.audit.read(None)
    assert (newest.who, newest.action, newest.target) == ("ada", "scan", "acme/shop")
    assert "acme/shop" in browser.get("/activity").text


def test_who_only_reads_may_look_and_nothing_else(github: LocalGitHub, signed: Server) -> None:
    github.people.grant("acme/shop", "ada", "read")
    browser = Browser(signed)
    assert "Scan now" not in browser.go(SHOP).text
    assert browser.post(f"{SHOP}/scan", browser.csrf("/")).status_code == 403
    assert signed.book.jobs(JobState.QUEUED) == []


def test_a_job_that_was_given_up_is_taken_up_again(signed: Server) -> None:
    shop = id_of(signed, "acme/shop")
    job = signed.book.enqueue(Kind.SCAN, f"scan:{shop}", NOW, repository_id=shop)
    for _ in range(TRIES):
        claimed = signed.book.claim("w", NOW, timedelta(seconds=1))
        assert claimed
        signed.book.retry(claimed, "the sky fell <script>alert(1)</script>", NOW, timedelta())
    browser = Browser(signed)
    page = browser.go("/health").text
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert browser.post(f"/jobs/{job}/retry", browser.csrf("/health")).status_code == 303
    (again,) = signed.book.jobs(JobState.QUEUED)
    assert again.key == f"scan:{shop}"
    assert browser.post(f"/jobs/{again.id}/retry", browser.csrf("/health")).status_code == 303
    assert len(signed.book.jobs(JobState.QUEUED)) == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_a_form_of_another_site_does_nothing(signed: Server, sent: dict[str, str]) -> None:
    browser = Browser(signed)
    browser.go("/")
    assert browser.post(f"{SHOP}/scan", browser.csrf(SHOP), **sent).status_code == 403
    assert signed.book.jobs(JobState.QUEUED) == []


@pytest.mark.parametrize("csrf", ["", "0" * 64, "\u00fc"])
def test_a_form_without_the_mark_of_its_session_does_nothing(signed: Server, csrf: str) -> None:
    browser = Browser(signed)
    browser.go("/")
    assert browser.post(f"{SHOP}/scan", csrf).status_code == 403
    assert browser.post("/signout", csrf).status_code == 403
    assert browser.get("/").status_code == 200
    assert signed.book.jobs(JobState.QUEUED) == []


def test_a_form_of_very_many_fields_is_refused(signed: Server) -> None:
    browser = Browser(signed)
    browser.go("/")
    answer = browser._ask("POST", f"{SHOP}/scan", {}, {f"field-{n}": "x" for n in range(200)})
    assert (answer.status_code, "too many fields" in answer.text) == (413, True)


def test_a_query_that_is_no_text_leads_to_the_sign_in_as_any_other(signed: Server) -> None:
    answer = Browser(signed).get(f"{SHOP}?after=\xe7")
    assert (answer.status_code, answer.headers["location"][:14]) == (302, "/signin?next=%")


def test_the_mark_of_one_session_is_of_no_use_in_another(signed: Server) -> None:
    one, two = Browser(signed), Browser(signed)
    one.go("/")
    two.go("/")
    assert two.post(f"{SHOP}/scan", one.csrf(SHOP)).status_code == 403


def test_what_changes_something_is_not_done_by_a_link(signed: Server) -> None:
    browser = Browser(signed)
    browser.go("/")
    assert browser.get(f"{SHOP}/scan").status_code == 405
    assert browser.get("/signout").status_code == 405


def test_who_asks_too_often_is_told_when_to_come_back(signed: Server) -> None:
    browser = Browser(signed)
    answers = [browser.get("/signin") for _ in range(12)]
    assert [answer.status_code for answer in answers[:10]] == [302] * 10
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0


# --- what a browser may do with it


@pytest.mark.parametrize("path", ["/", "/signin/callback", "/nothing", "/static/style.css", SHOP])
def test_every_page_says_what_a_browser_may_do_with_it(signed: Server, path: str) -> None:
    headers = Browser(signed).get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "max-age=" in headers["strict-transport-security"]


def test_an_address_that_is_not_ours_is_not_served(signed: Server) -> None:
    browser = Browser(signed)
    for host in ("evil.example", "kotsu.example.org.evil.example", "kotsu.example.org:1", "[", ""):
        assert browser.get("/", Host=host).status_code == 421
    assert browser.get("/signin", Host="evil.example").status_code == 421


def test_what_others_wrote_is_text_and_their_links_lead_to_pages(server: Server) -> None:
    evil = "<img src=x onerror=alert(1)>"
    server.book.upsert_repository(Repository(1, "acme", "shop", "main", 1), NOW)
    server.book.replace_withheld(1, [WithheldRow("k", "i", evil, "r", evil)])
    server.book.save_proposal(
        1,
        key="key",
        improvement="i",
        title=evil,
        branch="kotsu/key",
        number=7,
        url="javascript:alert(1)",
        head_sha="1" * 40,
        digest="",
        minutes=1,
        now=NOW,
    )
    text = server.get(SHOP).text
    assert "<img" not in text
    assert "javascript:" not in text
    assert "&lt;img" in text


def test_a_span_of_code_in_a_sentence_is_shown_as_code_and_scripts_get_the_text(server: Server) -> None:
    words = "`limits.open` is 1, `` a`b `` and `<b>x</b>` too, a lone ` <i>is</i> text."
    server.book.upsert_repository(Repository(1, "acme", "shop", "main", 1), NOW)
    server.book.finish_scan(server.book.start_scan(1, "a" * 40, NOW), "done", {}, NOW)
    server.book.replace_withheld(1, [WithheldRow("k", "i", "t", "r", words)])
    text = server.get(SHOP).text
    code = "<code>limits.open</code> is 1, <code>a`b</code> and <code>&lt;b&gt;x&lt;/b&gt;</code> too, a lone"
    shown = f"{code} ` &lt;i&gt;is&lt;/i&gt; text."
    assert f"found and not proposed: {shown}" in text
    assert f"<td>{shown}</td>" in text
    assert server.get(f"{SHOP}/repository.json").json()["withheld"][0]["sentence"] == words
    assert words in server.get(f"{SHOP}/repository.csv?table=withheld").text


# --- where nobody signs in


def test_without_sign_in_the_pages_are_for_this_machine_alone(server: Server) -> None:
    server.book.upsert_repository(Repository(1, "acme", "shop", "main", 1), NOW)
    assert "acme/shop" in server.get("/").text
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
        answer = server.client.get(server.url, headers={name: "203.0.113.7"})
        assert answer.status_code == 403
        assert "KOTSU_GITHUB_CLIENT_ID" in answer.text
    assert server.client.get(server.url, headers={"Host": "evil.example"}).status_code == 421


def test_whoever_sits_at_the_machine_has_a_form_of_their_own(server: Server) -> None:
    server.book.upsert_repository(Repository(1, "acme", "shop", "main", 1), NOW)
    page = server.get(SHOP)
    csrf = page.text.partition('name="csrf" value="')[2][:64]
    address = f"{server.url}{SHOP}/scan"
    answer = server.client.post(address, data={"csrf": csrf})
    assert answer.status_code == 303
    server.client.cookies.clear()
    assert server.client.post(address, data={"csrf": csrf}).status_code == 403


def test_many_repositories_are_shown_page_by_page(server: Server) -> None:
    for number in range(120):
        server.book.upsert_repository(Repository(number + 1, "acme", f"shop-{number:03}", "main", 1), NOW)
    first = server.get("/repositories").text
    assert "acme/shop-099" in first
    assert "acme/shop-100" not in first
    assert 'href="/repositories?repositories-from=100#repositories"' in first
    second = server.get("/repositories?repositories-from=100").text
    assert "acme/shop-119" in second
    assert "acme/shop-099" not in second
    assert 'href="/repositories.csv?table=repositories"' in second
    assert len(server.get("/repositories.csv").text.splitlines()) == 121


def test_what_a_page_cannot_be_narrowed_to_is_said(server: Server) -> None:
    server.book.upsert_repository(Repository(1, "acme", "shop", "main", 1), NOW)
    for asked in ("/repositories?state=zzz", "/pulls?state=zzz", "/improvements?team=zzz", "/pulls?ended=8"):
        answer = server.get(asked)
        assert answer.status_code == 200
        assert f"“{asked[-1]}”" in answer.text or "“zzz”" in answer.text
    assert "Nothing here has" not in server.get("/repositories?state=active").text


def test_an_address_that_leads_nowhere_leads_to_the_front_page(server: Server) -> None:
    answer = server.get("/nope")
    assert answer.status_code == 404
    assert 'href="/">To the front page' in answer.text


def test_every_page_is_there_as_json_and_its_tables_as_csv(server: Server) -> None:
    server.book.upsert_repository(Repository(1, "acme", "=shop", "main", 1), NOW)
    told = server.get("/repositories.json").json()
    assert told["repositories"][0] == {
        "repository": "acme/=shop",
        "repository_url": "/repositories/acme/%3Dshop",
        "state": "active",
        "open": 0,
        "withheld": 0,
        "due": None,
    }
    answer = server.get("/repositories.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.splitlines() == ["repository,state,open,withheld,due", "acme/=shop,active,0,0,"]
    missing = server.get("/repositories.csv?table=none")
    assert (missing.status_code, "there is: repositories" in missing.text) == (404, True)


def test_no_cell_is_a_formula_to_a_spreadsheet() -> None:
    table = view.Table("one", "One", [view.Column("said", "Said")], [{"said": "=HYPERLINK(1)"}], "None.")
    assert view.as_csv(table).splitlines() == ["said", "'=HYPERLINK(1)"]
