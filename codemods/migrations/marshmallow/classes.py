"""Tells which calls of a module make fields of marshmallow, and which of its classes are schemas."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from codemods import derived, names

GUIDE = "https://marshmallow.readthedocs.io/en/latest/upgrading.html"
_NUMBER = frozenset(("as_string",))
_NESTED = frozenset(("nested", "only", "exclude", "many", "unknown"))
_FORMAT = frozenset(("format",))
_URL = frozenset(("relative", "absolute", "schemes", "require_tld"))
_CALLED = frozenset(("serialize", "deserialize"))
_IP = frozenset(("exploded",))
_NONE = frozenset[str]()
OWN: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("Raw", "String", "Str", "UUID", "Email", "Field"), _NONE),
    **dict.fromkeys(("Number", "Integer", "Int"), _NUMBER | {"strict"}),
    "Float": _NUMBER | {"allow_nan"},
    "Decimal": _NUMBER | {"allow_nan", "places", "rounding"},
    **dict.fromkeys(("Boolean", "Bool"), frozenset(("truthy", "falsy"))),
    **dict.fromkeys(("DateTime", "Date", "Time"), _FORMAT),
    "NaiveDateTime": _FORMAT | {"timezone"},
    "AwareDateTime": _FORMAT | {"default_timezone"},
    "TimeDelta": frozenset(("precision", "serialization_type")),
    **dict.fromkeys(("Dict", "Mapping"), frozenset(("keys", "values"))),
    "List": frozenset(("cls_or_instance",)),
    "Tuple": frozenset(("tuple_fields",)),
    "Nested": _NESTED,
    "Pluck": _NESTED | {"field_name"},
    **dict.fromkeys(("URL", "Url"), _URL),
    **dict.fromkeys(("IP", "IPv4", "IPv6", "IPInterface", "IPv4Interface", "IPv6Interface"), _IP),
    "Enum": frozenset(("enum", "by_value")),
    **dict.fromkeys(("Method", "Function"), _CALLED),
    "Constant": frozenset(("constant",)),
}
"""The fields of marshmallow, each with the arguments that are its own in one version or another."""
PLACES = ("marshmallow.fields", "webargs.fields")
"""Where fields are imported from: webargs hands on those of marshmallow."""
FIELDS = {
    **{f"{place}.{name}": own for place in PLACES for name, own in OWN.items()},
    "webargs.fields.DelimitedList": OWN["List"] | {"delimiter"},
    "webargs.fields.DelimitedTuple": OWN["Tuple"] | {"delimiter"},
}
"""The same by their dotted names."""
FIELD_ROOTS = frozenset(FIELDS)
SCHEMAS = frozenset(("marshmallow.Schema", "marshmallow.schema.Schema"))
HOOKS = ("pre_load", "post_load", "pre_dump", "post_dump", "validates_schema")
"""The decorators of methods that see whole objects."""


def decorators(*known: str) -> frozenset[str]:
    """Return the dotted names of some decorators of marshmallow."""
    return frozenset(
        f"{place}.{name}" for place in ("marshmallow", "marshmallow.decorators") for name in known
    )


def field(call: cst.Call, module: cst.Module) -> str | None:
    """Return the dotted name of the field of marshmallow that a call makes, or None."""
    full = names.of(module).qualified(call.func)
    return full if full in FIELDS else None


def schemas(module: cst.Module) -> Mapping[cst.ClassDef, str]:
    """Return the classes of a module that are certainly schemas."""
    return derived.of(module, SCHEMAS)
