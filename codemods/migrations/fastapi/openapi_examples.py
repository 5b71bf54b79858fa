"""FastAPI 0.99 takes `examples` as a list of JSON Schema; a dictionary with titles is `openapi_examples`.

Until then `examples={"short": {"summary": …, "value": …}}` gave the examples of OpenAPI that its pages let
people choose from. Since FastAPI 0.103 `openapi_examples` does the same; left as they are, they end up in the
schema, where a dictionary means nothing. Only what is written as a dictionary, there or in the one assignment
of a name, is handed over by the other name.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, certain, names, renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Give FastAPI OpenAPI's examples by their own keyword",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the description has the same examples at the same places as before FastAPI 0.99.",
    references=(
        "https://fastapi.tiangolo.com/release-notes/#01030",
        "https://fastapi.tiangolo.com/tutorial/schema-extra-example/",
    ),
    needles=(b"examples",),
    pattern=rb"\bfastapi\b",
    minutes=2,
    crosses=">=0.99",
    since="0.103",
    alone=False,
)

_KINDS = ("Query", "Path", "Header", "Cookie", "Body", "Form", "File")
_HOMES = ("fastapi", "fastapi.param_functions", "fastapi.params")
_CALLED = frozenset(f"{home}.{kind}" for home in _HOMES for kind in _KINDS)
_KEYWORDS = {"": {}, "dictionary": {"examples": "openapi_examples"}}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that gives its dictionaries of examples by the new keyword."""
    return renamed.keywords_in(module, _KEYWORDS, _given)


def _given(call: cst.Call, module: cst.Module) -> str:
    examples = arguments.named(call, "examples")
    if examples is None or names.of(module).qualified(call.func) not in _CALLED:
        return ""
    return "dictionary" if certain.type_of(examples.value, module) == "dict" else ""
