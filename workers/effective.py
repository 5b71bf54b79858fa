"""Says what holds for a repository, value by value, and who said so; a scan writes it down."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ValidationError

from workers import inheritance, policy
from workers.config import Config
from workers.policy import Policy
from workers.wants import Switch

_ELSEWHERE = frozenset({"campaigns", "capacity.teams", "capacity.organisation"})
"""What is about an organisation as a whole: who reads one repository need not know of the others."""


class Origin(StrEnum):
    """Who said a value."""

    OWN = "kotsu.yml"
    ORGANISATION = "organisation"
    POLICY = "policy of the server"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Value:
    """One value that holds: its ``name`` as a path of keys (`limits.open`), and itself as YAML has it."""

    name: str
    value: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Known:
    """What a scan of a ``commit`` read at a moment: the repository's own file, and its organisation's.

    ``path`` is that of the own file, ``""`` where there is none; ``mistakes`` are those in it, a line each.
    Where ``holds`` is False nobody can tell what a mistake is about, and nothing is proposed.
    """

    at: datetime
    commit: str
    path: str
    own: Config
    organisation: Config
    bounds: Policy | None
    mistakes: tuple[str, ...] = ()
    holds: bool = True


NOTHING = Known(datetime.min.replace(tzinfo=UTC), "", "", Config(), Config(), None)
"""What is known of a repository that was not scanned yet."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What is told of a repository in one line of many: when what was read, and how many mistakes it has."""

    at: datetime
    path: str
    mistakes: int


def key(repository: int) -> str:
    """Return under which key it is remembered what holds for a repository."""
    return f"configuration:{repository}"


def written(known: Known) -> str:
    """Return what was read in a form that `read` knows."""
    said = {
        "at": known.at.isoformat(),
        "commit": known.commit,
        "path": known.path,
        "own": _dumped(known.own),
        "organisation": _dumped(known.organisation),
        "bounds": known.bounds and _dumped(known.bounds),
        "mistakes": list(known.mistakes),
        "holds": known.holds,
    }
    return json.dumps(said, ensure_ascii=False)


def _dumped(said: BaseModel) -> Mapping[str, Any]:
    dumped: dict[str, Any] = said.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for name in _ELSEWHERE:
        folder, _, inner = name.rpartition(".")
        (dumped.get(folder, {}) if folder else dumped).pop(inner, None)
    return dumped


def read(text: str) -> Known | None:
    """Return what was written, None where another version wrote it in a way of its own."""
    try:
        said = json.loads(text)
        bounds = said["bounds"]
        return Known(
            datetime.fromisoformat(said["at"]),
            said["commit"],
            said["path"],
            Config.model_validate(_exact(said["own"])),
            Config.model_validate(_exact(said["organisation"])),
            Policy.model_validate(_exact(bounds)) if bounds is not None else None,
            tuple(said["mistakes"]),
            said["holds"],
        )
    except (ValueError, KeyError, TypeError, ValidationError):
        return None


def brief(text: str) -> Brief | None:
    """Return the same in short, and much quicker."""
    try:
        said = json.loads(text)
        return Brief(datetime.fromisoformat(said["at"]), said["path"], len(said["mistakes"]))
    except (ValueError, KeyError, TypeError):
        return None


def _exact(value: Any) -> Any:  # noqa: ANN401 -- whatever JSON holds
    """Return a value as the models want it: a list of theirs is a tuple."""
    if isinstance(value, dict):
        return {name: _exact(inner) for name, inner in value.items()}
    return tuple(map(_exact, value)) if isinstance(value, list) else value


def values(known: Known, own: Config | None = None) -> Sequence[Value]:
    """Return all that holds, in the order of the schema; with another ``own`` file, what would hold."""
    mine = known.own if own is None else own
    merged = inheritance.merged(known.organisation, mine)
    held = policy.held(merged, known.bounds)
    before = dict(_flat(merged))
    return [
        Value(name, _plain(value), _origin(name, mine, known) if before.get(name) == value else Origin.POLICY)
        for name, value in _flat(held)
    ]


def changed(known: Known, own: Config) -> Sequence[tuple[Value | None, Value | None]]:
    """Return what another own file would change: pairs of what holds and what would, None for nothing."""
    now = {value.name: value for value in values(known)}
    then = {value.name: value for value in values(known, own)}
    names = dict.fromkeys((*now, *then))
    pairs = ((now.get(name), then.get(name)) for name in names)
    return [(a, b) for a, b in pairs if (a and a.value) != (b and b.value)]


def _flat(said: BaseModel, above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value with its path of keys; each rule and each improvement is one."""
    for field, info in type(said).model_fields.items():
        name, value = f"{above}{info.alias or field}", getattr(said, field)
        if name in _ELSEWHERE:
            continue
        if name == "rules":
            yield from ((f"rules.{number}", rule) for number, rule in enumerate(value, 1))
        elif isinstance(value, dict):
            yield from ((f"{name}.{inner}", value[inner]) for inner in sorted(value))
        elif isinstance(value, BaseModel):
            yield from _flat(value, f"{name}.")
        else:
            yield name, value


def _plain(value: object) -> str:
    if isinstance(value, Switch) and value.model_fields_set <= {"enabled"}:
        return json.dumps(value.enabled)
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return json.dumps(value, ensure_ascii=False, default=str)


def _origin(name: str, own: Config, known: Known) -> Origin:
    if name.startswith("rules."):
        is_first = int(name.removeprefix("rules.")) <= len(known.organisation.rules)
        return Origin.ORGANISATION if is_first else Origin.OWN
    if _says(own, name):
        return Origin.OWN
    return Origin.ORGANISATION if _says(known.organisation, name) else Origin.DEFAULT


def _says(said: Any, name: str) -> bool:  # noqa: ANN401 -- models within models, and mappings in them
    """Tell whether a file says a value: what it leaves out keeps the default."""
    if isinstance(said, Mapping):
        return name in said
    first, _, rest = name.partition(".")
    fields = {info.alias or field: field for field, info in type(said).model_fields.items()}
    field = fields[first]
    return field in said.model_fields_set and (not rest or _says(getattr(said, field), rest))
