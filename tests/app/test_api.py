"""The API: its lists and their parts, its filters, what is refused how, and that its description is true."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from app.api import PATH
from app.pages import PAGES
from tests.app.serving import Server, serving
from tests.fleet import NOW
from workers.evaluation.acceptance import wilson
from workers.ledger import history
from workers.ledger.exposures import ExposureRow
from workers.ledger.freshness import FreshnessRow
from workers.ledger.horizons import HorizonRow
from workers.messages import Repository

TOKEN = "canary-token-of-the-api"
DAY = timedelta(days=1)
NAMES = ("acme/api", "acme/shop", "other/vault")
LISTS = (
    "repositories",
    "proposals",
    "improvements",
    "runway",
    "exposures",
    "freshness",
    "events",
    "pages",
    "report",
)


@pytest.fixture
def server(sqlite_url: str) -> Iterator[Server]:
    """Three repositories of two organisations."""
    with serving(sqlite_url, api_token=TOKEN) as running:
        for id_, full_name in enumerate(NAMES, 1):
            owner, _, name = full_name.partition("/")
            running.book.upsert_repository(Repository(id_, owner, name, "main", 7 if id_ < 3 else 8), NOW)
            filled(running, id_)
        yield running


def filled(server: Server, id_: int) -> None:
    """Give a repository a merged and an open pull request, two ends, two weaknesses and two days."""
    book, today = server.book, datetime.now(UTC).date()
    proposed(server, id_, 1, "pinned-action")
    book.close_proposal(id_, 1, "merged", NOW - DAY, edit="")
    proposed(server, id_, 2, "aware-utcnow")
    book.horizons.replace(
        id_, [HorizonRow(id_, "python", f"Python {n}", today + n * 40 * DAY) for n in (-1, 1)]
    )
    seen = [ExposureRow(id_, f"GHSA-{n}", "jinja2", "high", "", None, NOW) for n in (1, 2)]
    book.exposures.note(id_, seen, NOW)
    book.exposures.note(id_, seen[:1], NOW + DAY)
    book.freshness.note(*(FreshnessRow(id_, day, 5, 5, 30, 1, 1, 1) for day in (today - 400 * DAY, today)))


def proposed(server: Server, repository_id: int, number: int, improvement: str) -> None:
    server.book.save_proposal(
        repository_id,
        key=improvement,
        improvement=improvement,
        title=improvement,
        branch=f"kotsu/{improvement}",
        number=number,
        url=f"https://github.test/{number}",
        head_sha="a" * 40,
        digest="d",
        minutes=10,
        now=NOW - 2 * DAY,
        team="@acme/web" if repository_id == 1 else "",
    )


def ask(server: Server, path: str, token: str = TOKEN, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return server.client.get(f"{server.url}{PATH}/{path}", headers=headers, **more)


def described(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = ask(server, "openapi.json").json()
    return found


# --- the description


def test_every_route_is_in_the_description_and_its_answer_has_a_shape(server: Server) -> None:
    paths = described(server)["paths"]
    assert {path.removeprefix(PATH + "/").partition("/")[0] for path in paths} == {*LISTS}
    for path, methods in paths.items():
        assert list(methods) == ["get"], path
        answers = methods["get"]["responses"]
        assert answers["200"]["content"]["application/json"]["schema"], path
        assert answers["401"]["content"].keys() == {"application/problem+json"}, path
        assert methods["get"]["description"].endswith("."), path
        assert methods["get"]["security"] == [{"token": []}], path
        named = {one["name"] for one in methods["get"].get("parameters", ()) if one["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path)), path


def test_every_operation_has_a_name_of_its_own(server: Server) -> None:
    names = [one["get"]["operationId"] for one in described(server)["paths"].values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "path",
    [
        *LISTS,
        *(f"repositories/acme/shop{rest}" for rest in ("", "/plan", "/debt", "/minutes", "/scans")),
        "improvements?by=team",
        "pages/overview",
    ],
)
def test_what_is_answered_has_the_shape_that_is_described(server: Server, path: str) -> None:
    whole = described(server)
    answer = ask(server, path)
    assert answer.status_code in (200, 202)
    shown = re.sub("acme/shop", "{owner}/{name}", path.partition("?")[0]).replace("/overview", "/{page}")
    shape = whole["paths"][f"{PATH}/{shown}"]["get"]["responses"][str(answer.status_code)]
    schema = {"components": whole["components"], **shape["content"]["application/json"]["schema"]}
    jsonschema.Draft202012Validator(schema).validate(answer.json())
    if path.partition("?")[0] in LISTS:
        assert answer.json(), path


@pytest.mark.parametrize("path", ["repositories/acme/nothing", "nowhere", "pages/nothing", "events?after=x"])
def test_what_is_refused_is_a_problem_as_it_is_described(server: Server, path: str) -> None:
    answer = ask(server, path)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert (said["status"], said["type"]) == (answer.status_code, "about:blank")
    whole = described(server)
    shape = {"components": whole["components"], "$ref": "#/components/schemas/Problem"}
    jsonschema.Draft202012Validator(shape).validate(said)


# --- who may ask


@pytest.mark.parametrize("path", [*LISTS, "openapi.json", "repositories/acme/shop/plan", "nowhere"])
def test_without_a_token_nothing_of_repositories_is_told(server: Server, path: str) -> None:
    for token in ("", "wrong", TOKEN + "x", "x" * 10_000):
        answer = ask(server, path, token)
        assert answer.status_code == {"openapi.json": 200, "nowhere": 404}.get(path, 401)
        assert not any(name in answer.text for name in NAMES)


def test_an_answer_is_kept_by_no_cache_and_taken_for_nothing_else(server: Server) -> None:
    for answer in (ask(server, "repositories"), ask(server, "repositories", "")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_nothing_can_be_written(server: Server) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = server.client.request(method, f"{server.url}{PATH}/repositories", headers=headers)
        assert answer.status_code == 405
        assert answer.headers["content-type"] == "application/problem+json"


# --- parts of lists


def test_parts_of_a_list_lead_from_the_first_to_the_last(server: Server) -> None:
    found: list[str] = []
    path = "repositories?per_page=1&state=active"
    for _ in range(9):
        answer = ask(server, path)
        found += [row["repository"] for row in answer.json()]
        if "next" not in answer.links:
            break
        path = answer.links["next"]["url"].removeprefix(f"{PATH}/")
        assert "state=active" in path
    assert found == [*NAMES]
    assert answer.links.keys() == {"first", "prev"}


def test_a_list_that_fits_has_no_links(server: Server) -> None:
    assert "link" not in ask(server, "repositories").headers


@pytest.mark.parametrize("query", ["per_page=0", "per_page=101", "page=0", "page=x", "page=-1", "page=1e9"])
def test_a_part_that_cannot_be_is_named(server: Server, query: str) -> None:
    answer = ask(server, f"repositories?{query}")
    assert answer.status_code == 422
    assert [one["parameter"] for one in answer.json()["errors"]] == [query.partition("=")[0]]


def test_a_part_behind_the_last_is_empty(server: Server) -> None:
    answer = ask(server, "repositories?page=9")
    assert (answer.status_code, answer.json()) == (200, [])
    assert answer.links.keys() == {"first", "prev"}


# --- what is found


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("proposals", 6),
        ("proposals?state=open", 3),
        ("proposals?fate=merged&team=@acme/web", 1),
        ("proposals?repository=ACME/Shop", 2),
        ("proposals?improvement=aware-utcnow&state=merged", 0),
        ("proposals?since=2020-01-01", 6),
        ("proposals?since=2020-01-01T00:00:00%2B02:00", 6),
        ("proposals?since=2100-01-01T00:00:00Z", 0),
        ("exposures", 6),
        ("exposures?open=true", 3),
        ("exposures?open=false&repository=acme/shop", 1),
        ("runway?kind=python", 6),
        ("runway?kind=image", 0),
        ("freshness", 3),
        ("freshness?since=2019-01-01&repository=acme/api", 2),
        ("improvements", 2),
        ("improvements?by=team", 4),
    ],
)
def test_filters_leave_what_is_asked_for(server: Server, path: str, count: int) -> None:
    assert len(ask(server, path).json()) == count


@pytest.mark.parametrize("name", ["proposals", "improvements", "runway", "exposures", "freshness", "events"])
def test_a_repository_that_is_not_there_is_no_empty_list(server: Server, name: str) -> None:
    assert ask(server, f"{name}?repository=acme/nothing").status_code == 404


@pytest.mark.parametrize("query", ["fate=eaten", "since=soon", "since=9999-12-31T23:59:00-10:00"])
def test_a_filter_that_means_nothing_is_refused(server: Server, query: str) -> None:
    assert ask(server, f"proposals?{query}").status_code == 422


def test_what_ends_is_counted_from_today(server: Server) -> None:
    for days, subjects in ((0, {"Python -1"}), (39, {"Python -1"}), (41, {"Python -1", "Python 1"})):
        found = ask(server, f"runway?within={days}").json()
        assert {row["subject"] for row in found} == subjects


def test_acceptance_is_the_evaluations_own_formula(server: Server) -> None:
    found = {row["improvement"]: row for row in ask(server, "improvements").json()}
    merged = found["pinned-action"]
    assert (merged["merged"], merged["decided"], merged["share"], merged["team"]) == (3, 3, 1.0, None)
    assert (merged["low"], merged["high"]) == wilson(3, 3)


def test_a_pause_that_lasts_is_told_with_its_improvement(server: Server) -> None:
    server.book.pauses.begin(7, "pinned-action", NOW, merged=1, decided=20)
    server.book.pauses.begin(7, "aware-utcnow", NOW, merged=1, decided=20)
    server.book.pauses.end(7, "aware-utcnow", "ada", NOW)
    found = {row["improvement"]: row["pauses"] for row in ask(server, "improvements").json()}
    assert [one["organisation"] for one in found["pinned-action"]] == ["acme"]
    assert found["aware-utcnow"] == []


def test_a_pause_is_told_to_the_teams_and_in_the_repositories_that_it_is_about(server: Server) -> None:
    about: tuple[dict[str, Any], ...] = ({"team": "@ACME/web"}, {"place": 2}, {"place": 1})
    for more in about:
        server.book.pauses.begin(7, "pinned-action", NOW, merged=1, decided=20, **more)

    def paused(query: str) -> dict[str | None, list[tuple[str | None, str | None]]]:
        found = [row for row in ask(server, query).json() if row["improvement"] == "pinned-action"]
        return {row["team"]: [(p["team"], p["repository"]) for p in row["pauses"]] for row in found}

    web, shop, api = ("@ACME/web", None), (None, "acme/shop"), (None, "acme/api")
    assert paused("improvements") == {None: [web, shop, api]}
    assert paused("improvements?by=team") == {"@acme/web": [web], "": [shop, api]}
    assert paused("improvements?repository=acme/shop") == {None: [shop]}
    assert paused("improvements?repository=acme/api") == {None: [web, api]}


def test_the_events_come_once_each_and_give_the_pull_requests_as_they_are(server: Server) -> None:
    found: list[history.EventRow] = []
    path = "events?per_page=2"
    while True:
        answer = ask(server, path)
        for row in answer.json():
            given = {k: v for k, v in row.items() if k not in ("repository", "at", "number")}
            more = {"proposal_id": row["changed"].get("id", 0), "repository_id": 0, "number": 0, "at": NOW}
            found.append(history.EventRow(**given, **more))
        if "next" not in answer.links:
            break
        path = answer.links["next"]["url"].removeprefix(f"{PATH}/")
    ids = [row.id for row in found]
    assert ids == sorted(set(ids))
    assert ids == [row.id for row in server.book.history.read()]


def test_a_page_is_the_same_as_its_json(server: Server) -> None:
    for one in PAGES:
        if "{" not in one.path:
            same = server.get(f"{one.stem}.json").json()
            assert ask(server, f"pages/{one.name}").json() | {"at": ""} == same | {"at": ""}


def test_a_report_is_about_what_whoever_asks_may_see(server: Server) -> None:
    for id_, account in ((7, "acme"), (8, "other")):
        server.book.set_installation(id_, account, "active", NOW)
    said = ask(server, "report?week=2026-W09").json()["reports"]
    assert [one["organisation"] for one in said] == ["acme", "other"]
    assert {one["begin"][:10] for one in said} == {"2026-02-23"}
    assert [one["organisation"] for one in ask(server, "report?organisation=ACME").json()["reports"]] == [
        "acme"
    ]
    assert ask(server, "report?organisation=nobody").status_code == 404


@pytest.mark.parametrize("week", ["2026-W54", "2026-W00", "2026-48", "last", "9999-W01"])
def test_a_week_that_is_none_is_refused(server: Server, week: str) -> None:
    server.book.set_installation(7, "acme", "active", NOW)
    assert ask(server, f"report?week={week}").status_code == 422


# --- what it costs


def test_a_process_that_nobody_asks_never_loads_it(tmp_path: Path) -> None:
    code = (
        "import sys; from app import main; from workers import settings; main.create(settings.read()); "
        "print([name for name in sys.modules if name.startswith('app.api')])"
    )
    given = {**os.environ, "KOTSU_DATA_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=given)
    assert done.stdout.strip() == "['app.api']"


def test_that_somebody_paused_a_repository_is_said_with_it(server: Server) -> None:
    (known,) = [row for row in ask(server, "repositories").json() if row["repository"] == "acme/shop"]
    assert known["paused"] is None
    server.book.pauses.begin(7, "", NOW, place=known["id"], who="ada")
    listed = {row["repository"]: row["paused"] for row in ask(server, "repositories").json()}
    assert ask(server, "repositories/acme/shop").json()["paused"] == listed.pop("acme/shop")
    assert set(listed.values()) <= {None}
    assert ask(server, "repositories/acme/shop").json()["paused"]["who"] == "ada"
    assert [row["improvement"] for row in ask(server, "improvements").json() if row["pauses"]] == []
