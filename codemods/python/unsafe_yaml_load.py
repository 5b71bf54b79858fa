"""`yaml.load` with a loader that builds Python objects can run whatever a document asks for.

`Loader`, `UnsafeLoader` and, in older releases, `FullLoader` follow tags such as `!!python/object/apply`:
whoever can write the document can call any function. Without a loader, `yaml.load` does the same up to
PyYAML 5.0, warns up to 5.4 and raises `TypeError` from 6.0 on. `yaml.safe_load` reads every ordinary
document (strings, numbers, dates, lists, mappings) alike and refuses such tags with an error; it costs
nothing to use it for files one trusts. The fast `CLoader` becomes the equally fast `CSafeLoader`.

A document that does carry Python tags, as `yaml.dump` writes them for tuples and objects, is refused from
now on; look at what is read here before you merge. A module that registers tags of its own, derives a
loader, or mentions Python tags is left alone, and so are `full_load` and `unsafe_load`, whose names say
what they do, and the objects of `ruamel.yaml`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import libcst as cst

from codemods import arguments, glance, guards, imports, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Load YAML without running code from it",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="A document with Python tags (`!!python/…`) raises an error where it was built into objects before.",
    references=(
        "https://pyyaml.org/wiki/PyYAMLDocumentation",
        "https://docs.astral.sh/ruff/rules/unsafe-yaml-load/",
        "https://nvd.nist.gov/vuln/detail/CVE-2020-14343",
    ),
    needles=(b"yaml",),
    pattern=rb"\bload(?:_all)?\b",
    codes=("S506", "B506"),
    asked_for=r"use (?:`?yaml\.)?safe_?load(?:\(\))?`?|use (?:a |the )?safe ?loader",
    minutes=5,
)

_SAFE = {"load": "safe_load", "load_all": "safe_load_all"}
_LOADER = re.compile(r"yaml\.(?:loader\.|cyaml\.)?(C?(?:Full|Unsafe)?Loader)")
_OWN_TAGS = frozenset(
    (
        *("add_constructor", "add_multi_constructor", "add_implicit_resolver", "add_path_resolver"),
        *("add_representer", "add_multi_representer", "YAMLObject", "yaml_tag", "yaml_loader"),
        *("yaml_constructors", "yaml_implicit_resolvers", "construct_object"),
    )
)
_TELLING = re.compile(r"!!python|tag:yaml\.org,2002:python|(?:^|\.)yaml\.load(?:_all)?$")


@dataclass(frozen=True, eq=False)
class _Hit:
    """One call that loads unsafely.

    ``renamed`` is the function or the fast loader, and ``name`` what it is to be called; ``loader`` the index
    of the argument that goes, ``dropped`` its value.
    """

    call: cst.Call
    renamed: cst.BaseExpression
    name: str
    loader: int | None = None
    dropped: cst.BaseExpression | None = None


def sift(tree: ast.Module) -> bool:
    """Say whether something called load is called."""
    names = glance.known_as(tree, _SAFE)
    return any(glance.called(n) in names for n in glance.all_of(tree, ast.Call))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the safe loader where an unsafe one is used."""
    known = names.of(module)
    seen = nodes.of(module)
    found = [hit for n in seen.all(cst.Call) if (hit := _hit(n, known))]
    telling = seen.all(cst.SimpleString, cst.FormattedStringText, cst.ClassDef, cst.Name)
    if not found or any(map(_has_own_tags, telling)):
        return module
    hits = [h for h in found if not guards.silenced(h.call, module, ABOUT, "unsafe-yaml-load")]
    hits = [h for h in hits if not isinstance(h.renamed, cst.Name) or _can_be_renamed(h, hits, known)]
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for hit in hits:
        changes.update(_changes(hit, known))
    return _with_clean_imports(nodes.replaced(module, changes), hits, known)


def _hit(call: cst.Call, known: names.Names) -> _Hit | None:
    verb = (known.qualified(call.func) or "").removeprefix("yaml.")
    stream, loader = _stream_and_loader(call)
    if known.qualified(call.func) != f"yaml.{verb}" or verb not in _SAFE or stream is None:
        return None
    if loader is None:
        return _Hit(call, call.func, _SAFE[verb]) if len(call.args) == 1 else None
    kind = _LOADER.fullmatch(known.qualified(loader.value) or "")
    if kind is None or len(call.args) != 2:  # noqa: PLR2004 -- the stream and the loader
        return None
    if kind[1].startswith("C"):
        return _Hit(call, loader.value, "CSafeLoader")
    index = list(call.args).index(loader)
    if arguments.without(call, index) is None:
        return None
    return _Hit(call, call.func, _SAFE[verb], index, loader.value)


def _stream_and_loader(call: cst.Call) -> tuple[cst.Arg | None, cst.Arg | None]:
    if arguments.starred(call):
        return None, None
    by_position = [*arguments.positional(call), None, None]
    return by_position[0] or arguments.named(call, "stream"), by_position[1] or arguments.named(
        call, "Loader"
    )


def _has_own_tags(node: cst.CSTNode) -> bool:
    """Say whether a node shows that documents with tags are read here, or that a test replaces the loader."""
    if isinstance(node, cst.SimpleString):
        return bool(_TELLING.search(str(node.raw_value)))
    if isinstance(node, cst.FormattedStringText):
        return bool(_TELLING.search(node.value))
    if isinstance(node, cst.ClassDef):
        return any(_last(base.value).endswith("Loader") for base in node.bases)
    return isinstance(node, cst.Name) and node.value in _OWN_TAGS


def _last(node: cst.BaseExpression) -> str:
    last = node.attr if isinstance(node, cst.Attribute) else node
    return last.value if isinstance(last, cst.Name) else ""


def _can_be_renamed(hit: _Hit, hits: Sequence[_Hit], known: names.Names) -> bool:
    """Say whether a name taken from yaml by an import can give way to another, everywhere in the module."""
    name = cst.ensure_type(hit.renamed, cst.Name).value
    ours = known.local(known.qualified(hit.renamed) or "") == name and known.bindings(name) == 1
    at_hand = _aliased(hit, known) or known.free(hit.name) or known.local(f"yaml.{hit.name}")
    shared = known.bindings("__all__") or not set(known.uses(name)) <= {h.renamed for h in hits}
    return bool(ours and at_hand and not shared)


def _aliased(hit: _Hit, known: names.Names) -> bool:
    """Say whether the import gives another name to what it imports: that name can stay in the calls."""
    return known.qualified(hit.renamed) != f"yaml.{cst.ensure_type(hit.renamed, cst.Name).value}"


def _changes(hit: _Hit, known: names.Names) -> Iterator[tuple[cst.CSTNode, nodes.Change]]:
    if hit.loader is not None:
        yield hit.call, partial(_without_loader, hit.loader)
    if isinstance(hit.renamed, cst.Attribute):
        yield hit.renamed, lambda updated: updated.with_changes(attr=cst.Name(hit.name))
    elif not _aliased(hit, known):
        local = known.local(f"yaml.{hit.name}") or hit.name
        yield hit.renamed, lambda updated: updated.with_changes(value=local)


def _without_loader(index: int, updated: cst.CSTNode) -> cst.CSTNode:
    call = cst.ensure_type(updated, cst.Call)
    return arguments.without(call, index) or call


def _with_clean_imports(module: cst.Module, hits: Sequence[_Hit], known: names.Names) -> cst.Module:
    """Import what the calls name now, and no longer what nothing names any more."""
    dropped = {h.dropped for h in hits}
    gone = {n.value for n in dropped if isinstance(n, cst.Name) and set(known.uses(n.value)) <= dropped}
    become: dict[str, str | None] = dict.fromkeys(gone)
    for hit in hits:
        if isinstance(hit.renamed, cst.Name):
            there = known.local(f"yaml.{hit.name}") and not _aliased(hit, known)
            become[hit.renamed.value] = None if there else hit.name
    return imports.changed(module, "yaml", become)
