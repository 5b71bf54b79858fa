"""What changed in a library is looked for in a repository by resolved names."""

from __future__ import annotations

import pytest
from packaging.version import Version

from codemods import boundaries, engine, impact, registry
from codemods.boundaries import Boundary, Change, Note
from codemods.touched import Stride
from codemods.tree import Files

_V2 = Version("2")


def _judged(text: str, *names: str, notes: tuple[Note, ...] = ()) -> impact.Impact:
    tree = Files({"shop/a.py": text.encode()})
    changes = tuple(Change(name, _V2, "is gone") for name in names)
    return impact.judge(tree, tree, Boundary(("lib",), changes, notes))


def test_each_place_that_does_something_with_it_is_a_use() -> None:
    found = _judged("from lib import a\n\na()\nx = a\n", "lib.a", "lib.b")
    assert [place.line for place in found.used[0].before] == [3, 4]
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


def test_a_note_about_all_of_a_library_is_told_to_who_imports_it() -> None:
    notes = (Note(_V2, "One.", "https://x", ("lib",)),)
    assert _judged("import lib.sub as s\n", notes=notes).notes == notes
    assert not _judged("lib = 1\n", notes=notes).notes


def test_a_note_that_nobody_can_act_on_hinders_nothing() -> None:
    quiet = Note(_V2, "One.", "https://x", hinders=False)
    found = _judged("import lib\n", notes=(quiet,))
    assert (found.notes, found.is_harmless) == ((quiet,), True)
    assert not _judged("import lib\n", notes=(quiet, Note(_V2, "Two.", "https://x"))).is_harmless


def _migrated(before: str, after: str, *names: str, more: dict[str, str] | None = None) -> impact.Impact:
    others = {path: text.encode() for path, text in (more or {}).items()}
    old, new = Files({"shop/a.py": before.encode(), **others}), Files({"shop/a.py": after.encode(), **others})
    changes = tuple(Change(name, _V2, "is gone", by="lib-a") for name in names)
    strides = [Stride("lib-a", "shop/a.py", before.encode(), after.encode())]
    return impact.judge(old, new, Boundary(("lib",), changes), strides=strides)


def _counts(found: impact.Impact) -> dict[str, tuple[list[int], list[int]]]:
    return {u.change.name: ([p.line for p in u.rewritten], [p.line for p in u.after]) for u in found.used}


def test_a_use_is_rewritten_where_its_statement_changed() -> None:
    before = "from lib import old\n\nold()\nx = [old]\n"
    found = _migrated(before, before.replace("old", "new"), "lib.old")
    assert _counts(found) == {"lib.old": ([3, 4], [])}


def test_an_import_alone_is_one_place_however_often_it_is_used() -> None:
    before = "from lib import a\n\na()\na()\n"
    found = _migrated(before, before.replace("from lib", "from other"), "lib.a")
    assert _counts(found) == {"lib.a": ([1], [])}


def test_what_was_left_is_for_people_and_not_rewritten() -> None:
    before = "import lib\n\nlib.old(1)\nlib.old(*x)\n"
    found = _migrated(before, before.replace("lib.old(1)", "lib.new(1)"), "lib.old")
    assert _counts(found) == {"lib.old": ([3], [4])}


def test_what_no_name_tells_is_counted_for_its_migration() -> None:
    before = "import lib\n\nlib.old()\nx.get()\n"
    found = _migrated(before, before.replace("old", "new").replace("get", "fetch"), "lib.old")
    assert _counts(found) == {"lib.old": ([3], []), "lib-a": ([4], [])}
    assert not found.is_harmless


def test_what_is_said_closest_is_met_alone() -> None:
    found = _judged("import lib\n\nlib.sub.f()\nlib.sub.g()\n", "lib.sub", "lib.sub.f")
    assert _counts(found) == {"lib.sub": ([], [4]), "lib.sub.f": ([], [3])}


def test_a_file_that_takes_what_another_hands_on_is_settled_with_it() -> None:
    taking = {"shop/b.py": "from shop.a import Markup\n\nMarkup()\n"}
    before = "from lib import Markup\n\nMarkup()\n"
    found = _migrated(before, before.replace("from lib", "from other"), "lib.Markup", more=taking)
    assert _counts(found) == {"lib.Markup": ([1], [])}


def test_a_name_that_another_file_takes_and_a_migration_took_away_is_left() -> None:
    taking = {"shop/b.py": "from shop.a import old\n\nold()\n", "t.py": "patch('shop.a.old')\n"}
    before = "from lib import old\n\nold()\n"
    found = _migrated(before, before.replace("old", "new"), "lib.old", more=taking)
    (used,) = found.used
    assert [(p.path, p.line) for p in used.after] == [("shop/b.py", 3), ("t.py", 1)]


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


def test_a_file_that_imports_no_changed_module_of_the_standard_library_is_not_parsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = {
        "shop/tools.py": b"import chunk\n",
        "shop/a.py": b"from shop import tools\n\nprint(tools.chunk.Reader)\n",
        "shop/b.py": b"import json\n\nchunk = json.Chunk\n",
        "shop/c.py": b"from shop import tools\n\nprint(tools.chunk.Chunk)\n",
    }
    parsed: list[str] = []
    read = engine.module
    monkeypatch.setattr(engine, "module", lambda path, data: parsed.append(path) or read(path, data))
    known = Boundary(("chunk",), (Change("chunk.Chunk", _V2, "is gone"),), standard=True)
    found = impact.judge(Files(files), Files(files), known)
    assert [place.path for used in found.used for place in used.before] == ["shop/c.py"]
    assert parsed == ["shop/c.py"]
