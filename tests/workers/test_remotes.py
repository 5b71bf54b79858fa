"""Tags of repositories over real git and HTTP: what is told, how old it is, and which hosts are not asked."""

from __future__ import annotations

import ipaddress
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from codemods.model import Releases
from demo.loopback import Answer, Request
from tests.forge import Forge, slow
from workers import reach, remotes

_ADVERTISED = "application/x-git-upload-pack-advertisement"
_QUICK = remotes.Limits(request=2.0, total=10.0)


def _loopback(host: str) -> bool:
    return host == "127.0.0.1"


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[Forge]:
    with Forge(tmp_path / "forge") as forge:
        yield forge


def _ask(forge: Forge, name: str, limits: remotes.Limits = _QUICK) -> Releases:
    address = forge.address(name)
    return remotes.answer([address], allowed=_loopback, limits=limits)[address]


def _days(answer: Releases) -> dict[str, str]:
    return {release.tag: release.uploaded[:10] for release in answer.releases}


def test_tags_come_with_their_commits_and_days(forge: Forge) -> None:
    one = forge.tag("octo/act", "v1.0.0", "2024-01-01")
    two = forge.tag("octo/act", "v2.0.0", "2024-02-01", annotated="2025-03-01")
    answer = _ask(forge, "octo/act")
    assert answer.error == ""
    assert {r.tag: r.hashes for r in answer.releases} == {"v1.0.0": (one,), "v2.0.0": (two,)}
    assert _days(answer) == {"v1.0.0": "2024-01-01", "v2.0.0": "2025-03-01"}
    assert str(answer.releases[0].version) == "2.0.0"


def test_an_old_commit_with_a_new_tag_is_young(forge: Forge) -> None:
    forge.tag("octo/act", "v1.0.0", "2020-01-01", annotated="2026-11-23")
    assert _days(_ask(forge, "octo/act")) == {"v1.0.0": "2026-11-23"}


def test_only_versions_are_told(forge: Forge) -> None:
    for tag in ("v1", "nightly", "v1.0.0-rc.1", "release/v1.0", "a;b$(c)"):
        forge.tag("octo/act", tag, "2024-01-01")
    answer = _ask(forge, "octo/act")
    assert sorted(_days(answer)) == ["release/v1.0", "v1", "v1.0.0-rc.1"]
    assert {r.uploaded for r in answer.releases if r.tag == "v1.0.0-rc.1"} == {""}


def test_the_newest_of_each_shape_have_dates_and_so_has_the_first_of_a_tag_that_moves(forge: Forge) -> None:
    for minor in range(12):
        forge.tag("octo/act", f"v1.{minor}.0", f"2024-{minor + 1:02}-01")
    forge.tag("octo/act", "v1", "2024-12-01")
    days = _days(_ask(forge, "octo/act"))
    assert len(days) == 13
    assert {tag for tag, day in days.items() if not day} == {"v1.1.0", "v1.2.0", "v1.3.0"}
    assert days["v1.0.0"] == "2024-01-01"


def test_no_file_of_a_repository_is_fetched(forge: Forge) -> None:
    forge.tag("octo/act", "v1.0.0", "2024-01-01")
    assert _days(_ask(forge, "octo/act")) == {"v1.0.0": "2024-01-01"}
    fetched = [r.body for r in forge.asked if b"command=fetch" in r.body]
    assert fetched
    assert all(b"filter tree:0" in body and b"deepen 1" in body for body in fetched)


def test_no_credentials_are_sent(forge: Forge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ada password canary\n", "utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    forge.tag("octo/act", "v1.0.0", "2024-01-01")
    assert _ask(forge, "octo/act").error == ""
    assert not any("authorization" in request.headers for request in forge.asked)


def test_a_tag_that_moved_between_the_two_questions_has_no_date(forge: Forge) -> None:
    forge.tag("octo/act", "v1.0.0", "2024-01-01")
    answered = forge._answer

    def moving(request: Request) -> Answer:
        if b"command=ls-refs" in request.body and not forge.faults:
            answer = answered(request)
            forge.tag("octo/act", "v1.0.0", "2024-02-02", again=True)
            forge.faults["nothing"] = slow
            return answer
        return answered(request)

    forge._server.answer = moving
    assert _days(_ask(forge, "octo/act")) == {"v1.0.0": ""}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(404), "its repository is not there for everybody"),
        (Answer(403), "its repository is not there for everybody"),
        (Answer(301, headers={"Location": "http://169.254.169.254/latest"}), "its repository has moved: "),
        (Answer(302, headers={"Location": "file:///etc/passwd"}), "its repository has moved: "),
        (Answer(429), "its repository is on a host that asks to be asked less often (429)"),
        (Answer(503), "its repository is on a host that failed"),
        (Answer(200, b"zz", {"Content-Type": _ADVERTISED}), "its repository cannot be reached"),
    ],
)
def test_a_fault_is_told_in_words_and_stays_with_its_address(
    forge: Forge, answer: Answer, words: str
) -> None:
    forge.tag("octo/act", "v1.0.0", "2024-01-01")
    forge.faults["octo/bad"] = lambda _: answer
    addresses = [forge.address("octo/act"), forge.address("octo/bad")]
    told = remotes.answer(addresses, allowed=_loopback, limits=_QUICK)
    assert told[addresses[0]].error == ""
    assert told[addresses[1]].error.startswith(words)


def test_a_page_for_people_holds_no_tag(forge: Forge) -> None:
    forge.faults["octo/page"] = lambda _: Answer(200, b"<html>@everyone v1.0.0</html>")
    assert _ask(forge, "octo/page").releases == ()


def test_a_repository_that_is_not_there(forge: Forge) -> None:
    assert _ask(forge, "octo/none").error == "its repository is not there for everybody"


def test_a_server_that_never_ends_is_left(forge: Forge) -> None:
    forge.faults["octo/slow"] = slow
    started = time.monotonic()
    answer = _ask(forge, "octo/slow", remotes.Limits(request=0.5))
    assert answer.error == "it did not answer within 0.5 s"
    assert time.monotonic() - started < 2.5
    assert not any(forge.url in command for command in _commands())


def _commands() -> Iterator[str]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield path.read_text("utf-8", "replace")


def test_what_is_not_asked_in_time_is_said(forge: Forge) -> None:
    for name in "abc":
        forge.faults[f"octo/{name}"] = slow
    addresses = [forge.address(f"octo/{name}") for name in "abc"]
    told = remotes.answer(
        addresses, allowed=_loopback, limits=remotes.Limits(connections=1, request=0.4, total=0.2)
    )
    assert "were not enough" in told[addresses[2]].error


def test_a_list_without_end_is_cut(forge: Forge) -> None:
    lines = b"".join(b"0040%040d refs/tags/v%07d\n" % (n + 1, n) for n in range(60_000))
    head = b"001e# service=git-upload-pack\n0000"
    forge.faults["octo/huge"] = lambda _: Answer(200, head + lines + b"0000", {"Content-Type": _ADVERTISED})
    answer = _ask(forge, "octo/huge", remotes.Limits(request=5.0, body=64 * 1024))
    assert answer.releases == ()
    assert answer.error == "its answer is too large"


def test_a_server_that_filters_nothing_fills_no_disk(forge: Forge) -> None:
    forge.tag("octo/act", "v1.0.0", "2024-01-01")
    folder = forge.root / "octo/act"
    subprocess.run(["git", "-C", folder, "config", "uploadpack.allowFilter", "false"], check=True)
    answer = _ask(forge, "octo/act", remotes.Limits(request=5.0, body=4096))
    assert [r.tag for r in answer.releases] == ["v1.0.0"]


@pytest.mark.parametrize(
    "address",
    [
        "git+ssh://github.com/a/b",
        "git+file:///etc/passwd",
        "git+https://user:canary@github.com/a/b",
        "git+https://github.com/a/../b",
        "git+https://github.com/-a b",
        "git+ext::sh -c touch% canary",
        "git+https://[::1]/a/b",
        "git+https://github.com",
        "shelf",
    ],
)
def test_what_is_no_address_is_not_asked(address: str) -> None:
    assert remotes.answer([address])[address].error == "it is no address of a repository"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "10.1.2.3", "0.0.0.0"])
def test_a_private_host_is_not_asked(host: str) -> None:
    address = f"git+https://{host}/a/b"
    assert "it is not on the public internet" in remotes.answer([address])[address].error


def test_without_tls_nobody_is_asked_whom_the_operator_did_not_name(forge: Forge) -> None:
    forge.tag("octo/act", "v1.0.0", "2024-01-01")
    address = forge.address("octo/act")
    assert "not asked over https" in remotes.answer([address])[address].error
    assert forge.asked == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("140.82.121.4", True),
        ("2606:50c0:8000::153", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("0.0.0.0", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:140.82.121.4", True),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:7f00:1::", False),
        ("ff0e::1", False),
    ],
)
def test_what_the_public_internet_is(address: str, public: bool) -> None:  # noqa: FBT001 -- a row of the table
    assert reach.is_public(ipaddress.ip_address(address)) is public


def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [(socket.AF_INET, 1, 6, "", (a, 443)) for a in ("140.82.121.4", "192.168.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)
    with pytest.raises(reach.UnreachableError, match="public internet"):
        reach.address("rebound.example", 443)
    assert reach.address("rebound.example", 443, lambda host: host == "rebound.example") == "140.82.121.4"


def test_a_name_that_nobody_knows_is_said() -> None:
    address = "git+https://no-such-host.invalid/a/b"
    assert remotes.answer([address])[address].error == "its host `no-such-host.invalid` cannot be found"


def test_behind_a_proxy_names_are_the_proxy_s_to_judge_and_addresses_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org:3128")
    monkeypatch.setenv("no_proxy", ".intern.example.org")
    monkeypatch.delenv("NO_PROXY", raising=False)
    entries = [(socket.AF_INET, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)
    assert reach.address("github.com", 443) == "github.com"
    for host in ("10.0.0.1", "git.intern.example.org"):
        with pytest.raises(reach.UnreachableError, match="public internet"):
            reach.address(host, 443)
