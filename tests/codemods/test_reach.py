"""How a module can name something, and which imports go when nothing needs them."""

from __future__ import annotations

from textwrap import dedent

import libcst as cst
import pytest

from codemods import imports, leftovers, nodes, reach


def _module(text: str) -> cst.Module:
    return cst.parse_module(dedent(text))


def _reached(text: str) -> tuple[str, str] | None:
    module = _module(text)
    way = reach.to("functools.cache", module)
    if way is None:
        return None
    return module.code_for_node(way.expression), reach.brought(module, [way]).code.split("\n")[0]


def test_what_is_imported_is_named_as_it_is() -> None:
    assert _reached("from functools import cache\n") == ("cache", "from functools import cache")
    assert _reached("from functools import cache as c\n") == ("c", "from functools import cache as c")
    assert _reached("import functools as ft\n") == ("ft.cache", "import functools as ft")
    both = "from functools import wraps\nimport functools\n"
    assert _reached(both) == ("cache", "from functools import cache, wraps")


def test_what_is_not_is_imported_where_its_place_is() -> None:
    assert _reached("from functools import wraps\n") == ("cache", "from functools import cache, wraps")
    assert _reached("import sys\n") == ("cache", "import sys")
    assert _reached("x = 1\n") == ("cache", "from functools import cache")


@pytest.mark.parametrize("text", ["cache = 1\n", "from x import *\n", "def f(cache): pass\n", "cache()\n"])
def test_a_name_that_is_taken_is_not_imported(text: str) -> None:
    assert _reached(text) is None


def test_a_module_is_imported_in_order_and_once() -> None:
    module = _module("import os\nimport sys\nfrom abc import ABC\n")
    brought = imports.bring(module, "subprocess")
    assert brought.code == "import os\nimport subprocess\nimport sys\nfrom abc import ABC\n"
    assert imports.bring(brought, "subprocess") is brought
    assert imports.bring(_module("import django\n"), "os").code == "import os\n\nimport django\n"


def _tidied(text: str, gone: str = "ask") -> str:
    """Return a module without the names of ``gone``, tidied."""
    before = _module(text)
    found = [n for n in nodes.of(before).all(cst.Name) if n.value == gone]
    after = nodes.replaced(before, {n: lambda node: node.with_changes(value="x") for n in found[1:]})
    return leftovers.tidied(before, after).code


def test_an_import_goes_with_its_last_use() -> None:
    assert _tidied("import os\nfrom a import ask\nask()\n") == "import os\nx()\n"
    assert _tidied("from a import ask, b\nask()\n") == "from a import b\nx()\n"


@pytest.mark.parametrize(
    "text",
    [
        "from a import ask\nask()\n__all__ = ['ask']\n",
        "from a import ask as ask\nask()\n",
        "try:\n    from a import ask\nexcept ImportError: pass\nask()\n",
        "from a import ask  # re-exported\nask()\n",
        "from a import ask\nask()\ny = None  # type: ask\n",
        "def f():\n    from a import ask\n    ask()\n",
    ],
)
def test_an_import_stays_where_more_may_need_it(text: str) -> None:
    assert "import ask" in _tidied(text)


def test_what_nothing_used_before_is_not_ours_to_take() -> None:
    assert _tidied("from a import b\nask()\nask()\n").startswith("from a import b\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import os\n\nfrom lib import old\n\nold(os)\n", "import os\n\nfrom lib import new\n\nnew(os)\n"),
        ("from lib import old, z\nold(z)\n", "from lib import new, z\nnew(z)\n"),
        ("from lib import old\nold(old.x)\n_ = 'old'\n", "from lib import new, old\nnew(new.x)\n_ = 'old'\n"),
        ("from lib.a import old\nfrom lib import z\nold(z)\n", "from lib import new, z\nnew(z)\n"),
    ],
)
def test_an_import_takes_the_place_of_the_one_that_nothing_needs(before: str, after: str) -> None:
    module = _module(before)
    uses = [n for n in nodes.of(module).all(cst.Name) if n.value == "old"]
    changed = nodes.replaced(module, {n: lambda node: node.with_changes(value="new") for n in uses[1:]})
    assert reach.instead(module, changed, [reach.Way(cst.Name("new"), "lib", "new")]).code == after
