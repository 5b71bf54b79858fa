"""What is seen of repositories over time comes out of the ledger as it went in."""

from __future__ import annotations

from datetime import date, timedelta

from tests.fleet import NOW
from tests.workers.bookkeeping import pushed
from workers.evaluation import freshness
from workers.ledger import Ledger
from workers.ledger.exposures import ExposureRow
from workers.ledger.freshness import FreshnessRow
from workers.ledger.horizons import HorizonRow
from workers.ledger.lines import MOST, LineRow
from workers.ledger.promises import PromiseRow

DAY = date(2026, 3, 2)
SOON = timedelta(hours=1)


def test_the_last_word_of_a_day_about_freshness_holds(book: Ledger) -> None:
    book.record(pushed(), NOW)
    first, last = (FreshnessRow(1, DAY, 10, 9, days, 1, 2, 3) for days in (700, 365))
    later = FreshnessRow(1, DAY + timedelta(days=1), 10, 9, 30, 0, 1, 0)
    book.freshness.note(first)
    book.freshness.note(later, last)
    assert book.freshness.read() == [last, later]
    assert book.freshness.read([1], since=later.day) == [later]
    assert book.freshness.read([2]) == []


def test_of_each_week_the_last_word_about_freshness_is_enough(book: Ledger) -> None:
    for number in (1, 2):
        book.record(pushed(f"of-{number}", number), NOW)
    said = [(1, -9), (1, -8), (1, 0), (2, 1), (1, 6), (2, 8), (1, 9)]
    rows = [FreshnessRow(one, DAY + timedelta(days=n), 9, 8, n + 9, 1, 0, 0) for one, n in said]
    book.freshness.note(*rows)
    today = DAY + timedelta(days=8)
    last = book.freshness.last(freshness.sundays(DAY, today))
    assert last == [rows[3], rows[4], rows[5]]
    whose = {1: 7, 2: 7}
    assert freshness.weekly(last, whose, today)[7][-2:] == freshness.weekly(rows, whose, today)[7][-2:]
    assert book.freshness.last([]) == []


def test_a_scan_replaces_what_the_last_one_saw(book: Ledger) -> None:
    book.record(pushed(), NOW)
    late = HorizonRow(1, "package", "Django 4.2", DAY + timedelta(days=30), "requirements.txt", "python-eol")
    soon = HorizonRow(1, "python", "Python 3.9", DAY)
    book.horizons.replace(1, [HorizonRow(1, "python", "Python 3.8", DAY)])
    book.horizons.replace(1, [late, soon])
    assert book.horizons.read() == [soon, late]
    undated = PromiseRow(1, "a.py", 3, "speed this up", "unconditional")
    dated = PromiseRow(1, "b.py", 7, "drop 3.9", "due", "ann", DAY, DAY)
    book.promises.replace(1, [undated, dated])
    assert book.promises.read([1]) == [dated, undated]
    book.promises.replace(1, [])
    book.horizons.replace(1, [])
    assert (book.promises.read(), book.horizons.read()) == ([], [])


def test_a_weakness_begins_once_and_ends_when_it_is_not_seen_any_more(book: Ledger) -> None:
    book.record(pushed(), NOW)
    one = ExposureRow(1, "GHSA-1", "django", "high", "fix-vulnerable-dependency/django", DAY, NOW)
    two = ExposureRow(1, "GHSA-2", "jinja2", "", "", None, NOW + SOON)
    book.exposures.note(1, [one], NOW)
    book.exposures.note(1, [one, two], NOW + SOON)
    assert book.exposures.read() == [one, two]
    book.exposures.note(1, [two], NOW + 2 * SOON)
    assert [(row.advisory, row.gone) for row in book.exposures.read()] == [
        ("GHSA-1", NOW + 2 * SOON),
        ("GHSA-2", None),
    ]
    assert book.exposures.read([1], is_open=True) == [two]
    book.exposures.note(1, [one, two], NOW + 3 * SOON)
    assert [row.advisory for row in book.exposures.read(is_open=True)] == ["GHSA-1", "GHSA-2"]


def test_an_improvement_pauses_once_until_somebody_lets_it_go_on(book: Ledger) -> None:
    assert book.pauses.begin(7, "aware-utcnow", NOW, merged=3, decided=20)
    assert not book.pauses.begin(7, "aware-utcnow", NOW, merged=3, decided=21)
    assert book.pauses.begin(8, "aware-utcnow", NOW, merged=1, decided=20)
    assert book.pauses.end(7, "aware-utcnow", "ann", NOW + SOON)
    assert not book.pauses.end(7, "aware-utcnow", "ann", NOW + SOON)
    ((mine),) = book.pauses.read(7)
    assert (mine.decided, mine.ended, mine.ended_by) == (20, NOW + SOON, "ann")
    assert [row.ended for row in book.pauses.read()] == [NOW + SOON, None]


def test_what_was_said_is_kept_for_a_while(book: Ledger) -> None:
    said = LineRow(5, NOW, "info", "scan finished", {"proposals": 2})
    book.lines.add([])
    book.lines.add([said])
    assert (book.lines.read(5), book.lines.read(6)) == ([said], [])
    book.prune(NOW + timedelta(days=400))
    assert book.lines.read(5) == []


def test_of_each_job_the_newest_lines_are_kept(book: Ledger) -> None:
    many = [LineRow(5, NOW, "info", f"line {number}", {}) for number in range(MOST)]
    book.lines.add([LineRow(6, NOW, "info", "of another job", {})])
    book.lines.add(many)
    assert len(book.lines.read(5)) == MOST
    book.lines.add([LineRow(5, NOW, "info", "done again", {})])
    kept = [row.said for row in book.lines.read(5)]
    assert (len(kept), kept[0], kept[-1]) == (MOST, "line 1", "done again")
    assert [row.said for row in book.lines.read(6)] == ["of another job"]
