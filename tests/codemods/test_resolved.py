"""What a module uses of a library is found through whatever way its name takes, and nothing else is."""

from __future__ import annotations

import pytest
from packaging.version import Version

from codemods import engine, impact, resolved
from codemods.boundaries import Boundary, Change
from codemods.tree import Files

_V2 = Version("2")


def _names(text: str) -> list[tuple[str, int]]:
    return [(use.name, use.line) for use in resolved.of(engine.module("a.py", text.encode()), ("lib",))]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("def f():\n    from lib import a\n    return a\n", 3),
        ("import lib.sub as s\ns.x\n", 2),
        ("if TYPE_CHECKING:\n    from lib.sub import x\n\ndef f(v: 'list[x]'): ...\n", 4),
        ("from lib.sub import x\n\n@x\ndef f(): ...\n", 3),
        ("import lib.sub\n\nclass A(lib.sub.x): ...\n", 3),
        ("try:\n    import lib\nexcept ImportError:\n    lib = None\nlib.sub.x()\n", 5),
        ("patch('lib.sub.x')\n", 1),
        ("from lib.sub import *\nx()\n", 2),
        ("from lib import Sub\ns = Sub()\ns.x()\n", 3),
        ("from lib import Sub\nwith Sub() as s:\n    s.x()\n", 3),
        ("from lib import Sub\n\ndef f():\n    s: Sub = Sub()\n    s.x()\n", 5),
        ("import lib.sub\nlib.sub.x.y = True\n", 2),
        ("import lib.sub\nlib.sub.x += 1\n", 2),
        ("import lib.sub\ntry:\n    lib.sub.x()\nexcept ValueError:\n    pass\n", 3),
        ("import lib.sub\ntry:\n    y = 1\n    lib.sub.x()\nexcept AttributeError:\n    pass\n", 4),
        ("import lib.sub\nif hasattr(other, 'x'):\n    lib.sub.x()\n", 3),
        ("import lib.sub\nif isinstance(y, lib.Y):\n    lib.sub.x()\n", 3),
        ("import lib.sub\nif lib_value:\n    lib.sub.x()\n", 3),
        ("import lib.sub\nif api_v2:\n    lib.sub.x()\n", 3),
        ("import lib.sub\nif sys.version_info >= (3, 9):\n    lib.sub.x()\n", 3),
        ("try:\n    from lib.sub import x\nexcept ImportError:\n    raise\nx()\n", 5),
    ],
)
def test_a_name_is_followed(text: str, line: int) -> None:
    assert line in {at for name, at in _names(text) if name in {"lib.a", "lib.sub.x", "lib.Sub.x"}}


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    from lib.sub import x\nexcept ImportError:\n    from other import x\nx()\n",
        "from other import *\nx()\n",
        "from lib import Sub\ns = Sub()\ns = other()\ns.x()\n",
        "from lib import sub\ns = sub()\ns.x()\n",
        "from lib import Sub\ns = Sub()\n\ndef f(s):\n    s.x()\n",
        "print('lib.sub.x is gone')\n",
        "library = 1\nlibrary.sub.x\n",
        "from .lib.sub import x\nx()\n",
        "import lib.sub\nlib.sub.x = True\n",
        "import lib.sub\nlib.sub.x: bool = True\n",
        "try:\n    from lib.sub import x\n    x()\nexcept ImportError:\n    x = None\n",
        "import lib.sub\ntry:\n    y = lib.sub.z\nexcept AttributeError:\n    y = lib.sub.x\n",
        "import lib.sub\ntry:\n    y = lib.sub.x\nexcept AttributeError:\n    y = lib.sub.z\n",
        "import lib.sub\nif hasattr(lib.sub, 'x'):\n    lib.sub.x()\n",
        "import lib.sub\ny = lib.sub.x() if lib.__version__ < '2' else 1\n",
        "import lib.sub\nif IS_LIB_V1:\n    lib.sub.x()\n",
        "from lib import VERSION, sub\nif VERSION < (2,):\n    sub.x()\n",
    ],
)
def test_what_only_looks_like_it_is_not(text: str) -> None:
    assert not {name for name, _ in _names(text)} & {"lib.sub.x", "lib.Sub.x"}


def test_a_call_tells_what_it_gives() -> None:
    uses = resolved.of(engine.module("a.py", b"import lib\nlib.f(1, 2, a=3)\nlib.f(*x, **y)\n"), ("lib",))
    assert [(u.keywords, u.placed) for u in uses[1:]] == [(frozenset("a"), 2), (None, None)]


def _places(files: dict[str, str], change: Change) -> list[tuple[str, int]]:
    tree = Files({path: text.encode() for path, text in files.items()})
    used = impact.judge(tree, tree, Boundary(("lib",), (change,))).used
    return [(place.path, place.line) for one in used for place in one.before]


_GONE = Change("lib.sub.x", _V2, "is gone")
_COMPAT = "try:\n    from lib.sub import x\nexcept ImportError:\n    from lib.other import y\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/a.py", "from .compat import x\n\nx()\n"),
        ("shop/a.py", "from shop.compat import x as y\n\ny()\n"),
        ("shop/a.py", "from . import compat\n\ncompat.x()\n"),
        ("shop/deep/a.py", "from ..compat import (\n    x,\n)\nx()\n"),
        ("src/other/a.py", "import shop\nfrom shop import compat as c\nc.x()\n"),
        ("shop/a.py", "from shop.compat import *\nx()\n"),
        ("tests/a.py", "mocker.patch('shop.compat.x')\n"),
        ("shop/a.py", "from shop import sub\n\nsub.x()\n"),
        ("shop/a.py", "from shop.again import x\n\nx()\n"),
        ("shop/a.py", "from shop.again import module\n\nmodule.x()\n"),
    ],
)
def test_a_name_is_followed_through_the_repository(path: str, text: str) -> None:
    files = {
        "shop/compat.py": "from lib.sub import x\n",
        "shop/__init__.py": "from lib import sub\n",
        "shop/again.py": "import lib.sub as module\nfrom .compat import x\n",
    }
    found = _places({**files, path: text}, _GONE)
    assert ("shop/compat.py", 1) in found
    assert (path, len(text.splitlines())) in found


@pytest.mark.parametrize(
    "files",
    [
        {
            "shop/compat.py": _COMPAT.replace("lib.sub", "lib.new"),
            "shop/a.py": "from .compat import x\nx()\n",
        },
        {"shop/compat.py": "from lib.sub import z\n", "shop/a.py": "from .compat import x\nx()\n"},
        {"a/c.py": "from lib.sub import x\n", "b/a.py": "from .c import x\nx()\n"},
        {
            "shop/compat.py": "try:\n    from lib.sub import x\nexcept ImportError:\n    x = None\n",
            "shop/a.py": "from .compat import x\nx()\n",
        },
        {"shop/compat.py": "from lib.sub import x\nx = 1\n", "shop/a.py": "from .compat import x\nx()\n"},
        {"shop/compat.py": "from lib.sub import x\n", "shop/a.py": "print('shop.compat.x')\n"},
        {
            "shop/compat.py": "from lib.sub import x\n",
            "shop/a.py": "from .compat import *\nfrom other import *\nx()\n",
        },
        {
            "shop/compat.py": "def f():\n    from lib.sub import x\n",
            "shop/a.py": "from .compat import x\nx()\n",
        },
    ],
)
def test_another_name_of_the_repository_is_not(files: dict[str, str]) -> None:
    assert [path for path, _ in _places(files, _GONE) if path.endswith("/a.py")] == []


def test_two_modules_of_one_name_are_not_guessed_between() -> None:
    files = {"a/compat.py": "from lib.sub import x\n", "b/compat.py": "from lib.sub import x as q\nx = 1\n"}
    assert _places({**files, "c/d.py": "from compat import x\n\nx()\n"}, _GONE) == [
        ("a/compat.py", 1),
        ("b/compat.py", 1),
    ]


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (Change("lib.f", _V2, "takes 1 argument by position", beyond=1), [3]),
        (Change("lib.f(b=)", _V2, "has to be given", lacks=1), [2, 6]),
        (Change("lib.f(b=)", _V2, "has to be given", lacks=-1), [2, 3, 6]),
        (Change("lib.f(b=)", _V2, "is gone"), [4]),
    ],
)
def test_only_calls_that_notice_it_are_uses(change: Change, lines: list[int]) -> None:
    text = "import lib\nlib.f(1)\nlib.f(1, 2)\nlib.f(1, b=2)\nlib.f(*a, **b)\nlib.f()\nlib.f\n"
    assert [line for _, line in _places({"a.py": text}, change)] == lines


def test_a_file_without_the_words_is_not_parsed() -> None:
    text = "import lib\nprint lib.other\n"
    tree = Files({"a.py": text.encode()})
    assert impact.judge(tree, tree, Boundary(("lib",), (_GONE,))).unread == ()
