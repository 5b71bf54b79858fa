"""Two releases are compared by what code can name: no name is told to be gone that may be there."""

from __future__ import annotations

import pytest
from packaging.version import Version

from codemods import compared, exposed
from codemods.boundaries import Boundary
from codemods.interface import Interface

_V2 = Version("2")
_Sources = dict[str, str]


def _interface(sources: _Sources) -> Interface:
    packages = {name for name in sources if any(other.startswith(f"{name}.") for other in sources)}
    return Interface({n: exposed.read(s.encode(), n, package=n in packages) for n, s in sources.items()})


def _compared(old: _Sources | str, new: _Sources | str) -> dict[str, str]:
    sources = [{"lib": text} if isinstance(text, str) else text for text in (old, new)]
    found = compared.between(_interface(sources[0]), _interface(sources[1]), _V2)
    assert isinstance(found, Boundary)
    return {change.name: change.what for change in found.changes}


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        ("def f(): ...\n", "", "lib.f"),
        ("class A:\n    def m(self): ...\n", "class A: ...\n", "lib.A.m"),
        ("class B:\n    def m(self): ...\nclass A(B): ...\n", "class B: ...\nclass A(B): ...\n", "lib.B.m"),
        ({"lib": "", "lib.a": "x = 1\n"}, {"lib": ""}, "lib.a"),
        (
            {"lib": "from lib._x import f\n", "lib._x": "def f(): ...\n"},
            {"lib": "", "lib._x": "def f(): ...\n"},
            "lib.f",
        ),
        (
            {"lib": "from ._x import *\n", "lib._x": "def f(): ...\n"},
            {"lib": "from ._x import *\n", "lib._x": ""},
            "lib.f",
        ),
        ("if PY2:\n    a = 1\nelse:\n    b = 1\n", "", "lib.b"),
        ("import os\n__all__ = ['os']\n", "", "lib.os"),
    ],
)
def test_what_is_gone_is_told(old: _Sources | str, new: _Sources | str, gone: str) -> None:
    assert _compared(old, new).get(gone) == "is gone"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def f(): ...\n", "from other import f\n"),
        ("def f(): ...\n", "def __getattr__(name): ...\n"),
        ("def f(): ...\n", "__getattr__, __dir__, __all__ = lazy.attach(__name__)\n"),
        ("def f(): ...\n", "from other import *\n"),
        ("def f(): ...\n", "globals().update(names)\n"),
        ("def f(): ...\n", "import sys\nsys.modules[__name__] = Lazy()\n"),
        ("def f(): ...\n", "try:\n    from fast import f\nexcept ImportError:\n    def f(): ...\n"),
        ("def f(): ...\n", "if TYPE_CHECKING:\n    from x import f\nelse:\n    f = lazy('f')\n"),
        ("def f(): ...\n", "f = g = make()\n"),
        ("def f(): ...\n", "for f in (): ...\n"),
        ("def f(): ...\n", "def init():\n    global f\n    f = 1\n"),
        ("def f(): ...\n", "print 'no Python that this one knows'\n"),
        ("def _f(): ...\n", ""),
        ("import os\nfrom typing import Any\n", ""),
        ({"lib": "", "lib.a": "x = 1\n"}, {"lib": "from lib import b as a\n", "lib.b": "x = 1\n"}),
        ({"lib": "", "lib.tests": "x = 1\n", "lib._vendor": "x = 1\n"}, {"lib": ""}),
        (
            {"lib": "def f(): ...\n"},
            {"lib": "from ._a import *\n", "lib._a": "from lib._b import f\n", "lib._b": "def f(): ...\n"},
        ),
        ("class A:\n    def m(self): ...\n", "class A(dict):\n    def __getattr__(self, n): ...\n"),
        ("class A:\n    def keys(self): ...\n", "class A(dict): ...\n"),
        ("class A:\n    def m(self): ...\n", "class B:\n    def m(self): ...\nclass A(B): ...\n"),
        ("class A:\n    def m(self): ...\n", "from x import B\nclass A(B): ...\n"),
        ("class A:\n    def m(self): ...\n", "class A(metaclass=Meta): ...\n"),
        ("class A:\n    x = 1\n", "class A:\n    def __init__(self): self.x = 1\n"),
        ("class A:\n    x = 1\n", "class A: ...\nA.x = 1\n"),
        ("class A:\n    def m(self): ...\n", "class A(A2): ...\n"),
    ],
)
def test_what_may_be_there_is_not_told(old: _Sources | str, new: _Sources | str) -> None:
    assert _compared(old, new) == {}


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("a, b=1", "a", {"lib.f(b=)": "is gone", "lib.f": "takes 1 argument by position"}),
        ("a, b=1", "a, c=1", {"lib.f(b=)": "is called `c`"}),
        ("a", "a, *, b", {"lib.f(b=)": "has to be given"}),
        ("a, b=1", "a, *, b=1", {"lib.f": "takes 1 argument by position"}),
        ("a, b=1", "a, b", {"lib.f(b=)": "has to be given"}),
        ("a", "a, b=1", {}),
        ("a, b=1", "a, *args, **options", {}),
        ("a, **options", "a", {}),
        ("a, _b=1", "a, *args", {}),
        ("a, b=1", "a, b=2", {}),
        ("a: int", "a: str", {}),
    ],
)
@pytest.mark.parametrize("form", ["def f({}): ...\n", "async def f({}): ...\n"])
def test_what_a_call_gives_is_compared(old: str, new: str, changes: dict[str, str], form: str) -> None:
    assert _compared(form.format(old), form.format(new)) == changes


def test_a_class_is_called_as_its_init_is() -> None:
    old, new = (f"class A:\n    def __init__(self, a{b}): ...\nclass B(A): ...\n" for b in (", b=1", ", c=1"))
    assert _compared(old, new) == {"lib.A(b=)": "is called `c`", "lib.B(b=)": "is called `c`"}


@pytest.mark.parametrize("decorator", ["@wraps(f)", "@unknown", "@overload\ndef f(a): ...\n@overload"])
def test_a_function_that_is_wrapped_is_not_compared(decorator: str) -> None:
    assert _compared(f"{decorator}\ndef f(a, b=1): ...\n", "def f(a): ...\n") == {}


def test_what_moved_is_told_where_it_is_now() -> None:
    old = _interface({"lib": "", "lib.a": "def f(): ...\n"})
    new = _interface({"lib": "", "lib.a": "", "lib.b": "def f(): ...\n"})
    found = compared.between(old, new, _V2)
    assert found is not None
    assert [change.hand for change in found.changes] == ["There is `lib.b.f` now."]


@pytest.mark.parametrize(
    "text",
    [
        "from lib import f\n",
        "from lib.f import f\nfrom lib.f.f import f\n",
        "from lib.a import *\nfrom lib import *\n",
        "class A(A): ...\n",
        "class A(B): ...\nclass B(A): ...\n",
    ],
)
def test_what_leads_in_circles_ends(text: str) -> None:
    sources = {"lib": text, "lib.a": "from lib import *\nfrom lib.a import *\n"}
    assert _compared({**sources, "lib.z": "x = 1\n"}, sources) == {"lib.z": "is gone"}


def test_a_namespace_is_known_by_its_own_parts() -> None:
    assert compared.roots(_interface({"google.cloud.a": "", "google.cloud.a.b": "", "tests": ""})) == (
        "google.cloud.a",
    )


def test_two_libraries_are_not_compared() -> None:
    old = "".join(f"def f{n}(): ...\n" for n in range(compared.MOST + 1))
    assert compared.between(_interface({"lib": old}), _interface({"lib": ""}), _V2) is None
