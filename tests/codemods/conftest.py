"""An improvement of two files, in a package of its own."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from codemods import registry

MODULE = '''"""Greetings are warmer in the plural. They cost nothing more."""

import libcst as cst

from codemods import nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Greet more people",
    category=Category.HYGIENE,
    applicability=Applicability.SAFE,
    risk="None known.",
    references=("https://example.org/greetings",),
    needles=(b"hello",),
    minutes=1,
    options={"loud": True},
)


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Greet everybody."""
    found = [n for n in nodes.walk(module) if isinstance(n, cst.Name) and n.value == "hello"]
    return nodes.replaced(module, {n: lambda node: node.with_changes(value="hellos") for n in found})
'''
PAGE = """# Greetings

## Somebody says hello

```python
hello
```

```python
hellos
```

## Somebody says good-bye

```python
goodbye
```
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    room = tmp_path / "pkg" / "python"
    room.mkdir(parents=True)
    (room / "more_greetings.py").write_text(MODULE, "utf-8")
    (room / "more_greetings.md").write_text(PAGE, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("pkg")
    for name in [name for name in sys.modules if name.partition(".")[0] == "pkg"]:
        del sys.modules[name]
    registry.load.cache_clear()
