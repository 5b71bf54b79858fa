"""pydantic 2 has no `BaseSettings`: it is the distribution pydantic-settings now.

To import it from `pydantic` fails. The class in `pydantic_settings` reads the same environment, so the import
and the names change; **pydantic-settings has to be added to the dependencies** beside pydantic.

What pydantic-settings reads otherwise, or not at all, is worse than an error, since a setting would silently
come from elsewhere: a module that names variables with `env=`, or that has its own sources or `fields`, is
left as it is until somebody has looked at that.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, derived, nodes, renamed
from codemods.migrations.pydantic import models
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Take pydantic's BaseSettings from pydantic_settings",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="`pydantic-settings` has to be installed, and refuses what an env file holds and no field does.",
    references=(
        "https://docs.pydantic.dev/2.12/migration/#basesettings-has-moved-to-pydantic-settings",
        "https://docs.pydantic.dev/latest/concepts/pydantic_settings/",
    ),
    needles=(b"BaseSettings",),
    pattern=rb"\bpydantic\b",
    minutes=4,
    asks=("dependencies",),
    crosses=">=2",
)

_TABLE = dict.fromkeys(("pydantic.BaseSettings", "pydantic.env_settings.BaseSettings"), models.SETTINGS)
_READ_OTHERWISE = frozenset(("customise_sources", "parse_env_var", "fields"))


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module whose settings come from pydantic-settings."""
    # What nothing declares is not installed: the import would fail, and say less than pydantic does.
    is_there = "pydantic-settings" in facts.dependencies
    return renamed.names_in(module, _TABLE) if is_there and not _reads_otherwise(module) else module


def _reads_otherwise(module: cst.Module) -> bool:
    """Say whether a module uses what pydantic-settings does not know."""
    seen = nodes.of(module)
    if any(arguments.named(call, "env") for call in seen.all(cst.Call)):
        return True
    configs = (node for node in seen.all(cst.ClassDef) if node.name.value == "Config")
    return any(not _READ_OTHERWISE.isdisjoint(derived.bound(config)) for config in configs)
