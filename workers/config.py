"""Reads kotsu.yml: what a repository wants of us, or every mistake with its place and a suggestion."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, Field, ValidationError, create_model
from pydantic_core import ErrorDetails

import codemods
from codemods import registry
from workers import located
from workers.located import Mistake, Node, shown
from workers.wants import Config, Form, Limits, Switch, Target
from workers.wording import described, nearest, sentence

__all__ = ["PATHS", "Broken", "Config", "Limits", "Switch", "defaults", "read", "schema"]

PATHS = (".github/kotsu.yml", "kotsu.yml")
"""Where a repository keeps the file; the first one that is there counts."""

Model = TypeVar("Model", bound=BaseModel)

_ENOUGH = 20  # mistakes: a file with more of them is another file
_TARGET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that does not count, with every mistake in it in the order of their places."""

    source: str
    mistakes: tuple[Mistake, ...]

    def __str__(self) -> str:
        """Return one line for each mistake: file, line, column, what is wrong and what to write."""
        return "\n".join(f"{self.source}:{mistake}" for mistake in self.mistakes)


def defaults() -> Config:
    """Return what holds for a repository without kotsu.yml."""
    return Config()


def read(text: bytes | str, source: str, package: ModuleType = codemods) -> Config | Broken:
    """Return what a file says; ``source`` is its name in messages, ``package`` has the improvements."""
    root = located.read(text)
    if isinstance(root, Mistake):
        return Broken(source, (root,))
    if not isinstance(root.value, dict):
        return Broken(source, (Mistake(root.line, root.column, "the file is no mapping of keys to values"),))
    switches, mistakes = _switches(root.inside.get("improvements"), registry.ids(package))
    rest = {key: value for key, value in root.value.items() if key != "improvements"}
    config = _validate(Config, replace(root, value=rest))
    if isinstance(config, list):
        mistakes += config
    if isinstance(config, list) or mistakes:
        return Broken(source, tuple(sorted(mistakes)))
    return config.model_copy(update={"improvements": switches})


def _validate(model: type[Model], node: Node) -> Model | list[Mistake]:
    try:
        return model.model_validate(node.value, by_alias=True, by_name=False)
    except ValidationError as error:
        return [_mistake(model, detail, node) for detail in error.errors(include_url=False)[:_ENOUGH]]


def _mistake(model: type[BaseModel], detail: ErrorDetails, node: Node) -> Mistake:
    *folders, last = detail["loc"]
    for name in folders:
        node = node.inside[name]
    if detail["type"] == "extra_forbidden":
        return Mistake(
            *node.keys[last], f'unknown key "{shown(str(last))}"', _known(model, folders, str(last))
        )
    name = f'"{last}"' if isinstance(last, str) else f'an item of "{folders[-1]}"'
    value = node.inside.get(last, node)
    return Mistake(value.line, value.column, *sentence(detail, name, value))


def _known(model: type[BaseModel], folders: Sequence[str | int], name: str) -> str:
    """Return what to write instead of an unknown key."""
    for folder in folders:
        field = next((f for f in model.model_fields.values() if f.alias == folder), None)
        # A number in a list, or a name that the file gives, leads to no field: the model is the one before.
        model = _model(field.annotation) or model if field else model
    return nearest(name, [field.alias or "" for field in model.model_fields.values()])


def _model(annotation: object) -> type[BaseModel] | None:
    """Return the model that a field holds, or holds several of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model(inner))), None)


def _switches(node: Node | None, modules: Mapping[str, str]) -> tuple[dict[str, Switch], list[Mistake]]:
    """Return what is said of each improvement; ``modules`` are the improvements' modules by id."""
    if node is None or node.value == {}:
        return {}, []
    if not isinstance(node.value, dict):
        return {}, [
            Mistake(node.line, node.column, f'"improvements" must be a mapping, not {described(node)}')
        ]
    switches: dict[str, Switch] = {}
    mistakes: list[Mistake] = []
    for name, inner in node.inside.items():
        result = _switch(str(name), node.keys[name], inner, modules)
        if isinstance(result, Switch):
            switches[str(name)] = result
        elif len(mistakes) < _ENOUGH:
            mistakes += result
    return switches, mistakes


def _switch(
    name: str, place: tuple[int, int], node: Node, modules: Mapping[str, str]
) -> Switch | list[Mistake]:
    improvement, slash, target = name.partition("/")
    if improvement not in modules:
        suggestion = nearest(improvement, modules) or "`kotsu list` names them"
        return [Mistake(*place, f'unknown improvement "{shown(improvement)}"', suggestion)]
    if slash and not _TARGET.fullmatch(target):
        return [Mistake(*place, f'"{shown(target)}" names nothing that {improvement} could be about')]
    if isinstance(node.value, bool):
        return Switch(enabled=node.value)
    if not isinstance(node.value, dict):
        message = f'"{name}" must be true, false or a mapping, not {described(node)}'
        return [Mistake(node.line, node.column, message)]
    if slash:
        said = _validate(Target, node)
        return Switch(enabled=said.enabled) if isinstance(said, Target) else said
    return _filled(modules[improvement], node)


def _filled(module: str, node: Node) -> Switch | list[Mistake]:
    form = _validate(_form(module), node)
    if not isinstance(form, Form):
        return form
    declared = {option: _field(option) for option in registry.options(module)}
    options = {o: getattr(form, name) for o, name in declared.items() if name in form.model_fields_set}
    return Switch(enabled=form.enabled, ignore=form.ignore, options=options)


@cache
def _form(module: str) -> type[Form]:
    """Return the model of what can be written of an improvement: the switch, and each option it declares."""
    fields: dict[str, Any] = {
        _field(option): (type(default), Field(default))
        for option, default in registry.options(module).items()
    }
    return create_model("Form", __base__=Form, **fields)


def _field(option: str) -> str:
    return option.replace("-", "_")


def schema(package: ModuleType = codemods) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of kotsu.yml, with every improvement and its options."""
    body = Config.model_json_schema()
    body["$defs"].pop("Switch")
    modules = registry.ids(package)
    any_id = "|".join(map(re.escape, modules))
    body["properties"]["improvements"] |= {
        "additionalProperties": False,
        "properties": {
            id_: _either(_form(module), id_, default=registry.default(module))
            for id_, module in modules.items()
        },
        "patternProperties": {f"^({any_id})/{_TARGET.pattern}$": _either(Target, "one target")},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:kotsu:configuration:1",
        **body,
        "title": "kotsu.yml",
        "description": "What a repository wants of Kotsu.",
    }


def _either(model: type[Target], title: str, *, default: bool = True) -> dict[str, Any]:
    said = f"Settings of {title}; true or false alone switches it on or off."
    description = said if default else f"{said} It is off unless it stands here."
    return {
        "description": description,
        "anyOf": [{"type": "boolean"}, model.model_json_schema() | {"title": title}],
    }
