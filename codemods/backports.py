"""Knows since which Python a module or a name is in the standard library, where backports of it exist."""

from __future__ import annotations

import libcst as cst

from codemods.scopes import dotted, imports

Minor = tuple[int, int]

_MODULES = """
asyncio 3.4, concurrent.futures 3.2, contextvars 3.7, dataclasses 3.7, enum 3.4, graphlib 3.9,
importlib.metadata 3.8, importlib.resources 3.7, ipaddress 3.3, pathlib 3.4, secrets 3.6, selectors 3.4,
statistics 3.4, tomllib 3.11, typing 3.5, unittest.mock 3.3, zoneinfo 3.9
"""
_NAMES = """
asyncio 3.7 run get_running_loop
asyncio 3.9 to_thread
asyncio 3.11 timeout TaskGroup Runner Barrier
collections 3.3 ChainMap
contextlib 3.4 suppress redirect_stdout
contextlib 3.5 redirect_stderr
contextlib 3.6 AbstractContextManager
contextlib 3.7 AsyncExitStack nullcontext asynccontextmanager
contextlib 3.10 aclosing
contextlib 3.11 chdir
dataclasses 3.7 dataclass field fields asdict astuple replace is_dataclass
dataclasses 3.10 KW_ONLY
datetime 3.11 UTC
enum 3.4 Enum IntEnum unique
enum 3.6 Flag IntFlag auto
enum 3.11 StrEnum ReprEnum verify
functools 3.8 cached_property singledispatchmethod
functools 3.9 cache
graphlib 3.9 TopologicalSorter CycleError
importlib 3.7 resources
importlib 3.8 metadata
importlib.metadata 3.8 version distribution metadata requires files entry_points PackageNotFoundError
importlib.metadata 3.10 packages_distributions
importlib.resources 3.9 files as_file
itertools 3.10 pairwise
itertools 3.12 batched
math 3.8 prod dist comb perm isqrt
math 3.9 lcm
tomllib 3.11 load loads TOMLDecodeError
types 3.10 EllipsisType NoneType NotImplementedType UnionType
typing 3.8 Final Literal Protocol SupportsIndex TypedDict final get_args get_origin runtime_checkable
typing 3.9 Annotated
typing 3.10 Concatenate ParamSpec ParamSpecArgs ParamSpecKwargs TypeAlias TypeGuard is_typeddict
typing 3.11 LiteralString Never NotRequired Required Self TypeVarTuple Unpack assert_never assert_type
typing 3.11 clear_overloads dataclass_transform get_overloads reveal_type
typing 3.12 TypeAliasType override
typing 3.13 NoDefault ReadOnly TypeIs get_protocol_members is_protocol
unittest 3.3 mock
unittest 3.8 IsolatedAsyncioTestCase
unittest.mock 3.3 ANY MagicMock Mock call patch sentinel
unittest.mock 3.8 AsyncMock
warnings 3.13 deprecated
zoneinfo 3.9 ZoneInfo ZoneInfoNotFoundError available_timezones
"""
"""A module, the Python since which it has them, and the names."""


def _minor(written: str) -> Minor:
    major, minor = written.split(".")
    return int(major), int(minor)


_MODULE_SINCE = {
    module: _minor(since) for module, since in map(str.split, _MODULES.replace("\n", " ").split(","))
}
_NAME_SINCE = {
    (module, name): _minor(since)
    for module, since, *names in map(str.split, _NAMES.strip().splitlines())
    for name in names
}
_MISSING = frozenset(("ImportError", "ModuleNotFoundError"))


def kept(attempt: cst.Try, floor: Minor) -> cst.IndentedBlock | None:
    """Return the block of a ``try`` that always succeeds on these Pythons, where a backport stands in else.

    The block imports from the standard library what is there since ``floor`` at the latest; what catches an
    ImportError imports the same names from somewhere else. None where anything else happens.
    """
    if attempt.orelse or attempt.finalbody or len(attempt.handlers) != 1:
        return None
    (handler,) = attempt.handlers
    if handler.name or not _catches_missing(handler.type):
        return None
    first, second = _imports(attempt.body), _imports(handler.body)
    if not first or not second or _bound(first) != _bound(second):
        return None
    there = all(_there(statement, floor) for statement in first)
    return attempt.body if there and isinstance(attempt.body, cst.IndentedBlock) else None


def _catches_missing(caught: cst.BaseExpression | None) -> bool:
    parts = [e.value for e in caught.elements] if isinstance(caught, cst.Tuple) else [caught]
    return all(isinstance(part, cst.Name) and part.value in _MISSING for part in parts)


def _imports(block: cst.BaseSuite) -> list[cst.Import | cst.ImportFrom]:
    """Return the statements of a block that holds imports and nothing else; else an empty list."""
    found = []
    for line in block.body:
        for statement in line.body if isinstance(line, cst.SimpleStatementLine) else [line]:
            if not isinstance(statement, cst.Import | cst.ImportFrom):
                return []
            found.append(statement)
    return found


def _bound(statements: list[cst.Import | cst.ImportFrom]) -> list[str]:
    return sorted(name for statement in statements for name, _ in imports(statement))


def _there(statement: cst.Import | cst.ImportFrom, floor: Minor) -> bool:
    """Say whether these Pythons have all that a statement imports."""
    if isinstance(statement.names, cst.ImportStar):
        return False
    names = [dotted(alias.name) for alias in statement.names]
    if isinstance(statement, cst.Import):
        since = [_MODULE_SINCE.get(name) for name in names]
    elif statement.relative or statement.module is None:
        return False
    else:
        module = dotted(statement.module)
        since = [_NAME_SINCE.get((module, name)) for name in names]
    return bool(since) and all(minor is not None and minor <= floor for minor in since)
