"""`typing_extensions` hands on what `typing` has: from some Python on, both names are the same object.

This project supports no Python without these names, so the import from `typing` brings the very same thing,
says what is meant, and needs no distribution. With the last of such imports the dependency can go.

A name moves from the Python on from which both are the same object, which is later than the one that brought
it where a repair was needed: `typing_extensions` has a `Protocol`, a `TypedDict` and a `ParamSpec` of its own
for longer. What runs only on some Pythons is left alone.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Import from typing what it has",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: on each Python of this project both names are the same object.",
    references=(
        "https://docs.python.org/3/library/typing.html",
        "https://typing-extensions.readthedocs.io/en/latest/",
        "https://docs.astral.sh/ruff/rules/deprecated-import/",
    ),
    needles=(b"typing_extensions",),
    requires_python=(3, 8),
    codes=("UP035",),
    minutes=1,
)

_SINCE = {
    (3, 8): """
        AbstractSet AnyStr AsyncIterable AsyncIterator Awaitable BinaryIO Callable ChainMap ClassVar
        Collection Container Coroutine Counter DefaultDict Deque Dict Final ForwardRef FrozenSet Generic
        Hashable IO ItemsView Iterable Iterator KeysView List Mapping MappingView Match MutableMapping
        MutableSequence MutableSet NoReturn Optional OrderedDict Pattern Reversible Sequence Set Sized
        TYPE_CHECKING Text TextIO Tuple Type Union ValuesView cast no_type_check
    """,
    (3, 9): "Annotated",
    (3, 10): "ParamSpecArgs ParamSpecKwargs TypeAlias TypeGuard get_args get_origin",
    (3, 11): """
        Any Concatenate Literal LiteralString Never NewType NotRequired Required Self assert_never
        assert_type clear_overloads final get_overloads overload reveal_type
    """,
    (3, 12): """
        SupportsAbs SupportsBytes SupportsComplex SupportsFloat SupportsIndex SupportsInt SupportsRound
        Unpack dataclass_transform override
    """,
    (3, 13): """
        NamedTuple NoDefault ParamSpec ReadOnly TypeIs TypeVar get_protocol_members get_type_hints
        is_protocol runtime_checkable
    """,
}
"""The names by the Python from which both modules have the same object, as asked of each from 3.8 to 3.13."""


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module with the names that all its Pythons have in `typing` from there."""
    floor = facts.floor or (0, 0)
    there = (name for since, names in _SINCE.items() if since <= floor for name in names.split())
    return renamed.names_in(module, {f"typing_extensions.{name}": f"typing.{name}" for name in there})
