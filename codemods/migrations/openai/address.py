"""openai 1 calls the address of the API `openai.base_url`; nothing reads `openai.api_base` there any more.

So a program that set it talks to api.openai.com after the upgrade, with its own texts and its own key. The
new name wants a slash at the end, which is added. Only an address that stands in the code as a text changes:
one that comes from elsewhere may have its slash or not. With Azure it belongs to an `AzureOpenAI`.
"""

from __future__ import annotations

import libcst as cst

from codemods import guards, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Set the address of the API as openai 1 reads it",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: calls go to the same addresses.",
    references=(
        "https://github.com/openai/openai-python/discussions/742",
        "https://github.com/openai/openai-python/blob/v1.0.0/src/openai/__init__.py",
    ),
    needles=(b"api_base",),
    pattern=rb"\bopenai\b",
    minutes=2,
    crosses=">=1",
    since="1.0.0",
)

_OLD = "openai.api_base"
_AZURE = frozenset(("openai.api_type", "openai.api_version"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the address of the API as openai 1 reads it."""
    known, seen = names.of(module), nodes.of(module)
    every = [(node, known.qualified(node)) for node in seen.all(cst.Attribute)]
    uses = [node for node, full in every if full == _OLD]
    if any(full in _AZURE for _, full in every) or not all(_is_set(node, module) for node in uses):
        return module
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for node in uses:
        assign = cst.ensure_type(seen.above[seen.above[node]], cst.Assign)
        changes[node.attr] = nodes.to(cst.Name("base_url"))
        changes[assign.value] = _with_slash
    return nodes.replaced(module, changes)


def _is_set(node: cst.Attribute, module: cst.Module) -> bool:
    """Say whether the address is set here, to a text that stands in the code."""
    seen = nodes.of(module)
    assign = seen.above[seen.above[node]]
    if not isinstance(assign, cst.Assign) or len(assign.targets) != 1 or assign.targets[0].target is not node:
        return False
    value = assign.value
    is_text = isinstance(value, cst.SimpleString) and value.raw_value and "b" not in value.prefix.lower()
    return bool(is_text) and not guards.for_some_versions(node, module)


def _with_slash(updated: cst.CSTNode) -> cst.CSTNode:
    old = cst.ensure_type(updated, cst.SimpleString)
    if str(old.raw_value).endswith("/"):
        return old
    end = len(old.quote)
    return old.with_changes(value=f"{old.value[:-end]}/{old.value[-end:]}")
