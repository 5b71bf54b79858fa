"""What the ledger knows of people: who is signed in, what they did, and secrets that it cannot read."""

from __future__ import annotations

from datetime import timedelta

from tests.fleet import NOW
from workers.ledger import Ledger
from workers.ledger.sessions import SessionRow
from workers.messages import Event

HOUR = timedelta(hours=1)


def signed_in(id_: str, user_id: int = 7, hours: int = 8) -> SessionRow:
    return SessionRow(id_, user_id, "octocat", "sealed", NOW, NOW + hours * HOUR)


def test_a_session_is_found_until_it_is_over(book: Ledger) -> None:
    book.sessions.open(signed_in("a"))
    assert book.sessions.find("a", NOW + 7 * HOUR) == signed_in("a")
    assert book.sessions.find("a", NOW + 8 * HOUR) is None
    assert book.sessions.find("b", NOW) is None


def test_what_is_ended_is_ended_at_once_for_one_browser_or_for_all(book: Ledger) -> None:
    for id_ in "abc":
        book.sessions.open(signed_in(id_))
    book.sessions.open(signed_in("d", user_id=8))
    book.sessions.close("a")
    assert book.sessions.find("a", NOW) is None
    assert book.sessions.find("b", NOW) is not None
    book.sessions.close_all(7)
    assert book.sessions.find("b", NOW) is None
    assert book.sessions.find("d", NOW) is not None


def test_who_takes_back_their_consent_is_signed_out_once_and_nobody_else_is(book: Ledger) -> None:
    for id_, user_id in (("a", 7), ("b", 8)):
        book.sessions.open(signed_in(id_, user_id))
    parted = Event("guid-1", "github_app_authorization", "revoked", parted=7)
    book.record(parted, NOW)
    assert book.sessions.find("a", NOW) is None
    assert book.sessions.find("b", NOW) is not None
    book.sessions.open(signed_in("c", 7))
    book.record(parted, NOW)
    assert book.sessions.find("c", NOW) is not None


def test_what_people_did_stands_in_its_order_and_for_their_installations(book: Ledger) -> None:
    for number in range(3):
        book.audit.note("octocat", "scan", NOW, installation_id=1, target=f"acme/shop-{number}")
    book.audit.note("hubot", "pause", NOW, installation_id=2, detail={"days": 3})
    assert [row.target for row in book.audit.read({1})] == ["acme/shop-2", "acme/shop-1", "acme/shop-0"]
    newest, *_ = book.audit.read(None)
    assert (newest.who, newest.detail) == ("hubot", {"days": 3})
    assert [row.target for row in book.audit.read({1}, before=newest.id - 1, limit=1)] == ["acme/shop-1"]
    assert book.audit.read(()) == []


def test_credentials_are_changed_together_and_others_stay(book: Ledger) -> None:
    assert book.credentials.read() == {}
    book.credentials.set({"app-id": "x", "private-key": "y"}, NOW)
    book.credentials.set({"private-key": "z"}, NOW + HOUR)
    assert book.credentials.read() == {"app-id": "x", "private-key": "z"}
