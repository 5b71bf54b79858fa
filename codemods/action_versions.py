"""Tells which version of an action a step of a workflow uses."""

from __future__ import annotations

from codemods import tags
from codemods.document import Document, Node
from codemods.manifests import beside


def release(document: Document, step: Node) -> tuple[int, ...]:
    """Return the version of the action that a step uses: ``(5,)`` for ``v5``, ``()`` where it is not known.

    That of a commit is what the comment behind it says.
    """
    used = step.get("uses")
    if used is None:
        return ()
    ref = used.text.partition("@")[2]
    if tags.COMMIT.fullmatch(ref):
        comment, _ = beside.trailing(document.data, used.end)
        ref = comment.strip("# ").partition(" ")[0]
    tag = tags.parse(ref)
    return tag.numbers if tag else ()
