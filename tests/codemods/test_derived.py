"""A class counts as one of a library's only where nothing else can be meant."""

from __future__ import annotations

import libcst as cst
import pytest

from codemods import derived

_ROOTS = frozenset(("lib.Base",))
_HEAD = "import lib\nfrom lib import Base\n"


def _found(text: str) -> dict[str, str]:
    return {c.name.value: root for c, root in derived.of(cst.parse_module(_HEAD + text), _ROOTS).items()}


def test_a_class_derives_by_way_of_others() -> None:
    found = _found("class A(Base): pass\nclass B(other.C, A): pass\nclass C(lib.Base[int]): pass\n")
    assert found == dict.fromkeys(("A", "B", "C"), "lib.Base")


@pytest.mark.parametrize(
    "text",
    [
        "class A(Unknown): pass\n",
        "class A(lib.Other): pass\n",
        "class X(Base): pass\nX = Y\nclass A(X): pass\n",
        "if lib.version < 2:\n    class A(Base): pass\n",
        "def f(Base):\n    class A(Base): pass\n",
    ],
)
def test_what_may_be_another_class_is_none(text: str) -> None:
    assert "A" not in _found(text)


def test_a_class_is_whole_where_all_its_bases_are_known() -> None:
    module = cst.parse_module(f"{_HEAD}class A(Base): pass\nclass B(A): pass\nclass C(A, Mixin): pass\n")
    known = {c.name.value: derived.whole(c, module, _ROOTS) for c in derived.of(module, _ROOTS)}
    assert known == {"A": True, "B": True, "C": False}


def test_the_names_of_a_body_are_those_that_stand_directly_in_it() -> None:
    body = "a = b = c.x = 1", "d: int", "e, (f, _) = 1", "def g(self): h = 1", "class I: pass"
    module = cst.parse_module("\n    ".join(("class A:", *body)) + "\n")
    (found,) = (node for node in module.body if isinstance(node, cst.ClassDef))
    assert derived.bound(found) == {"a", "b", "d", "e", "f", "_", "g", "I"}
