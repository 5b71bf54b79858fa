"""An issue template in Markdown is a text that people have to edit; a form asks them one thing at a time.

Whoever opens an issue deletes the explanations, or forgets to, and answers between them or somewhere else.
What comes in has to be asked for again, and nothing can read it. A form has one field for each question, the
explanation stands above the field and not in the issue, and every issue has the same headings.

The file becomes a form of the same name: each heading a field, with what was written below it as the
explanation, or as the text to go on from where that is a list to fill in; a list of boxes stays one. Name,
title, labels and assignees stay. Nothing is made compulsory. Where anything of the template has no place in
a form, or another file links to it by its name, nothing is changed.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from codemods import issue_templates, places, silence
from codemods.issue_templates import Question, Template
from codemods.model import About, Applicability, Category, Edit, Facts, Finding, Tree

ABOUT = About(
    title="Turn an issue template into a form",
    category=Category.OPERABILITY,
    applicability=Applicability.UNSAFE,
    risk="What reads the text of issues finds other headings there, and links from elsewhere that name the "
    "template no longer find it.",
    references=(
        "https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-issue-forms",
        "https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/common-validation-errors-when-creating-issue-forms",
    ),
    needles=(),
    minutes=20,
    default=False,
)

_ID = "issue-form"
_TEMPLATE = re.compile(r"\.github/ISSUE_TEMPLATE/(?P<stem>[A-Za-z0-9][A-Za-z0-9_-]*)\.md")
"""Templates whose name can be a part of a branch's."""
_LONG_ENDING = re.compile(r"\.github/ISSUE_TEMPLATE/(?!config\.)[^/]+\.yaml")
_TEXTS = re.compile(r"\.(?:md|rst|txt|ya?ml|html|py|sh|toml|cff|js|ts)\Z")
_REFUSED = re.compile(
    r"passw|passphrase|secret|token|credential|api[ _-]?key|private key|credit card", re.IGNORECASE
)
"""Words by which GitHub refuses a label, or may: it does not say which they are."""
_LONGEST = 60_000
"""Characters of the longest template that is read; an issue has no more than 65,536."""


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: everything stands in the tree."""
    return frozenset()


def find(tree: Tree, _: Facts) -> Iterator[Finding]:
    """Return the two edits that make a form of each template that can be one."""
    paths = frozenset(tree.paths())
    ending = "yaml" if any(map(_LONG_ENDING.fullmatch, paths)) else "yml"
    for path in sorted(paths):
        found = _TEMPLATE.fullmatch(path)
        if found is None or any(f"{path.removesuffix('.md')}.{end}" in paths for end in ("yml", "yaml")):
            continue
        data = tree.read(path)
        form = _form(path, data)
        if form is None or _is_named(tree, path):
            continue
        title = f"Make a form of the issue template {found['stem']}"
        new = f"{path.removesuffix('.md')}.{ending}"
        made = Edit(new, None, form), f"each heading of `{path}` becomes a field"
        gone = Edit(path, data, None), f"`{path}` goes: `{new}` asks the same"
        for edit, message in (made, gone):
            yield Finding(_ID, edit.path, 1, message, edit, target=found["stem"], title=title)


def _form(path: str, data: bytes) -> bytes | None:
    """Return the form that asks what a template asks, None where there is none."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    left = places.is_generated(path, data) or any(silence.says_ignore(li, _ID) for li in text.splitlines())
    template = None if left or len(text) > _LONGEST else issue_templates.read(text)
    if template is None or not _is_accepted(template):
        return None
    written = yaml.dump(_said(template), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**6)
    newline = "\r\n" if "\r\n" in text else "\n"
    return written.replace("\n", newline).encode()


def _is_accepted(template: Template) -> bool:
    """Say whether GitHub accepts the form, by what it says of its mistakes, and whether it is worth one."""
    labels = [q.label for q in template.questions]
    boxes = [box for q in template.questions for box in q.boxes]
    ids = [_id(label) for label in labels]
    fields = [q for q in template.questions if not q.boxes]
    return (
        bool(template.name and template.about and fields)
        and len(template.questions) > 1
        and all(ids)
        and len({*ids, *map(_id, boxes)}) == len(ids) + len(boxes)
        and not any(map(_REFUSED.search, labels))
        and all(text.isprintable() for text in (*labels, template.name, template.about, template.title))
    )


def _id(label: str) -> str:
    """Return a label as an id may be written: letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _said(template: Template) -> Mapping[str, Any]:
    body: list[Mapping[str, Any]] = []
    if template.opening:
        body.append({"type": "markdown", "attributes": {"value": "\n\n".join(template.opening)}})
    body += [_field(question) for question in template.questions]
    head = {
        "name": template.name,
        "description": template.about,
        "title": template.title if template.title.strip() else "",
        "labels": list(template.labels),
        "assignees": list(template.assignees),
    }
    return {**{key: value for key, value in head.items() if value}, "body": body}


def _field(question: Question) -> Mapping[str, Any]:
    attributes: dict[str, Any] = {"label": question.label}
    if guidance := "\n\n".join(filter(None, question.guidance)):
        attributes["description"] = guidance
    if question.prefilled:
        attributes["value"] = "\n\n".join(question.prefilled)
    if question.boxes:
        attributes["options"] = [{"label": box} for box in question.boxes]
    return {
        "type": "checkboxes" if question.boxes else "textarea",
        "id": _id(question.label),
        "attributes": attributes,
    }


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as such, and lists within what they belong to."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002 -- the parent's
        """Indent the items of a list below its key."""
        super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _is_named(tree: Tree, path: str) -> bool:
    """Say whether another file of the tree names a template, as links that open it do."""
    name = posixpath.basename(path).encode()
    return any(name in tree.read(p) for p in tree.paths() if p != path and _TEXTS.search(p))
