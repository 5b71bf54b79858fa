"""What the worker says while it does a job can be read in the ledger, and no job fails for that."""

from __future__ import annotations

import io

from sqlalchemy import text

from tests.road import FILES, NAME, Road
from workers.ledger.lines import LineRow


def said(road: Road, job_id: int) -> list[str]:
    return [row.said for row in road.world.book.lines.read(job_id)]


def test_a_job_leaves_its_lines(road: Road, written: io.StringIO) -> None:
    repository = road.add({"README.md": FILES["README.md"]})
    job = road.scan()
    (line,) = road.world.book.lines.read(job.id)
    assert (line.said, line.level) == ("repository scanned", "info")
    commit = repository.branch("main")
    assert line.about == {"outcome": "done", "commit": commit, "proposals": 0, "withheld": 0, "problems": 0}
    assert "repository scanned" in written.getvalue()


def test_a_job_that_fails_says_why(road: Road, written: io.StringIO) -> None:
    road.add({"README.md": FILES["README.md"]})
    road.hub.fail("GET", r"/repositories/\d+$", 422, body=b'{"message":"Not today"}')
    job = road.scan()
    assert said(road, job.id) == ["job failed"]
    (line,) = road.world.book.lines.read(job.id)
    assert "Not today" in str(line.about["reason"])
    road.wait(60)
    assert said(road, job.id) == ["job failed", "repository scanned"]
    assert "Traceback" not in written.getvalue()


def test_a_database_that_takes_no_lines_fails_no_job(road: Road, written: io.StringIO) -> None:
    road.add({"README.md": FILES["README.md"]})
    with road.world.book.engine.begin() as connection:
        connection.execute(text("DROP TABLE line"))
    assert road.scan().state == "done"
    assert "lines of a job not kept" in written.getvalue()


def test_lines_about_a_repository_that_is_forgotten_are_too(road: Road) -> None:
    repository = road.add({"README.md": FILES["README.md"]})
    job, book, now = road.scan(), road.world.book, road.world.clock()
    book.lines.add([LineRow(job.id, now, "info", "here", {}), LineRow(job.id + 1, now, "info", "there", {})])
    book.remove_repositories([repository.id], now)
    assert (said(road, job.id), said(road, job.id + 1)) == ([], ["there"])
    assert NAME not in [row.name for row in book.repositories()]
