"""A condition with anything around its `${{ }}`, be it a line break, is a text, and every text is true.

`if: |` keeps the line break behind `}}`. What GitHub then sees is not `false` but `false` and a line break,
and the step or job runs whatever the expression says. With `|-` the line break goes and the expression
decides.

From then on the condition is heeded, for the first time perhaps: look at what it guards. Where several
expressions stand beside each other, what was meant is said to you instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import workflow
from codemods.document import Document, Node
from codemods.model import About, Advice, Applicability, Category, Facts, Splice

ABOUT = About(
    title="Let conditions decide that are always true",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="A step or job that has always run is skipped when its condition is false.",
    references=(
        "https://docs.github.com/en/actions/reference/workflows-and-actions/expressions",
        "https://docs.zizmor.sh/audits/#unsound-condition",
    ),
    needles=(b"if:",),
    pattern=rb"\bif:\s*(?:[|>]|['\"]?[^\n]*\$\{\{)",
    minutes=10,
)

_ALONE = re.compile(r"\s*\$\{\{(?:(?!\}\}|\$\{\{).)*\}\}\s*", re.DOTALL)
_HEADER = re.compile(rb"[|>]\d?(\+?)(?=[ \t]*(?:#[^\n]*)?\r?\n)")


def rewrite(file: Document, _: Facts) -> Iterator[Splice | Advice]:
    """Yield the mark that takes the line break away, and what to say of the first other condition."""
    if not file.plain:
        return
    said = False
    for condition in _conditions(file):
        text, header = condition.text, _HEADER.match(file.data, condition.start)
        if "${{" not in text or (text.strip() == text and _ALONE.fullmatch(text)):
            continue
        if header and _ALONE.fullmatch(text) and not header[1]:
            yield Splice(header.end(), header.end(), b"-", "the condition decides, and is not always true")
        elif not said and text.strip():
            said = True
            yield Advice(condition.start, "it is always true: write one expression, without `${{` and `}}`")


def _conditions(file: Document) -> Iterator[Node]:
    for _, job in workflow.jobs(file):
        yield from (found for node in (job, *workflow.steps(job)) if (found := node.get("if")))
