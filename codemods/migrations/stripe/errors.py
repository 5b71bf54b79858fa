"""stripe 13 has its errors in the package itself: the module `stripe.error` is gone.

The names are the same, and so are the classes: since stripe 7.8 the module only handed them on.
"""

from __future__ import annotations

import libcst as cst

from codemods import alignment, guards, leftovers, names, nodes, renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Catch the errors of stripe where version 13 has them",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: both names are the same class.",
    references=("https://github.com/stripe/stripe-python/blob/master/CHANGELOG.md",),
    needles=(b"stripe",),
    pattern=rb"\berror\b",
    minutes=2,
    crosses=">=13",
    since="7.8.0",
)

_ERRORS = (
    *("StripeError", "APIError", "APIConnectionError", "StripeErrorWithParamCode", "CardError"),
    *("IdempotencyError", "InvalidRequestError", "AuthenticationError", "PermissionError", "RateLimitError"),
    "SignatureVerificationError",
)
_NAMES = {f"stripe.error.{name}": f"stripe.{name}" for name in _ERRORS}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the errors of the package."""
    known, seen = names.of(module), nodes.of(module)
    if any(names.dotted(alias.name) == "stripe.error" for n in seen.all(cst.Import) for alias in n.names):
        return module
    behind: dict[cst.CSTNode, str] = {
        node: f"{root.value}.{node.attr.value}"
        for node in seen.all(cst.Attribute)
        if known.qualified(node) in _NAMES and (root := _root(node, module))
    }
    result = alignment.renamed(module, behind) if behind else module
    return leftovers.tidied(module, renamed.names_in(result, _NAMES))


def _root(node: cst.Attribute, module: cst.Module) -> cst.Name | None:
    """Return the name of the package in ``stripe.error.CardError``, where that can change."""
    root = node.value.value if isinstance(node.value, cst.Attribute) else None
    is_kept = nodes.comments(node) or guards.for_some_versions(node, module)
    return root if isinstance(root, cst.Name) and not is_kept else None
