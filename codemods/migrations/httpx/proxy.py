"""httpx 0.28 takes one proxy as `proxy=`; the argument `proxies=` raises `TypeError` there.

Where the proxy is one address, both do the same. Proxies by the beginning of an address became `mounts=`,
each with a transport of its own: a dictionary stays, and so does what may be one.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, certain, names, nodes, renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Give httpx its proxy as version 0.28 takes it",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: `proxies` with one address and `proxy` are the same in httpx 0.26 and 0.27.",
    references=(
        "https://github.com/encode/httpx/blob/master/CHANGELOG.md",
        "https://www.python-httpx.org/advanced/proxies/",
    ),
    needles=(b"proxies",),
    pattern=rb"\bhttpx\b",
    minutes=3,
    crosses=">=0.28",
    since="0.26",
)

_CALLS = (
    "Client",
    "AsyncClient",
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "request",
    "stream",
)
_KEYWORDS = {f"httpx.{name}": {"proxies": "proxy"} for name in _CALLS}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with `proxy=` where one proxy is given, unless any call is in doubt."""
    known = names.of(module)
    calls = [c for c in nodes.of(module).all(cst.Call) if known.qualified(c.func) in _KEYWORDS]
    given = [arg.value for c in calls if (arg := arguments.named(c, "proxies"))]
    return renamed.keywords_in(module, _KEYWORDS) if all(_is_one(v, module) for v in given) else module


def _is_one(value: cst.BaseExpression, module: cst.Module) -> bool:
    if isinstance(value, cst.Call) and names.of(module).qualified(value.func) == "httpx.Proxy":
        return True
    is_none = isinstance(value, cst.Name) and value.value == "None"
    return is_none or certain.type_of(value, module) == "str"
