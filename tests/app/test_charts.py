"""Charts: each says what it shows, draws within its field, and draws nothing where nothing is known."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from app.pages import charts

EVIL = '<script>alert("1")</script>'
NAMES = st.text(st.characters(codec="ascii", exclude_categories=("Cc",)), max_size=30)
VALUES = st.floats(0, 1e9).map(lambda value: round(value, 3))
"""As fine as anything is counted."""
_X, _Y = ("x", "x1", "x2", "cx"), ("y", "y1", "y2", "cy")


def read(drawn: Markup) -> ET.Element:
    return ET.fromstring(str(drawn))


def kinds(drawn: Markup) -> list[str]:
    return [part.get("class", "") for part in read(drawn)]


def words(drawn: Markup) -> list[str]:
    return [part.text or "" for part in read(drawn) if part.tag == "text"]


def is_inside(drawn: Markup) -> bool:
    field = read(drawn)
    _, _, wide, high = map(float, field.attrib["viewBox"].split())
    across = [float(part.attrib[name]) for part in field for name in _X if name in part.attrib]
    down = [float(part.attrib[name]) for part in field for name in _Y if name in part.attrib]
    for part in field:
        for point in part.get("points", "").split():
            x, y = point.split(",")
            across.append(float(x))
            down.append(float(y))
    return all(0 <= x <= wide for x in across) and all(0 <= y <= high for y in down)


@pytest.mark.parametrize(
    "drawn",
    [
        charts.line(EVIL, [(EVIL, 1.0), ("b", 2.0)]),
        charts.burn_up(EVIL, [(EVIL, 1.0, 2.0), ("b", 2.0, 2.0)]),
        charts.curve(EVIL, [(1.0, 0.5)], unit=EVIL),
        charts.bars(EVIL, [(EVIL, 1.0, None)]),
        charts.stacked(EVIL, [(EVIL, 1.0)]),
        charts.spark(EVIL, [1.0, 2.0]),
    ],
)
def test_a_chart_is_a_picture_that_says_its_message_and_runs_nothing(drawn: Markup) -> None:
    field = read(drawn)
    assert (field.get("role"), field.get("aria-label")) == ("img", EVIL)
    assert [part.text for part in field if part.tag == "title"] == [EVIL]
    assert "<script" not in drawn
    assert "style=" not in drawn


@pytest.mark.parametrize(
    "drawn",
    [
        charts.line("says", []),
        charts.line("says", [("a", None)]),
        charts.burn_up("says", []),
        charts.curve("says", []),
        charts.bars("says", []),
        charts.stacked("says", [("a", 0)]),
        charts.spark("says", [None]),
    ],
)
def test_of_nothing_nothing_is_drawn(drawn: Markup) -> None:
    assert drawn == ""


def test_an_axis_goes_up_to_a_round_number_and_a_line_over_what_nobody_knows() -> None:
    drawn = charts.line("says", [("June", 3_300.0), ("July", None), ("August", 1_700.0)])
    assert words(drawn) == ["0", "2,000", "4,000", "June", "August"]
    (path,) = [part for part in read(drawn) if part.get("class") == "line"]
    assert len(path.attrib["points"].split()) == 2


def test_a_bar_beyond_its_bound_is_seen_and_one_at_it_is_not() -> None:
    drawn = charts.bars("says", [("more", 61, 60), ("even", 60, 60), ("free", 99, None)])
    assert [kind for kind in kinds(drawn) if kind in ("over", "bar")] == ["over", "bar", "bar"]
    assert kinds(drawn).count("mark") == 2


def test_a_part_of_nothing_is_not_in_the_legend() -> None:
    assert words(charts.stacked("says", [("merged", 3), ("broke", 0), ("open", 1)])) == ["merged 3", "open 1"]


def test_what_lasts_begins_with_all_of_it() -> None:
    drawn = charts.curve("says", [(10.0, 0.75), (20.0, 0.5)])
    assert words(drawn) == ["0 %", "50 %", "100 %", "0 days", "20 days"]
    (path,) = [part for part in read(drawn) if part.get("class") == "line"]
    heights = [float(point.split(",")[1]) for point in path.attrib["points"].split()]
    assert heights == sorted(heights)
    assert len(heights) == 5


@given(st.lists(st.tuples(NAMES, VALUES, VALUES), min_size=1, max_size=30))
def test_whatever_is_drawn_stays_in_its_field(items: list[tuple[str, float, float]]) -> None:
    assert is_inside(charts.line("says", [(name, value) for name, value, _ in items]))
    assert is_inside(charts.burn_up("says", items))
    assert is_inside(charts.bars("says", items))
    assert is_inside(charts.spark("says", [value for _, value, _ in items]))
    assert is_inside(charts.stacked("says", [(name, value + 1) for name, value, _ in items]))
