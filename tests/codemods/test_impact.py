"""What changed in a library is looked for in a repository by resolved names."""

from __future__ import annotations

import pytest
from packaging.version import Version

from codemods import boundaries, engine, impact, registry
from codemods.boundaries import Boundary, Change, Note
from codemods.tree import Files

_V2 = Version("2")


def _judged(text: str, *names: str, notes: tuple[Note, ...] = ()) -> impact.Impact:
    tree = Files({"shop/a.py": text.encode()})
    changes = tuple(Change(name, _V2, "is gone") for name in names)
    return impact.judge(tree, tree, Boundary(("lib",), changes, notes))


def test_each_place_that_names_it_is_a_use() -> None:
    found = _judged("from lib import a\n\na()\nx = a\n", "lib.a", "lib.b")
    assert [place.line for place in found.used[0].before] == [1, 3, 4]
    assert (len(found.used), found.unused, found.is_harmless) == (1, 1, False)


def test_what_lies_in_a_module_that_went_is_a_use_of_it() -> None:
    assert [u.change.name for u in _judged("import lib.sub\nlib.sub.x()\n", "lib.sub").used] == ["lib.sub"]


def test_a_keyword_is_used_by_who_gives_it() -> None:
    text = "import lib\nlib.f(1)\nlib.f(old=1)\n"
    assert [place.line for place in _judged(text, "lib.f(old=)").used[0].before] == [3]


@pytest.mark.parametrize(
    "text",
    [
        "import other\nother.a()\n",
        "import lib\nlib.abc()\n",
        "a = 1\na\n",
        "import library as lib\nlib.a()\n",
    ],
)
def test_what_only_looks_like_it_is_none(text: str) -> None:
    assert _judged(text, "lib.a").is_harmless


def test_a_note_is_told_to_those_whom_it_concerns() -> None:
    notes = (Note(_V2, "One.", "https://x", ("lib.a",)), Note(_V2, "Two.", "https://x"))
    assert [n.text for n in _judged("import lib\nlib.b()\n", notes=notes).notes] == ["Two."]
    assert [n.text for n in _judged("import lib\nlib.a()\n", notes=notes).notes] == ["One.", "Two."]


def test_a_file_that_is_no_python_is_told() -> None:
    assert _judged("import lib\nprint lib.a\n", "lib.a").unread == ("shop/a.py",)


def test_a_boundary_between_two_versions_holds_what_is_on_the_way() -> None:
    changes = tuple(Change("lib.a", Version(v), "is gone") for v in ("1", "2", "3"))
    assert Boundary(("lib",), changes).between(Version("1"), _V2).changes == changes[1:2]


_MISTAKES = ("what = 1", '[[change]]\nname = "a"\n', '[[note]]\nat = "x"\ntext = "a"\nurl = "b"\n')


@pytest.mark.parametrize("text", _MISTAKES)
def test_a_mistake_in_what_is_written_down_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"what|change a|note a"):
        boundaries.read(text)


@pytest.mark.parametrize("distribution", boundaries.distributions())
def test_what_is_written_down_of_a_library_is_whole(distribution: str) -> None:
    known, ids = boundaries.of(distribution), registry.ids()
    assert known is not None
    assert known.modules
    assert known.changes or known.notes
    tops = {module.partition(".")[0] for module in known.modules}
    for change in known.changes:
        assert change.what, change
        assert change.name.partition(".")[0] in tops, change
        assert change.by in ids if change.by else change.hand.endswith("."), change
        assert change.url.startswith("https://"), change
    assert all(note.url.startswith("https://") and note.text.endswith(".") for note in known.notes)
    assert len({change.name for change in known.changes}) == len(known.changes)


def test_a_file_is_parsed_only_where_a_name_meets_the_module_that_hands_it_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = {
        "shop/tests.py": b"from lib import features\n",
        "shop/again.py": b"from shop.tests import Case\n",
        "shop/models.py": b"from lib import Image\n",
        "shop/views.py": b"from shop.models import Row\n\nprint(Row.features)\n",
        "shop/admin.py": b"from shop.models import Image\n\nImage()\n",
    }
    parsed: list[str] = []
    read = engine.module
    monkeypatch.setattr(engine, "module", lambda path, data: parsed.append(path) or read(path, data))
    found = impact.judge(
        Files(files), Files(files), Boundary(("lib",), (Change("lib.Image", _V2, "is gone"),))
    )
    assert {place.path for used in found.used for place in used.before} == {"shop/admin.py", "shop/models.py"}
    assert "shop/views.py" not in parsed
