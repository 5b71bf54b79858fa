"""Small improvements in a package of their own, written to disk so that other processes find them too."""

from __future__ import annotations

import importlib
import itertools
import linecache
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from codemods import registry
from codemods.registry import Improvement

_NUMBERS = itertools.count()
_HEAD = '''"""It is better so. Everybody says it."""

from codemods.model import About, Advice, Applicability, Category, Edit, Facts, Finding, Splice

ABOUT = About(
    title="{title}",
    category=Category.{category},
    applicability=Applicability.SAFE,
    risk="None.",
    references=("https://example.org/",),
    minutes=1,
    {about}
)


'''

GREET = """
    import re
    for found in re.finditer(rb"hello", source.data):
        yield Splice(found.start(), found.end(), b"hellos", "`hello` → `hellos`")
"""
"""A comment rule that is about anything: greetings in the plural."""


@dataclass
class Improvements:
    """A package of improvements; writing one again is changing its code."""

    folder: Path
    name: str

    def comments(
        self, name: str, body: str = GREET, about: str = 'needles=(b"hello",),', **said: str
    ) -> None:
        """Write a rule that sees a file and yields splices and advice; its page and category can be said."""
        self._write("comments", name, f"def rewrite(source, facts):{body}", about, **said)

    def workflows(self, name: str, body: str, **said: str) -> None:
        """Write a rule that sees a workflow and yields splices and advice."""
        self._write("workflows", name, f"def rewrite(document, facts):{body}", "needles=(),", **said)

    def dependencies(self, name: str, find: str, asked: str = "frozenset()") -> None:
        """Write a rule that sees the whole tree."""
        body = f"def ask(tree):\n    return {asked}\n\n\ndef find(tree, facts):{find}"
        self._write("dependencies", name, body, "needles=(),")

    def _write(self, kind: str, name: str, body: str, about: str, **said: str) -> None:
        room = self.folder / self.name / kind
        room.mkdir(parents=True, exist_ok=True)
        head = _HEAD.format(
            title=name.replace("_", " ").capitalize(), about=about, category=said.get("category", "HYGIENE")
        )
        (room / f"{name}.py").write_text(head + body, "utf-8")
        (room / f"{name}.md").write_text(said.get("page", ""), "utf-8")
        self.forget()

    def catalogue(self) -> Mapping[str, Improvement]:
        """Load what is written now."""
        return registry.catalogue(importlib.import_module(self.name))

    def forget(self) -> None:
        """Let what was loaded be loaded again."""
        for loaded in [n for n in sys.modules if n.partition(".")[0] == self.name]:
            del sys.modules[loaded]
        registry.load.cache_clear()
        importlib.invalidate_caches()
        linecache.clearcache()


def package(folder: Path) -> Improvements:
    """Return an empty package; its name is nobody else's, as what was loaded by a name is remembered."""
    return Improvements(folder, f"stubs_{next(_NUMBERS)}")
