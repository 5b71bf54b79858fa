"""Several package indexes: the first that knows a name is believed, and a secret stays where it belongs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codemods.model import Releases
from demo.index import CONTENT_TYPE, LocalIndex
from demo.loopback import Answer, Loopback, Request
from tests.workers.world import World, edits, words
from workers import indexes, origins, resolver
from workers.lockers.model import Box

_QUICK = indexes.Limits(request=1.0, total=5.0, pause=0.0)


@pytest.fixture
def inner() -> Iterator[LocalIndex]:
    """The index of the house, which is asked first."""
    with LocalIndex({}) as index:
        index.release("shelf", "1.0")
        yield index


@pytest.fixture
def public() -> Iterator[LocalIndex]:
    """The index of everybody, which somebody put a package of the house's name on."""
    with LocalIndex({}) as index:
        index.release("shelf", "9.9")
        index.release("plank", "1.0")
        yield index


def _asked(index: LocalIndex) -> list[str]:
    return [request.path for request in index.requests]


def _signed(url: str, user: str) -> str:
    return url.replace("http://", f"http://{user}:canary@")


def _answer(name: str, public: LocalIndex, *extra: str) -> Releases:
    return indexes.answer([name], public.url, extra=extra, limits=_QUICK)[name]


def test_the_first_index_that_knows_a_name_is_the_only_one_believed(
    inner: LocalIndex, public: LocalIndex
) -> None:
    found = _answer("shelf", public, inner.url)
    assert [str(r.version) for r in found.releases] == ["1.0"]
    assert (found.index, found.passed) == (inner.url, ())
    assert _asked(public) == []


def test_a_name_that_it_does_not_know_is_asked_for_at_the_next(inner: LocalIndex, public: LocalIndex) -> None:
    found = _answer("plank", public, inner.url)
    assert [str(r.version) for r in found.releases] == ["1.0"]
    assert (found.index, found.passed) == (public.url, (inner.url,))


def test_a_name_that_nobody_knows(inner: LocalIndex, public: LocalIndex) -> None:
    found = _answer("drawer", public, inner.url)
    assert (found.error, found.index) == ("no index knows it (404)", public.url)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda i: i.fail("/shelf/", 500, times=2), "the index failed (500)"),
        (lambda i: i.fail("/shelf/", 401), "the index refuses access (401)"),
        (lambda i: i.fail("/shelf/", 403), "the index refuses access (403)"),
        (lambda i: i.fail("/shelf/", 410), "the index says that it is gone (410)"),
        (lambda i: i.reset("/shelf/", times=2), "the index cannot be reached"),
        (lambda i: i.truncate("/shelf/", times=2), "the index cannot be reached"),
        (lambda i: i.speak_html("/shelf/"), "the index's page lists no files of it"),
        (lambda i: i.delay("/shelf/", 1.2, times=2), "the index did not answer within 1 s"),
    ],
)
def test_an_index_that_fails_hides_the_ones_behind_it(
    inner: LocalIndex, public: LocalIndex, fault: Callable[[LocalIndex], None], said: str
) -> None:
    fault(inner)
    found = _answer("shelf", public, inner.url)
    assert found.releases == ()
    assert found.error.startswith(f"{origins.place(inner.url).host}: {said}")
    assert _asked(public) == []


def test_an_index_that_is_named_twice_is_asked_once(inner: LocalIndex) -> None:
    found = _answer("drawer", inner, inner.url, inner.url.rstrip("/"))
    assert found.error == "the index does not know it (404)"
    assert len(inner.requests) == 1


def test_each_index_hears_its_own_credentials(inner: LocalIndex, public: LocalIndex) -> None:
    extra, last = _signed(inner.url, "inner"), _signed(public.url, "public")
    found = indexes.answer(["plank", "shelf"], last, extra=[extra], limits=_QUICK)
    assert {r.headers["authorization"] for r in inner.requests} == {"Basic aW5uZXI6Y2FuYXJ5"}
    assert {r.headers["authorization"] for r in public.requests} == {"Basic cHVibGljOmNhbmFyeQ=="}
    assert "canary" not in repr(found)


def test_a_redirect_to_another_index_of_the_operator_is_followed_without_credentials(
    inner: LocalIndex, public: LocalIndex
) -> None:
    inner.redirect("/plank/", f"{public.url}plank/")
    found = indexes.answer(
        ["plank"], _signed(public.url, "public"), extra=[_signed(inner.url, "inner")], limits=_QUICK
    )["plank"]
    assert [str(r.version) for r in found.releases] == ["1.0"]
    assert (found.index, found.error) == (inner.url, "")
    assert ["authorization" in r.headers for r in (*inner.requests, *public.requests)] == [True, False]


def test_a_redirect_to_an_index_that_nobody_configured_is_refused(
    inner: LocalIndex, public: LocalIndex
) -> None:
    public.redirect("/plank/", f"{inner.url}plank/")
    found = _answer("plank", public)
    assert found.error == f"the index redirects to {inner.url.removesuffix('/simple/')}, which is refused"
    assert _asked(inner) == []


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/latest/",
        "http://[::ffff:127.0.0.1]/",
        "http://10.0.0.1/simple/plank/",
        "http://localhost/simple/plank/",
        "http://127.1/simple/",
        "file:///etc/passwd",
        "ftp://one.test/simple/",
        "//evil.test/simple/",
        "https://one.test/simple/",
        "http://one.test:81/simple/",
        "http://two.test/root/plank/",
        "http://me@one.test/simple/",
        "http://one.test@evil.test/",
        "http://[broken",
        "http://one.test:port/",
    ],
)
def test_no_redirect_leads_off_the_configured_origins(target: str) -> None:
    allowed = origins.places(["http://one.test/simple", "https://two.test/root"])
    with pytest.raises(origins.AstrayError) as refused:
        origins.followed("http://one.test/simple/plank/", target, allowed)
    assert "me@" not in str(refused.value)


@pytest.mark.parametrize(
    ("location", "leads"),
    [
        ("../shelf/", "http://one.test/simple/shelf/"),
        ("http://ONE.test:80/simple/x/", "http://ONE.test:80/simple/x/"),
        ("https://two.test/elsewhere/", "https://two.test/elsewhere/"),
    ],
)
def test_a_redirect_within_the_configured_origins_is_followed(location: str, leads: str) -> None:
    allowed = origins.places(["http://one.test/simple", "https://two.test/root"])
    assert origins.followed("http://one.test/simple/plank/", location, allowed) == leads


def test_the_resolver_believes_the_same_index(inner: LocalIndex, public: LocalIndex, tmp_path: Path) -> None:
    resolve = resolver.asking(public.url, tmp_path, [_signed(inner.url, "inner")])
    assert resolve("shelf==1.0\nplank==1.0", "", "3.11", frozenset()) == ""
    assert "shelf" in resolve("shelf==9.9", "", "3.11", frozenset())
    assert not [path for path in _asked(public) if "shelf" in path]
    sent = [request.headers.get("authorization") for request in inner.requests]
    assert "Basic aW5uZXI6Y2FuYXJ5" in sent


def test_what_a_repository_names_counts_when_the_operator_names_it_too(
    inner: LocalIndex, public: LocalIndex, tmp_path: Path
) -> None:
    public.release("plank", "2.0")
    world = World(public, tmp_path, extra=[inner.url])
    named = f"--extra-index-url {inner.url}\n"
    (found,) = edits(world.proven({"requirements.txt": f"{named}plank==1.0\n"})).values()
    assert found == {"requirements.txt": f"{named}plank==2.0\n"}


def test_what_a_repository_names_alone_keeps_its_names_from_moving(
    inner: LocalIndex, public: LocalIndex, tmp_path: Path
) -> None:
    public.release("plank", "2.0")
    world = World(public, tmp_path)
    found = world.proven({"requirements.txt": f"--extra-index-url {inner.url}\nplank==1.0\n"})
    assert edits(found) == {}
    assert "which was not asked" in words(found)[0]
    assert _asked(inner) == []


def test_an_index_that_was_not_reached_for_a_name_was_not_asked(
    inner: LocalIndex, public: LocalIndex, tmp_path: Path
) -> None:
    inner.release("shelf", "2.0")
    world = World(public, tmp_path, extra=[inner.url])
    found = world.proven({"requirements.txt": f"--index-url {public.url}\nshelf==1.0\n"})
    assert edits(found) == {}
    assert "which was not asked" in words(found)[0]


@pytest.fixture
def elsewhere(public: LocalIndex) -> Iterator[tuple[Loopback, list[Request]]]:
    """An index whose files, and next page, are on another host; and what it was asked."""
    asked: list[Request] = []
    there = public.url.removesuffix("/simple/")
    file = {
        "filename": "plank-1.0-py3-none-any.whl",
        "hashes": {"sha256": "a" * 64},
        "url": f"{there}/files/plank-1.0-py3-none-any.whl",
        "core-metadata": True,
    }
    page = json.dumps({"name": "plank", "meta": {"api-version": "1.1"}, "files": [file]}).encode()

    def answer(request: Request) -> Answer:
        asked.append(request)
        links = {"Link": f'<{there}/simple/plank/?page=2>; rel="next"', "Set-Cookie": "canary=1; Path=/"}
        return Answer(200, page, {"Content-Type": CONTENT_TYPE, **links})

    with Loopback(answer) as server:
        yield server, asked


def test_what_an_answer_points_to_is_not_called(
    public: LocalIndex, elsewhere: tuple[Loopback, list[Request]]
) -> None:
    server, asked = elsewhere
    address = _signed(f"{server.url}/simple/", "inner")
    found = indexes.answer(["plank", "plank-two"], address, limits=_QUICK)
    assert [str(r.version) for r in found["plank"].releases] == ["1.0"]
    assert _asked(public) == []
    assert len(asked) == 2
    assert not [request for request in asked if "cookie" in request.headers]


def test_the_resolver_calls_files_on_other_hosts_without_credentials(
    public: LocalIndex, elsewhere: tuple[Loopback, list[Request]], tmp_path: Path
) -> None:
    server, asked = elsewhere
    resolve = resolver.asking(_signed(f"{server.url}/simple/", "inner"), tmp_path)
    assert resolve("plank==1.0", "", "3.11", frozenset()) == ""
    assert "authorization" in asked[-1].headers
    assert _asked(public) == ["/files/plank-1.0-py3-none-any.whl.metadata"]
    assert "authorization" not in public.requests[0].headers


def test_a_lock_file_decides_only_how_an_address_ends() -> None:
    box = Box("https://me:canary@one.test/simple", Path(), ("https://two.test/simple/",))
    spelled = box.spelled(
        ["http://[broken", "./wheels", "https://one.test/simple/", "https://two.test/simple"]
    )
    assert spelled.index_url == "https://me:canary@one.test/simple/"
    assert spelled.extra == ("https://two.test/simple",)
    assert box.spelled([]) == box
