"""The door to GitHub: what its answers mean, and where its tokens go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import pytest

from codemods.mentions import Mention, Progress, Ticket
from demo.github import LocalGitHub
from demo.loopback import Answer, Loopback, Request
from tests.road import NAME, Road
from workers import git, snapshot
from workers.github import About, GitHubError, GoneError, LockedOutError, PassingError, RefusedError, Repo
from workers.github.client import Client
from workers.github.pace import Pace
from workers.messages import Repository

_ROOT = f"/repos/{NAME}"


@pytest.fixture
def client(road: Road) -> Iterator[Client]:
    """A client with a token for one repository."""
    repository = road.add()
    with road.world.app.open(road.installation.id, repository.id) as repo:
        yield repo._client


def _error(client: Client, path: str = _ROOT) -> GitHubError:
    with pytest.raises(GitHubError) as caught:
        client.patch(path, {"description": "x"})
    return caught.value


def _failing(
    github: LocalGitHub, status: int, message: str, headers: Mapping[str, str] | None = None
) -> None:
    github.fail("*", _ROOT, status, body=b'{"message":"%b"}' % message.encode(), headers=headers)


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, "Problems parsing JSON", RefusedError),
        (403, "Resource not accessible by integration", RefusedError),
        (403, "This installation has been suspended", GoneError),
        (403, "Repository access blocked", GoneError),
        (403, "Repository was archived so is read-only.", RefusedError),
        (403, "Resource protected by organization SAML enforcement.", RefusedError),
        (404, "Not Found", GoneError),
        (409, "Git Repository is empty.", GoneError),
        (409, "Conflict", PassingError),
        (410, "Issues are disabled for this repo", GoneError),
        (422, "Reference already exists", RefusedError),
        (451, "Repository access blocked", GoneError),
        (500, "Server Error", PassingError),
        (502, "Bad Gateway", PassingError),
        (503, "Service unavailable", PassingError),
    ],
)
def test_ways_of_saying_no_are_told_apart(
    github: LocalGitHub, client: Client, status: int, message: str, kind: type[GitHubError]
) -> None:
    _failing(github, status, message)
    error = _error(client)
    assert type(error) is kind
    assert str(error) == f"PATCH {_ROOT}: {status}: {message}"
    assert getattr(error, "after", None) is None


_SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    ("message", "headers", "seconds"),
    [
        (_SECONDARY, {"Retry-After": "120"}, 120),
        (_SECONDARY, {}, 60),
        ("You have triggered an abuse detection mechanism.", {}, 60),
        ("Slow down", {"Retry-After": "90"}, 90),
        ("Slow down", {"Retry-After": "soon"}, 60),
        ("Slow down", {"Retry-After": "-5"}, 60),
        ("Slow down", {"Retry-After": "1e3"}, 60),
        ("Slow down", {"Retry-After": "0"}, 1),
        ("Slow down", {"Retry-After": "9" * 40}, 60),
        ("Slow down", {"Retry-After": "999999"}, 7200),
        ("API rate limit exceeded", {"X-RateLimit-Remaining": "0"}, 3600),
        ("API rate limit exceeded", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"}, 60),
        ("API rate limit exceeded", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9" * 30}, 7200),
    ],
)
def test_a_request_to_slow_down_says_when_to_come_back(  # noqa: PLR0913, PLR0917 -- a table
    github: LocalGitHub, client: Client, status: int, message: str, headers: dict[str, str], seconds: int
) -> None:
    _failing(github, status, message, headers)
    error = _error(client)
    assert isinstance(error, PassingError)
    assert error.after is not None
    assert abs(error.after.total_seconds() - seconds) <= 5


@pytest.mark.parametrize(("minutes", "seconds"), [(10, 600), (-10, 1), (600, 7200)])
def test_retry_after_may_be_a_date(github: LocalGitHub, client: Client, minutes: int, seconds: int) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)
    _failing(github, 429, "Slow down", {"Retry-After": date})
    error = _error(client)
    assert isinstance(error, PassingError)
    assert error.after is not None
    assert abs(error.after.total_seconds() - seconds) <= 5


def test_a_limit_that_is_nearly_used_up_is_no_limit(github: LocalGitHub, client: Client) -> None:
    _failing(github, 403, "Resource not accessible by integration", {"X-RateLimit-Remaining": "1"})
    assert type(_error(client)) is RefusedError


@pytest.mark.parametrize(
    "body",
    [b"<!DOCTYPE html><title>Unicorn!</title>", b"", b"{", b'"Server Error"', b"null", b"7", b"\xff\xfe"],
)
@pytest.mark.parametrize("status", [200, 201])
def test_a_page_for_people_is_no_answer(
    github: LocalGitHub, client: Client, status: int, body: bytes
) -> None:
    github.fail("*", _ROOT, status, body=body, headers={"Content-Type": "text/html"})
    error = _error(client)
    assert type(error) is PassingError
    assert str(error).endswith("the answer is not JSON")


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b'"x"', b"null", b'{"errors":["x"]}', b"\xff"])
def test_an_error_without_words_is_one_too(github: LocalGitHub, client: Client, body: bytes) -> None:
    github.fail("*", _ROOT, 422, body=body)
    assert str(_error(client)) == f"PATCH {_ROOT}: 422: no words"


def test_an_error_tells_what_is_wrong_with_which_field(github: LocalGitHub, client: Client) -> None:
    body = b'{"message":"Validation Failed","errors":[{"message":"No commits between"},{"code":"invalid"}]}'
    github.fail("*", _ROOT, 422, body=body)
    assert str(_error(client)).endswith("422: Validation Failed; No commits between; invalid")


def test_a_read_is_repeated_and_a_write_is_not(github: LocalGitHub, client: Client) -> None:
    github.fail("GET", f"{_ROOT}$", 502, times=2)
    assert client.get(_ROOT)["full_name"] == NAME
    github.reset("GET", f"{_ROOT}$")
    assert client.get(_ROOT)["full_name"] == NAME
    before = len(github.requests)
    github.fail("PATCH", f"{_ROOT}$", 502, times=2)
    _error(client)
    assert len(github.requests) == before + 1


def test_a_read_that_is_asked_to_wait_does_not_wait_here(github: LocalGitHub, client: Client) -> None:
    github.secondary_limit(30, method="GET", times=3)
    with pytest.raises(PassingError) as caught:
        client.get(_ROOT)
    assert caught.value.after == pytest.approx(timedelta(seconds=30), abs=timedelta(seconds=5))
    github.recover()


def test_connections_are_kept(road: Road, client: Client) -> None:
    for _ in range(5):
        client.get(_ROOT)
    assert len(road.hub.server._server._open) <= 3


def test_no_answer_sends_us_to_another_host(github: LocalGitHub, client: Client) -> None:
    visits: list[Request] = []

    def trap(request: Request) -> Answer:
        visits.append(request)
        return Answer(200, b"{}", {"Content-Type": "application/json"})

    with Loopback(trap) as elsewhere:
        for status in (301, 302, 307, 308):
            for method in ("GET", "PATCH"):
                github.fail(method, _ROOT, status, headers={"Location": f"{elsewhere.url}{_ROOT}"})
            with pytest.raises(RefusedError, match="which is refused"):
                client.get(_ROOT)
            assert type(_error(client)) is RefusedError
    assert visits == []


def test_a_redirect_within_the_api_is_followed_with_the_token(github: LocalGitHub, client: Client) -> None:
    github.rename(NAME, "store")
    assert client.get(_ROOT)["full_name"] == "acme/store"
    assert client.post(f"{_ROOT}/labels", {"name": "x", "color": "6f8f72"})["name"] == "x"


def test_git_follows_no_redirect(road: Road, tmp_path: Path) -> None:
    visits: list[Request] = []

    def trap(request: Request) -> Answer:
        visits.append(request)
        return Answer(404)

    repository = road.add()
    with (
        Loopback(trap) as elsewhere,
        road.world.app.open(road.installation.id, repository.id) as repo,
    ):
        road.hub.fail("GET", "info/refs", 301, headers={"Location": f"{elsewhere.url}/x.git/info/refs"})
        arguments = (tmp_path / "m.git", repo.clone_url, "refs/heads/main", repo.token())
        with pytest.raises(git.GitError), snapshot.take(*arguments):
            pass
    assert visits == []


def test_a_token_opens_one_repository_and_is_registered(road: Road) -> None:
    repository = road.add()
    road.add({}, "acme/other")
    told: list[str] = []
    app = road.world.app
    app._redact = told.append
    with app.open(road.installation.id, repository.id) as repo:
        (token,) = road.hub.world.tokens.values()
        assert told == [token.value]
        assert token.repositories == frozenset({repository.id})
        with pytest.raises(GoneError):
            repo._client.get("/repos/acme/other")
    assert set(token.permissions) == {
        "actions",
        "checks",
        "contents",
        "issues",
        "members",
        "metadata",
        "pull_requests",
        "statuses",
        "workflows",
    }
    assert token.value not in repo.clone_url


def test_git_gets_a_token_that_only_reads_once_and_where_it_is_needed(road: Road) -> None:
    repository = road.add()
    with road.world.app.open(road.installation.id, repository.id) as repo:
        repo.branch("main")
        assert _minted(road) == 1
        token = road.hub.world.tokens[repo.token()]
        assert repo.token() == token.value
        assert _minted(road) == 2
    assert token.repositories == frozenset({repository.id})
    assert token.permissions == {"contents": "read", "metadata": "read"}


def _minted(road: Road) -> int:
    return sum(e.template.endswith("/access_tokens") for e in road.hub.requests)


def test_a_token_that_was_revoked_is_exchanged_once(road: Road, client: Client) -> None:
    road.hub.world.tokens.clear()
    assert client.get(_ROOT)["full_name"] == NAME
    assert _minted(road) == 2
    road.hub.world.tokens.clear()
    with pytest.raises(LockedOutError, match=r"Bad credentials\. Check that KOTSU_GITHUB_APP_ID and"):
        client.get(_ROOT)
    assert _minted(road) == 2


def test_a_write_with_a_revoked_token_is_done_once(road: Road, client: Client) -> None:
    road.hub.world.tokens.clear()
    assert client.post(f"{_ROOT}/labels", {"name": "x", "color": "6f8f72"})["name"] == "x"


@pytest.mark.parametrize("minutes", [-4, -2, 0, 2, 3])
def test_clocks_may_differ_by_minutes(road: Road, minutes: int) -> None:
    road.add()
    now = road.hub.world.now
    road.hub.world.now = lambda: now() + timedelta(minutes=minutes)
    assert len(list(road.world.app.repositories(road.installation.id))) == 1


def test_a_clock_that_is_wrong_is_told_with_both_times(road: Road) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=20), usegmt=True)
    body = b'{"message":"'
    body += b"'Expiration time' claim ('exp') must be a numeric value representing the future\"}"
    road.hub.fail("POST", "access_tokens", 401, body=body, headers={"Date": date})
    with pytest.raises(
        LockedOutError, match=r"This machine's clock says .* UTC and GitHub's .*: set it right"
    ):
        list(road.world.app.repositories(road.installation.id))


def test_a_token_is_worthless_when_its_work_is_done(road: Road) -> None:
    repository = road.add()
    with road.world.app.open(road.installation.id, repository.id) as repo:
        assert repo.branch("main")
        assert len(road.hub.world.tokens) == 1
    assert road.hub.world.tokens == {}


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_token_that_cannot_be_revoked_now_is_no_trouble(road: Road, status: int) -> None:
    repository = road.add()
    road.hub.fail("DELETE", "/installation/token", status)
    with road.world.app.open(road.installation.id, repository.id) as repo:
        assert repo.branch("main")


@pytest.mark.parametrize("name", ["workflows", "checks", "issues"])
def test_a_permission_that_was_not_granted_is_left_out(road: Road, name: str) -> None:
    repository = road.add()
    del road.installation.permissions[name]
    with road.world.app.open(road.installation.id, repository.id):
        (granted,) = (token.permissions for token in road.hub.world.tokens.values())
    assert name not in granted
    assert {granted["contents"], granted["pull_requests"]} == {"write"}


@pytest.mark.parametrize("name", ["contents", "pull_requests"])
def test_without_what_it_cannot_do_without_it_says_so(road: Road, name: str) -> None:
    repository = road.add()
    road.installation.permissions[name] = "read"
    with (
        pytest.raises(GoneError, match=f"not granted what Kotsu needs: write access to {name}"),
        road.world.app.open(road.installation.id, repository.id),
    ):
        pass


def test_what_slips_to_another_page_while_pages_are_read_is_found(road: Road) -> None:
    for number in range(102):
        road.hub.repository(f"acme/r{number}", {})
    listed = road.world.app.repositories(road.installation.id)
    first = next(iter(road.hub.world.repositories))
    server = road.hub.server._server
    answered = server.answer

    def answer(request: Request) -> Answer:
        found = answered(request)
        if request.path.endswith("/installation/repositories"):
            road.hub.world.repositories.pop(first, None)
        return found

    server.answer = answer
    names = {about.repository.name for about in listed}
    assert {f"r{number}" for number in range(1, 102)} <= names


def test_a_link_to_another_host_is_not_followed(road: Road) -> None:
    visits: list[Request] = []

    def trap(request: Request) -> Answer:
        visits.append(request)
        return Answer(200, b"[]", {"Content-Type": "application/json"})

    with Loopback(trap) as elsewhere:
        link = {"Link": f'<{elsewhere.url}/app/hook/deliveries?cursor=v1_7>; rel="next"'}
        road.hub.fail("GET", "/app/hook/deliveries", 200, body=b"[]", headers=link)
        assert list(road.world.app.hook.deliveries(0)) == []
    assert visits == []
    (asked,) = [e for e in road.hub.requests if e.template == "/app/hook/deliveries"]
    assert asked.query["cursor"] == "v1_7"


def test_creations_keep_their_distance_over_all_jobs() -> None:
    now, slept = 100.0, []

    def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    pace = Pace(1.0, clock=lambda: now, sleep=sleep)
    at = []
    for number in range(60):
        pace.wait()
        at.append(now)
        now += 0.25 if number % 2 else 2.0
    assert min(later - earlier for earlier, later in pairwise(at)) >= 1.0
    assert slept == [0.75] * 29


def test_two_jobs_of_one_installation_share_its_pace(road: Road) -> None:
    repository = road.add()
    app = road.world.app
    with app.open(road.installation.id, repository.id) as one:
        first = one._client._pace
    with app.open(road.installation.id, repository.id) as two:
        assert two._client._pace is first
    road.hub.repository("globex/shop", {})
    other = road.hub.install("globex")
    with app.open(other.id, road.hub.find("globex/shop").id) as three:
        assert three._client._pace is not first


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":null,"errors":[{"message":"Timeout"}]}',
        b'{"data":{"r1":{"object":{"oid":"abc"}},"r2":null},"errors":[{"type":"NOT_FOUND","message":"r2"}]}',
        b'{"data":{"r1":null},"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}',
        b'{"errors":[]}',
        b"{}",
        b"",
    ],
)
def test_half_an_answer_of_graphql_is_none(road: Road, body: bytes) -> None:
    road.hub.fail("POST", "graphql", 200, body=body)
    with pytest.raises(PassingError, match="GraphQL"):
        road.world.app.heads(road.installation.id, {1: ("acme", "shop"), 2: ("acme", "other")})


@pytest.mark.parametrize(
    "message", ["Tree SHA does not exist", "Object does not exist", "Parent SHA does not exist or is not..."]
)
def test_what_github_does_not_know_yet_may_be_known_soon(
    github: LocalGitHub, client: Client, message: str
) -> None:
    _failing(github, 422, message)
    assert type(_error(client)) is PassingError


def test_the_list_of_repositories_is_read_with_a_token_that_reads_nothing_else(road: Road) -> None:
    road.add()
    assert len(list(road.world.app.repositories(road.installation.id))) == 1
    (token,) = road.hub.world.tokens.values()
    assert token.permissions == {"metadata": "read"}


def test_what_the_key_cannot_sign_is_told_in_words(road: Road) -> None:
    road.hub.fail("POST", "access_tokens", 401, body=b'{"message":"A JSON web token could not be decoded"}')
    with pytest.raises(PassingError, match="A JSON web token could not be decoded"):
        list(road.world.app.repositories(road.installation.id))


def test_blame_is_nice_to_know(road: Road) -> None:
    repository = road.add()
    with road.world.app.open(road.installation.id, repository.id) as repo:
        commit = repository.branch("main") or ""
        assert [b.author for b in repo.blame(commit, "shop/clock.py")] == ["Ada Example"]
        assert list(repo.blame("0" * 40, "shop/clock.py")) == []
        road.hub.fail("POST", "graphql", 200, body=b'{"data":null,"errors":[{"message":"Timeout"}]}')
        with pytest.raises(PassingError, match="GraphQL"):
            repo.blame(commit, "shop/clock.py")


def test_subjects_are_those_that_git_shows(road: Road) -> None:
    repository = road.add(history=["First\nand more\n\nBody", "Second"])
    road.hub.push(NAME, {"x": b"x"}, "Third", branch="topic")
    with road.world.app.open(road.installation.id, repository.id) as repo:
        pull = repo.create_pull("topic", "main", "Topic", "x")
        assert pull is not None
        road.hub.merge(NAME, pull.number)
        assert repo.subjects() == ["Third", "Second", "First and more"]


def test_notes_of_what_is_public_are_read_with_the_token_of_one_repository(road: Road) -> None:
    repository = road.add()
    road.hub.repository("octo/shelf", private=False)
    road.hub.release("octo/shelf", "v1.0", "First")
    road.hub.release("octo/shelf", "v2.0", "Second")
    with road.world.app.open(road.installation.id, repository.id) as repo:
        found = repo.notes(f"{road.hub.url}/octo/shelf")
    assert [(n.tag, n.text) for n in found] == [("v2.0", "Second"), ("v1.0", "First")]
    assert found[0].url == f"{road.hub.url}/octo/shelf/releases/tag/v2.0"
    assert found[0].day == road.hub.world.now().date().isoformat()


def test_notes_that_not_everybody_may_read_are_not_read(road: Road) -> None:
    repository = road.add()
    road.add({}, "acme/secret")
    road.hub.release("acme/secret", "v1.0", "Hush")
    with road.world.app.open(road.installation.id, repository.id) as repo, pytest.raises(GoneError):
        repo.notes(f"{road.hub.url}/acme/secret")


@pytest.mark.parametrize(
    ("status", "message", "became"),
    [
        (410, "This issue was deleted", Ticket(Progress.GONE)),
        (410, "Issues has been disabled in this repository.", None),
        (404, "Not Found", None),
    ],
)
def test_a_number_that_was_never_given_here_is_nothing_that_went(
    road: Road, status: int, message: str, became: Ticket | None
) -> None:
    repository = road.add()
    body = b'{"message":"%b"}' % message.encode()
    road.hub.fail("GET", r"/issues/7$", status, times=9, body=body)
    with road.world.app.open(road.installation.id, repository.id) as repo:
        assert repo.talk.ticket(Mention("", 7)) == became
    road.hub.recover()


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/octo/shelf",
        "{home}.example.com/octo/shelf",
        "{home}/octo/shelf/../../acme/shop",
        "{home}/octo",
        "{home}/octo/shelf?x=1",
        "{home}/octo/a b",
        "{home}/octo/..",
        "",
    ],
)
def test_an_address_that_is_no_repository_here_is_not_asked_for(road: Road, address: str) -> None:
    repository = road.add()
    with road.world.app.open(road.installation.id, repository.id) as repo:
        before = len(road.hub.requests)
        assert repo.notes(address.format(home=repo.home)) == ()
        assert len(road.hub.requests) == before


@pytest.mark.parametrize(
    ("api_url", "home"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://ghe.example.com/api/v3", "https://ghe.example.com"),
    ],
)
def test_people_look_at_a_github_beside_its_api(client: Client, api_url: str, home: str) -> None:
    about = About(Repository(1, "acme", "shop", "main", 1), "")
    assert Repo(client, about, str, api_url).home == home
