"""What the operator of the server allows: bounds that stand above every kotsu.yml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Literal

from pydantic import Field

import codemods
from codemods import registry
from workers import located, mistakes
from workers.config import Broken, Config
from workers.located import Mistake
from workers.strict import Strict
from workers.wants import Switch, same


class Pace(Strict):
    """How many pull requests of ours a repository may ask for."""

    open: int | None = Field(default=None, ge=0, le=100)
    first: int | None = Field(default=None, ge=0, le=100)
    per_day: int | None = Field(default=None, ge=0, le=100)


class Attention(Strict):
    """How much review a repository may ask for."""

    minutes_per_week: int | None = Field(default=None, ge=0, le=100_000)


class Policy(Strict):
    """What no file may go beyond: numbers are maxima, the age of a release is a minimum."""

    automerge: bool = True
    unsafe: bool = True
    release_age: int = Field(default=0, ge=0, le=365)
    improvements: dict[str, Literal[False]] = Field(default_factory=dict)
    limits: Pace = Field(default_factory=Pace)
    capacity: Attention = Field(default_factory=Attention)

    @property
    def forbidden(self) -> frozenset[str]:
        """The switches that stay off: ``automerge``, ``unsafe``, and improvements by id or key."""
        off = {name for name in ("automerge", "unsafe") if not getattr(self, name)}
        return frozenset({*off, *map(same, self.improvements)})


def read(text: bytes | str, source: str, package: ModuleType = codemods) -> Policy | Broken:
    """Return what a file allows, or its mistakes; ``source`` is its name in messages."""
    root = located.read(text)
    if isinstance(root, Mistake):
        return Broken(source, (root,))
    if not isinstance(root.value, dict):
        return Broken(source, (Mistake(root.line, root.column, "the file is no mapping of keys to values"),))
    said = mistakes.validate(Policy, root)
    found = [] if isinstance(said, Policy) else said
    modules, named = registry.ids(package), root.inside.get("improvements")
    for name, place in named.keys.items() if named else ():
        if str(name).partition("/")[0] not in modules:
            found.append(mistakes.unknown(*place, str(name), modules))
    return said if isinstance(said, Policy) and not found else Broken(source, tuple(sorted(found)))


def held(config: Config, policy: Policy | None) -> Config:
    """Return a configuration that goes beyond the policy in nothing, whatever it says, and whichever rule."""
    if policy is None:
        return config
    off = {name: Switch(enabled=False) for name in policy.improvements}
    left = {name: switch for name, switch in config.improvements.items() if not _is_off(name, off)}
    limits = {name: _least(getattr(config.limits, name), most) for name, most in policy.limits}
    minutes = _least(config.capacity.minutes_per_week, policy.capacity.minutes_per_week)
    update = {
        **_wished(config, policy),
        "improvements": {**left, **off},
        "limits": config.limits.model_copy(update=limits),
        "capacity": config.capacity.model_copy(update={"minutes_per_week": minutes}),
        "rules": tuple(rule.model_copy(update=_wished(rule, policy)) for rule in config.rules),
    }
    return config.model_copy(update=update).forbidding(policy.forbidden)


def beyond(config: Config, policy: Policy | None) -> str:
    """Return the sentence about what a file asks for and does not get, ``""`` where it gets all.

    What the file does not say is asked by nobody.
    """
    kept = list(dict.fromkeys(_kept(config, policy))) if policy else []
    if not kept:
        return ""
    return f"The policy of this server allows less than this file asks for: {', '.join(kept)}."


def _kept(config: Config, policy: Policy) -> Iterator[str]:
    """Yield what stays otherwise than a file asks for."""
    for name in ("automerge", "unsafe"):
        if not getattr(policy, name) and any(_said(config, name)):
            yield f"`{name}` stays false"
    off = dict.fromkeys(policy.improvements)
    switched = [name for name, switch in config.improvements.items() if switch.enabled]
    ruled = [name for rule in config.rules if rule.enabled for name in rule.match.improvement]
    for name in (*switched, *ruled):
        if _is_off(name, off):
            yield f"`{located.shown(name)}` stays off"
    if any(days is not None and days < policy.release_age for days in _said(config, "release_age")):
        yield f"`release-age` is {policy.release_age} at least"
    for folder in ("limits", "capacity"):
        own, most = getattr(config, folder), getattr(policy, folder)
        for name, bound in most:
            asked = getattr(own, name) if name in own.model_fields_set else None
            if None not in (asked, bound) and asked > bound:
                yield f"`{folder}.{name.replace('_', '-')}` is {bound} at most"


def _said(config: Config, name: str) -> Iterable[int | None]:
    """Return what the file says of one of its keys, and what its rules do."""
    said = [getattr(config, name)] if name in config.model_fields_set else []
    return [*said, *(getattr(rule, name) for rule in config.rules)]


def _wished(wishes: Strict, policy: Policy) -> dict[str, object]:
    """Return what remains of what is wished of all pull requests, or by a rule of some; None says nothing."""
    said = {name: getattr(wishes, name) for name in ("automerge", "unsafe", "release_age")}
    bounded = {
        "automerge": said["automerge"] and policy.automerge,
        "unsafe": said["unsafe"] and policy.unsafe,
        "release_age": max(said["release_age"] or 0, policy.release_age),
    }
    return {name: value for name, value in bounded.items() if said[name] is not None}


def _is_off(name: str, off: Mapping[str, object]) -> bool:
    """Say whether a policy switches an improvement off, or one target of it, by any spelling of its name."""
    names = {*map(same, off)}
    return same(name) in names or name.partition("/")[0] in names


def _least(asked: int | None, most: int | None) -> int | None:
    return min((number for number in (asked, most) if number is not None), default=None)
