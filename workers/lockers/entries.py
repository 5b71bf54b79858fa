"""The text of a TOML lock file, cut into the tables of its distributions and what stands around them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from packaging.utils import canonicalize_name
from packaging.version import Version

from workers.lockers import stand_ins
from workers.sandbox import NoAnswerError

Table = Mapping[str, Any]
Needs = Callable[[Table], Iterable[tuple[str, str]]]
"""The names that an entry needs, with the extra that they are needed for (``""``: always)."""


@dataclass(frozen=True)
class Entries:
    """A lock file in pieces: ``texts`` joined are the file; each of ``packages`` is one of them, by index."""

    texts: Sequence[bytes]
    packages: Mapping[int, Table]
    needs: Needs
    key: str = "package"

    @property
    def unbuilt(self) -> list[Table]:
        """The distributions that have no wheel."""
        return [p for p in self.packages.values() if (names := _files(p)) and not any(map(_is_wheel, names))]

    def without(self, names: Collection[str]) -> bytes:
        """Return the file less the entries of some names."""
        return b"".join(
            text
            for index, text in enumerate(self.texts)
            if index not in self.packages or _name(self.packages[index]) not in names
        )

    def locked(self) -> Mapping[str, Mapping[Version, Collection[str]]]:
        """Return the names of the files that are listed, by distribution and version."""
        found: dict[str, dict[Version, list[str]]] = {}
        for package in self.packages.values():
            version = Version(str(package["version"]))
            found.setdefault(_name(package), {}).setdefault(version, []).extend(_files(package))
        return found

    def wheels(self) -> Mapping[str, bytes]:
        """Return what stands in for distributions without a wheel, by file name.

        Each needs what its entry says, at the versions that are locked.
        """
        pins: dict[str, list[str]] = {}
        for package in self.packages.values():
            pins.setdefault(_name(package), []).append(str(package["version"]))
        made: dict[str, bytes] = {}
        for package in self.unbuilt:
            needed = [(canonicalize_name(name), extra) for name, extra in self.needs(package)]
            requires = [
                f"{name}=={pins[name][0]}" + (f" ; extra == '{extra}'" if extra else "")
                for name, extra in needed
                if len(pins.get(name, ())) == 1
            ]
            extras = sorted({extra for _, extra in needed if extra})
            filename, data = stand_ins.wheel(_name(package), str(package["version"]), requires, extras)
            made[filename] = data
        return made

    def restored(self, data: bytes) -> bytes:
        """Return what a tool wrote, with the entries that something stood in for as they were."""
        unbuilt = set(map(_key, self.unbuilt))
        kept = {_key(p): self.texts[i] for i, p in self.packages.items() if _key(p) in unbuilt}
        made = parsed(data, self.needs, self.key)
        return b"".join(
            kept.get(_key(made.packages[index]), text) if index in made.packages else text
            for index, text in enumerate(made.texts)
        )


def parsed(data: bytes, needs: Needs, key: str = "package") -> Entries:
    """Return a lock file of tables ``[[key]]``; NoAnswerError where its text and its tables do not agree."""
    document = tomllib.loads(data.decode())
    texts = re.split(rf"(?m)^(?=\[\[{key}\]\]\n|\[(?!\[|{key}\.))".encode(), data)
    heads = [index for index, text in enumerate(texts) if text.startswith(f"[[{key}]]\n".encode())]
    packages = document.get(key, [])
    if len(heads) != len(packages) or not all(map(_is_entry, packages)):
        raise NoAnswerError("the entries of the lock file cannot be told apart")
    return Entries(texts, dict(zip(heads, packages, strict=True)), needs, key)


def listed(data: bytes, needs: Needs, known: Collection[str]) -> Entries:
    """Return a lock file that a tool reads; refused where an entry says more than what is ``known``."""
    found = parsed(data, needs)
    for package in found.packages.values():
        stand_ins.name_of(_name(package))
        if not package.keys() <= set(known):
            name = str(package["name"])[:50]
            raise NoAnswerError(f"`{name}` does not come from the index, and nothing else is asked")
    return found


def _is_entry(package: object) -> bool:
    return isinstance(package, dict) and {"name", "version"} <= package.keys()


def _key(package: Table) -> tuple[str, str]:
    return _name(package), str(package["version"])


def _name(package: Table) -> str:
    return canonicalize_name(str(package["name"]))


def _files(package: Table) -> list[str]:
    """Return the names of an entry's files: poetry and pdm list them, PEP 751 has their addresses too."""
    listed = [*package.get("files", ()), *package.get("wheels", ()), package.get("sdist")]
    named = (f.get("file") or f.get("name") or f.get("url", "") for f in listed if isinstance(f, dict))
    return [unquote(str(name).rpartition("/")[2]) for name in named]


def _is_wheel(filename: str) -> bool:
    return filename.endswith(".whl")
