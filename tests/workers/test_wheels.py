"""The wheels of two releases are read within limits, once for ever, and nothing of them is run."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from codemods.boundaries import Boundary
from codemods.model import Problem, Releases, Upgrade
from demo.index import CONTENT_TYPE
from demo.loopback import Answer, Loopback, Request
from workers import settings, unpacked, wheels
from workers.wheels import Limits

_UPGRADE = Upgrade("shelf", Version("1.0"), Version("2.0"))


def _wheel(files: Mapping[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return made.getvalue()


_OLD = _wheel({"shelf/__init__.py": "def old(): ...\n", "shelf-1.0.dist-info/METADATA": ""})
_NEW = _wheel({"shelf/__init__.py": "def new(): ...\n"})


class _Index:
    """An index with one project; ``files`` are its wheels by name, ``more`` what their entries say beside."""

    def __init__(self, files: Mapping[str, bytes], **more: Any) -> None:
        self.files, self.more, self.asked = files, more, list[str]()
        self.server = Loopback(self._answer)

    def _answer(self, request: Request) -> Answer:
        self.asked.append(request.path)
        name = request.path.rpartition("/")[2]
        if name in self.files:
            return Answer(200, self.files[name])
        if name:
            return Answer(404)
        entries = [
            {
                "filename": file,
                "hashes": {"sha256": hashlib.sha256(data).hexdigest()},
                "size": len(data),
                "url": f"/files/{file}",
                **self.more,
            }
            for file, data in self.files.items()
        ]
        body = json.dumps({"meta": {"api-version": "1.1"}, "name": "shelf", "files": entries})
        return Answer(200, body.encode(), {"Content-Type": CONTENT_TYPE})


def _asked(
    index: _Index, folder: Path, limits: Limits | None = None, **about: Any
) -> Boundary | str | Problem:
    with index.server as server:
        url = f"{server.url}/simple/"
        given = settings.read({"KOTSU_INDEX_URL": url, "KOTSU_DATA_DIR": str(folder)})
        asking = wheels.asking(given, limits)
        return asking(replace(_UPGRADE, **about), Releases("shelf", index=url))


_BOTH = {"shelf-1.0-py3-none-any.whl": _OLD, "shelf-2.0-py3-none-any.whl": _NEW}


def test_what_is_gone_in_the_newer_release_is_told(tmp_path: Path) -> None:
    found = _asked(_Index(_BOTH), tmp_path, page="https://pypi.org/project/shelf/2.0/")
    assert isinstance(found, Boundary)
    assert found.modules == ("shelf",)
    assert [(c.name, c.what, c.url) for c in found.changes] == [
        ("shelf.old", "is gone", "https://pypi.org/project/shelf/2.0/")
    ]


def test_a_release_is_read_once_for_ever(tmp_path: Path) -> None:
    given = settings.read({"KOTSU_DATA_DIR": str(tmp_path)})
    index = _Index(_BOTH)
    with index.server as server:
        url = f"{server.url}/simple/"
        given = settings.read({"KOTSU_INDEX_URL": url, "KOTSU_DATA_DIR": str(tmp_path)})
        answers = [wheels.asking(given)(_UPGRADE, Releases("shelf", index=url)) for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(index.asked) == 3


@pytest.mark.parametrize("text", [b"", b"x", b"\x00" * 99])
def test_a_spoiled_entry_is_as_if_not_there(tmp_path: Path, text: bytes) -> None:
    index = _Index(_BOTH)
    with index.server as server:
        url = f"{server.url}/simple/"
        given = settings.read({"KOTSU_INDEX_URL": url, "KOTSU_DATA_DIR": str(tmp_path)})
        first = wheels.asking(given)(_UPGRADE, Releases("shelf", index=url))
        for kept in tmp_path.glob("interfaces/*/*.z"):
            kept.write_bytes(text)
        assert wheels.asking(given)(_UPGRADE, Releases("shelf", index=url)) == first


def test_the_wheel_for_all_is_read_and_not_the_one_of_a_machine(tmp_path: Path) -> None:
    index = _Index({"shelf-1.0-cp312-cp312-manylinux_2_28_x86_64.whl": b"", **_BOTH})
    assert isinstance(_asked(index, tmp_path), Boundary)
    assert not any("manylinux" in path for path in index.asked)


@pytest.mark.parametrize(
    ("files", "more", "limits", "words"),
    [
        ({"shelf-1.0.tar.gz": b""}, {}, None, "1.0 has no wheel"),
        (_BOTH, {}, Limits(wheel=100), "the wheel of 1.0 is larger than 0 MiB"),
        (
            _BOTH,
            {"hashes": {"sha256": "0" * 64}},
            None,
            "the wheel of 1.0 is not the one that the index lists",
        ),
        ({"shelf-1.0-py3-none-any.whl": b"x"}, {}, None, "the wheel of 1.0 is no sound archive"),
        (_BOTH, {}, Limits(reading=unpacked.Limits(all=5)), "the wheel of 1.0 is too large to be read"),
    ],
)
def test_what_nobody_will_know_is_told(
    tmp_path: Path, files: dict[str, bytes], more: dict[str, Any], limits: Limits | None, words: str
) -> None:
    assert _asked(_Index(files, **more), tmp_path, limits) == words


@pytest.mark.parametrize(
    ("index", "limits", "about"),
    [
        (_Index(_BOTH, url="/files/elsewhere.whl"), None, {}),
        (_Index(_BOTH), Limits(upgrades=0), {}),
        (_Index(_BOTH), Limits(total=-1), {}),
        (_Index(_BOTH), Limits(wheel=400), {}),
        (_Index(_BOTH), None, {"before": None}),
        (_Index(_BOTH), None, {"repository": "https://github.com/o/r"}),
    ],
)
def test_what_may_be_known_another_time_is_not_spoken_of(
    tmp_path: Path, index: _Index, limits: Limits | None, about: dict[str, Any]
) -> None:
    if limits and limits.wheel == 400:
        index.more = {"size": None}
        limits = Limits(wheel=100)
    assert _asked(index, tmp_path, limits, **about) == ""


def test_a_host_of_files_that_is_refused_is_a_problem_each_time(tmp_path: Path) -> None:
    index = _Index(_BOTH, url="https://10.0.0.1/x.whl")
    with index.server as server:
        url = f"{server.url}/simple/"
        given = settings.read({"KOTSU_INDEX_URL": url, "KOTSU_DATA_DIR": str(tmp_path)})
        first, again = (wheels.asking(given)(_UPGRADE, Releases("shelf", index=url)) for _ in range(2))
    assert isinstance(first, Problem)
    assert first == again
    assert "the host `10.0.0.1` of an index's files is refused" in first.message
    assert len(index.asked) == 1


def test_what_failed_is_not_tried_again_at_once(tmp_path: Path) -> None:
    index = _Index({"shelf-1.0-py3-none-any.whl": b"x"})
    with index.server as server:
        url = f"{server.url}/simple/"
        given = settings.read({"KOTSU_INDEX_URL": url, "KOTSU_DATA_DIR": str(tmp_path)})
        answers = [wheels.asking(given)(_UPGRADE, Releases("shelf", index=url)) for _ in range(2)]
        assert answers == ["the wheel of 1.0 is no sound archive"] * 2
        assert len(index.asked) == 2
        (kept,) = tmp_path.glob("interfaces/*/*.no")
        os.utime(kept, (1, 1))
        assert wheels.asking(given)(_UPGRADE, Releases("shelf", index=url)) == answers[0]
        assert len(index.asked) == 4


# --- what is in a wheel


@pytest.mark.parametrize("path", ["../x.py", "/x.py", "a/../../x.py", "a\\x.py"])
def test_a_path_that_leads_out_is_refused(path: str) -> None:
    with pytest.raises(unpacked.UnusableError, match="leads out"):
        unpacked.read(_wheel({path: ""}).replace(path.replace("\\", "/").encode(), path.encode()))


def test_a_bomb_is_not_opened() -> None:
    bomb = _wheel({"a.py": "\n" * 10_000_000})
    assert len(bomb) < 20_000
    assert unpacked.read(bomb).modules["a"].open
    with pytest.raises(unpacked.UnusableError, match="too large"):
        unpacked.read(
            _wheel({f"a{n}.py": "\n" * 1_000_000 for n in range(9)}), unpacked.Limits(all=8_000_000)
        )


def test_a_size_that_is_a_lie_is_found_out() -> None:
    lie = _wheel({"a.py": "x = 1\n" * 1000}).replace((6000).to_bytes(4, "little"), (60).to_bytes(4, "little"))
    with pytest.raises(unpacked.UnusableError, match="sound"):
        unpacked.read(lie)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_would_unpack_all_at_once_is_not_unpacked(method: int) -> None:
    """A few hundred bytes became a gigabyte before anybody looked at how much was asked for."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        archive.writestr("a.py", b"\n" * 1000)
    for reading in (unpacked.read, lambda wheel: unpacked.texts(wheel, lambda _: True)):
        with pytest.raises(unpacked.UnusableError, match="packed in a way"):
            reading(made.getvalue())


def test_a_crowd_of_files_is_counted_before_it_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    wheel, few = _wheel({f"{n}.py": "" for n in range(4)}), unpacked.Limits(members=3)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(unpacked.UnusableError, match="too many files"):
        unpacked.read(wheel, few)


@pytest.mark.parametrize("cut", [1, 10, 30, 60])
def test_a_wheel_that_is_cut_is_no_sound_archive(cut: int) -> None:
    with pytest.raises(unpacked.UnusableError, match="sound"):
        unpacked.read(_OLD[:-cut])


def test_modules_are_found_wherever_a_wheel_has_them() -> None:
    files = {
        "a/__init__.py": "x = 1\n",
        "a/fast.cpython-312-x86_64-linux-gnu.so": "",
        "a/stubbed.pyi": "def f(): ...\n",
        "a/stubbed.abi3.so": "",
        "a/both.py": "y = 1\n",
        "a/both.pyi": "z = 1\n",
        "a-1.data/purelib/b.py": "x = 1\n",
        "a-1.data/scripts/run.py": "x = 1\n",
        "a-1.dist-info/c.py": "x = 1\n",
        "a/_vendor/d.py": "x = 1\n",
        "a/data.txt": "",
    }
    found = unpacked.read(_wheel(files)).modules
    assert sorted(found) == ["a", "a.both", "a.fast", "a.stubbed", "b"]
    assert (found["a.fast"].open, set(found["a.stubbed"].names), set(found["a.both"].names)) == (
        True,
        {"f"},
        {"y"},
    )
