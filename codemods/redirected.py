"""Tells Starlette's test client about redirects by the keyword that it has had since version 0.21."""

from __future__ import annotations

import libcst as cst

from codemods import arguments, instances, renamed

_CLASSES = frozenset(("starlette.testclient.TestClient", "fastapi.testclient.TestClient"))
_METHODS = ("get", "options", "head", "post", "put", "patch", "delete", "request")
_KEYWORDS = {method: {"allow_redirects": "follow_redirects"} for method in _METHODS}


def rewrite(module: cst.Module) -> cst.Module:
    """Return the module with `follow_redirects`, where a request certainly is one of the test client."""
    return renamed.keywords_in(module, _KEYWORDS, _asked)


def _asked(call: cst.Call, module: cst.Module) -> str:
    """Return which of its methods a call asks of the test client, ``""`` where that is not certain."""
    func = call.func
    if not isinstance(func, cst.Attribute) or func.attr.value not in _METHODS:
        return ""
    if arguments.named(call, "allow_redirects") is None:
        return ""
    return func.attr.value if instances.of(func.value, module, _CLASSES) else ""
