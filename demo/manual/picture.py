"""Draws the pull request that the demo opens in one of its samples, as README shows it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from demo import examples

NAME = "pull-request.svg"
_SAMPLE, _IMPROVEMENT = "ops-scripts", "aware-utcnow"
_PLAN = "from app.cli import main; main()"
_WIDTH, _MARGIN, _ROW, _COLUMNS = 860, 24, 20, 106
_TITLE = 32
_MARKS = re.compile(r"`|\*(?=\w)|(?<=\w)\*")
"""What Markdown sets apart words with."""
_STYLE = """
text{font:14px -apple-system,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif;fill:#1f2328}
.page{fill:#fff;stroke:#d1d9e0}.head{font-size:20px;font-weight:600}.strong{font-weight:600}
.small{font-size:12px;fill:#59636e}.state{fill:#1a7f37}.on{fill:#fff;font-weight:600}
.code{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre}
.plus{fill:#dafbe1}.minus{fill:#ffebe9}.hunk{fill:#ddf4ff}
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.page{fill:#0d1117;stroke:#3d444d}.small{fill:#9198a1}
.state{fill:#238636}.plus{fill:#12261e}.minus{fill:#301a1e}.hunk{fill:#121d2f}}
""".replace("\n", "")
_BANDS = {"+": "plus", "-": "minus", "@": "hunk"}
_ROUND = {"state": ' rx="12"'}
_INDENTS = {"code": 8, "on": 14}


@dataclass(frozen=True)
class Row:
    """One line of the picture: its text, the class of that, the class of what is behind it, its height."""

    text: str
    style: str = ""
    band: str = ""
    high: int = _ROW


def drawn() -> str:
    """Return the picture as SVG; its title and text are what a screen reader says."""
    proposal = _proposed()
    rows = list(_rows(proposal))
    height = sum(row.high for row in rows) + 2 * _MARGIN
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    label = escape(f"A pull request: {proposal['title']}")
    frame = f'<rect class="page" x=".5" y=".5" width="{_WIDTH - 1}" height="{height - 1}" rx="8"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{label}">'
    return "\n".join((head, f"<style>{_STYLE}</style>", frame, *_placed(rows), "</svg>\n"))


def _proposed() -> Mapping[str, Any]:
    """Return what `kotsu plan` proposes: the picture shows what the command says."""
    sample = str(examples.FOLDER / _SAMPLE)
    asked = ["plan", sample, "--json", "--offline", "--only", _IMPROVEMENT]
    done = subprocess.run([sys.executable, "-c", _PLAN, *asked], capture_output=True, check=True)  # noqa: S603 -- ourselves
    (proposal,) = json.loads(done.stdout)["proposals"]
    return dict(proposal)


def _rows(proposal: Mapping[str, Any]) -> Iterator[Row]:
    patch = proposal["patch"].splitlines()
    added, removed = (sum(li.startswith(c) and not li.startswith(c * 3) for li in patch) for c in "+-")
    yield Row(proposal["title"], "head", high=_TITLE)
    yield Row("Open", "on", "state", _TITLE)
    yield Row(f"kotsu wants to merge 1 commit into main from {proposal['branch']}", "small", high=_TITLE)
    for style, paragraph in _paragraphs(proposal["body"]):
        for line in textwrap.wrap(_MARKS.sub("", paragraph), _COLUMNS):
            yield Row(line, style)
        yield Row("", high=_ROW // 2)
    yield Row(f"{proposal['files'][0]}   +{added} -{removed}", "strong", high=_TITLE)
    for line in patch:
        if not line.startswith(("diff ", "--- ", "+++ ")):
            yield Row(line, "code", _BANDS.get(line[:1], ""))


def _paragraphs(body: str) -> Sequence[tuple[str, str]]:
    """Return what a reviewer reads first: why, the risk, the time that it takes, and how to say no."""
    why, _, rest = re.sub(r"<!--.*?-->\s*", "", body, flags=re.DOTALL).partition("\n\n### ")
    sections = dict(part.split("\n\n", 1) for part in rest.split("### "))
    risk = "Risk, and how to undo it"
    (minutes,) = re.findall(r"^Its review is .*$", body, re.MULTILINE)
    (no,) = re.findall(r"^(Close this .*?\.) To ", body, re.MULTILINE)
    reasons = [("", " ".join(part.split())) for part in why.split("\n\n")[:2]]
    return [*reasons, ("strong", risk), ("", sections[risk].strip()), ("", f"{minutes} {no}")]


def _placed(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the elements of the rows, one below the other."""
    y = _MARGIN
    for row in rows:
        x, wide, high = _MARGIN, _WIDTH - 2 * _MARGIN, row.high
        if row.band == "state":
            wide, high = 64, row.high - 8
        if row.band:
            around = f'x="{x}" y="{y}" width="{wide}" height="{high}"'
            yield f'<rect class="{row.band}" {around}{_ROUND.get(row.band, "")}/>'
        if row.text:
            style = f' class="{row.style}"' if row.style else ""
            place = f'x="{x + _INDENTS.get(row.style, 0)}" y="{y + high // 2 + 5}"'
            yield f'<text{style} {place} xml:space="preserve">{escape(row.text, quote=False)}</text>'
        y += row.high
