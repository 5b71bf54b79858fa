"""Campaigns over a whole organisation: who gets a pull request when, and what stops the rest."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from demo.github import git, moves
from demo.github.state import CheckRun
from tests.road import CLOCK, CONFIG, PLENTY, UTCNOW, Road
from workers import tasks
from workers.campaigns import Course, Stand
from workers.messages import Kind, campaign_key, remove_key

HOME = "acme/.github"
NAMES = tuple(f"acme/shop-{n}" for n in range(5))
MORE = tuple(f"acme/shop-{n}" for n in range(8))
CAMPAIGN = b"""\
campaigns:
  clocks:
    improvement: aware-utcnow
    repositories: shop-*
    waves: [1, 3]
"""


@pytest.fixture
def organisation(road: Road) -> Road:
    """Five repositories with the same thing to do, and a campaign about it."""
    for name in NAMES:
        road.add({"clock.py": CLOCK}, name)
    road.hub.repository(HOME, {"kotsu.yml": CAMPAIGN})
    road.install()
    return road


def _course(road: Road) -> Course:
    (found,) = road.world.book.campaigns.of(road.installation.id)
    return found


def _open(road: Road) -> list[str]:
    return [name for name in MORE if road.hub.world.find(name) and road.keys(name)]


def _look(road: Road) -> None:
    road.enqueue(Kind.CAMPAIGN, campaign_key(road.installation.id), HOME)
    road.run()


def _merge(road: Road, name: str, checks: str | None = "success") -> None:
    """Merge the pull request, let the default branch be checked, and look at it again."""
    road.hub.merge(name, road.pull(UTCNOW, name).number)
    if checks:
        _checked(road, name, checks)
    road.scan(name)


def _checked(road: Road, name: str, conclusion: str) -> None:
    found, now = road.hub.find(name), road.hub.world.now()
    head = found.branch("main") or ""
    number = next(road.hub.world.ids)
    found.checks.append(
        CheckRun(number, "tests", head, "completed", now, "github-actions", conclusion, now, {"title": "x"})
    )


def _close(road: Road, name: str) -> None:
    number = road.pull(UTCNOW, name).number
    road.hub.close(name, number)
    road.follow(number, name)


def _second_wave(road: Road) -> list[str]:
    (first,) = _open(road)
    _merge(road, first)
    return _open(road)


def test_it_begins_with_one_repository_and_the_others_say_why_they_wait(organisation: Road) -> None:
    (first,) = _open(organisation)
    others = [name for name in NAMES if name != first]
    reasons = {organisation.withheld(name)[UTCNOW] for name in others}
    assert {reason for reason, _ in reasons} == {"campaign"}
    assert all("wave 2 of 3 opens when wave 1 is merged" in sentence for _, sentence in reasons)
    assert not any(first in sentence for _, sentence in reasons)


def test_three_waves_reach_everybody_and_then_it_is_done(road: Road) -> None:
    for name in MORE:
        road.add({"clock.py": CLOCK}, name)
    road.hub.repository(HOME, {"kotsu.yml": CAMPAIGN.replace(b"    waves: [1, 3]\n", b"")})
    road.install()
    second = _second_wave(road)
    assert len(second) == 5
    for name in second[:-1]:
        _merge(road, name)
    assert _open(road) == second[-1:]
    _merge(road, second[-1])
    third = _open(road)
    assert len(third) == 2
    for name in third:
        _merge(road, name)
    assert _course(road).state is Stand.DONE
    assert [len(road.hub.pulls(name)) for name in MORE] == [1] * 8


def test_what_is_found_after_the_end_is_ordinary_work(organisation: Road) -> None:
    for _ in range(3):
        for name in _open(organisation):
            _merge(organisation, name)
    for name in NAMES[:2]:
        organisation.hub.push(name, {"more.py": CLOCK})
        organisation.scan(name)
    assert _open(organisation) == list(NAMES[:2])


def test_looking_twice_changes_nothing(organisation: Road) -> None:
    before = _course(organisation)
    organisation.news()
    _look(organisation)
    after = _course(organisation)
    assert (after.waves, after.state) == (before.waves, before.state)
    assert organisation.writes() == []


def test_a_merge_alone_opens_nothing(organisation: Road) -> None:
    (first,) = _open(organisation)
    organisation.hub.merge(first, organisation.pull(UTCNOW, first).number)
    _checked(organisation, first, "success")
    organisation.hub.push(first, {"more.py": CLOCK})
    _checked(organisation, first, "success")
    organisation.scan(first)
    assert _open(organisation) == [first]


def test_a_red_default_branch_holds_the_next_wave(organisation: Road) -> None:
    (first,) = _open(organisation)
    _merge(organisation, first, "failure")
    assert _open(organisation) == []
    assert _course(organisation).reason == f"{first} is merged, and its default branch is red"
    organisation.days(2)
    assert _open(organisation) == []
    organisation.hub.push(first, {"README.md": b"Mended"})
    _checked(organisation, first, "success")
    organisation.days(0.1)
    assert len(_open(organisation)) == 3


def test_a_default_branch_without_checks_is_green_after_a_day(organisation: Road) -> None:
    (first,) = _open(organisation)
    _merge(organisation, first, None)
    organisation.days(0.9)
    assert _open(organisation) == []
    organisation.days(0.2)
    assert len(_open(organisation)) == 3


def test_checks_that_still_run_are_waited_for(organisation: Road) -> None:
    (first,) = _open(organisation)
    _merge(organisation, first, None)
    _checked(organisation, first, "success")
    check = organisation.hub.find(first).checks[-1]
    check.status, check.conclusion, check.completed_at = "in_progress", None, None
    organisation.days(2)
    assert _open(organisation) == []
    check.status, check.conclusion = "completed", "success"
    organisation.days(0.1)
    assert len(_open(organisation)) == 3


def test_a_no_to_the_first_stops_it(organisation: Road) -> None:
    (first,) = _open(organisation)
    _close(organisation, first)
    assert _open(organisation) == []
    assert _course(organisation).state is Stand.STOPPED
    other = next(name for name in NAMES if name != first)
    reason, sentence = organisation.withheld(other)[UTCNOW]
    assert reason == "campaign"
    assert sentence.startswith(
        "The campaign `clocks` was stopped: 1 of 1 pull request failed or met with a no"
    )
    assert organisation.withheld(first)[UTCNOW][0] == "declined"
    organisation.days(3)
    assert _open(organisation) == []


def test_the_brake_takes_back_what_is_open_with_the_reason(organisation: Road) -> None:
    second = _second_wave(organisation)
    for name in second[:2]:
        _close(organisation, name)
    assert _open(organisation) == []
    for name in second[2:]:
        (pull,) = organisation.hub.pulls(name)
        (comment,) = pull.comments
        assert "The campaign was stopped, so this is taken back: 2 of 4 pull requests failed" in comment.body
        assert organisation.withheld(name)[UTCNOW][0] == "campaign"
    assert [p.comments for name in second[:2] for p in organisation.hub.pulls(name)] == [[], []]


def test_red_pull_requests_stop_it_as_well(organisation: Road) -> None:
    second = _second_wave(organisation)
    for name in second[:2]:
        number = organisation.pull(UTCNOW, name).number
        organisation.world.book.change_proposal(
            organisation.hub.find(name).id, number, organisation.world.clock(), stage="red"
        )
    _look(organisation)
    assert _course(organisation).state is Stand.STOPPED
    assert _open(organisation) == []


def test_a_merge_that_people_take_back_counts_as_a_failure(organisation: Road) -> None:
    (first,) = _open(organisation)
    title = organisation.pull(UTCNOW, first).title
    _merge(organisation, first, None)
    organisation.hub.push(first, {"README.md": b"Reverted"}, f'Revert "{title}"')
    _checked(organisation, first, "success")
    organisation.scan(first)
    assert _course(organisation).state is Stand.STOPPED


def test_what_a_person_works_on_is_not_taken_back(organisation: Road) -> None:
    second = _second_wave(organisation)
    kept = second[2]
    organisation.hub.push(kept, {"own.py": b"x = 1\n"}, branch=f"kotsu/{UTCNOW}")
    for name in second[:2]:
        _close(organisation, name)
    assert _open(organisation) == [kept]


def test_what_a_person_opened_again_is_not_taken_back_again(organisation: Road) -> None:
    second = _second_wave(organisation)
    kept = second[2]
    repository, pull = organisation.hub.find(kept), organisation.pull(UTCNOW, kept)
    head = repository.branch(f"kotsu/{UTCNOW}") or ""
    for name in second[:2]:
        _close(organisation, name)
    git.move_ref(repository.folder, f"refs/heads/kotsu/{UTCNOW}", head)
    moves.reopen(organisation.hub.world, repository, pull, organisation.hub.world.account("ada"))
    organisation.follow(pull.number, kept)
    for _ in range(2):
        _look(organisation)
        organisation.scan(kept)
    assert (_open(organisation), len(pull.comments)) == ([kept], 1)


def test_a_changed_campaign_goes_on_and_offers_again_what_was_taken_back(organisation: Road) -> None:
    second = _second_wave(organisation)
    for name in second[:2]:
        _close(organisation, name)
    organisation.hub.push(HOME, {"kotsu.yml": CAMPAIGN.replace(b"[1, 3]", b"[9]")})
    organisation.days(0.1)
    assert sorted(_open(organisation)) == sorted(set(NAMES) - set(second[:2]) - set(_merged(organisation)))
    assert _course(organisation).state is Stand.RUNNING


def _merged(road: Road) -> list[str]:
    return [n for n in NAMES if any(p.pull and p.pull.merged_at for p in road.hub.pulls(n))]


def test_a_file_that_says_the_same_in_other_words_resumes_nothing(organisation: Road) -> None:
    _close(organisation, _open(organisation)[0])
    organisation.hub.push(HOME, {"kotsu.yml": b"# Stopped!\n" + CAMPAIGN})
    organisation.days(0.1)
    assert _course(organisation).state is Stand.STOPPED


def test_without_the_campaign_it_is_ordinary_work_again(organisation: Road) -> None:
    organisation.hub.push(HOME, {"kotsu.yml": b"labels: [kotsu]\n"})
    _look(organisation)
    assert organisation.world.book.campaigns.of(organisation.installation.id) == []
    organisation.scan(NAMES[0])
    organisation.scan(NAMES[1])
    assert {*NAMES[:2]} <= set(_open(organisation))


def test_a_broken_file_changes_nothing(organisation: Road) -> None:
    before = _course(organisation)
    organisation.hub.push(HOME, {"kotsu.yml": b"campaigns: 7\n"})
    _look(organisation)
    assert _course(organisation).waves == before.waves
    assert len(_open(organisation)) == 1


def test_an_improvement_that_does_not_exist_is_a_mistake_and_other_campaigns_go_on(road: Road) -> None:
    road.add({"clock.py": CLOCK}, NAMES[0])
    road.add({"clock.py": CLOCK}, NAMES[1])
    unknown = b"  clocks:\n    improvement: aware-utcnwo\n"
    known = b"  others:\n    improvement: aware-utcnow\n    repositories: shop-*\n"
    home = road.hub.repository(HOME, {"kotsu.yml": b"campaigns:\n" + unknown + known})
    road.install()
    assert _course(road).name == "others"
    assert len(_open(road)) == 1
    (check,) = [c for c in home.checks if c.name == "Kotsu configuration"]
    assert "aware-utcnow" in str(check.output)


def test_a_campaign_whose_improvement_is_misspelt_later_goes_on_as_it_was(organisation: Road) -> None:
    before = _course(organisation)
    organisation.hub.push(HOME, {"kotsu.yml": CAMPAIGN.replace(b"aware", b"unaware")})
    _look(organisation)
    after = _course(organisation)
    assert (after.waves, after.state, after.declared) == (before.waves, before.state, before.declared)


def test_a_campaign_of_a_repository_that_is_not_the_organisations_home_is_none(road: Road) -> None:
    for name in NAMES[:2]:
        road.add({"clock.py": CLOCK, CONFIG: PLENTY + CAMPAIGN}, name)
    road.install()
    assert _open(road) == list(NAMES[:2])


def test_a_repository_that_says_no_in_its_file_stays_out(road: Road) -> None:
    no = PLENTY + b"improvements:\n  aware-utcnow: false\n"
    for name in NAMES[:3]:
        road.add({"clock.py": CLOCK, CONFIG: no}, name)
    road.add({"clock.py": CLOCK}, NAMES[3])
    road.hub.repository(HOME, {"kotsu.yml": CAMPAIGN})
    road.install()
    assert _open(road) == [NAMES[3]]


def test_limits_of_a_repository_hold_in_a_campaign(road: Road) -> None:
    road.add({"clock.py": CLOCK, CONFIG: b"limits:\n  open: 0\n"}, NAMES[0])
    road.hub.repository(HOME, {"kotsu.yml": CAMPAIGN})
    road.install()
    assert _open(road) == []
    assert road.withheld(NAMES[0])[UTCNOW][0] == "open-limit"


def test_what_belongs_to_a_campaign_comes_first(road: Road) -> None:
    files: Mapping[str, bytes] = {
        "requirements.txt": b"shelf==1.0\n",
        "clock.py": CLOCK,
        CONFIG: b"limits:\n  open: 1\n  first: 1\n",
    }
    road.add(files, NAMES[0])
    road.hub.repository(HOME, {"kotsu.yml": CAMPAIGN.replace(b"aware-utcnow", b"upgrade-dependency/shelf")})
    road.install()
    assert road.keys(NAMES[0]) == ["upgrade-dependency/shelf"]


@pytest.mark.parametrize("fate", ["archived", "removed"])
def test_a_repository_that_goes_away_holds_nobody_up(organisation: Road, fate: str) -> None:
    (first,) = _open(organisation)
    repository = organisation.hub.find(first)
    if fate == "archived":
        organisation.hub.archive(first)
        organisation.scan(first)
    else:
        key = remove_key(organisation.installation.id, repositories=True)
        organisation.enqueue(Kind.REMOVE, key, HOME, repositories=[repository.id])
        organisation.run()
    organisation.days(0.1)
    assert len([name for name in _open(organisation) if name != first]) == 1
    assert _course(organisation).state is Stand.RUNNING


def test_an_installation_that_goes_away_takes_its_campaigns_along(organisation: Road) -> None:
    organisation.hub.uninstall(organisation.installation)
    organisation.enqueue(Kind.REMOVE, remove_key(organisation.installation.id), HOME)
    organisation.run()
    assert organisation.world.book.campaigns.of(organisation.installation.id) == []
    organisation.days(1)
    assert organisation.parked() == []


def test_a_suspended_installation_keeps_its_campaigns(organisation: Road) -> None:
    before = _course(organisation)
    organisation.hub.suspend(organisation.installation)
    _look(organisation)
    assert _course(organisation).waves == before.waves


def test_a_lost_ledger_comes_to_the_same_wave(organisation: Road, tmp_path: Path) -> None:
    second = _second_wave(organisation)
    organisation.forget(tmp_path / "new.db")
    organisation.install()
    assert _open(organisation) == second


def test_a_lost_ledger_does_not_forget_a_no(organisation: Road, tmp_path: Path) -> None:
    (first,) = _open(organisation)
    _close(organisation, first)
    organisation.forget(tmp_path / "new.db")
    organisation.install()
    assert _course(organisation).state is Stand.STOPPED
    assert _open(organisation) == []


@pytest.mark.parametrize("step", [r"* /comments$", r"* /pulls/\d+$", r"PATCH /pulls/\d+$"])
@pytest.mark.parametrize("after_effect", [False, True])
def test_taken_back_in_spite_of_errors_each_says_so_once(
    organisation: Road, step: str, *, after_effect: bool
) -> None:
    second = _second_wave(organisation)
    for name in second[:2]:
        number = organisation.pull(UTCNOW, name).number
        organisation.world.book.change_proposal(
            organisation.hub.find(name).id, number, organisation.world.clock(), stage="red"
        )
    method, path = step.split(" ")
    organisation.hub.fail(method, path, 502, times=2, after_effect=after_effect)
    _look(organisation)
    organisation.wait()
    organisation.wait()
    assert _open(organisation) == []
    assert [len(p.comments) for name in second for p in organisation.hub.pulls(name)] == [1] * 3
    assert [organisation.branches(name) for name in second] == [set()] * 3


def test_a_worker_that_lost_the_job_opens_no_wave(organisation: Road) -> None:
    (first,) = _open(organisation)
    organisation.hub.merge(first, organisation.pull(UTCNOW, first).number)
    _checked(organisation, first, "success")
    book, before = organisation.world.book, _course(organisation).waves
    job_id = organisation.enqueue(Kind.CAMPAIGN, campaign_key(organisation.installation.id), HOME)
    organisation.hub.delay("GET", "contents/", 0.3)
    fault = organisation.hub._api.faults.waiting[-1]

    def steal() -> None:
        while fault.times:
            pause.wait(0.01)
        assert book.claim("another", organisation.world.clock() + 2 * tasks.LEASE, tasks.LEASE) is not None

    pause = threading.Event()
    thread = threading.Thread(target=steal)
    thread.start()
    tasks.perform(organisation.world, job_id)
    thread.join()
    assert _course(organisation).waves == before


def test_who_does_not_answer_for_a_kotsu_yml_holds_nobody_and_joins_with_the_answer(road: Road) -> None:
    names = NAMES[:2]
    for name in names:
        road.hub.repository(name, {"clock.py": CLOCK})
    road.hub.repository(HOME, {"kotsu.yml": CAMPAIGN})
    road.install()
    ((chosen,),) = _course(road).waves
    silent, other = sorted(names, key=lambda name: road.hub.find(name).id != chosen)
    road.hub.push(other, {CONFIG: PLENTY})
    road.days(13)
    road.scan(other)
    _look(road)
    assert road.keys(other) == []
    road.days(2)
    _look(road)
    assert road.keys(other) == [UTCNOW]
    _merge(road, other)
    _look(road)
    assert _course(road).state is Stand.RUNNING
    road.hub.push(silent, {CONFIG: PLENTY})
    road.scan(silent)
    assert road.keys(silent) == [UTCNOW]
    _merge(road, silent)
    _look(road)
    assert _course(road).state is Stand.DONE
