"""Reads kotsu.yml: what a repository wants of us, or every mistake with its place and a suggestion."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails

import codemods
from codemods import places, registry
from workers import located
from workers.located import Mistake, Node, shown
from workers.wording import Glob, Label, Reviewer, described, nearest, sentence

PATHS = (".github/kotsu.yml", "kotsu.yml")
"""Where a repository keeps the file; the first one that is there counts."""

Option = int | str | bool
Model = TypeVar("Model", bound=BaseModel)

_ENOUGH = 20  # mistakes: a file with more of them is another file
_TARGET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_RUNS = re.compile(r"[-_.]+")


class _Strict(BaseModel):
    """Nothing is converted, nothing unknown is accepted, nothing changes later."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        alias_generator=lambda name: name.replace("_", "-"),
        field_title_generator=lambda name, _: name.replace("_", "-"),
        validate_by_name=True,
        validate_by_alias=True,
    )


class Limits(_Strict):
    """How much is proposed at a time."""

    open: int = Field(
        default=3, ge=0, le=100, description="Pull requests of ours that may be open at the same time."
    )
    first: int = Field(
        default=2, ge=0, le=100, description="Pull requests that a new repository gets at once."
    )
    per_day: int = Field(
        default=1, ge=0, le=100, description="New pull requests per day after the first ones."
    )
    files: int = Field(default=20, ge=1, le=300, description="Files that one pull request changes at most.")
    lines: int = Field(
        default=200, ge=1, le=10_000, description="Lines that one pull request changes at most."
    )
    series: int = Field(
        default=1,
        ge=1,
        le=100,
        description="Parts of one large improvement that may be open at the same time.",
    )


class Target(_Strict):
    """What a repository says of one target of an improvement."""

    enabled: bool = Field(default=True, description="Whether it is proposed.")


class Form(Target):
    """What a repository can write of one improvement; the improvement's own options come on top."""

    ignore: tuple[Glob, ...] = Field(default=(), max_length=200, description="Paths that it leaves alone.")


class Switch(Form):
    """What a repository wrote of one improvement, with the values of the options that were set."""

    options: dict[str, Option] = Field(default_factory=dict)


class Config(_Strict):
    """Everything a repository can say, with what holds when it says nothing."""

    version: int = Field(default=1, ge=1, le=1, description="The version of this file's format.")
    enabled: bool = Field(default=True, description="Whether anything is proposed at all.")
    improvements: dict[str, Switch] = Field(
        default_factory=dict,
        description="Improvements by id, or by id and target (`upgrade-dependency/django`).",
    )
    ignore: tuple[Glob, ...] = Field(
        default=(), max_length=200, description="Paths that no improvement touches; `*` crosses folders."
    )
    unsafe: bool = Field(
        default=True, description="Whether edits are proposed whose behaviour wants a review."
    )
    limits: Limits = Field(default_factory=Limits, description="How much is proposed at a time.")
    release_age: int = Field(
        default=3, ge=0, le=365, description="Days a release must be old to be proposed."
    )
    labels: tuple[Label, ...] = Field(
        default=("kotsu",), max_length=20, description="Labels that every pull request gets."
    )
    reviewers: tuple[Reviewer, ...] = Field(
        default=(),
        max_length=15,
        description="Who is asked to review: logins, or teams as `organisation/team`.",
    )

    def enabled_for(self, key: str) -> bool:
        """Say whether an improvement (by id) or a target of it (by key) is wanted; the key's word counts."""
        said = {_same(name): switch.enabled for name, switch in self.improvements.items()}
        improvement = key.partition("/")[0]
        return self.enabled and said.get(_same(key), said.get(improvement, True))

    def runs(self, improvement: str) -> bool:
        """Say whether an improvement has to run: it is wanted, or at least one target of it is."""
        targets = (name for name in self.improvements if name.startswith(f"{improvement}/"))
        return any(self.enabled_for(name) for name in (improvement, *targets))

    def options(self, improvement: str) -> Mapping[str, Option]:
        """Return the options that were set for an improvement; the others keep their defaults."""
        switch = self.improvements.get(improvement)
        return switch.options if switch else {}

    def ignored(self, path: str, improvement: str) -> bool:
        """Say whether an improvement leaves a path alone."""
        return places.matches(path, self.globs(improvement))

    def globs(self, improvement: str) -> tuple[str, ...]:
        """Return the globs of the paths that an improvement leaves alone."""
        switch = self.improvements.get(improvement)
        return self.ignore + (switch.ignore if switch else ())

    @staticmethod
    def snippet(key: str) -> str:
        """Return the lines of kotsu.yml that say no to a key (or to an improvement, by its id)."""
        return f"improvements:\n  {key}: false\n"


def _same(key: str) -> str:
    """Return a key with its target as package indexes write it, where `Django` is `django`."""
    improvement, _, target = key.partition("/")
    return f"{improvement}/{_RUNS.sub('-', target).lower()}" if target else improvement


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
    value = node.inside[last]
    return Mistake(value.line, value.column, *sentence(detail, name, value))


def _known(model: type[BaseModel], folders: Sequence[str | int], name: str) -> str:
    """Return what to write instead of an unknown key."""
    for folder in folders:
        model = next(f.annotation for f in model.model_fields.values() if f.alias == folder)  # type: ignore[assignment]
    return nearest(name, [field.alias or "" for field in model.model_fields.values()])


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
        "properties": {id_: _either(_form(module), id_) for id_, module in modules.items()},
        "patternProperties": {f"^({any_id})/{_TARGET.pattern}$": _either(Target, "one target")},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:kotsu:configuration:1",
        **body,
        "title": "kotsu.yml",
        "description": "What a repository wants of Kotsu.",
    }


def _either(model: type[Target], title: str) -> dict[str, Any]:
    said = {"description": f"Settings of {title}; true or false alone switches it on or off."}
    return said | {"anyOf": [{"type": "boolean"}, model.model_json_schema() | {"title": title}]}
