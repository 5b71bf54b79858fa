"""Puts a repository's kotsu.yml onto its organisation's: key by key, and the repository has the last word."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel

from workers.config import Config
from workers.wants import Switch

Model = TypeVar("Model", bound=BaseModel)


def merged(organisation: Config, own: Config) -> Config:
    """Return what holds for a repository: what it says, else what its organisation says, else the defaults.

    Lists are replaced as a whole. Rules follow one another, the organisation's first. Budgets of teams and of
    the organisation, and campaigns, are the organisation's alone. What is in doubt stays so.
    """
    names = {*organisation.improvements, *own.improvements}
    whole = _merged(organisation, own)
    capacity = whole.capacity.model_copy(
        update={"teams": organisation.capacity.teams, "organisation": organisation.capacity.organisation}
    )
    update = {
        "improvements": {name: _switch(organisation, own, name) for name in sorted(names)},
        "rules": (*organisation.rules, *own.rules),
        "capacity": capacity,
        "campaigns": organisation.campaigns,
    }
    return whole.model_copy(update=update).doubting((*organisation.doubts, *own.doubts))


def _switch(organisation: Config, own: Config, name: str) -> Switch:
    ours, theirs = (config.improvements.get(name, Switch()) for config in (own, organisation))
    return _merged(theirs, ours)


def _merged(below: Model, above: Model) -> Model:
    """Return a model with what the second one says over what the first one says."""
    update: dict[str, Any] = {}
    for name in above.model_fields_set:
        lower, value = getattr(below, name), getattr(above, name)
        if isinstance(value, BaseModel):
            value = _merged(lower, value)
        update[name] = {**lower, **value} if isinstance(value, dict) else value
    return below.model_copy(update=update)
