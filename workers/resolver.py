"""The only door to the resolver: asks uv whether requirements fit together, and builds nothing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from uv import find_uv_bin

Resolve = Callable[[str, str, str], str]
"""Requirements, constraints and a Python such as ``3.11`` in; ``""`` when they resolve, else why not."""

SECONDS = 90
"""The longest one question may take."""

_PASSED_ON = ("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")
_OPTIONS = (
    "--quiet",
    "--no-config",
    "--no-build",  # the code of a source distribution is somebody else's
    "--no-header",
    "--no-annotate",
    "--color=never",
    "--python-platform=linux",
)
_LONGEST = 4_000


class NoAnswerError(Exception):
    """The resolver could not be asked, or did not say; the text is the sentence people read."""


def asking(index_url: str, store: Path) -> Resolve:
    """Return a resolver on one index that remembers its answers; ``store`` keeps what uv downloads.

    Credentials of the index travel in the environment, never in the command line or a file.
    """

    @cache
    def resolve(requirements: str, constraints: str, python: str) -> str:
        with tempfile.TemporaryDirectory(prefix="kotsu-resolve-") as folder:
            place = Path(folder)
            (place / "requirements.in").write_text(f"{requirements}\n", "utf-8")
            (place / "constraints.txt").write_text(f"{constraints}\n", "utf-8")
            return _asked(place, python, _environment(index_url, store, place))

    return resolve


def _environment(index_url: str, store: Path, home: Path) -> Mapping[str, str]:
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PATH": os.defpath,
        "UV_CACHE_DIR": str(store),
        "UV_DEFAULT_INDEX": index_url,
        "UV_HTTP_TIMEOUT": "30",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }


def _asked(place: Path, python: str, environment: Mapping[str, str]) -> str:
    command = [find_uv_bin(), "pip", "compile", *_OPTIONS, f"--python-version={python}"]
    process = subprocess.Popen(  # noqa: S603 -- uv, with arguments of ours and an environment of ours
        [*command, "--constraints=constraints.txt", "requirements.in"],
        cwd=place,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _, said = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise NoAnswerError(f"the resolver took longer than {SECONDS} s") from None
    words = _plain(said)
    if process.returncode == 0:
        return ""
    if "No solution found" in words:
        return words
    raise NoAnswerError("the resolver gave no answer: the index or one of its files cannot be read")


def _plain(said: bytes) -> str:
    text = re.sub(r"\x1b\[[0-9;]*m", "", said.decode("utf-8", "replace"))
    return " ".join(text.split())[:_LONGEST] or "No solution found"
