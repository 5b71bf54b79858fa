"""Writes reports as Markdown, as HTML that a mail program shows, and as JSON for scripts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from types import MappingProxyType

from workers import calm, inert
from workers.evaluation.report import Cell, Report, Section

_TEXT = "font: 15px/1.5 sans-serif; color: #1f2328; max-width: 720px;"
_ENTRY = "text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid #d1d9e0; font-size: 14px;"


def markdown(reports: Iterable[Report]) -> str:
    """Return reports as Markdown; texts of others ping nobody, close nothing and embed nothing."""
    return "".join(
        "\n\n".join([f"# {calm.line(_title(one))}", *map(_told, one.sections)]) + "\n" for one in reports
    )


def html(reports: Sequence[Report]) -> str:
    """Return a page that needs nothing from elsewhere, with its styles where mail programs look for them."""
    title = escape(", ".join(map(_title, reports)) or "Nothing to report")
    told = "\n".join(
        part for one in reports for part in (f"<h1>{escape(_title(one))}</h1>", *map(_shown, one.sections))
    )
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title></head>\n'
        f'<body style="{_TEXT}">\n{told}\n</body>\n</html>\n'
    )


def as_json(reports: Iterable[Report]) -> str:
    """Return reports as JSON: the figures of each section by their names, and its rows."""
    said = [
        {
            "organisation": one.organisation,
            "week": one.week,
            "begin": one.begin.isoformat(),
            "end": one.end.isoformat(),
            "sections": {section.name: _plain(section) for section in one.sections},
        }
        for one in reports
    ]
    return json.dumps({"version": 1, "reports": said}, indent=2, ensure_ascii=False) + "\n"


FORMATS: Mapping[str, Callable[[Sequence[Report]], str]] = MappingProxyType(
    {"markdown": markdown, "html": html, "json": as_json}
)
"""Each way to write reports, by its name."""


def _title(report: Report) -> str:
    return f"{report.organisation} in week {report.week}"


def _told(section: Section) -> str:
    parts = [f"## {section.title}", section.sentence]
    if section.rows:
        head = [_line(section.head), _line(":--" for _ in section.head)]
        parts.append("\n".join([*head, *(_line(map(_linked, row)) for row in section.rows)]))
    return "\n\n".join([*parts, *_rest(section)])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _linked(cell: Cell) -> str:
    text, address = calm.line(cell.text), _address(cell)
    return f"[{text.replace('[', '(').replace(']', ')')}]({address})" if address else text


def _shown(section: Section) -> str:
    parts = [f"<h2>{escape(section.title)}</h2>", f"<p>{escape(section.sentence)}</p>"]
    if section.rows:
        head = "".join(f'<th style="{_ENTRY}">{escape(name)}</th>' for name in section.head)
        rows = ("".join(f'<td style="{_ENTRY}">{_anchor(cell)}</td>' for cell in row) for row in section.rows)
        body = "".join(f"<tr>{row}</tr>\n" for row in rows)
        parts.append(f'<table style="border-collapse: collapse;">\n<tr>{head}</tr>\n{body}</table>')
    return "\n".join([*parts, *(f"<p>{words}</p>" for words in _rest(section))])


def _anchor(cell: Cell) -> str:
    address = _address(cell)
    return f'<a href="{escape(address)}">{escape(cell.text)}</a>' if address else escape(cell.text)


def _address(cell: Cell) -> str:
    """Return where a cell leads to, ``""`` where that is no page."""
    is_page = cell.address.startswith(("https://", "http://"))
    return inert.address(cell.address) if is_page else ""


def _rest(section: Section) -> Iterator[str]:
    if section.more:
        yield f"And {section.more} more."


def _plain(section: Section) -> Mapping[str, object]:
    rows = [dict(zip(section.head, (cell.text for cell in row), strict=True)) for row in section.rows]
    return {"sentence": section.sentence, **section.figures, "rows": rows, "more": section.more}
