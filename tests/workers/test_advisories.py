"""The source of advisories: asked rarely, believed little, and missed without harm."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from packaging.version import Version

from demo.loopback import Answer, Loopback, Request, Wire
from workers import advisories
from workers.advisories import Limits

ALWAYS = Limits(fresh=0, again=0)
"""A source that is asked each time."""


def record(name: str = "shelf", id_: str = "CVE-2024-1", fixed: str = "2.0") -> dict[str, object]:
    events = [{"introduced": "0"}, {"fixed": fixed}]
    package = {"ecosystem": "PyPI", "name": name}
    return {
        "id": id_,
        "affected": [{"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
    }


def zipped(*records: object, **files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, said in enumerate(records):
            archive.writestr(f"R-{number}.json", json.dumps(said))
        for name, data in files.items():
            archive.writestr(f"{name}.json", data)
    return out.getvalue()


class Source:
    """OSV's bulk file on loopback; ``answers`` come first, then what ``body`` is."""

    def __init__(self) -> None:
        self.body = zipped(record())
        self.answers: list[Answer] = []
        self.asked: list[Request] = []
        self.server = Loopback(self.answer)
        self.url = f"{self.server.url}/PyPI/all.zip"

    def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        if self.answers:
            return self.answers.pop(0)
        etag = f'"{hash(self.body)}"'
        if request.headers.get("if-none-match") == etag:
            return Answer(304)
        return Answer(200, self.body, {"ETag": etag})


@pytest.fixture
def source() -> Iterator[Source]:
    made = Source()
    with made.server:
        yield made


def known(
    source: str, store: Path, *names: str, limits: Limits = ALWAYS
) -> tuple[Mapping[str, list[str]], str]:
    found, words = advisories.answer(names or ("shelf",), source, store, limits=limits)
    return {name: [a.ids[0] for a in listed] for name, listed in found.items()}, words


def test_what_is_published_is_known_by_name(source: Source, tmp_path: Path) -> None:
    source.body = zipped(record(), record("Plank.X", "CVE-2024-2"), record("other"), record(id_="GHSA-a-a"))
    found, words = known(source.url, tmp_path, "shelf", "plank-x", "nothing")
    assert found == {"shelf": ["CVE-2024-1", "GHSA-a-a"], "plank-x": ["CVE-2024-2"]}
    assert words == ""
    told, _ = advisories.answer({"shelf"}, source.url, tmp_path)
    assert told["shelf"][0].concerns(Version("1.9"))
    assert not told["shelf"][0].concerns(Version("2.0"))


def test_an_hour_passes_before_it_is_asked_again(source: Source, tmp_path: Path) -> None:
    for _ in range(3):
        assert known(source.url, tmp_path, limits=Limits())[0] == {"shelf": ["CVE-2024-1"]}
    assert len(source.asked) == 1
    an_hour_ago = time.time() - 3601
    os.utime(tmp_path / "pypi.index", (an_hour_ago, an_hour_ago))
    for _ in range(3):
        assert known(source.url, tmp_path, limits=Limits())[0] == {"shelf": ["CVE-2024-1"]}
    assert [r.headers.get("if-none-match") is not None for r in source.asked] == [False, True]


def test_what_is_new_replaces_what_was_known(source: Source, tmp_path: Path) -> None:
    known(source.url, tmp_path)
    source.body = zipped(record(id_="CVE-2024-7"))
    assert known(source.url, tmp_path) == ({"shelf": ["CVE-2024-7"]}, "")


def test_nobody_is_asked_where_there_is_nothing_to_ask(source: Source, tmp_path: Path) -> None:
    assert advisories.answer((), source.url, tmp_path) == ({}, "")
    assert advisories.answer(("shelf",), "", tmp_path) == ({}, "")
    assert source.asked == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(404), "answered 404"),
        (Answer(302, b"", {"Location": "http://169.254.169.254/"}), "answered 302"),
        (Answer(200, b"<html>"), "are no zip, or a damaged one"),
        (Answer(200, zipped(record())[:-9]), "are no zip, or a damaged one"),
        (Answer(200, zipped(record()), wire=Wire.CUT), "cannot be reached (RemoteProtocolError)"),
        (Answer(200, zipped(record()), wire=Wire.RESET), "cannot be reached ("),
        (Answer(200, zipped()), "has no record about PyPI"),
        (Answer(304), "answered 304"),
    ],
)
def test_a_source_that_fails_is_said_and_costs_nothing_else(
    source: Source, tmp_path: Path, answer: Answer, words: str
) -> None:
    source.answers = [answer]
    found, said = known(source.url, tmp_path)
    assert found == {}
    assert words in said
    assert said.endswith(": no known weakness of a dependency is looked for")


def test_a_source_that_fails_later_leaves_what_is_known(source: Source, tmp_path: Path) -> None:
    known(source.url, tmp_path)
    source.answers = [Answer(500)]
    found, said = known(source.url, tmp_path)
    assert found == {"shelf": ["CVE-2024-1"]}
    today = time.strftime("%Y-%m-%d", time.gmtime())
    assert said == f"the source of advisories answered 500: what is known of weaknesses is of {today}"
    assert known(source.url, tmp_path) == ({"shelf": ["CVE-2024-1"]}, "")


def test_a_source_that_failed_is_not_asked_by_each_scan(source: Source, tmp_path: Path) -> None:
    source.answers = [Answer(500)]
    limits = Limits()
    assert {known(source.url, tmp_path, limits=limits)[1] for _ in range(3)} == {
        "the source of advisories answered 500: no known weakness of a dependency is looked for"
    }
    assert len(source.asked) == 1
    assert known(f"{source.url}?other", tmp_path, limits=limits)[0] == {"shelf": ["CVE-2024-1"]}


def test_what_another_source_said_does_not_count(source: Source, tmp_path: Path) -> None:
    known(source.url, tmp_path)
    assert known("http://127.0.0.1:9/all.zip", tmp_path)[0] == {}


def test_credentials_go_to_the_source_and_nowhere_else(source: Source, tmp_path: Path) -> None:
    url = source.url.replace("http://", "http://ada:canary@")
    source.answers = [Answer(500), Answer(200, source.body)]
    said = [known(url, tmp_path)[1], known(url, tmp_path)[1]]
    assert all("authorization" in request.headers for request in source.asked)
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert "canary" not in " ".join(said)
    assert b"canary" not in kept


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(body=100), "are larger than 0 MiB"),
        (Limits(entries=1), "are more than 1"),
        (Limits(unpacked=200), "unpack to more than is taken"),
    ],
)
def test_too_much_is_refused(source: Source, tmp_path: Path, limits: Limits, words: str) -> None:
    source.body = zipped(record(), record("plank"))
    found, said = known(source.url, tmp_path, limits=limits)
    assert found == {}
    assert words in said


def test_a_record_that_unpacks_to_too_much_is_left_out(source: Source, tmp_path: Path) -> None:
    bomb = json.dumps({**record("plank"), "details": "0" * 3_000_000}).encode()
    source.body = zipped(record(), bomb=bomb)
    assert len(source.body) < 10_000
    found, said = known(source.url, tmp_path, "shelf", "plank", limits=Limits(entry=1_000_000))
    assert (found, said) == ({"shelf": ["CVE-2024-1"]}, "")


def test_what_is_no_json_is_left_out(source: Source, tmp_path: Path) -> None:
    source.body = zipped(record(), a=b"{", b=b"\xff", c=b"[" * 200_000, d=b"1" * 9_999)
    assert known(source.url, tmp_path) == ({"shelf": ["CVE-2024-1"]}, "")


@pytest.mark.parametrize("damage", [b"", b"{}\n", b"no json\n", b"\xff\xfe\n"])
def test_a_file_of_ours_that_is_damaged_is_made_anew(source: Source, tmp_path: Path, damage: bytes) -> None:
    known(source.url, tmp_path)
    (tmp_path / "pypi.index").write_bytes(damage)
    assert known(source.url, tmp_path, limits=Limits()) == ({"shelf": ["CVE-2024-1"]}, "")


def test_a_line_of_ours_that_is_damaged_is_said(source: Source, tmp_path: Path) -> None:
    known(source.url, tmp_path)
    with (tmp_path / "pypi.index").open("ab") as index:
        index.write(b"plank\t[[7]]\n")
    found, said = known(source.url, tmp_path, "plank", limits=Limits())
    assert (found, "damaged" in said) == ({}, True)
    assert known(source.url, tmp_path, limits=Limits()) == ({"shelf": ["CVE-2024-1"]}, "")


def test_a_folder_of_records_is_read_and_looked_at_each_time(tmp_path: Path) -> None:
    mirror, store = tmp_path / "mirror", tmp_path / "store"
    (mirror / "2024").mkdir(parents=True)
    (mirror / "2024" / "a.json").write_text(json.dumps(record()), "utf-8")
    (mirror / "README.md").write_text("{", "utf-8")
    assert known(str(mirror), store, limits=Limits()) == ({"shelf": ["CVE-2024-1"]}, "")
    (mirror / "b.json").write_text(json.dumps(record(id_="CVE-2024-2")), "utf-8")
    assert known(str(mirror), store, limits=Limits()) == ({"shelf": ["CVE-2024-1", "CVE-2024-2"]}, "")


def test_a_zip_on_this_machine_is_read(tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_bytes(zipped(record()))
    assert known(str(tmp_path / "all.zip"), tmp_path / "store") == ({"shelf": ["CVE-2024-1"]}, "")


def test_a_path_where_nothing_is_is_said_until_something_is(tmp_path: Path) -> None:
    path, store = tmp_path / "all.zip", tmp_path / "store"
    found, said = known(str(path), store, limits=Limits())
    assert found == {}
    assert "cannot be read (No such file or directory)" in said
    path.write_bytes(zipped(record()))
    assert known(str(path), store, limits=Limits()) == ({"shelf": ["CVE-2024-1"]}, "")


def test_a_store_that_cannot_be_written_is_said(source: Source, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    found, said = known(source.url, tmp_path / "file" / "store")
    assert found == {}
    assert said.startswith("advisories cannot be kept in the data directory")
