"""Turns what a model refuses into mistakes: each with its place in kotsu.yml, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from workers.located import Mistake, Node, shown
from workers.wording import nearest, sentence

Model = TypeVar("Model", bound=BaseModel)

ENOUGH = 20
"""Mistakes of one kind that are told: a file with more of them is another file."""
_EXTENDING = frozenset({"extends", "extend", "inherit", "include", "presets"})
_INHERITED = "the kotsu.yml of the organisation's `.github` repository is inherited by itself, and no other"


def validate(model: type[Model], node: Node) -> Model | list[Mistake]:
    """Return what a node says, or at most twenty mistakes in it."""
    try:
        return model.model_validate(node.value, by_alias=True, by_name=False)
    except ValidationError as error:
        return [of(model, detail, node) for detail in error.errors(include_url=False)[:ENOUGH]]


def of(model: type[BaseModel], detail: ErrorDetails, node: Node) -> Mistake:
    """Return one thing that a model refuses; ``node`` is what the model was given."""
    *folders, last = detail["loc"] or ("",)
    above = node
    for name in folders:
        above, node = node, node.inside.get(name, node)
    if detail["type"] == "extra_forbidden":
        instead = _INHERITED if last in _EXTENDING else _known(model, folders, str(last))
        return Mistake(*node.keys[last], f'unknown key "{shown(str(last))}"', instead)
    if last == "[key]":
        # Pydantic calls the name of an entry so.
        place = above.keys.get(folders[-1], (node.line, node.column))
        return Mistake(*place, *sentence(detail, f'"{shown(str(folders[-1]))}"', node))
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


def unknown(line: int, column: int, name: str, modules: Iterable[str]) -> Mistake:
    """Return that a name is no improvement's; ``modules`` has the names that are."""
    suggestion = nearest(name.partition("/")[0], modules) or "`kotsu list` names them"
    return Mistake(line, column, f'unknown improvement "{shown(name)}"', suggestion)
