"""The only door to the resolver: asks uv whether requirements fit together, and builds nothing."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from pathlib import Path

from workers import sandbox
from workers.sandbox import NoAnswerError

Resolve = Callable[[str, str, str, frozenset[str]], str]
"""Requirements, constraints, a Python such as ``3.11`` and names to leave out, wherever they are needed, in;
``""`` when the rest resolves, else why not."""

_NO_WHEEL = re.compile(
    r"(?<![\w.=<>~!,-])([a-z0-9][\w.-]*?)(?:\{[^}]*\})?([=<>!~]=?\S*)? (?:has|have) no (?:usable )?wheels"
)

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
    def resolve(requirements: str, constraints: str, python: str, without: frozenset[str]) -> str:
        with tempfile.TemporaryDirectory(prefix="kotsu-resolve-") as folder:
            place = Path(folder)
            (place / "requirements.in").write_text(f"{requirements}\n", "utf-8")
            (place / "constraints.txt").write_text(f"{constraints}\n", "utf-8")
            never = "".join(f'{name} ; python_version < "0"\n' for name in sorted(without))
            (place / "overrides.txt").write_text(never, "utf-8")
            return _asked(place, python, sandbox.environment(index_url, store, place, extra))

    return resolve


def _asked(place: Path, python: str, environment: Mapping[str, str]) -> str:
    command = [sandbox.UV, "pip", "compile", *_OPTIONS, f"--python-version={python}"]
    beside = ["--constraints=constraints.txt", "--overrides=overrides.txt"]
    done = sandbox.run([*command, *beside, "requirements.in"], place, environment)
    if done.code == 0:
        return ""
    if "No solution found" in done.words:
        return done.words
    raise NoAnswerError("the resolver gave no answer: the index or one of its files cannot be read")


def lacking(words: str) -> frozenset[str]:
    """Return what the resolver could read only by building it: that of one version, or else of any."""
    found = [(m[1], m[2] or "==") for m in _NO_WHEEL.finditer(words)]
    exact = frozenset(name for name, specifier in found if specifier.startswith("=="))
    return exact or frozenset(name for name, _ in found)


def unread(words: str, unbuilt: Collection[str]) -> str:
    """Return what stands in for a distribution without a wheel and is in the way, ``""`` without one."""
    found = (m[1] for m in re.finditer(r"(?<![\w.-])([a-z0-9][\w.-]*?)(?:[=<>!~]=?\S*)? depends? on ", words))
    return next((name for name in found if name in unbuilt), "")
