"""Writes the reference of kotsu.yml out of its JSON Schema, as tables in Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from workers import config

BEGIN, END = "<!-- written by `make docs` from the schema -->", "<!-- the end of what is written -->"
_HEAD = ("| option | is | default | meaning |", "|---|---|---|---|")
_COMMON = frozenset(("enabled", "ignore"))

Schema = Mapping[str, Any]


def renewed(page: str) -> str:
    """Return a page with the reference of today between its two comments; ValueError where one is missing."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no place for the reference")
    return f"{head}{BEGIN}\n\n{reference(config.schema())}\n{END}{tail}"


def reference(schema: Schema) -> str:
    """Return every option by section: how it is written, its default, and what it means."""
    known: Schema = schema["$defs"]
    top = {n: s for n, s in schema["properties"].items() if n != "improvements"}
    plain = {n: s for n, s in top.items() if not _section(s)}
    lines = [*_table(plain)]
    for name, said in top.items():
        if definition := _section(said):
            path = _path(name, said)
            words = said.get("description") or known[definition]["description"].partition("\n")[0]
            lines += ["", f"### `{path}`", "", words, ""]
            lines += _table(_flat(known, definition))
    lines += ["", "### `improvements`", "", *_improvements(schema["properties"]["improvements"])]
    return "\n".join(lines) + "\n"


def _section(said: Schema) -> str:
    """Return the definition that an option's value has options of its own by, or nothing."""
    inner = [said, said.get("items", {}), *said.get("patternProperties", {}).values()]
    return next((one["$ref"].rpartition("/")[2] for one in inner if "$ref" in one), "")


def _path(name: str, said: Schema) -> str:
    return f"{name}[]" if "items" in said else f"{name}.NAME" if "patternProperties" in said else name


def _flat(known: Schema, definition: str) -> Mapping[str, Schema]:
    """Return the options of a definition, those of the definitions in it by their path."""
    found: dict[str, Schema] = {}
    for name, said in known[definition]["properties"].items():
        if inner := _section(said):
            found |= {f"{_path(name, said)}.{n}": s for n, s in _flat(known, inner).items()}
        else:
            found[name] = said
    return found


def _table(options: Mapping[str, Schema]) -> Sequence[str]:
    rows = [
        f"| `{name}` | {_kind(said)} | {_default(said)} | {said.get('description', '')} |"
        for name, said in options.items()
    ]
    return [*_HEAD, *rows]


def _kind(said: Schema) -> str:
    """Return how a value is written, in words."""
    if "anyOf" in said:
        first, *others = (_kind(one) for one in said["anyOf"] if one.get("type") != "null")
        return f"{first}; or a list of them" if others else first
    if "enum" in said:
        return ", ".join(f"`{value}`" for value in said["enum"])
    return _KINDS[said["type"]](said)


def _number(said: Schema) -> str:
    bounds = dict.fromkeys(str(said[name]) for name in ("minimum", "maximum") if name in said)
    return " to ".join(bounds) or "a number"


def _mapping(said: Schema) -> str:
    (inner,) = said["patternProperties"].values()
    return f"names, each with {_kind(inner)}"


_KINDS: Mapping[str, Callable[[Schema], str]] = {
    "boolean": lambda _: "`true` or `false`",
    "integer": _number,
    "array": lambda said: f"a list of: {_kind(said['items'])}",
    "object": _mapping,
    "string": lambda said: "a day" if said.get("format") == "date" else "text",
}


def _default(said: Schema) -> str:
    value = said.get("default")
    return "" if value in (None, []) else f"`{json.dumps(value)}`"


def _improvements(said: Schema) -> Iterator[str]:
    yield f"{said['description']} `true` or `false` alone switches one on or off, and each of them takes:"
    yield ""
    forms = {n: next(o["properties"] for o in s["anyOf"] if "properties" in o) for n, s in _named(said)}
    common = next(iter(forms.values()))
    yield from _table({f"ID.{n}": s for n, s in common.items() if n in _COMMON})
    yield from ("", "Some have options of their own:", "", "| option | is | default |", "|---|---|---|")
    for id_, form in forms.items():
        for name, option in form.items():
            if name not in _COMMON:
                yield f"| `{id_}.{name}` | {_kind(option)} | `{json.dumps(option['default'])}` |"
    off = [f"`{n}`" for n, s in _named(said) if "It is off unless" in s["description"]]
    yield from ("", f"Off unless kotsu.yml names them: {', '.join(off)}.")


def _named(said: Schema) -> Sequence[tuple[str, Schema]]:
    return list(said["properties"].items())
