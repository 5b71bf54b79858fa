"""The only door to the resolver: asks uv whether requirements fit together, and builds nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from uv import find_uv_bin

from workers import sandbox
from workers.sandbox import NoAnswerError

Resolve = Callable[[str, str, str], str]
"""Requirements, constraints and a Python such as ``3.11`` in; ``""`` when they resolve, else why not."""

_OPTIONS = (
    "--quiet",
    "--no-config",
    "--no-build",  # the code of a source distribution is somebody else's
    "--no-header",
    "--no-annotate",
    "--index-strategy=first-index",  # as `workers.indexes` believes them
    "--color=never",
    "--python-platform=linux",
)


def asking(index_url: str, store: Path, extra: Sequence[str] = ()) -> Resolve:
    """Return a resolver that remembers its answers; ``store`` keeps what uv downloads.

    The ``extra`` indexes are asked first, in their order.
    """

    @cache
    def resolve(requirements: str, constraints: str, python: str) -> str:
        with tempfile.TemporaryDirectory(prefix="kotsu-resolve-") as folder:
            place = Path(folder)
            (place / "requirements.in").write_text(f"{requirements}\n", "utf-8")
            (place / "constraints.txt").write_text(f"{constraints}\n", "utf-8")
            return _asked(place, python, sandbox.environment(index_url, store, place, extra))

    return resolve


def _asked(place: Path, python: str, environment: Mapping[str, str]) -> str:
    command = [find_uv_bin(), "pip", "compile", *_OPTIONS, f"--python-version={python}"]
    done = sandbox.run([*command, "--constraints=constraints.txt", "requirements.in"], place, environment)
    if done.code == 0:
        return ""
    if "No solution found" in done.words:
        return done.words
    raise NoAnswerError("the resolver gave no answer: the index or one of its files cannot be read")
