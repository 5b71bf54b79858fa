"""Workflows that can be started by hand help nobody who does not know that they are there.

Whoever has to release, or to deploy again at night, reads what is written about it, and that says nothing of
the button in the Actions tab or of what it wants to know; so they ask whoever set it up. A list of these
workflows with their inputs is in the workflows already: it belongs where people look.

It comes below the heading about operations, releases or deployment that is there, between two comments, and
is written again when the workflows change: what stands between the comments is not for editing. Nothing is
proposed where any page names one of the workflows, or says how workflows are started.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt

from codemods import dispatches, project, runbooks, silence
from codemods.dispatches import Workflow
from codemods.model import About, Applicability, Category, Edit, Facts, Finding, Tree

ABOUT = About(
    title="List the workflows that people start",
    category=Category.OPERABILITY,
    applicability=Applicability.UNSAFE,
    risk="The page shows what a workflow asks for; who may start it is not said there.",
    references=(
        "https://docs.github.com/en/actions/how-tos/manage-workflow-runs/manually-run-a-workflow",
        "https://cli.github.com/manual/gh_workflow_run",
    ),
    needles=(),
    minutes=15,
    default=False,
)

_ID = "runbook-section"
_OPEN, _CLOSE = "<!-- kotsu:runbook -->", "<!-- /kotsu:runbook -->"
_OURS = re.compile(rf"^{_OPEN}$.*?^{_CLOSE}$", re.MULTILINE | re.DOTALL)
_GENERAL = re.compile(r"run ?book|on[- ]call|operat|mainten", re.IGNORECASE)
_RELEASES = re.compile(r"releas|publish|deploy|ship|promot|roll[- ]?out|version", re.IGNORECASE)
_ONE_OF_MANY = re.compile(r"(?:^|/)(?:runbooks|operations|ops)/(?!(?:README|index)\.)", re.IGNORECASE)
"""Pages beside others, each about something of its own."""
_OF_A_VERSION = re.compile(r"\bv?\d+\.\d+")
_PAGE = re.compile(r"\.(?:md|rst|txt|adoc)\Z")
_SPEAKS = re.compile(
    r"workflow_dispatch|gh workflow run|run workflow|actions tab|workflow dispatch", re.IGNORECASE
)


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: everything stands in the tree."""
    return frozenset()


def find(tree: Tree, _: Facts) -> Iterator[Finding]:
    """Return the list of workflows, where it is missing or not true any more."""
    pages = sorted(filter(_may_have, tree.paths()), key=lambda p: (p == "README.md", p.count("/"), p))
    workflows = list(dispatches.of(tree)) if pages else []
    texts = {path: text for path in pages if (text := runbooks.text(tree.read(path))) is not None}
    there = [path for path, text in texts.items() if _OPEN in text]
    if there:
        yield from _renewed(tree, there[0], texts[there[0]], workflows)
    elif workflows and not _is_told(tree, workflows):
        for path, text in texts.items():
            section = _place(path, tree.read(path))
            if section and (_GENERAL.search(section.title) or any(map(_is_release, workflows))):
                yield from _added(tree, section, text, workflows)
                return


def _may_have(path: str) -> bool:
    return path == "README.md" or runbooks.is_runbook(path)


def _renewed(tree: Tree, path: str, text: str, workflows: Sequence[Workflow]) -> Iterator[Finding]:
    """Yield the list as it is by now; nothing where the comments around it are not as they were."""
    found = _OURS.findall(text)
    if len(found) != 1 or text.count(_OPEN) != 1 or text.count(_CLOSE) != 1:
        return
    start = text.index(_OPEN)
    new = _list(workflows) if workflows else ""
    after = text.replace(found[0], new) if new else re.sub(r"\n*" + re.escape(found[0]), "", text)
    if after != text:
        message = "the list of workflows says what they are by now"
        yield _finding(tree, path, text.count("\n", 0, start) + 1, message, after)


def _added(
    tree: Tree, section: runbooks.Section, text: str, workflows: Sequence[Workflow]
) -> Iterator[Finding]:
    lines = text.split("\n")
    end = section.end
    while end > section.start + 1 and not lines[end - 1].strip():
        end -= 1
    rest = lines[end:] if any(line.strip() for line in lines[end:]) else [""] * text.endswith("\n")
    after = "\n".join([*lines[:end], "", *_list(workflows).split("\n"), *rest])
    if _is_seen(after) and not any(silence.says_ignore(line, _ID) for line in lines):
        named = "stands a workflow" if len(workflows) == 1 else f"stand {len(workflows)} workflows"
        yield _finding(tree, section.path, end, f"below “{section.title}” {named} to start", after)


def _is_seen(text: str) -> bool:
    """Say whether the list is a part of the page, and not of a block of code or a comment that goes on."""
    blocks = MarkdownIt("commonmark").parse(text)
    return any(b.type == "html_block" and not b.level and b.content.strip() == _OPEN for b in blocks)


def _finding(tree: Tree, path: str, line: int, message: str, after: str) -> Finding:
    before = tree.read(path)
    mark = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
    newline = "\r\n" if b"\r\n" in before else "\n"
    return Finding(_ID, path, line, message, Edit(path, before, mark + after.replace("\n", newline).encode()))


def _list(workflows: Sequence[Workflow]) -> str:
    return "\n".join([_OPEN, "", *dispatches.written(workflows), "", _CLOSE])


def _place(path: str, data: bytes) -> runbooks.Section | None:
    """Return the section that the list belongs in: one that says so, else the first of a whole runbook."""
    sections = runbooks.of(path, data)
    if any(_OF_A_VERSION.search(section.title) for section in sections):
        return None
    named = (s for s in sections if runbooks.is_about_operations(s.title))
    return next(named, sections[0] if sections and not _ONE_OF_MANY.search(path) else None)


def _is_release(one: Workflow) -> bool:
    return bool(_RELEASES.search(f"{one.file} {one.title}"))


def _is_told(tree: Tree, workflows: Sequence[Workflow]) -> bool:
    """Say whether a page names one of the workflows, or how any is started."""
    names = [re.escape(one.file) for one in workflows]
    names += [rf"{re.escape(one.title)}[`\"'*_ ]+(?:workflow|action)" for one in workflows if one.title]
    named = re.compile("|".join(names), re.IGNORECASE)
    pages = (p for p in tree.paths() if _PAGE.search(p) and project.is_own(p))
    texts = (tree.read(p).decode("utf-8", "replace") for p in pages)
    return any(_SPEAKS.search(text) or named.search(text) for text in texts)
