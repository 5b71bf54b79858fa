"""Reads kotsu.yml: what a repository wants of us, or every mistake with its place and a suggestion."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from itertools import islice
from types import ModuleType
from typing import Any

from pydantic import Field, ValidationError, create_model

import codemods
from codemods import registry
from workers import located, mistakes
from workers.located import Mistake, Node, shown
from workers.wants import Config, Doubt, Form, Limits, Match, Rule, Switch, Target
from workers.wording import described

__all__ = ["COMMON", "PATHS", "Broken", "Config", "Limits", "Switch", "defaults", "read", "schema"]

PATHS = (".github/kotsu.yml", "kotsu.yml")
"""Where a repository keeps the file; the first one that is there counts."""

COMMON = ".github"
"""The repository of an organisation whose kotsu.yml the others inherit."""

_MOST = 40  # mistakes that are told in all
_TARGET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")


@dataclass(frozen=True, slots=True)
class Broken:
    """A file with mistakes, in the order of their places; ``sound`` is what holds all the same.

    It knows of what is in doubt. None where nobody can tell what a mistake is about: then nothing holds.
    """

    source: str
    mistakes: tuple[Mistake, ...]
    sound: Config | None = None

    def __str__(self) -> str:
        """Return one line for each mistake: file, line, column, what is wrong and what to write."""
        return "\n".join(f"{self.source}:{mistake}" for mistake in self.mistakes)


def defaults() -> Config:
    """Return what holds for a repository without kotsu.yml."""
    return Config()


def read(
    text: bytes | str, source: str, package: ModuleType = codemods, *, organisation: bool = False
) -> Config | Broken:
    """Return what a file says; ``source`` is its name in messages, ``package`` has the improvements.

    In that of an ``organisation`` some keys count that do not count elsewhere.
    """
    root = located.read(text)
    if isinstance(root, Mistake):
        return Broken(source, (root,))
    if not isinstance(root.value, dict):
        return Broken(source, (Mistake(root.line, root.column, "the file is no mapping of keys to values"),))
    modules, flaws = registry.ids(package), _Flaws(source)
    switches = _switches(root.inside.get("improvements"), modules, flaws)
    values = {key: value for key, value in root.value.items() if key != "improvements"}
    if not organisation:
        values = _own(values, root, flaws)
    config = _validated(root, values, modules, flaws)
    if not flaws.mistakes and config:
        return config.model_copy(update={"improvements": switches})
    sound = None
    if config and not flaws.fatal:
        sound = config.model_copy(update={"improvements": switches}).doubting(flaws.doubts)
    return Broken(source, tuple(sorted(flaws.mistakes)[:_MOST]), sound)


@dataclass
class _Flaws:
    """What was found wrong so far, and what it is about; ``fatal`` where nobody can tell."""

    source: str
    mistakes: list[Mistake] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    fatal: bool = False

    def add(self, *mistakes: Mistake) -> None:
        """Note mistakes that are about nothing which would happen."""
        self.mistakes += mistakes

    def stop(self, *mistakes: Mistake) -> None:
        """Note mistakes that can be about anything."""
        self.mistakes += mistakes
        self.fatal = True

    def doubt(self, *mistakes: Mistake, name: str = "", match: Match | None = None) -> None:
        """Note mistakes that are about an improvement, a target of it, or what matches."""
        self.mistakes += mistakes
        first = mistakes[0]
        self.doubts.append(Doubt(f"{self.source}:{first.line}:{first.column}", name, match))


def _own(values: dict[str, Any], root: Node, flaws: _Flaws) -> dict[str, Any]:
    """Return what a repository can say of itself; what only its organisation can say is left out."""
    kept = dict(values)
    for folder, names in _COMMON.items():
        node = root.inside.get(folder) if folder else root
        if node is None or not isinstance(node.value, dict):
            continue
        misplaced = [name for name in names if node.value.get(name)]
        for name in misplaced:
            said = "counts only in the kotsu.yml of the organisation's `.github` repository"
            flaws.add(Mistake(*node.keys[name], f'"{name}" {said}', "remove it here"))
        rest = {key: value for key, value in node.value.items() if key not in misplaced}
        kept = {**kept, folder: rest} if folder else {k: v for k, v in kept.items() if k in rest}
    return kept


_COMMON = {"": ("campaigns",), "capacity": ("teams", "organisation")}
"""What is said once for all repositories, by the mapping that it stands in."""


def _validated(
    root: Node, values: dict[str, Any], modules: Mapping[str, str], flaws: _Flaws
) -> Config | None:
    """Return what holds without the rules and campaigns that have mistakes; None where others have any."""
    _rules_about_nothing(root.inside.get("rules"), modules, flaws)
    if "campaigns" in values:
        _campaigns_about_nothing(root.inside["campaigns"], modules, flaws)
    odd: set[Place] = set()
    for _ in range(2):
        left = {key: _without(key, value, odd) for key, value in values.items()}
        try:
            config = Config.model_validate(left, by_alias=True, by_name=False)
        except ValidationError as error:
            details = error.errors(include_url=False)
        else:
            campaigns = {n: c for n, c in config.campaigns.items() if _id(c.improvement) in modules}
            return config.model_copy(update={"rules": _still(config.rules, modules), "campaigns": campaigns})
        by_place: dict[Place, list[Mistake]] = {}
        for detail in details:
            found = by_place.setdefault(_spared(detail["loc"]), [])
            if len(found) < mistakes.ENOUGH:
                found.append(mistakes.of(Config, detail, root))
        for place, found in by_place.items():
            _judge(place, found, root, flaws)
        odd = set(by_place)
        if () in odd:
            return None
    return None


Place = tuple[str | int, ...]


def _spared(place: Place) -> Place:
    """Return which rule or campaign a mistake is in, empty where it is in no single one of them."""
    return place[:2] if place[0] in ("rules", "campaigns") and len(place) > 1 else ()


def _without(key: str, value: Any, odd: Collection[Place]) -> Any:  # noqa: ANN401 -- whatever YAML holds
    if isinstance(value, tuple):
        return tuple(item for number, item in enumerate(value) if (key, number) not in odd)
    if isinstance(value, dict):
        return {name: item for name, item in value.items() if (key, name) not in odd}
    return value


def _judge(place: Place, found: Sequence[Mistake], root: Node, flaws: _Flaws) -> None:
    """Note mistakes with what they are about."""
    if not place:
        flaws.stop(*found)
    elif place[0] == "campaigns":
        flaws.add(*found)
    else:
        match = _about(root.inside["rules"].inside[place[1]])
        # What matches nothing that can be read might be about anything.
        flaws.doubt(*found, match=match) if _narrows(match) else flaws.stop(*found)


def _about(rule: Node) -> Match:
    """Return what can be read of whom a rule is about: each word that is left out makes that more."""
    node = rule.inside.get("match", rule)
    values = node.value if isinstance(node.value, dict) else {}
    kept: dict[str, Any] = {}
    for name, value in values.items():
        with suppress(ValidationError):
            Match.model_validate({name: value}, by_alias=True, by_name=False)
            kept[name] = value
    return Match.model_validate(kept, by_alias=True, by_name=False)


def _narrows(match: Match) -> bool:
    return any(getattr(match, name) for name in Match.model_fields)


def _rules_about_nothing(node: Node | None, modules: Mapping[str, str], flaws: _Flaws) -> None:
    """Note the rules that name improvements which are none."""
    for rule in node.inside.values() if node else ():
        match = rule.inside.get("match")
        named = match.inside.get("improvement") if match else None
        if named is None:
            continue
        items = named.inside.values() if named.inside else (named,)
        odd = [item for item in items if isinstance(item.value, str) and not _names(item.value, modules)]
        some = odd[: mistakes.ENOUGH]
        found = [mistakes.unknown(item.line, item.column, str(item.value), modules) for item in some]
        rest = _about(rule).model_copy(update={"improvement": ()})
        if found and _narrows(rest):
            flaws.doubt(*found, match=rest)
        elif found:
            flaws.stop(*found)


def _campaigns_about_nothing(node: Node, modules: Mapping[str, str], flaws: _Flaws) -> None:
    """Note the campaigns that name an improvement which is none: they do not begin."""
    named = (campaign.inside.get("improvement") for campaign in node.inside.values())
    odd = (one for one in named if one and isinstance(one.value, str) and _id(one.value) not in modules)
    some = islice(odd, mistakes.ENOUGH)
    flaws.add(*(mistakes.unknown(one.line, one.column, _id(str(one.value)), modules) for one in some))


def _id(key: str) -> str:
    return key.partition("/")[0]


def _still(rules: tuple[Rule, ...], modules: Mapping[str, str]) -> tuple[Rule, ...]:
    """Return the rules without those that name improvements which are none."""
    return tuple(rule for rule in rules if all(_names(name, modules) for name in rule.match.improvement))


def _names(pattern: str, modules: Mapping[str, str]) -> bool:
    return any(fnmatchcase(id_, pattern) for id_ in modules)


def _switches(node: Node | None, modules: Mapping[str, str], flaws: _Flaws) -> dict[str, Switch]:
    """Return what is said of each improvement; ``modules`` are the improvements' modules by id."""
    if node is None or node.value == {}:
        return {}
    if not isinstance(node.value, dict):
        message = f'"improvements" must be a mapping, not {described(node)}'
        flaws.stop(Mistake(node.line, node.column, message))
        return {}
    switches: dict[str, Switch] = {}
    for name, inner in node.inside.items():
        result = _switch(str(name), node.keys[name], inner, modules)
        if isinstance(result, Switch):
            switches[str(name)] = result
        elif len(flaws.mistakes) >= mistakes.ENOUGH:
            flaws.fatal = True
        elif str(name).partition("/")[0] in modules:
            flaws.doubt(*result, name=str(name))
        else:
            # Nobody can tell which one was meant.
            flaws.stop(*result)
    return switches


def _switch(
    name: str, place: tuple[int, int], node: Node, modules: Mapping[str, str]
) -> Switch | list[Mistake]:
    improvement, slash, target = name.partition("/")
    if improvement not in modules:
        return [mistakes.unknown(*place, improvement, modules)]
    if slash and not _TARGET.fullmatch(target):
        return [Mistake(*place, f'"{shown(target)}" names nothing that {improvement} could be about')]
    if isinstance(node.value, bool):
        return Switch(enabled=node.value)
    if not isinstance(node.value, dict):
        message = f'"{name}" must be true, false or a mapping, not {described(node)}'
        return [Mistake(node.line, node.column, message)]
    if slash:
        said = mistakes.validate(Target, node)
        return _said(said) if isinstance(said, Target) else said
    return _filled(modules[improvement], node)


def _said(form: Target, **more: Any) -> Switch:  # noqa: ANN401 -- the fields of a switch
    """Return a switch that knows what was said and what was not."""
    return Switch(**{name: getattr(form, name) for name in _SAYABLE & form.model_fields_set}, **more)


_SAYABLE = {"enabled", "ignore"}


def _filled(module: str, node: Node) -> Switch | list[Mistake]:
    form = mistakes.validate(_form(module), node)
    if not isinstance(form, Form):
        return form
    declared = {option: _field(option) for option in registry.options(module)}
    options = {o: getattr(form, name) for o, name in declared.items() if name in form.model_fields_set}
    return _said(form, **({"options": options} if options else {}))


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
