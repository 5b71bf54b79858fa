"""The improvements' pages: which should be off, what teams make of it, and who lets one go on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.guard import Refused
from app.pages import explained, improvement, improvements
from app.pages.view import Shown
from app.visitors import Visitor
from tests.app.looking import ACME, ADA, BOB, LOCAL, OTHER, SHOP, SITE, VAULT, Looker, column, figures
from tests.app.serving import Server
from tests.fleet import NOW
from workers.messages import Repository

BARE = {"id": "bare-except"}
CHIEF = Visitor("ada", "key-of-ada", {SHOP: "admin", SITE: "admin"})


def decided(looker: Looker, repository: int, merged: int, closed: int, **more: object) -> None:
    """Write so many pull requests of each outcome."""
    first = len(looker.book.outlines.read([repository])) + 1
    for number in range(first, first + merged + closed):
        state = "merged" if number < first + merged else "closed"
        looker.pull(repository, number, state=state, **more)  # type: ignore[arg-type]  # as `Looker.pull` has them


def row(shown: Shown, name: str) -> dict[str, object]:
    found = [
        one for one in shown.table("improvements").rows if getattr(one["improvement"], "words", "") == name
    ]
    return dict(found[0])


# --- which should be off


def test_what_few_want_stands_first_and_in_the_first_sentence(looker: Looker) -> None:
    decided(looker, SHOP, 3, 17)
    decided(looker, SITE, 9, 1, improvement="aware-utcnow")
    shown = looker.at(improvements)
    assert shown.lead == "Switch off: bare-except (3 of 20 merged)."
    assert column(shown, "improvements", "improvement") == ["bare-except", "aware-utcnow"]
    assert row(shown, "bare-except") == {
        **row(shown, "bare-except"),
        "share": 15,
        "low": 5,
        "high": 36,
        "merged": 3,
        "decided": 20,
        "minutes": 6,
        "state": "should be off",
    }


@pytest.mark.parametrize(("merged", "closed"), [(0, 19), (8, 12), (0, 0)])
def test_few_decisions_or_enough_merges_switch_nothing_off(looker: Looker, merged: int, closed: int) -> None:
    decided(looker, SHOP, merged, closed)
    shown = looker.at(improvements)
    assert shown.lead.startswith("None should be switched off")
    assert figures(shown)["unwanted"] == 0
    assert "should be off" not in column(shown, "improvements", "state")


def test_what_pauses_for_some_alone_is_named_as_well(looker: Looker) -> None:
    decided(looker, SHOP, 9, 1, improvement="aware-utcnow")
    decided(looker, SITE, 3, 3, team="acme/core")
    looker.book.pauses.begin(ACME, "aware-utcnow", NOW, merged=0, decided=20, team="acme/core")
    shown = looker.at(improvements)
    assert shown.lead.startswith("None should be switched off")
    assert shown.lead.endswith("Pausing already: aware-utcnow for some.")
    assert column(shown, "improvements", "improvement") == ["aware-utcnow", "bare-except"]
    assert row(shown, "aware-utcnow")["state"] == "pauses since 2026-03-02 for some"
    looker.book.pauses.end(ACME, "aware-utcnow", "ada", NOW, team="acme/core")
    assert "Pausing" not in looker.at(improvements).lead


def test_what_pauses_already_need_not_be_switched_off(looker: Looker) -> None:
    decided(looker, SHOP, 3, 17)
    looker.book.pauses.begin(ACME, "bare-except", NOW, merged=3, decided=20)
    shown = looker.at(improvements)
    assert shown.lead == (
        "None should be switched off: no other is below 40 % of at least 20 decided. "
        "Pausing already: bare-except."
    )
    decided(looker, SHOP, 5, 25, improvement="aware-utcnow")
    assert looker.at(improvements).lead == (
        "Switch off: aware-utcnow (5 of 30 merged). Pausing already: bare-except."
    )
    assert column(looker.at(improvements), "improvements", "improvement") == ["aware-utcnow", "bare-except"]


def test_what_others_decide_neither_counts_nor_shows(looker: Looker) -> None:
    decided(looker, VAULT, 0, 20)
    looker.book.pauses.begin(OTHER, "bare-except", NOW, merged=0, decided=20)
    shown = looker.at(improvements)
    assert shown.table("improvements").rows == []
    assert figures(shown) == {"merged": 0, "unwanted": 0, "pausing": 0, "reverted": 0, "minutes": 0}
    about = looker.at(improvement, path=BARE)
    assert (about.table("pulls").rows, about.values["pauses"], about.values["resumable"]) == ([], [], [])
    assert figures(looker.at(improvements, LOCAL))["unwanted"] == 1


def test_a_team_is_looked_at_alone(looker: Looker) -> None:
    decided(looker, SHOP, 0, 20, team="acme/core")
    decided(looker, SITE, 20, 0, team="acme/web")
    assert looker.at(improvements, team="acme/core").lead.startswith("Switch off: bare-except (0 of 20")
    assert looker.at(improvements, team="acme/web").lead.startswith("None")
    assert looker.at(improvements, team="acme/none").table("improvements").empty == "This team got none."
    teams = looker.at(improvement, path=BARE)
    assert column(teams, "teams", "team") == ["acme/core", "acme/web"]
    assert column(teams, "teams", "share") == [0, 100]


def test_what_is_open_counts_in_the_time_to_merge_and_is_not_decided(looker: Looker) -> None:
    looker.pull(SHOP, 1, state="merged", days=2)
    for number in (2, 3):
        looker.pull(SHOP, number, opened=NOW - timedelta(days=3))
    told = row(looker.at(improvements), "bare-except")
    assert (told["days"], told["decided"], told["opened"]) == (None, 1, 3)
    looker.book.close_proposal(SHOP, 2, "merged", NOW)
    assert row(looker.at(improvements), "bare-except")["days"] == 3.0


def test_a_branch_that_nobody_saw_is_no_pull_request(looker: Looker) -> None:
    looker.pull(SHOP, -1)
    shown = looker.at(improvements)
    assert shown.table("improvements").rows == []


# --- one of them


def test_an_improvement_explains_itself_without_being_imported(looker: Looker) -> None:
    shown = looker.at(improvement, path=BARE)
    told = explained.of("bare-except")
    assert told
    assert shown.title == "Let Ctrl-C and sys.exit() pass a bare except"
    assert (told.about.category, told.about.applicability) == ("reliability", "unsafe")
    assert "<code>except:</code>" in told.rationale
    first = told.cases[0]
    assert (first.title, first.changes) == ("Errors are swallowed or logged", True)
    assert [block.what for block in first.blocks] == ["before", "after"]
    assert "except Exception:" in first.blocks[1].text
    assert any(not case.changes for case in told.cases)


def test_each_improvement_of_the_catalogue_can_be_explained() -> None:
    some = sorted(explained.known())[::7]
    pages = [explained.of(id_) for id_ in some]
    assert all(page and page.about.title and page.rationale and page.cases for page in pages)


@pytest.mark.parametrize("id_", ["no-such", "../registry", "", "bare_except"])
def test_what_is_no_improvement_has_no_page(looker: Looker, id_: str) -> None:
    with pytest.raises(Refused) as refused:
        looker.at(improvement, path={"id": id_})
    assert refused.value.status == 404


def test_what_is_no_improvement_is_not_remembered() -> None:
    explained.of("bare-except")
    kept = explained._of.cache_info().currsize
    assert [explained.of(f"no-such-{number}") for number in range(3)] == [None] * 3
    assert explained._of.cache_info().currsize == kept


def test_its_pull_requests_say_what_became_of_them(looker: Looker) -> None:
    looker.pull(SHOP, 1, state="merged")
    looker.pull(SITE, 2, state="closed")
    looker.book.change_proposal(SITE, 2, NOW, because="We like it bare.")
    looker.pull(SHOP, 3, improvement="aware-utcnow")
    shown = looker.at(improvement, path=BARE)
    assert column(shown, "pulls", "fate") == ["closed", "merged"]
    assert column(shown, "pulls", "because") == ["We like it bare.", None]
    assert column(shown, "merges", "share") == [50]
    assert "<svg" in shown.table("merges").chart


# --- letting it go on


def test_who_administers_all_that_they_see_lets_it_go_on(looker: Looker) -> None:
    looker.book.pauses.begin(ACME, "bare-except", NOW, merged=1, decided=20)
    shown = looker.at(improvement, CHIEF, BARE)
    assert shown.values["pauses"] == ["It pauses for acme since 2026-03-02."]
    assert shown.values["resumable"] == [(ACME, "acme")]
    assert improvement.resume(looker.view(CHIEF, BARE), str(ACME)) == "/improvements/bare-except"
    assert [pause.ended_by for pause in looker.book.pauses.read()] == ["ada"]
    (noted,) = looker.book.audit.read(None)
    assert (noted.who, noted.action, noted.target, noted.installation_id) == (
        "ada",
        "resume",
        BARE["id"],
        ACME,
    )
    assert looker.at(improvement, path=BARE).values["pauses"] == []


@pytest.mark.parametrize("visitor", [ADA, BOB])
def test_who_administers_less_sees_the_pause_and_does_not_end_it(looker: Looker, visitor: Visitor) -> None:
    looker.book.pauses.begin(ACME, "bare-except", NOW, merged=1, decided=20)
    shown = looker.at(improvement, visitor, BARE)
    assert (len(shown.values["pauses"]), shown.values["resumable"]) == (1, [])  # type: ignore[arg-type]  # a list
    with pytest.raises(Refused) as refused:
        improvement.resume(looker.view(visitor, BARE), str(ACME))
    assert refused.value.status == 403
    assert [pause.ended for pause in looker.book.pauses.read()] == [None]


@pytest.mark.parametrize("installation", ["8", "", "7x", "-7", "None"])
def test_what_pauses_elsewhere_stays_as_it_is(looker: Looker, installation: str) -> None:
    looker.book.pauses.begin(OTHER, "bare-except", NOW, merged=1, decided=20)
    with pytest.raises(Refused) as refused:
        improvement.resume(looker.view(ADA, BARE), installation)
    assert refused.value.status == 404
    assert looker.book.audit.read(None) == []


def test_only_what_is_theirs_goes_on(looker: Looker) -> None:
    about: tuple[dict[str, Any], ...] = ({"place": SHOP}, {"place": SITE}, {"team": "acme/core"}, {})
    for one in about:
        looker.book.pauses.begin(ACME, "bare-except", NOW, merged=1, decided=20, **one)
    improvement.resume(looker.view(ADA, BARE), str(ACME))
    assert [row.place for row in looker.book.pauses.read() if row.ended] == [SHOP]
    assert [row.repository_id for row in looker.book.audit.read(None)] == [SHOP]
    # Of the team nothing is to be seen here, so that its pause is not theirs, whatever they administer.
    improvement.resume(looker.view(CHIEF, BARE), str(ACME))
    assert [row.team for row in looker.book.pauses.read() if not row.ended] == ["acme/core"]


def test_what_does_not_pause_is_not_noted_as_resumed(looker: Looker) -> None:
    looker.book.pauses.begin(ACME, "bare-except", NOW, merged=1, decided=20, place=SITE)
    with pytest.raises(Refused) as refused:
        improvement.resume(looker.view(BOB, BARE), str(ACME))
    assert refused.value.status == 404
    assert looker.book.audit.read(None) == []


def test_a_pause_in_a_repository_of_others_is_not_told(looker: Looker) -> None:
    looker.book.pauses.begin(ACME, "bare-except", NOW, merged=1, decided=20, place=SITE)
    assert looker.at(improvement, BOB, BARE).values["pauses"] == []
    assert looker.at(improvement, ADA, BARE).values["pauses"] == [
        "It pauses for acme/site since 2026-03-02: 1 of the 20 decided when it began were merged."
    ]


def test_the_button_lets_it_go_on_and_a_link_does_not(server: Server) -> None:
    server.book.upsert_repository(Repository(1, "acme", "shop", "main", ACME), NOW)
    server.book.pauses.begin(ACME, "bare-except", NOW, merged=1, decided=20)
    page = server.get("/improvements/bare-except")
    assert "Let it go on in acme" in page.text
    address = f"{server.url}/improvements/bare-except/resume"
    assert server.client.get(address).status_code == 405
    given = {"csrf": page.text.partition('name="csrf" value="')[2][:64], "installation": str(ACME)}
    assert server.client.post(address, data={**given, "csrf": "0" * 64}).status_code == 403
    assert [pause.ended for pause in server.book.pauses.read()] == [None]
    answer = server.client.post(address, data=given)
    assert (answer.status_code, answer.headers["location"]) == (303, "/improvements/bare-except")
    assert "Let it go on" not in server.get("/improvements/bare-except").text
    assert [pause.ended is not None for pause in server.book.pauses.read()] == [True]
