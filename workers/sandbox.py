"""Runs a tool on files of a repository: in an empty folder, with nothing to find or lose."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from workers import leash

UV = find_uv_bin()
"""The program of uv; found at once, because Python 3.11 answers threads that ask at the same time wrongly."""

SECONDS = 90
"""The longest one run may take, unless somebody knows better."""

_LONGEST = 4_000
_PASSED_ON = (
    "HTTPS_PROXY",
    "NO_PROXY",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "https_proxy",
    "no_proxy",
)


class NoAnswerError(Exception):
    """A tool could not be asked, or did not say; the text is the sentence people read.

    ``path`` is the lock file that it was about, ``""`` where there was none.
    """

    path = ""


@dataclass(frozen=True, slots=True)
class Done:
    """How a run ended: its exit code, and what it said on standard error as one line of plain text."""

    code: int
    words: str


def environment(index_url: str, store: Path, home: Path, extra: Sequence[str] = ()) -> Mapping[str, str]:
    """Return all that a tool gets to see; credentials of indexes travel here, in no file and no argument.

    The ``extra`` indexes are asked first, in their order. Of the operator's path the shims of version
    managers are left out: they obey files in the folder.
    """
    path = [p for p in os.get_exec_path() if Path(p).name != "shims"]
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        **({"UV_INDEX": " ".join(extra)} if extra else {}),
        "GIT_ALLOW_PROTOCOL": "",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PATH": os.pathsep.join(path),
        "TMPDIR": str(home),
        "UV_CACHE_DIR": str(store),
        "UV_DEFAULT_INDEX": index_url,
        "UV_HTTP_TIMEOUT": "30",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_TOOL_DIR": str(home / "tools"),
    }


def run(
    command: Sequence[str],
    folder: Path,
    given: Mapping[str, str],
    *,
    seconds: int = SECONDS,
    called: str = "",
) -> Done:
    """Run a command with limits of time, processor, memory and file size; its children end with it.

    After so many ``seconds`` it is ended; ``called`` is what people call it, ``""``: by its file.
    """
    try:
        ended = leash.run(command, given, leash.Limits(seconds), folder=folder)
    except leash.OverdueError:
        raise NoAnswerError(f"{called or Path(command[0]).name} took longer than {seconds} s") from None
    return Done(ended.status, _plain(ended.said))


def _plain(said: bytes) -> str:
    text = re.sub(r"\x1b\[[0-9;]*m", "", said.decode("utf-8", "replace"))
    return " ".join(text.split())[:_LONGEST]
