"""The only door to the resolver: asks uv whether requirements fit together, and builds nothing."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from uv import find_uv_bin

from workers import sandbox
from workers.sandbox import NoAnswerError

Resolve = Callable[[str, str, str], str]
"""Requirements, constraints and a Python such as ``3.11`` in; ``""`` when they resolve, else why not."""

NO_WHEEL = re.compile(
    r"(?<![\w.=<>~!,-])([a-z0-9][\w.-]*?)(?:\{[^}]*\})?(?:[=<>!~]=?\S*)? (?:has|have) no (?:usable )?wheels"
)
"""What the resolver says of a distribution that it could read only by building it."""

_OPTIONS = (
    "--quiet",
    "--no-config",
    "--no-build",  # the code of a source distribution is somebody else's
    "--no-header",
    "--no-annotate",
    "--color=never",
    "--python-platform=linux",
)


def asking(index_url: str, store: Path) -> Resolve:
    """Return a resolver on one index that remembers its answers; ``store`` keeps what uv downloads."""

    @cache
    def resolve(requirements: str, constraints: str, python: str) -> str:
        with tempfile.TemporaryDirectory(prefix="kotsu-resolve-") as folder:
            place = Path(folder)
            (place / "requirements.in").write_text(f"{requirements}\n", "utf-8")
            (place / "constraints.txt").write_text(f"{constraints}\n", "utf-8")
            return _asked(place, python, sandbox.environment(index_url, store, place))

    return resolve


def _asked(place: Path, python: str, environment: Mapping[str, str]) -> str:
    command = [find_uv_bin(), "pip", "compile", *_OPTIONS, f"--python-version={python}"]
    done = sandbox.run([*command, "--constraints=constraints.txt", "requirements.in"], place, environment)
    if done.code == 0:
        return ""
    if "No solution found" in done.words:
        return done.words
    raise NoAnswerError("the resolver gave no answer: the index or one of its files cannot be read")
