"""Finds the settings of a YAML file by their keys, each with the mappings in which it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codemods import directives, listed, spelled
from codemods.document import Document, Node, several
from codemods.model import Splice
from codemods.tls import Policy, only_old, weak

_OF_TLS_13 = re.compile(r"TLS_(?:AES|CHACHA20)_")


@dataclass(frozen=True, slots=True)
class Setting:
    """A key and its value, or an item of the list that is its value.

    ``path`` are the keys, the outermost first; lists add none. ``above`` are the mappings around it, the
    outermost first.
    """

    document: Document
    path: tuple[str, ...]
    value: Node
    above: tuple[Node, ...]

    @property
    def key(self) -> str:
        """The last of the keys."""
        return self.path[-1]

    def beside(self, key: str) -> str:
        """Return the text of another key of the same mapping, ``""`` when there is none."""
        found = self.above[-1].get(key)
        return found.text if found else ""

    @property
    def meant(self) -> bool:
        """Whether a comment, or the list of ciphers beside it, says that somebody wants it just so."""
        lists = [pair.value for pair in self.above[-1].pairs if "cipher" in pair.key.text.lower()]
        if any(only_old(item.text for item in found.items) for found in lists):
            return True
        return directives.meant(self.document.data, self.value.start, self.value.end)


def read(data: bytes) -> Iterator[Setting]:
    """Yield the settings of all documents of a YAML file, in their order; none where a template decides."""
    if not directives.decided(data):
        for document in several(data):
            yield from _within(document, document.root, (), ())


def _within(
    document: Document, node: Node, path: tuple[str, ...], above: tuple[Node, ...]
) -> Iterator[Setting]:
    for key, value in node.pairs:
        here = (*path, key.text)
        yield Setting(document, here, value, (*above, node))
        yield from _within(document, value, here, (*above, node))
    for item in node.items:
        if item.kind == "scalar" and above:
            yield Setting(document, path, item, above)
        yield from _within(document, item, path, above)


def newer(setting: Setting, policy: Policy, highest: str = "", said: str = "") -> Iterator[Splice]:
    """Yield what makes a lowest version of TLS that is too old the policy's lowest, spelled as it was.

    Nothing where the ``highest`` version, in words, is below that. What is ``said`` stands at the end.
    """
    text, start = setting.value.text, setting.document.written(setting.value)
    found, top = spelled.version(text), spelled.version(highest)
    if not found or start is None or not policy.is_old(found) or (top and policy.is_old(top)):
        return
    if setting.meant:
        return
    new = spelled.like(text, policy.lowest)
    yield Splice(start, start + len(text), new.encode(), f"`{setting.key}: {text}` becomes `{new}`{said}")


def stronger(setting: Setting) -> Iterator[Splice]:
    """Yield what takes ciphers that nobody should use out of a list of them."""
    items = setting.value.items
    if any(item.kind != "scalar" for item in items) or setting.meant:
        return
    yield from dropped(setting.document.data, [(i.start, i.end, i.text) for i in items])


def dropped(data: bytes, items: Sequence[tuple[int, int, str]]) -> Iterator[Splice]:
    """Yield what takes the weak ones out of a list of ciphers: bytes with their quotes, and a name each."""
    words = frozenset(weak(":".join(text for _, _, text in items)))
    # Several in brackets are equal for Envoy: what else stands there would go along.
    out = [number for number, (_, _, text) in enumerate(items) if text in words and "|" not in text]
    if any(directives.meant(data, *items[number][:2]) for number in out):
        return
    # A list of which only suites of TLS 1.3 are left would refuse whoever speaks 1.2.
    if all(_OF_TLS_13.match(text) for number, (_, _, text) in enumerate(items) if number not in out):
        return
    for number, splice in enumerate(listed.without(data, [(s, e) for s, e, _ in items], out) if out else ()):
        name = items[out[number]][2]
        yield Splice(splice.start, splice.end, splice.text, f"`{name}` goes from the ciphers")
