"""Sphinx 8 wants a name for each inventory of `intersphinx_mapping`; an address as the key is an error there.

`{"https://docs.python.org/3": None}` becomes `{"python": ("https://docs.python.org/3", None)}`, which works
since Sphinx 1.0. The name is the project's, as its address has it, and can be used in a reference. Entries
that have a name stay, and so does an address that is put together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from codemods import layout, nodes
from codemods.migrations.sphinx import settings
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Name the inventories of intersphinx, as Sphinx 8 needs",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="Where two inventories have the same object, another one may be linked to: named ones are in the "
    "order of their names.",
    references=(
        "https://www.sphinx-doc.org/en/master/usage/extensions/intersphinx.html#confval-intersphinx_mapping",
        "https://www.sphinx-doc.org/en/master/changes/8.0.html",
    ),
    needles=(b"intersphinx_mapping",),
    pattern=rb"(?m)^intersphinx_mapping\s*=",
    minutes=3,
    crosses=">=8",
    since="1.0",
)

_ADDRESS = re.compile(r"https?://([^/:]+)(?::\d+)?((?:/[^?#]*)?)")
_HOSTED = re.compile(r"(?:readthedocs\.(?:io|org)|rtfd\.(?:io|org)|palletsprojects\.com|pocoo\.org)$")
_SHARED = re.compile(r"(?:github\.io|gitlab\.io|pythonhosted\.org|packages\.python\.org)$")
_PLAIN = re.compile(r"[a-z][a-z0-9_-]*")
_SUITES = ("scipy", "numpy", "h5py", "sqlalchemy")
_ASIDE = frozenset(("docs", "doc", "www", "en", "latest", "stable", "dev", "python", "documentation", "api"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the configuration whose inventories all have names, or the same where one has none to give."""
    mapping = settings.value("intersphinx_mapping", module)
    if not isinstance(mapping, cst.Dict):
        return module
    taken = {settings.text(e.key) or "" for e in mapping.elements if isinstance(e, cst.DictElement)}
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for entry in _nameless(mapping):
        name = _name(settings.text(entry.key) or "")
        if not name or name in taken:
            return module
        taken.add(name)
        pair = cst.Tuple([cst.Element(entry.key), cst.Element(entry.value)])
        changes[entry] = nodes.to(entry.with_changes(key=layout.quoted(module, name), value=pair))
    return nodes.replaced(module, changes)


def _nameless(mapping: cst.Dict) -> Iterator[cst.DictElement]:
    """Yield the entries whose key is an address, with nothing or the place of an inventory as its value."""
    for entry in mapping.elements:
        if not isinstance(entry, cst.DictElement) or not _ADDRESS.fullmatch(settings.text(entry.key) or ""):
            continue
        is_none = isinstance(entry.value, cst.Name) and entry.value.value == "None"
        if is_none or settings.text(entry.value) is not None:
            yield entry


def _name(address: str) -> str:
    """Return the project whose documentation stands at an address, ``""`` where it does not say so."""
    found = _ADDRESS.fullmatch(address)
    host, path = (found[1].lower(), found[2].lower()) if found else ("", "")
    labels, parts = host.split("."), [part for part in path.split("/") if part]
    if host == "docs.python.org":
        return "python"
    if _SHARED.search(host):
        name = next(iter(parts), labels[0])
    elif _HOSTED.search(host):
        name = labels[0] if labels[0] not in _ASIDE else ""
    elif host == "docs.scipy.org":
        name = next((suite for suite in _SUITES if any(p.startswith(suite) for p in parts)), "scipy")
    elif host == "docs.djangoproject.com":
        name = "django"
    else:
        own = [label for label in labels[:-1] if label not in _ASIDE]
        name = own[0] if len(own) in {1, 2} else ""
    return name if _PLAIN.fullmatch(name) else ""
