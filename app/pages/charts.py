"""Charts as SVG: each says its message in words, and a table beside it has the same numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor, log10

from markupsafe import Markup, escape

WIDE, HIGH = 360, 140
"""The size of a chart in its own units; a browser scales it to the room that there is."""
_LEFT, _RIGHT, _TOP, _FOOT = 40, 6, 10, 18
_ROW, _BAR, _NAMES = 20, 12, 112
_LETTERS = 16
_TONES = 8
_TINY = (120, 24)

Point = tuple[str, float | None]
"""The words under a point, and its value; None where nobody knows."""


def line(says: str, points: Sequence[Point], *, least: float = 0.0) -> Markup:
    """Draw how a value goes over time, as a line over an area; the axis goes up to ``least`` or more."""
    known = [(place, value) for place, (_, value) in enumerate(points) if value is not None]
    if not known:
        return Markup()
    plot = _Plot(len(points), max(least, *(value for _, value in known)))
    path = [plot.at(place, value) for place, value in known]
    ground = [(path[0][0], plot.floor), *path, (path[-1][0], plot.floor)]
    area = Markup('<polygon class="area" points="{}"/>').format(_points(ground))
    return _svg(says, [plot.axis(), area, _polyline(path, "line"), plot.ends(points), *_dots(path[-1:])])


def burn_up(says: str, points: Sequence[tuple[str, float, float]]) -> Markup:
    """Draw how much is done (the area) of how much there is (the line above it), over time."""
    if not points:
        return Markup()
    plot = _Plot(len(points), max(max(done, whole) for _, done, whole in points))
    done = [plot.at(place, value) for place, (_, value, _) in enumerate(points)]
    whole = [plot.at(place, value) for place, (_, _, value) in enumerate(points)]
    ground = [(done[0][0], plot.floor), *done, (done[-1][0], plot.floor)]
    area = Markup('<polygon class="area" points="{}"/>').format(_points(ground))
    names = [(name, value) for name, value, _ in points]
    lines = [_polyline(whole, "bound"), _polyline(done, "line")]
    return _svg(says, [plot.axis(), area, *lines, plot.ends(names), *_dots(done[-1:])])


def curve(
    says: str, steps: Sequence[tuple[float, float]], *, begins: float = 1.0, unit: str = "days"
) -> Markup:
    """Draw a share (0 to 1) that changes in steps: pairs of how much later, and the share from there on.

    It ``begins`` at another.
    """
    if not steps:
        return Markup()
    last = max(after for after, _ in steps) or 1.0
    plot = _Plot(2, 1.0, shares=True)
    across = plot.right - plot.left
    path = [(plot.left, plot.at(0, begins)[1])]
    for after, share in steps:
        x, y = plot.left + across * after / last, plot.at(0, share)[1]
        path += [(x, path[-1][1]), (x, y)]
    names = [(f"0 {unit}", None), (f"{last:.0f} {unit}", None)]
    return _svg(says, [plot.axis(), _polyline(path, "line"), plot.ends(names)])


def bars(says: str, items: Iterable[tuple[str, float, float | None]]) -> Markup:
    """Draw one bar for each name, the widest is the most; a mark shows the bound that it has, if any."""
    rows = list(items)
    if not rows:
        return Markup()
    most = max(max(value, bound or 0.0) for _, value, bound in rows) or 1.0
    across = WIDE - _NAMES - 44
    drawn = [_bar(place, row, across / most) for place, row in enumerate(rows)]
    return _svg(says, drawn, high=_ROW * len(rows) + 4)


def _bar(place: int, row: tuple[str, float, float | None], scale: float) -> Markup:
    name, value, bound = row
    y, wide = place * _ROW + 4, max(1.0, value * scale)
    tone = "over" if bound is not None and value > bound else "bar"
    shown = [
        _text(_NAMES - 6, y + _BAR - 2, _short(name), "end"),
        Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
            tone, _NAMES, y, _number(wide), _BAR
        ),
        _text(_NAMES + max(wide, (bound or 0.0) * scale) + 4, y + _BAR - 2, _worth(value)),
    ]
    if bound is not None:
        x = _number(_NAMES + bound * scale)
        shown.append(
            Markup('<line class="mark" x1="{0}" y1="{1}" x2="{0}" y2="{2}"/>').format(x, y - 3, y + _BAR + 3)
        )
    return Markup().join(shown)


def stacked(says: str, parts: Iterable[tuple[str, float]]) -> Markup:
    """Draw one bar of several parts, with a legend that has their names and values."""
    shown = [(name, value) for name, value in parts if value > 0]
    whole = sum(value for _, value in shown)
    if not whole:
        return Markup()
    drawn: list[Markup] = []
    x = 0.0
    for place, (name, value) in enumerate(shown):
        wide, tone = WIDE * value / whole, f"tone-{place % _TONES + 1}"
        drawn.append(_rect(tone, x, 0, wide, _ROW))
        row, column = divmod(place, 2)
        left, top = column * WIDE / 2, _ROW + 8 + row * 16
        drawn.append(_rect(tone, left, top, 10, 10))
        drawn.append(_text(left + 15, top + 9, f"{_short(name, 26)} {_worth(value)}"))
        x += wide
    return _svg(says, drawn, high=_ROW + 10 + 16 * ceil(len(shown) / 2))


def spark(says: str, values: Sequence[float | None]) -> Markup:
    """Draw how a value goes, small enough for a line of text."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if not known:
        return Markup()
    wide, high = _TINY
    low, top = min(value for _, value in known), max(value for _, value in known)
    across, up = (wide - 6) / max(1, len(values) - 1), (high - 6) / ((top - low) or 1.0)
    path = [(3 + place * across, high - 3 - (value - low) * up) for place, value in known]
    return _svg(says, [_polyline(path, "line"), *_dots(path[-1:])], high=high, wide=wide, kind="spark")


class _Plot:
    """The field of a chart with an axis: where a value of a place is drawn."""

    def __init__(self, places: int, most: float, *, shares: bool = False) -> None:
        self.left, self.right = float(_LEFT), float(WIDE - _RIGHT)
        self.floor = float(HIGH - _FOOT)
        self.places, self.shares = places, shares
        self.most = 1.0 if shares else _round(most)

    def at(self, place: int, value: float) -> tuple[float, float]:
        """Return the point of a value."""
        step = (self.right - self.left) / max(1, self.places - 1)
        return self.left + place * step, self.floor - (self.floor - _TOP) * value / self.most

    def axis(self) -> Markup:
        """Draw the lines at nothing, at the half and at the most, with what they stand for."""
        drawn: list[Markup] = []
        for value in (0.0, self.most / 2, self.most):
            y = self.at(0, value)[1]
            drawn.append(
                Markup('<line class="grid" x1="{}" y1="{y}" x2="{}" y2="{y}"/>').format(
                    self.left, self.right, y=_number(y)
                )
            )
            words = f"{100 * value:.0f} %" if self.shares else _worth(value)
            drawn.append(_text(self.left - 4, y + 3, words, "end"))
        return Markup().join(drawn)

    def ends(self, points: Sequence[Point]) -> Markup:
        """Write the words of the first and the last point."""
        first = _text(self.left, HIGH - 4, points[0][0])
        return first + _text(self.right, HIGH - 4, points[-1][0], "end") if len(points) > 1 else first


def _round(most: float) -> float:
    """Return the next round number that is not below, for the top of an axis."""
    if most <= 0:
        return 1.0
    unit = 10.0 ** floor(log10(most))
    return next(step * unit for step in (1, 2, 4, 5, 10) if most <= step * unit)


def _svg(
    says: str, inside: Iterable[Markup], *, wide: int = WIDE, high: int = HIGH, kind: str = "chart"
) -> Markup:
    return Markup(
        '<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{says}"><title>{says}</title>{}</svg>'
    ).format(kind, wide, high, Markup().join(inside), says=says)


def _polyline(path: Iterable[tuple[float, float]], kind: str) -> Markup:
    return Markup('<polyline class="{}" points="{}"/>').format(kind, _points(path))


def _dots(path: Iterable[tuple[float, float]]) -> Iterable[Markup]:
    return [Markup('<circle class="dot" cx="{}" cy="{}" r="2.5"/>').format(*map(_number, at)) for at in path]


def _rect(kind: str, x: float, y: float, wide: float, high: float) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        kind, *map(_number, (x, y, wide, high))
    )


def _text(x: float, y: float, words: str, anchor: str = "start") -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(
        _number(x), _number(y), anchor, escape(words)
    )


def _points(path: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in path)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _worth(value: float) -> str:
    """Return a value as people read it beside a bar."""
    return f"{value:,.0f}" if value == round(value) or value >= 100 else f"{value:.1f}"  # noqa: PLR2004 -- as they do


def _short(name: str, most: int = _LETTERS) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
