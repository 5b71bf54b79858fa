"""Jobs: what is skipped, dropped, postponed and tried again, and that nothing is lost on the way."""

from __future__ import annotations

import errno
import tempfile
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from app import events
from tests.road import CLOCK, CONFIG, FILES, JOB, NAME, SHELF, UTCNOW, Road
from workers import snapshot, tasks
from workers.messages import Kind, Repository, remove_key, scan_key
from workers.world import LostError


def test_an_installation_lists_its_repositories_and_scans_each(road: Road) -> None:
    road.add()
    road.add({"clock.py": CLOCK}, "acme/other")
    road.hub.repository("elsewhere/theirs", FILES)
    road.install()
    assert (len(road.keys()), road.keys("acme/other")) == (3, [UTCNOW])
    assert {row.full_name for row in road.world.book.repositories()} == {NAME, "acme/other"}


def test_more_repositories_than_fit_on_a_page_are_all_listed(road: Road) -> None:
    for number in range(101):
        road.hub.repository(f"acme/r{number}", {})
    found = list(road.world.app.repositories(road.installation.id))
    assert len({about.repository.id for about in found}) == 101


@pytest.mark.parametrize(
    ("trait", "words"),
    [("archived", "archived"), ("disabled", "disabled"), ("fork", "fork")],
)
def test_a_repository_that_is_not_worked_on_says_why(road: Road, trait: str, words: str) -> None:
    repository = road.add(archived=trait == "archived", disabled=trait == "disabled", fork=trait == "fork")
    road.install()
    row = road.world.book.repository(repository.id)
    assert row is not None
    assert row.state == "skipped"
    assert words in row.reason
    assert road.scan().state == "done"
    assert road.keys() == []
    row = road.world.book.repository(repository.id)
    assert row is not None
    assert row.state == "skipped"
    assert row.reason


def test_a_repository_that_is_brought_back_is_worked_on_again(road: Road) -> None:
    repository = road.add(archived=True)
    road.install()
    road.hub.archive(NAME, archived=False)
    road.scan()
    row = road.world.book.repository(repository.id)
    assert row is not None
    assert (row.state, row.reason) == ("active", "")
    assert len(road.keys()) == 3


def test_an_empty_repository_is_skipped_and_not_asked_again(road: Road) -> None:
    repository = road.hub.repository(NAME)
    assert road.scan().state == "done"
    row = road.world.book.repository(repository.id)
    assert row is not None
    assert (row.state, row.reason) == ("skipped", "It is empty: there is no default branch yet.")
    assert road.jobs() == {"done": 1}
    road.hub.push(NAME, {**FILES, CONFIG: b"# The defaults.\n"})
    road.scan()
    assert len(road.keys()) == 2


def test_a_repository_with_too_many_files_is_skipped_with_the_figure(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = road.add()
    monkeypatch.setattr(snapshot, "_MOST", 3)
    assert road.scan().state == "done"
    row = road.world.book.repository(repository.id)
    assert row is not None
    assert row.reason == "the repository has 5 files, more than the 3 that are read"


def test_a_full_disk_fails_the_job_in_one_sentence_and_it_goes_on_when_there_is_room(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device", "/data/mirrors")

    road.add()
    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "mkdtemp", full)
        job = road.scan()
    assert job.state == "queued"
    assert job.last_error == (
        "/data/mirrors cannot be written (No space left on device): "
        "make room there, or set KOTSU_DATA_DIR and TMPDIR to where there is some"
    )
    road.days(0.1)
    assert len(road.keys()) == 3


def test_a_renamed_default_branch_is_followed(road: Road) -> None:
    repository = road.add()
    road.scan()
    before = len(road.keys(state="all"))
    road.hub.rename_default_branch(NAME, "trunk")
    road.hub.push(NAME, {"shop/clock.py": CLOCK + b"\n\nDIED = datetime.utcnow()\n"})
    assert road.scan().state == "done"
    assert len(road.keys(state="all")) == before
    assert b"DIED" in road.proposed(UTCNOW, "shop/clock.py")
    row = road.world.book.repository(repository.id)
    assert row is not None
    assert row.default_branch == "trunk"


def test_a_default_branch_renamed_in_the_middle_of_a_job_is_followed(road: Road) -> None:
    road.add()
    _meanwhile(road, lambda: road.hub.rename_default_branch(NAME, "trunk"), "GET", "/git/ref/")
    road.scan()
    road.scan()
    assert sorted(road.keys(state="all")) == [UTCNOW, JOB, SHELF]
    assert {p.pull.base for p in road.hub.pulls(NAME) if p.pull} == {"trunk"}


@pytest.mark.parametrize("step", ["/git/ref/", "info/refs", "/pulls", "/git/trees", "/git/refs", "/issues/"])
def test_a_repository_renamed_in_the_middle_of_a_job_is_followed_by_its_id(road: Road, step: str) -> None:
    repository = road.add()
    _meanwhile(road, lambda: road.hub.rename(NAME, "store"), "*", step)
    road.scan(NAME)
    road.wait()
    road.scan("acme/store")
    assert sorted(road.keys("acme/store", "all")) == [UTCNOW, JOB, SHELF]
    row = road.world.book.repository(repository.id)
    assert row is not None
    assert row.full_name == "acme/store"


def _meanwhile(road: Road, act: object, method: str, path: str) -> None:
    """Let something happen while a request waits."""
    assert callable(act)
    road.hub.delay(method, path, 0.2)
    fault = road.hub._api.faults.waiting[-1]

    def watch() -> None:
        while fault.times:
            done.wait(0.01)
        act()

    done = threading.Event()
    threading.Thread(target=watch, daemon=True).start()


def test_an_installation_that_is_gone_is_dropped_with_a_reason(road: Road) -> None:
    repository = road.add()
    road.scan()
    road.hub.uninstall(road.installation)
    assert road.scan().state == "done"
    road.install()
    assert road.jobs() == {"done": 3}
    row = road.world.book.repository(repository.id)
    assert row is not None
    assert row.state == "skipped"
    assert "404" in row.reason


def test_a_suspended_installation_is_dropped_with_a_reason(road: Road) -> None:
    road.add()
    road.hub.suspend(road.installation)
    road.scan()
    road.install()
    assert road.jobs() == {"done": 2}


def test_a_repository_of_another_installation_is_dropped_with_a_reason(road: Road) -> None:
    theirs = road.hub.repository("elsewhere/theirs", FILES)
    road.hub.install("elsewhere")
    road.scan("elsewhere/theirs")
    assert road.jobs() == {"done": 1}
    assert road.hub.pulls("elsewhere/theirs") == []
    assert all(str(theirs.id) not in w for w in road.writes())


def test_an_app_that_is_uninstalled_in_the_middle_stops(road: Road) -> None:
    road.add()
    _meanwhile(road, lambda: road.hub.uninstall(road.installation), "POST", "/git/trees")
    road.scan()
    road.wait()
    assert road.jobs() == {"done": 1}
    assert road.keys() == []


def test_workflows_that_may_not_be_written_are_left_alone_and_the_rest_goes_on(road: Road) -> None:
    road.add()
    del road.installation.permissions["workflows"]
    assert road.scan().state == "done"
    assert sorted(road.keys()) == [UTCNOW, SHELF]
    assert road.withheld()[JOB][0] == "left-alone"


def test_labels_that_may_not_be_written_do_not_stop_the_pull_request(road: Road) -> None:
    road.add()
    for _ in range(3):
        road.hub.fail("POST", r"/issues/\d+/labels", 403, body=b'{"message":"Resource not accessible"}')
    assert road.scan().state == "done"
    assert len(road.keys()) == 3


def test_the_limits_hold_back_and_say_so(road: Road) -> None:
    road.add({**FILES, CONFIG: b"limits:\n  first: 1\n  per-day: 0\n"})
    road.scan()
    assert len(road.keys()) == 1
    assert sorted(reason for reason, _ in road.withheld().values()) == ["day-limit", "day-limit"]


@pytest.mark.parametrize("status", [403, 429])
def test_a_secondary_rate_limit_lets_the_installation_rest_and_frees_the_worker(
    road: Road, status: int
) -> None:
    road.add()
    road.add({"clock.py": CLOCK}, "acme/other")
    road.add({"clock.py": CLOCK}, "globex/site")
    road.hub.secondary_limit(1800, path="acme/shop/pulls$", status=status)
    job = road.scan()
    assert (job.state, job.tries) == ("queued", 0)
    assert "secondary rate limit" in (job.last_error or "")
    assert timedelta(minutes=29) < job.due - road.world.clock() <= timedelta(minutes=30)
    road.news()
    assert road.scan("acme/other").state == "queued"
    assert road.news() == []
    road.installation, acme = road.hub.install("globex"), road.installation
    assert road.scan("globex/site").state == "done"
    assert road.keys("globex/site") == [UTCNOW]
    road.installation = acme
    road.wait(1700)
    assert road.keys() == road.keys("acme/other") == []
    road.wait(101)
    assert sorted(road.keys(state="all")) == [UTCNOW, JOB, SHELF]
    assert road.keys("acme/other") == [UTCNOW]


def test_used_up_requests_postpone_the_job_to_the_next_hour(road: Road) -> None:
    road.add()
    road.hub.primary_limit(600, path="/pulls")
    job = road.scan()
    assert job.state == "queued"
    assert timedelta(minutes=9) < job.due - road.world.clock() <= timedelta(minutes=10)


def test_a_push_does_not_override_the_patience(road: Road) -> None:
    road.add()
    road.hub.secondary_limit(1800)
    first = road.scan()
    assert road.scan() == first


def test_a_revoked_token_is_minted_anew(road: Road) -> None:
    road.add()
    road.hub.fail("POST", "/git/commits$", 401, body=b'{"message":"Bad credentials"}')
    assert road.scan().state == "done"
    assert sorted(road.keys(state="all")) == [UTCNOW, JOB, SHELF]


def test_a_key_that_github_does_not_know_pauses_the_installation_and_says_what_to_do(road: Road) -> None:
    road.add()
    road.hub.install("acme")
    book, id_ = road.world.book, road.installation.id
    book.set_installation(id_, "acme", "active", road.world.clock())
    road.hub.fail("POST", "access_tokens", 401, body=b'{"message":"Integration not found"}')
    job = road.scan()
    assert (job.state, job.tries) == ("queued", 0)
    assert timedelta(minutes=59) < job.due - road.world.clock() <= timedelta(hours=1)
    row = book.installation(id_)
    assert row is not None
    assert "Check that KOTSU_GITHUB_APP_ID and KOTSU_GITHUB_PRIVATE_KEY are those of one App" in row.reason
    road.wait(3700)
    assert len(road.keys()) == 3


@pytest.mark.parametrize("fate", ["suspended", "taken out"])
def test_what_loses_its_repository_in_the_middle_stops_before_the_next_write(road: Road, fate: str) -> None:
    repository = road.add()
    if fate == "suspended":
        act = partial(road.hub.suspend, road.installation)
    else:
        act = partial(setattr, road.installation, "repositories", set())
    _meanwhile(road, act, "POST", "/git/trees")
    road.scan()
    road.wait()
    assert road.jobs() == {"done": 1}
    assert (road.keys(), road.branches()) == ([], set())
    row = road.world.book.repository(repository.id)
    assert row is not None
    assert row.state == "skipped"


def test_an_event_about_one_repository_that_went_forgets_that_one_alone(road: Road) -> None:
    repository = road.add()
    road.add({"clock.py": CLOCK}, "acme/other")
    road.install()
    payload = {
        "action": "removed",
        "installation": {"id": road.installation.id, "account": {"login": "acme"}},
        "repositories_removed": [{"id": repository.id, "name": "shop", "full_name": NAME}],
    }
    event = events.read("installation_repositories", "guid", payload)
    road.world.book.record(event, road.world.clock())
    road.run()
    assert {row.full_name for row in road.world.book.repositories()} == {"acme/other"}
    assert road.states("acme/other")


@pytest.mark.parametrize("name", ["checks", "issues"])
def test_a_permission_that_was_taken_away_costs_what_it_was_for(road: Road, name: str) -> None:
    road.add()
    del road.installation.permissions[name]
    assert road.scan().state == "done"
    assert len(road.keys()) == 3


def test_a_broken_file_without_the_permission_to_show_it_is_no_failure(road: Road) -> None:
    road.add({CONFIG: b"limits: 7\n"})
    del road.installation.permissions["checks"]
    assert road.scan().state == "done"


def test_more_than_an_hour_takes_waits_for_the_next(road: Road) -> None:
    road.world = replace(road.world, settings=replace(road.world.settings, pace=1.0))
    repository = road.add()
    now = road.world.clock()
    for number in range(58):
        road.world.book.upsert_repository(replace(_known(road), id=90_000 + number), now)
        _opened(road, 90_000 + number, now - timedelta(minutes=number))
    assert repository.pulls == []
    job = road.scan()
    assert len(road.keys()) == 2
    assert job.state == "queued"
    assert timedelta(minutes=2) < job.due - road.world.clock() < timedelta(minutes=4)
    assert "60 pull requests" in (job.last_error or "")
    road.wait(240)
    assert len(road.keys()) == 3


def _known(road: Road) -> Repository:
    return Repository(1, "acme", "many", "main", road.installation.id)


def _opened(road: Road, repository_id: int, when: datetime) -> None:
    about = {"key": "x", "improvement": "x", "title": "X", "branch": "kotsu/x", "number": 1, "url": ""}
    road.world.book.save_proposal(
        repository_id,
        **about,
        head_sha="",
        digest="",
        minutes=1,
        now=when,  # type: ignore[arg-type]  # all at once
    )


@pytest.mark.parametrize("path", ["/git/refs$", "/pulls$", r"/issues/\d+/labels$"])
def test_a_404_just_after_a_creation_is_tried_again(road: Road, path: str) -> None:
    road.add()
    road.hub.fail("POST", path, 404, body=b'{"message":"Not Found"}')
    road.scan()
    road.wait()
    assert sorted(road.keys(state="all")) == [UTCNOW, JOB, SHELF]


def test_what_fails_five_times_is_parked_with_its_error_and_the_rest_goes_on(road: Road) -> None:
    road.add()
    road.add({"clock.py": CLOCK}, "acme/other")
    road.hub.fail("POST", "acme/shop/git/trees", 502, times=99)
    road.scan()
    for _ in range(5):
        road.wait()
    (parked,) = road.parked()
    assert (parked.tries, "502" in (parked.last_error or "")) == (5, True)
    road.scan("acme/other")
    assert road.keys("acme/other") == [UTCNOW]
    road.hub.recover()
    road.scan()
    assert len(road.keys()) == 3


def test_a_bug_of_ours_is_written_down_and_does_not_lose_the_job(road: Road) -> None:
    road.add()

    class Broken(dict[str, object]):
        def items(self) -> object:  # type: ignore[override]  # it breaks before anyone looks
            raise RuntimeError("a bug")

    catalogue = road.world.catalogue
    object.__setattr__(road.world, "catalogue", Broken())
    job = road.scan()
    assert (job.state, job.last_error) == ("queued", "RuntimeError: a bug")
    object.__setattr__(road.world, "catalogue", catalogue)
    road.wait()
    assert len(road.keys()) == 3


def test_the_index_can_be_down_and_the_rest_is_proposed(road: Road) -> None:
    road.add()
    road.index.fail("shelf", 500, times=9)
    assert road.scan().state == "done"
    assert sorted(road.keys()) == [UTCNOW, JOB]


@pytest.mark.parametrize("fault", ["speak_html", "truncate", "reset"])
def test_an_index_that_talks_nonsense_stops_nothing_else(road: Road, fault: str) -> None:
    road.add()
    getattr(road.index, fault)("shelf", times=9)
    assert road.scan().state == "done"
    assert sorted(road.keys()) == [UTCNOW, JOB]


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest/", "file:///etc/passwd"])
def test_an_index_that_sends_us_away_stops_nothing_else(road: Road, url: str) -> None:
    road.add()
    road.index.redirect("shelf", url, times=9)
    assert road.scan().state == "done"
    assert sorted(road.keys()) == [UTCNOW, JOB]


def test_an_index_that_comes_back_is_heard_at_the_next_scan(road: Road) -> None:
    road.add()
    road.index.fail("shelf", 500, times=2)
    road.scan()
    road.scan()
    assert sorted(road.keys()) == [UTCNOW, JOB, SHELF]


def test_a_lost_lease_stops_before_the_next_write(road: Road) -> None:
    repository = road.add()
    book = road.world.book

    def steal() -> None:
        assert book.claim("another", road.world.clock() + 2 * tasks.LEASE, tasks.LEASE) is not None

    _meanwhile(road, steal, "GET", "/commits")
    tasks.perform(road.world, road.enqueue(Kind.SCAN, scan_key(repository.id)))
    assert road.keys() == []
    assert road.jobs() == {"running": 1}


def test_jobs_that_the_broker_lost_are_found(road: Road) -> None:
    road.add()
    job_id = road.enqueue(Kind.SCAN, scan_key(road.hub.find(NAME).id))
    assert road.world.book.due(road.world.clock()) == [job_id]


def test_repositories_that_are_removed_are_forgotten(road: Road) -> None:
    repository = road.add()
    road.scan()
    mirror = road.world.settings.data_dir / "mirrors" / f"{repository.id}.git"
    assert mirror.exists()
    key = remove_key(road.installation.id, repositories=True)
    road.enqueue(Kind.REMOVE, key, repositories=[repository.id])
    road.run()
    assert road.states() == {}
    assert not mirror.exists()


def test_a_repository_is_looked_at_again_after_a_day_by_itself(road: Road) -> None:
    limits = b"limits:\n  open: 9\n  first: 1\n  per-day: 1\ncapacity:\n  gentle: 0\n"
    made = road.add({**FILES, CONFIG: limits})
    road.scan()
    assert len(road.keys()) == 1
    row = road.world.book.repository(made.id)
    assert row is not None
    assert row.due is not None
    assert timedelta() < row.due - road.world.clock() <= timedelta(days=1)
    road.days(1.1)
    assert len(road.keys()) == 2
    road.days(1.1)
    assert len(road.keys()) == 3


def test_a_job_that_takes_too_long_is_given_up_before_the_next_write(road: Road) -> None:
    road.add()
    world = road.world
    job_id = world.book.enqueue(Kind.SCAN, "scan:1", world.clock(), installation_id=road.installation.id)
    job = world.book.claim("a worker", world.clock(), tasks.LEASE)
    assert job is not None
    assert tasks._renewed(world, job, world.clock() - timedelta(minutes=59))
    world.must_hold(job)
    assert not tasks._renewed(world, job, world.clock() - timedelta(hours=1))
    with pytest.raises(LostError):
        world.must_hold(job)
    left = world.book.job(job_id)
    assert left is not None
    assert (left.state, left.tries, left.last_error) == ("queued", 1, "It was not done within 60 minutes.")
