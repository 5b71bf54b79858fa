"""Tells which classes of a module are certainly models of pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import libcst as cst

from codemods import derived

SETTINGS = "pydantic_settings.BaseSettings"
"""The base of settings that pydantic 2 can be used with."""
_BASES = {
    **dict.fromkeys(("pydantic.BaseModel", "pydantic.main.BaseModel"), "pydantic.BaseModel"),
    "pydantic.generics.GenericModel": "pydantic.BaseModel",
    **dict.fromkeys(("pydantic.BaseSettings", "pydantic.env_settings.BaseSettings"), "pydantic.BaseSettings"),
    **dict.fromkeys((SETTINGS, "pydantic_settings.main.BaseSettings"), SETTINGS),
}
_ROOTS = frozenset(_BASES)


@lru_cache(maxsize=2)
def of(module: cst.Module) -> Mapping[cst.ClassDef, str]:
    """Return the classes of a module that derive from a model, each with the class of pydantic behind it."""
    return MappingProxyType({node: _BASES[root] for node, root in derived.of(module, _ROOTS).items()})


def whole(found: cst.ClassDef, module: cst.Module) -> bool:
    """Say whether a class has no other bases than models whose code is known: what it inherits is theirs."""
    return derived.whole(found, module, _ROOTS)
