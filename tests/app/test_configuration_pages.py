"""The configuration: what holds and who said it, and what another file would change without being kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.guard import Refused
from app.pages import configuration, configured
from app.pages.configured import Verdict
from app.pages.view import Shown
from tests.app.looking import LOCAL, SHOP, VAULT, Looker, column, figures
from tests.app.serving import Server
from tests.fleet import NOW
from workers import config, effective
from workers.config import Config
from workers.located import LARGEST
from workers.messages import Repository

SHOP_PATH = {"owner": "acme", "name": "shop"}


def remembered(looker: Looker, repository: int, own: str = "", *mistakes: str) -> None:
    """Let a scan have read a repository's file."""
    found = config.read(own, "kotsu.yml")
    assert isinstance(found, Config)
    known = effective.Known(NOW, "c" * 40, "kotsu.yml" if own else "", found, Config(), None)
    text = effective.written(replace(known, mistakes=mistakes))
    looker.book.remember({effective.key(repository): text}, NOW)


def checked(looker: Looker, text: str) -> Verdict:
    verdict = configured.checked(looker.view(path=SHOP_PATH), text).values["verdict"]
    assert isinstance(verdict, Verdict)
    return verdict


def test_every_value_is_shown_with_who_said_it(looker: Looker) -> None:
    remembered(looker, SHOP, "limits: {open: 2}")
    shown = looker.at(configured, path=SHOP_PATH)
    told = dict(zip(column(shown, "values", "name"), column(shown, "values", "origin"), strict=True))
    assert (told["limits.open"], told["limits.first"]) == ("kotsu.yml", "default")
    assert shown.title == "Configuration of acme/shop"
    assert shown.lead == "`kotsu.yml` of commit cccccccccccc, read 2026-03-02 09:00 UTC: no mistakes."
    assert figures(shown) == {"said": 1}


def test_what_was_not_read_yet_is_not_claimed(looker: Looker) -> None:
    shown = looker.at(configured, path=SHOP_PATH)
    assert (shown.table("values").rows, shown.lead, shown.figures) == ([], "", [])
    remembered(looker, SHOP)
    assert looker.at(configured, path=SHOP_PATH).lead.startswith("The repository has no file of its own")


def test_a_mistake_is_told_first(looker: Looker) -> None:
    remembered(looker, SHOP, "limits: {open: 2}", '3:1: unknown key "limit"')
    assert looker.at(configured, path=SHOP_PATH).lead == (
        '`kotsu.yml` of commit cccccccccccc has mistakes: 3:1: unknown key "limit". '
        "What is not in doubt holds."
    )
    shown = looker.at(configuration, state="mistakes")
    assert column(shown, "repositories", "repository") == ["acme/shop"]
    assert figures(shown) == {"files": 1, "mistakes": 1}


def test_the_list_has_those_that_they_may_see(looker: Looker) -> None:
    remembered(looker, VAULT, "limits: {open: 2}", "1:1: a mistake")
    shown = looker.at(configuration)
    assert column(shown, "repositories", "repository") == ["acme/shop", "acme/site"]
    assert figures(shown) == {"files": 0, "mistakes": 0}
    assert len(looker.at(configuration, LOCAL).table("repositories").rows) == 3


@pytest.mark.parametrize("path", [{"owner": "other", "name": "vault"}, {"owner": "acme", "name": "nothing"}])
def test_the_configuration_of_others_is_not_there(looker: Looker, path: dict[str, str]) -> None:
    remembered(looker, VAULT, "limits: {open: 2}")
    for ask in (configured.show, lambda view: configured.checked(view, "limits: {open: 1}")):
        with pytest.raises(Refused) as refused:
            ask(looker.view(path=path))
        assert refused.value.status == 404


# --- checking


def test_what_somebody_pastes_is_compared_with_what_holds(looker: Looker) -> None:
    remembered(looker, SHOP, "limits: {open: 2}")
    verdict = checked(looker, "limits:\r\n  open: 4\r\n")
    assert verdict.mistakes == ()
    assert [(now and now.value, then and then.value) for now, then in verdict.changes or ()] == [("2", "4")]


def test_mistakes_are_told_with_their_places_and_the_rest_is_compared(looker: Looker) -> None:
    verdict = checked(looker, "limits: {open: 4}\nimprovements: {bare-except: maybe}\n")
    (mistake,) = verdict.mistakes
    assert (mistake.line, "bare-except" in mistake.message) == (2, True)
    assert [then and then.name for _, then in verdict.changes or ()] == ["limits.open"]


@pytest.mark.parametrize(
    "text",
    ["- a\n", "limits: [", "a: &a 1\nb: *a\n", "x: " + "[" * 50, "limit: 1\n", "y" * (LARGEST + 1), "\0"],
)
def test_what_is_no_configuration_changes_nothing(looker: Looker, text: str) -> None:
    remembered(looker, SHOP, "limits: {open: 2}")
    verdict = checked(looker, text)
    assert len(verdict.mistakes) == 1
    assert verdict.changes is None


def test_nothing_of_what_is_pasted_is_kept(looker: Looker) -> None:
    remembered(looker, SHOP, "limits: {open: 2}")
    before = looker.at(configured, path=SHOP_PATH)
    checked(looker, "limits: {open: 4}")
    after: Shown = looker.at(configured, path=SHOP_PATH)
    assert (after, looker.book.audit.read(None)) == (before, [])


def test_only_the_organisations_file_has_campaigns(looker: Looker) -> None:
    looker.book.upsert_repository(Repository(SHOP, "acme", ".github", "main", 7), NOW)
    text = "campaigns: {all: {improvement: bare-except}}\n"
    own = configured.checked(looker.view(path={"owner": "acme", "name": ".github"}), text).values["verdict"]
    assert isinstance(own, Verdict)
    assert own.mistakes == ()


def test_a_form_is_answered_with_what_it_would_change(server: Server) -> None:
    server.book.upsert_repository(Repository(1, "acme", "shop", "main", 1), NOW)
    page = server.get("/configuration/acme/shop").text
    csrf = page.partition('name="csrf" value="')[2][:64]
    address = f"{server.url}/configuration/acme/shop"
    text = "limits: {open: 4}\n</textarea><script>alert(1)</script>"
    for given, status in ((csrf, 200), ("", 403)):
        answer = server.client.post(address, data={"csrf": given, "text": text})
        assert answer.status_code == status
        assert "<script>" not in answer.text
        assert ("Line 2" in answer.text) == (status == 200)
    large = server.client.post(address, data={"csrf": csrf, "text": "x" * 70_000})
    assert large.status_code == 413
