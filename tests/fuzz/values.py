"""JSON that nobody sent: a value with other values in a few of its places."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from tests.codemods import mutations

_ODD: Sequence[Any] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 10**19, -(2**70), 0.5, -0.0, 1e308, 1e-308),
    *("", " ", "\0", "\ud800", "\u202e", "\x1b[31m", "null", "..", "/", "//x", "a" * 5_000, "9" * 5_000),
    *("2026-13-45T99:99:99Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-01", "12e999"),
    *("https://[", "https://h.test:99999/", "javascript:alert(1)", "file:///etc/passwd", "@everyone", "-->"),
    *("@", "a@b@c", "x/y/z", "%zz", "%00", "${{ x }}", "`", "<b>", "][", "==1.0", "1!2.0+local", "1.*"),
    *([], {}, [None], [[]], [{}], {"": None}, {"id": "x"}, [1, "a", None, {}], ["a"] * 300),
)


def changed(value: Any, dice: Random, others: Sequence[Any] = ()) -> Any:
    """Return a copy of a value that differs in a few places; ``others`` lend it pieces."""
    found = [copy.deepcopy(value)]
    for _ in range(dice.choice((1, 1, 1, 2, 3, 8))):
        container, key = dice.choice(list(_places(found)))
        _change(container, key, dice, others or (value,))
    return found[0]


def written(value: Any, dice: Random) -> bytes:
    """Return a value as JSON, which now and then is cut or has other bytes in it."""
    data = json.dumps(value, ensure_ascii=dice.random() < 0.5).encode("utf-8", "surrogatepass")
    return mutations.strange(data, [data], dice) if dice.random() < 0.2 else data


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each container with each of its keys or indices."""
    for key in range(len(value)) if isinstance(value, list) else list(value):
        yield value, key
        if isinstance(value[key], list | dict):
            yield from _places(value[key])


def _change(container: Any, key: Any, dice: Random, others: Sequence[Any]) -> None:
    old = container[key]
    way = dice.randrange(8)
    if way == 0 and isinstance(container, dict):
        del container[key]
    elif way == 1 and isinstance(container, dict):
        container[dice.choice((key.upper(), f"{key}x", "", "\ud800"))] = container.pop(key)
    elif way == 2 and isinstance(old, str):
        container[key] = mutations.strange(old.encode("utf-8", "replace"), [b"x"], dice).decode(
            "utf-8", "replace"
        )
    elif way == 3:
        container[key] = dice.choice(([old], {"x": old}, [old] * 50, {"node": old, "nodes": [old]}))
    elif way == 4:
        lender, from_ = dice.choice(list(_places([dice.choice(others)])))
        container[key] = copy.deepcopy(lender[from_])
    elif way == 5 and isinstance(old, int | float):
        container[key] = dice.choice((str(old), -old, old * 10**12, float(old)))
    elif way == 6:
        container[key] = _deep(dice.randint(5, 40))
    else:
        container[key] = copy.deepcopy(dice.choice(_ODD))


def _deep(depth: int) -> Any:
    made: Any = None
    for _ in range(depth):
        made = [made]
    return made
