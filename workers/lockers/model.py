"""What every tool that writes a lock file is given, and how it refuses."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.version import Version

from codemods.manifests.model import Lock, Manifest
from workers import origins, sandbox
from workers.lockers import view
from workers.lockers.view import Pages, Rules, View
from workers.sandbox import NoAnswerError

_LEADING_OUT = re.compile(r"[\0-\x1f:$]")
"""What a path has that a tool takes for an address or a variable: uv does so also with `http:/`."""
_VIEWED_SECONDS = 240
"""The longest run of a tool on a view: those tools are written in Python, and read much more than uv."""


RUN = (sandbox.UV, "tool", "run", "--quiet", "--no-config", "--no-build")
"""How a tool is brought and started; what would have to be built for that is not brought."""
UNAVAILABLE = "resolving tool dependencies"
"""What uv says where it cannot bring a tool."""


class RefusedError(Exception):
    """The tool finds no solution; the text is what it says, on one line, and ``path`` the lock file."""

    path = ""


class StaleError(NoAnswerError):
    """The tool cannot write the lock file as it stands, whatever it is asked for and however often."""


@dataclass(frozen=True)
class Task:
    """One lock file to write again: it and its sources before and after, and what moves to which version."""

    manifest: Manifest
    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    versions: Mapping[str, Version]

    @property
    def path(self) -> str:
        """The lock file."""
        return self.manifest.path

    @property
    def lock(self) -> Lock:
        """What it says of itself."""
        assert self.manifest.lock is not None  # noqa: S101 -- nobody asks for another one
        return self.manifest.lock


@dataclass(frozen=True)
class Writer:
    """How a lock file is written as it is: a command, stand-ins for wheels that it needs, what it makes."""

    command: tuple[str, ...]
    wheels: Mapping[str, bytes] = field(default_factory=dict)
    made: str = ""


def writing(
    commands: Iterable[tuple[str, ...]], writes: Callable[[tuple[str, ...]], bool], stale: str
) -> Writer:
    """Return the first command that writes a lock file as it is; StaleError with a sentence when none does.

    A command that gives no answer is passed over, and a refusal is one for all: it is about the file.
    """
    failure: NoAnswerError | None = None
    differs = False
    for command in commands:
        try:
            if writes(command):
                return Writer(command)
            differs = True
        except RefusedError:
            differs = True
            break
        except NoAnswerError as error:
            failure = error
    raise StaleError(stale) if differs or failure is None else failure


@dataclass(frozen=True)
class Box:
    """Where tools run; ``store`` keeps what they download. The ``extra`` indexes are asked first.

    ``tools_url`` is the index that tools themselves come from, ``""`` for the same; ``pages`` asks them all.
    """

    index_url: str
    store: Path
    extra: tuple[str, ...] = ()
    tools_url: str = ""
    pages: Pages = view.nobody

    def spelled(self, registries: Iterable[str]) -> Box:
        """Return the box with each index's address ending in a slash where a lock file ends it so."""
        written = {registry.rstrip("/"): registry for registry in registries}

        def spelled(url: str) -> str:
            known = written.get(origins.place(url).address.rstrip("/"), url)
            return url.rstrip("/") + "/" * known.endswith("/")

        return replace(self, index_url=spelled(self.index_url), extra=tuple(map(spelled, self.extra)))

    @contextmanager
    def opened(self, files: Mapping[str, bytes]) -> Iterator[Path]:
        """Yield a folder with these files alone, where nobody else can put one above it."""
        rooms = self.store.parent / "boxes"
        rooms.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="lock-", dir=rooms) as folder:
            root = Path(folder).resolve()
            for path, data in files.items():
                place = root / path
                if _LEADING_OUT.search(path) or not place.resolve().is_relative_to(root):
                    raise NoAnswerError(f"{path[:50]!r} leads out of its folder")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
            yield root

    def view(self, rules: Rules) -> AbstractContextManager[View]:
        """Return an index that shows of the others what the rules allow, for as long as the context lasts."""
        return view.opened(self.pages, rules)

    def run(self, command: Sequence[str], folder: Path) -> sandbox.Done:
        """Run a tool in a folder."""
        with self._home() as home:
            given = sandbox.environment(self.index_url, self.store, home, self.extra)
            return sandbox.run(command, folder, given)

    def run_viewed(
        self, command: Sequence[str], folder: Path, settings: Mapping[str, str], called: str
    ) -> sandbox.Done:
        """Run a tool in a folder whose ``settings`` name all that it may ask: a view of the indexes.

        It itself may have to be brought first, from the index that tools come from.
        """
        with self._home() as home:
            given = sandbox.environment(self.tools_url or self.index_url, self.store, home)
            return sandbox.run(command, folder, {**given, **settings}, seconds=_VIEWED_SECONDS, called=called)

    @contextmanager
    def _home(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="home-", dir=self.store.parent / "boxes") as home:
            yield Path(home)
