"""Why something is not proposed: the laptop, the ledger, the reply, the issue and the API say the same."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.app.serving import serving
from tests.road import CLOCK, CONFIG, FILES, NAME, SHELF, UTCNOW, Road, checkout
from workers import config, discover, lookup, marker, scan, snapshot, solver, telling
from workers.model import Report
from workers.settings import Settings

_TOKEN = "canary-token-of-the-api"
_FILE = (
    b"dashboard: true\nunsafe: false\nlimits: {open: 1}\nimprovements: {upgrade-dependency/shelf: false}\n"
)
_HELD = b"shelf==1.0\nplank==1.0  # kotsu: hold\n"


def ready(road: Road) -> None:
    for version in ("1.0", "2.0"):
        road.index.release("plank", version)
    more = {"shop/other.py": b"import tempfile\n\nname = tempfile.mktemp()\n", "requirements.txt": _HELD}
    road.add({**FILES, **more, CONFIG: _FILE})
    road.scan()


def planned(road: Road, folder: Path) -> Report:
    """Scan a checkout as `kotsu plan` does."""
    tree = snapshot.folder(checkout(road.hub.find(NAME), folder))
    given = config.read(_FILE, CONFIG)
    assert isinstance(given, config.Config)
    own = road.world.settings
    request = scan.Request(
        tree=tree,
        catalogue=discover.select(road.world.catalogue, given),
        config=given,
        now=road.world.clock(),
        lookup=partial(lookup.answer, given=own),
        solver=solver.on(own.index_url, own.data_dir / "resolver", own.extra_index_urls),
    )
    return scan.run(request)


def asked(road: Road, url: str, query: str = "", token: str = _TOKEN) -> httpx.Response:
    road.world.book.close()
    given = road.world.settings
    with serving(given.database_url, api_token=token) as server:
        headers = {"Authorization": f"Bearer {_TOKEN}"}
        return server.client.get(f"{server.url}/api/v1/repositories/{url}/plan{query}", headers=headers)


def test_four_ways_to_ask_have_one_answer(road: Road, tmp_path: Path) -> None:
    ready(road)
    here = {(w.key, w.reason.id, w.sentence) for w in planned(road, tmp_path / "shop").withheld}
    assert {reason for _, reason, _ in here} == {"unsafe", "disabled", "advice"}
    repository_id = road.hub.find(NAME).id
    rows = road.world.book.withheld(repository_id)
    assert {(row.key, row.reason, row.sentence) for row in rows} == here
    (issue,) = road.hub.people.issues(NAME)
    for key, reason, sentence in here:
        reply = telling.about(road.world.book, repository_id, key)
        assert [line for line in reply.split("\n") if line.endswith(f"`{reason}`: {sentence}")]
        assert f"(`{reason}`)" in (issue.body or "")
        assert f"(`{key}`)" in (issue.body or "")
        assert sentence in (issue.body or "")
    answer = asked(road, NAME).json()
    assert {(w["key"], w["reason"], w["sentence"]) for w in answer["withheld"]} == here
    assert [row["key"] for row in answer["open"]] == road.keys() == [UTCNOW]
    assert (answer["version"], answer["repository"]) == (1, NAME)
    assert answer["commit"] == road.hub.find(NAME).branch("main")


_WAVES = b"campaigns: {clocks: {improvement: aware-utcnow, waves: [1]}}\n"


def reasons(road: Road) -> dict[str, str]:
    """Return key to reason, where the ledger, the reply, the issue and the API say the same sentence."""
    repository_id = road.hub.find(NAME).id
    (issue,) = road.hub.people.issues(NAME)
    rows = road.world.book.withheld(repository_id)
    for row in rows:
        reply = telling.about(road.world.book, repository_id, row.key)
        assert reply.endswith(f"(`{row.key}`): `{row.reason}`: {row.sentence}")
        assert f"(`{row.reason}`)" in (issue.body or "")
        assert row.sentence in (issue.body or "")
    answer = asked(road, NAME).json()
    assert [(w["key"], w["reason"], w["sentence"]) for w in answer["withheld"]] == [
        (row.key, row.reason, row.sentence) for row in rows
    ]
    return {row.key: row.reason for row in rows}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"capacity: {minutes-per-week: 0}\n", "minutes"),
        (b"capacity: {days: []}\n", "out-of-hours"),
        (b"limits: {open: 0}\n", "open-limit"),
    ],
)
def test_what_waits_for_room_has_one_reason_everywhere(road: Road, said: bytes, reason: str) -> None:
    road.add({"shop/clock.py": CLOCK, CONFIG: b"dashboard: true\n" + said})
    road.scan()
    assert reasons(road) == {UTCNOW: reason}


def test_what_belongs_to_a_campaign_has_one_reason_everywhere(road: Road) -> None:
    road.hub.repository("acme/.github", {"kotsu.yml": _WAVES})
    for name in (NAME, "acme/other"):
        road.add({"shop/clock.py": CLOCK, CONFIG: b"dashboard: true\n"}, name)
    road.install()
    waits = next(name for name in (NAME, "acme/other") if not road.keys(name))
    assert {reason for reason, _ in road.withheld(waits).values()} == {"campaign"}
    (issue,) = road.hub.people.issues(waits)
    assert "It belongs to the campaign `clocks`: wave 2 of 2 opens when wave 1 is merged" in (
        issue.body or ""
    )


def test_what_rests_has_one_reason_everywhere(road: Road) -> None:
    road.add({"shop/clock.py": CLOCK, CONFIG: b"dashboard: true\n"})
    road.scan()
    pull = road.pull(UTCNOW)
    until = (road.world.clock() + timedelta(days=20)).isoformat()
    pull.body = marker.with_metadata(pull.body or "", word="red", until=until)
    road.hub.close(NAME, pull.number)
    road.follow(pull.number)
    assert reasons(road) == {UTCNOW: "cooling"}


@pytest.mark.parametrize(
    ("name", "found"),
    [("shelf", {SHELF}), ("Shelf", {SHELF}), (SHELF, {SHELF}), ("she", set()), ("aware_utcnow", {UTCNOW})],
)
def test_a_name_is_compared_as_a_whole(road: Road, name: str, found: set[str]) -> None:
    ready(road)
    answer = asked(road, NAME.upper(), f"?about={name}").json()
    assert {one["key"] for one in (*answer["open"], *answer["withheld"])} == found


def test_a_repository_that_nobody_knows_is_not_there(road: Road) -> None:
    ready(road)
    assert asked(road, "acme/nothing").status_code == 404


def test_without_a_token_in_the_settings_this_one_is_none(road: Road) -> None:
    ready(road)
    answer = asked(road, NAME, token="")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert NAME not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {_TOKEN}"},
        {"Authorization": f"Bearer {_TOKEN}x"},
        {"Authorization": b"Bearer \xff\xfe"},
    ],
)
def test_who_has_not_got_the_token_learns_nothing(sqlite_url: str, headers: dict[str, str | bytes]) -> None:
    with serving(sqlite_url, api_token=_TOKEN) as server:
        for name in (NAME, "acme/nothing"):
            address = f"{server.url}/api/v1/repositories/{name}/plan"
            answer = server.client.get(address, headers=headers)  # type: ignore[arg-type]  # raw bytes too
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert NAME not in answer.text


def test_the_token_is_a_secret() -> None:
    given = Settings(Path(), "sqlite://", api_token=_TOKEN)
    assert _TOKEN in given.secrets
    assert _TOKEN not in repr(given)
