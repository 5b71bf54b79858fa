"""What a library calls otherwise by now is renamed wherever a module names it, and nowhere else."""

from __future__ import annotations

import libcst as cst
import pytest

from codemods import renamed

_TABLE = {
    "lib.old": "lib.new",
    "lib.sub.moved": "lib.other.moved",
    "lib.far": "elsewhere.near",
}
_CHANGED = {
    "a from import": ("from lib import old\nold()\n", "from lib import new\nnew()\n"),
    "an alias": ("from lib import old as o\n\no()\n", "from lib import new as o\n\no()\n"),
    "the module": ("import lib\nlib.old()\n", "import lib\nlib.new()\n"),
    "the module by another name": ("import lib as l\nl.old\n", "import lib as l\nl.new\n"),
    "among others": ("from lib import a, old\na(old)\n", "from lib import a, new\na(new)\n"),
    "another module": ("from lib.sub import moved\n\nmoved\n", "from lib.other import moved\n\nmoved\n"),
    "another library": ("from lib import far\n\nfar()\n", "from elsewhere import near\n\nnear()\n"),
    "another library behind a dot": ("import lib\n\nlib.far()\n", "from elsewhere import near\n\nnear()\n"),
    "another library, imported and behind a dot": (
        "import lib\nfrom lib import far\n\nfar(lib.far)\n",
        "from elsewhere import near\n\nnear(near)\n",
    ),
    "another module, imported and behind a dot": (
        "import lib.sub\nfrom lib.sub import moved\n\nmoved(lib.sub.moved)\n",
        "from lib.other import moved\n\nmoved(moved)\n",
    ),
    "the new one is there": ("from lib import new, old\nnew(old)\n", "from lib import new\nnew(new)\n"),
    "an alias that stays where it is": (
        "import sys\n\nfrom lib.a import b\nfrom lib import old as o\n\nfor o in sys.path:\n    o()\n",
        "import sys\n\nfrom lib.a import b\nfrom lib import new as o\n\nfor o in sys.path:\n    o()\n",
    ),
    "an alias that says what is new": ("from lib import old as new\nnew()\n", "from lib import new\nnew()\n"),
    "an alias within a function": (
        "def f():\n    from lib import old as o\n\n    return o()\n",
        "def f():\n    from lib import new as o\n\n    return o()\n",
    ),
    "a comment above": ("# ours\nfrom lib import old\nold()\n", "# ours\nfrom lib import new\nnew()\n"),
    "another module, in its line": (
        "import sys\n\nfrom lib.sub import moved as m  # theirs\n\nm(sys)\n",
        "import sys\n\nfrom lib.other import moved as m  # theirs\n\nm(sys)\n",
    ),
    "another module, beside what stays": (
        "from lib.sub import kept, moved\nfrom lib.z import z\n\nmoved()\n",
        "from lib.other import moved\nfrom lib.sub import kept\nfrom lib.z import z\n\nmoved()\n",
    ),
    "another module that is known": (
        "from lib.other import a\nfrom lib.sub import moved\n\nmoved(a)\n",
        "from lib.other import a, moved\n\nmoved(a)\n",
    ),
    "another module, in its order": (
        "from lib.other1 import a\nfrom lib.sub import moved\nfrom lib.z import z\n\nmoved(a, z)\n",
        "from lib.other import moved\nfrom lib.other1 import a\nfrom lib.z import z\n\nmoved(a, z)\n",
    ),
    "an import that means to be read elsewhere stays so": (
        "from a import b as b\nfrom lib import old as new\nnew(b)\n",
        "from a import b as b\nfrom lib import new\nnew(b)\n",
    ),
    "in functions": (
        "def f():\n    from lib import old\n    old()\n\n\ndef g():\n    from lib import old\n    old()\n",
        "def f():\n    from lib import new\n    new()\n\n\ndef g():\n    from lib import new\n    new()\n",
    ),
    "another module in a function": (
        "def f():\n    from lib.sub import moved\n    moved()\n",
        "def f():\n    from lib.other import moved\n    moved()\n",
    ),
    "a word in a text": (
        "from lib import old\n\nold('very-old', '{old}')\n",
        "from lib import new\n\nnew('very-old', '{old}')\n",
    ),
    "a key of the same name": (
        "from lib import old\n\nold({'old': 1}['old'])\n",
        "from lib import new\n\nnew({'old': 1}['old'])\n",
    ),
    "a local variable elsewhere": (
        "from lib import old\n\nold()\n\n\ndef f(old):\n    return old\n",
        "from lib import new\n\nnew()\n\n\ndef f(old):\n    return old\n",
    ),
    "in a class": (
        "from lib import old\n\n\nclass A(old):\n    x: old\n",
        "from lib import new\n\n\nclass A(new):\n    x: new\n",
    ),
}
_KEPT = {
    "a name of one's own": "old = 1\nold\n",
    "a parameter": "from lib import old\n\n\ndef f(old):\n    return old\n",
    "a star": "from lib import *\nold()\n",
    "bound elsewhere by way of global": (
        "from lib import old\nold()\n\n\ndef f():\n    global old\n    old = 1\n"
    ),
    "bound twice": "from lib import old\nold = old or None\n",
    "two ways": "try:\n    from lib import old\nexcept ImportError:\n    old = None\n",
    "two ways to one alias": (
        "try:\n    from lib import new as n\nexcept ImportError:\n    from lib import old as n\n"
    ),
    "for one version": "import lib\n\nif lib.VERSION > (2,):\n    x = lib.new\nelse:\n    x = lib.old\n",
    "the new name is taken": "from lib import old\n\nnew = 1\nprint(old, new)\n",
    "a public name of the module": 'from lib import old\n\n__all__ = ["old"]\n',
    "an import for others": "from lib import old  # noqa: F401\n",
    "another library's": "from lib2 import old\nold()\n",
    "a method": "def f(x):\n    return x.old()\n",
    "given to the library itself": "import lib\n\nlib.old = lib.new\nlib.old()\n",
}


@pytest.mark.parametrize("case", _CHANGED.values(), ids=_CHANGED)
def test_a_name_is_renamed(case: tuple[str, str]) -> None:
    before, after = case
    assert renamed.names_in(cst.parse_module(before), _TABLE).code == after


@pytest.mark.parametrize("text", _KEPT.values(), ids=_KEPT)
def test_what_is_in_doubt_stays(text: str) -> None:
    module = cst.parse_module(text)
    assert renamed.names_in(module, _TABLE) is module


_KEYWORDS = {"lib.call": {"old": "new", "gone": None}}
_CALLS = {
    "renamed": ("import lib\nlib.call(1, old=2)\n", "import lib\nlib.call(1, new=2)\n"),
    "taken away": ("import lib\nlib.call(1, gone=2)\n", "import lib\nlib.call(1)\n"),
    "both": ("import lib\nlib.call(gone=1, old=2)\n", "import lib\nlib.call(new=2)\n"),
    "both given": ("import lib\nlib.call(new=1, old=2)\n", "import lib\nlib.call(new=1, old=2)\n"),
    "more from elsewhere": ("import lib\nlib.call(old=2, **more)\n", "import lib\nlib.call(old=2, **more)\n"),
    "somebody else's": ("import other\nother.call(old=2)\n", "import other\nother.call(old=2)\n"),
    "tried": (
        "import lib\n\ntry:\n    lib.call(new=2)\nexcept TypeError:\n    lib.call(old=2)\n",
        "import lib\n\ntry:\n    lib.call(new=2)\nexcept TypeError:\n    lib.call(old=2)\n",
    ),
}


@pytest.mark.parametrize("case", _CALLS.values(), ids=_CALLS)
def test_keywords_are_renamed_where_all_of_a_call_is_seen(case: tuple[str, str]) -> None:
    before, after = case
    assert renamed.keywords_in(cst.parse_module(before), _KEYWORDS).code == after


def test_keywords_of_a_method_are_renamed_where_it_is_said_whose_it_is() -> None:
    module = cst.parse_module("sure.ask(old=1)\nunsure.ask(old=1)\n")

    def called(call: cst.Call, _: cst.Module) -> str:
        return module.code_for_node(call.func).replace("sure.ask", "lib.call")

    assert renamed.keywords_in(module, _KEYWORDS, called).code == "sure.ask(new=1)\nunsure.ask(old=1)\n"
