"""Promises in nine languages, in every shape: each is found once, and stands as it should."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from codemods import engine, promises, registry
from codemods.debts import Standing
from codemods.mentions import Progress, Ticket
from codemods.model import Facts

_FACTS = Facts(
    today=date(2026, 11, 26),
    floor=(3, 11),
    dependencies={"django": Version("5.2"), "click": Version("8.1.0")},
    own_version=Version("2.3"),
    issues={
        "#12": Ticket(Progress.DONE, "2026-01-01"),
        "#13": Ticket(Progress.OPEN),
        "#14": Ticket(Progress.DROPPED, "2025-01-01"),
        "#15": Ticket(Progress.GONE),
        "pallets/click#5": Ticket(Progress.DONE, "2021-01-01", arrived=True),
        "pallets/click#6": Ticket(Progress.DONE, "2024-01-01", arrived=False),
    },
    listed=frozenset(("django", "click", "httpx")),
    absent=frozenset(("old_way",)),
)
_DUE, _ORPHANED, _NOT_YET, _PLAIN = Standing
_SHAPES: dict[str, list[tuple[str, Standing]]] = {
    "shop/a.py": [
        ("# TODO[2026-11-01]: tidy", _DUE),
        ("# TODO[2026-11-27]: tidy", _NOT_YET),
        ("# TODO[py>=3.11]: tidy", _DUE),
        ("# TODO[py>=3.12]: tidy", _NOT_YET),
        ("# FIXME[django>=4.2]: tidy", _DUE),
        ("# FIXME[django>5.2]: tidy", _NOT_YET),
        ("# XXX[own>=2.0]: tidy", _DUE),
        ("# XXX[own>=3.0]: tidy", _NOT_YET),
        ("# TODO[#12 closed]: tidy", _DUE),
        ("# TODO[#13 closed]: tidy", _NOT_YET),
        ("# TODO[#14 closed]: tidy", _ORPHANED),
        ("# TODO[#99 closed]: tidy", _NOT_YET),
        ("# TODO[+httpx]: tidy", _DUE),
        ("# TODO[+anyio]: tidy", _NOT_YET),
        ("# TODO[-six]: tidy", _DUE),
        ("# TODO[-django]: tidy", _NOT_YET),
        ("# TODO[py>=3.11, #12]: tidy", _DUE),
        ("# TODO[py>=3.11, #13]: tidy", _NOT_YET),
        ("# TODO[soon]: tidy", _PLAIN),
        ("# TODO(ann): tidy", _PLAIN),
        ("# TODO(#13): tidy", _PLAIN),
        ("# TODO(#15): tidy", _ORPHANED),
        ("# TODO(until 2026-11-01): tidy", _DUE),
        ("# TODO(2019-01-01): tidy", _PLAIN),
        ("# TODO(SHOP-12): tidy", _PLAIN),
        ("# TODO remove when we drop Python 3.8", _DUE),
        ("# TODO remove when we drop Python 3.11", _NOT_YET),
        ("# TODO: remove once 2.0 is out", _DUE),
        ("# TODO: remove once 3.0 is out", _NOT_YET),
        ("# TODO: remove after 2025", _DUE),
        ("# TODO: remove after 2026", _NOT_YET),
        ("# TODO: remove when #12 is fixed", _DUE),
        ("# TODO: remove when #13 is fixed", _NOT_YET),
        ("# HACK: workaround for https://github.com/pallets/click/issues/5", _DUE),
        ("# HACK: workaround for https://github.com/pallets/click/issues/6", _NOT_YET),
        ("# HACK: workaround for #12", _NOT_YET),
        ("# TODO: remove old_way() here", _ORPHANED),
        ("# TODO: see https://github.com/pallets/click/issues/5", _PLAIN),
        ("# TODO: never remove after 2025-01-01", _PLAIN),
        ("# BUG: slow", _PLAIN),
        ("# OPTIMIZE(ann): slow", _PLAIN),
    ],
    ".github/workflows/ci.yml": [
        ("# TODO: drop this leg once we drop Python 3.10", _DUE),
        ("a: b  # FIXME[2031-01-01]: tidy", _NOT_YET),
    ],
    "pyproject.toml": [
        ("# TODO: remove the cap when #12 is closed", _DUE),
        ('a = "b" # XXX tidy', _PLAIN),
    ],
    "Dockerfile": [
        ("# TODO(ann): remove after 2025-06-01", _DUE),
        ("# TODO: use a smaller image", _PLAIN),
    ],
    "bin/run.sh": [
        ("# TODO[own>=9]: tidy", _NOT_YET),
        ("ls  # HACK: remove when we require Django 5", _DUE),
    ],
    "shop/a.sql": [
        ("-- TODO[2026-01-01]: drop the column", _DUE),
        ("SELECT 1; /* FIXME: slow */", _PLAIN),
        ("-- FIXME(#15): slow", _ORPHANED),
    ],
    "web/a.js": [
        ("// TODO[2026-01-01]: tidy", _DUE),
        ("let a = 1; // TODO[#13 closed] tidy", _NOT_YET),
        ("/* FIXME: slow */", _PLAIN),
    ],
    "web/a.ts": [
        ("// TODO: remove when #12 is fixed", _DUE),
        ("/** TODO: remove in 9.0 */", _NOT_YET),
        ("// XXX slow", _PLAIN),
    ],
    "web/a.html": [
        ("<!-- TODO: remove after 2025 -->", _DUE),
        ("{# FIXME(ann): slow #}", _PLAIN),
        ("{#- TODO: remove after 2025 -#}", _DUE),
        ("<script>// TODO[#13]: tidy\n</script>", _NOT_YET),
    ],
    "docs/a.md": [
        ("<!-- TODO[own>=2.1]: tell more -->\n", _DUE),
        ("<!-- TODO: tell more -->\n", _PLAIN),
    ],
}
_NONE = {
    "shop/b.py": "x = '# TODO: no'\n'''\n# TODO: no\n'''\n# the todo list, see TODO.md\n# BUGS are old\n",
    "shop/b.sql": "SELECT '-- TODO: no';\n",
    "web/b.js": "let a = '// TODO: no', b = `/* TODO: no */`;\n",
    "web/b.html": "<p>TODO: no</p>\n",
    "docs/b.md": "TODO: no\n\n    <!-- TODO: no -->\n\n```\n<!-- TODO: no -->\n```\n",
    "bin/b.sh": "cat <<END\n# TODO: no\nEND\necho '# TODO: no'\n",
    "b.yml": "a: |\n  # TODO: no\n",
    "b.toml": 'a = "# TODO: no"\n',
    "b.txt": "# TODO: no\n",
    "vendor/b.py": "# TODO: no\n",
}


def test_there_are_enough_of_them() -> None:
    assert sum(map(len, _SHAPES.values())) >= 60
    assert len({path.rpartition(".")[2] for path in _SHAPES}) >= 8


@pytest.mark.parametrize(
    ("path", "line", "standing"), [(p, *shape) for p, shapes in _SHAPES.items() for shape in shapes]
)
def test_a_promise_is_found_and_judged(path: str, line: str, standing: Standing) -> None:
    held = {path: promises.of_file(path, f"{line}\n".encode())}
    assert [debt.stood.standing for debt in promises.judged(held, _FACTS)] == [standing]


@pytest.mark.parametrize("path", _SHAPES)
def test_they_stand_side_by_side(path: str) -> None:
    held = {path: promises.of_file(path, "".join(f"{line}\n" for line, _ in _SHAPES[path]).encode())}
    found = [debt.stood.standing for debt in promises.judged(held, _FACTS)]
    assert found == [standing for _, standing in _SHAPES[path]]


@pytest.mark.parametrize("path", _NONE)
def test_text_is_no_promise(path: str) -> None:
    found = promises.of_file(path, _NONE[path].encode()) if promises.holds_any(path) else ()
    assert found == ()


_BRANCH = """\
import sys

# {comment}
if sys.version_info >= (3, 9):
    from functools import cache
else:
    from functools import lru_cache as cache
"""


@given(
    st.one_of(
        st.dates(date(2026, 11, 27), date(2090, 1, 1)).map(lambda day: f"TODO[{day}]: drop this branch"),
        st.integers(12, 30).map(lambda n: f"TODO[py>=3.{n}]: drop this branch"),
        st.integers(11, 30).map(lambda n: f"TODO: drop this branch when we drop Python 3.{n}"),
        st.integers(4, 90).map(lambda n: f"TODO[own>={n}]: drop this branch"),
        st.sampled_from(["#13 closed", "#99 closed", "-django", "+anyio", "py>=3.11, #13"]).map(
            lambda condition: f"TODO[{condition}]: drop this branch"
        ),
    )
)
def test_code_with_unmet_conditions_never_changes(comment: str) -> None:
    modules = [m for m in registry.ids().values() if registry.kind(m) == "comments"]
    asked = [(m, _FACTS.only(registry.load(m).about, {})) for m in modules]
    found = engine.examine(engine.Task("a.py", _BRANCH.format(comment=comment).encode(), tuple(asked)))
    assert [f for findings in found.findings.values() for f in findings] == []
    assert found.problems == ()


@given(st.integers(0, 4_000))
def test_a_day_decides_alone(days: int) -> None:
    day = _FACTS.today + timedelta(days=days - 2_000)
    held = {"a.py": promises.of_file("a.py", f"# TODO[{day}]: tidy\n".encode())}
    (debt,) = promises.judged(held, _FACTS)
    assert (debt.stood.standing is Standing.DUE) is (day <= _FACTS.today)
