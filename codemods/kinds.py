"""The shapes an improvement can have: which text it reads and what it returns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from codemods.model import About, Advice, Facts, Finding, Splice, Tree

if TYPE_CHECKING:
    import libcst as cst

    from codemods.document import Document
    from codemods.source import Source


class PythonCodemod(Protocol):
    """A module of `codemods.python`: one file's syntax tree in, one out (the same object: no change).

    It may have a function ``sift(tree: ast.Module) -> bool`` that says, of a file that this Python can read
    too, whether the improvement may change it: a tenth of the time that libcst needs, where no needle and no
    pattern is rare enough.
    """

    ABOUT: About

    def rewrite(self, module: cst.Module, facts: Facts) -> cst.Module:
        """Return the improved module."""


class Migration(PythonCodemod, Protocol):
    """A module of `codemods.migrations.DISTRIBUTION`: a Python codemod with the version that it ``crosses``.

    It rides with an upgrade over that version; where the new way works already, it goes by itself.
    """


class DocumentRule(Protocol):
    """A module of `.workflows`, `.dependabot`, `.compose` or `.alerts`: YAML in, splices or advice out."""

    ABOUT: About

    def rewrite(self, document: Document, facts: Facts) -> Iterable[Splice | Advice]:
        """Return the splices that improve the file, and what there is to say where no edit is right."""


class SourceRule(Protocol):
    """A module of `codemods.comments`, `.containers` or `.servers`: one text in, splices or advice out."""

    ABOUT: About

    def rewrite(self, source: Source, facts: Facts) -> Iterable[Splice | Advice]:
        """Return the splices that improve the file, and what there is to say where no edit is right."""


class TreeRule(Protocol):
    """A module of `codemods.dependencies`, `.lifecycle` or `.operations`: the whole tree in, findings out."""

    ABOUT: About

    def ask(self, tree: Tree) -> frozenset[str]:
        """Return the normalised names of the distributions whose releases it wants to know."""

    def find(self, tree: Tree, facts: Facts) -> Iterable[Finding]:
        """Return what it would change; findings of one target belong to one proposal."""
