"""Reads what one module of a library offers by name, without running any of it."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from codemods import engine
from codemods.interface import OPAQUE, Module, Parameter, Thing

_VALUE = Thing("value")
_PLAIN = frozenset(
    (
        *("abstractmethod", "cache", "contextmanager", "asynccontextmanager", "final", "lru_cache"),
        *("override", "runtime_checkable", "total_ordering", "coroutine", "deprecated"),
    )
)
"""Decorators that leave the parameters as they are written."""
_BLOCKS = (
    *(ast.If, ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.For, ast.AsyncFor, ast.While),
    *(ast.ExceptHandler, ast.Match, ast.match_case),
)
_OPENING = frozenset(("globals", "vars", "locals", "setattr"))
"""What gives a module names that cannot be read, where its own statements call it."""
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_METAS = frozenset(("ABCMeta", "EnumMeta", "type", "EnumType"))


def read(text: bytes, name: str, *, package: bool) -> Module:
    """Return what a module (or a stub) offers; what is no Python that this one knows cannot be read.

    ``name`` is its dotted name, ``package`` says that it is the one of a folder.
    """
    try:
        with warnings.catch_warnings(), engine.no_garbage():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        reader = _Reader(name if package else name.rpartition(".")[0])
        reader.block(tree.body)
        # Most modules have no such word, and to walk a whole tree takes as long as to make it.
        return reader.module(tree if b"global " in text else ast.Module([], []))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return OPAQUE


@dataclass
class _Reader:
    """Collects the names of one module; ``package`` is what its relative imports start from."""

    package: str
    names: dict[str, Thing] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    typed: set[str] = field(default_factory=set)
    exported: list[str] | None = None
    open: bool = False

    def module(self, tree: ast.Module) -> Module:
        """Return what was collected of a module."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Global):
                for name in node.names:
                    self.names.setdefault(name, _VALUE)
        return Module(
            self.names,
            tuple(self.stars),
            frozenset(self.typed - self.names.keys()),
            None if self.exported is None else tuple(self.exported),
            self.open or "__getattr__" in self.names,
        )

    def block(self, body: Iterable[ast.AST]) -> None:
        """Collect the names that the statements of a block bind, in whichever branch."""
        for node in body:
            self._statement(node)

    def _statement(self, node: ast.AST) -> None:
        if isinstance(node, (*_FUNCTION, ast.ClassDef)):
            self._bind(node.name, _class(node) if isinstance(node, ast.ClassDef) else _function(node))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node)
        elif isinstance(node, ast.If) and _is_typing(node.test):
            inner = _Reader(self.package)
            inner.block(node.body)
            self.typed |= inner.names.keys()
            self.block(node.orelse)
        elif isinstance(node, _BLOCKS):
            self._branches(node)
        else:
            self._simple(node)

    def _branches(self, node: ast.AST) -> None:
        taken = _taken(node) if isinstance(node, ast.If) else None
        for part, value in ast.iter_fields(node):
            if (taken is True and part == "orelse") or (taken is False and part == "body"):
                continue
            if isinstance(value, list):
                self.block(n for n in value if isinstance(n, ast.stmt | ast.ExceptHandler | ast.match_case))
            if part in {"target", "iter"}:
                self._targets([value])
        for item in getattr(node, "items", ()):
            self._targets([item.optional_vars])

    def _simple(self, node: ast.AST) -> None:
        self.open |= any(_opens(n) for n in ast.walk(node))
        if isinstance(node, ast.Assign):
            self._assigned(node)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            self._targets([node.target])
            self._all(node.target, node.value)
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    self.names.pop(target.id, None)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = node.value.func
            if isinstance(called, ast.Attribute) and node.value.args:
                self._all(called.value, node.value.args[0])

    def _assigned(self, node: ast.Assign) -> None:
        source = _dotted(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name) and source and source.partition(".")[0] in self.names:
                self._bind(target.id, self._same(source))
            else:
                self._targets([target])
            self._all(target, node.value)

    def _same(self, source: str) -> Thing:
        """Return what a name is that is given what another one is."""
        first, _, rest = source.partition(".")
        known = self.names[first]
        if known.kind == "alias":
            return Thing("alias", f"{known.target}.{rest}" if rest else known.target)
        return _VALUE if rest else known

    def _targets(self, targets: Iterable[ast.AST | None]) -> None:
        for target in targets:
            if isinstance(target, ast.Name):
                self._bind(target.id, _VALUE)
            elif isinstance(target, ast.Tuple | ast.List):
                self._targets(target.elts)
            elif isinstance(target, ast.Starred):
                self._targets([target.value])
            elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                self._patched(target.value.id, target.attr)

    def _patched(self, name: str, attribute: str) -> None:
        """Give a class of the module one more name."""
        owner = self.names.get(name)
        if owner is not None and owner.kind == "class" and attribute not in owner.members:
            self.names[name] = replace(owner, members={**owner.members, attribute: _VALUE})

    def _bind(self, name: str, thing: Thing) -> None:
        known = self.names.get(name)
        self.names[name] = thing if known is None or known == thing else _either(known, thing)

    def _all(self, target: ast.AST, value: ast.AST | None) -> None:
        """Take what ``__all__`` is given, or forget it where it cannot be read."""
        if not (isinstance(target, ast.Name) and target.id == "__all__"):
            return
        texts = value.elts if isinstance(value, ast.List | ast.Tuple | ast.Set) else [value]
        known = [t.value for t in texts if isinstance(t, ast.Constant) and isinstance(t.value, str)]
        self.exported = [*(self.exported or ()), *known]
        self.open |= len(known) != len(texts)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                self._bind(alias.asname or top, Thing("alias", alias.name if alias.asname else top))
            return
        source = self._source(node)
        for alias in node.names:
            if alias.name == "*":
                self.stars.append(source)
            else:
                self._bind(alias.asname or alias.name, Thing("alias", f"{source}.{alias.name}"))

    def _source(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.package.split(".")
        base = parts[: len(parts) - node.level + 1]
        return ".".join([*base, *([node.module] if node.module else [])])


def _either(known: Thing, other: Thing) -> Thing:
    """Return what a name is that two branches, or two overloads, bind in two ways."""
    kinds = {known.kind, other.kind}
    if kinds == {"class"}:
        members = {**other.members, **known.members}
        return Thing("class", bases=(*known.bases, *other.bases), members=members, open=True)
    if "class" in kinds:
        return replace(known if known.kind == "class" else other, open=True, takes=None)
    return Thing("function") if kinds == {"function"} else Thing("method") if kinds == {"method"} else _VALUE


def _class(node: ast.ClassDef) -> Thing:
    inner = _Reader("")
    inner.block(node.body)
    members = {
        **dict.fromkeys(_attributes(node), _VALUE),
        **{name: _bound(thing, node) for name, thing in inner.names.items()},
    }
    bases = [_dotted(base.value if isinstance(base, ast.Subscript) else base) for base in node.bases]
    metas = [_dotted(k.value).rpartition(".")[2] for k in node.keywords if k.arg == "metaclass"]
    is_open = "" in bases or any(meta not in _METAS for meta in metas) or "__getattr__" in members
    decorated = {_decorator(d) for d in node.decorator_list} - _PLAIN
    taking = None if decorated or metas else members.get("__init__", members.get("__new__", _VALUE)).takes
    return Thing("class", takes=taking, bases=tuple(filter(None, bases)), members=members, open=is_open)


def _attributes(node: ast.ClassDef) -> Iterator[str]:
    """Yield the attributes that the methods of a class give its objects, and its slots."""
    for method in node.body:
        if isinstance(method, _FUNCTION):
            for inner in ast.walk(method):
                first, _, rest = _dotted(inner).partition(".")
                if first in {"self", "cls"} and rest and isinstance(getattr(inner, "ctx", None), ast.Store):
                    yield rest
        elif isinstance(method, ast.Assign) and any(_dotted(t) == "__slots__" for t in method.targets):
            yield from (
                n.value for n in ast.walk(method) if isinstance(n, ast.Constant) and isinstance(n.value, str)
            )


def _bound(thing: Thing, node: ast.ClassDef) -> Thing:
    """Return a member as an object, or the class, has it: a function without its first parameter."""
    if thing.kind != "function" or thing.takes is None:
        return replace(thing, kind="method") if thing.kind == "function" else thing
    return Thing("method", takes=thing.takes if _is_static(thing, node) else thing.takes[1:])


def _is_static(thing: Thing, node: ast.ClassDef) -> bool:
    named = (n for n in node.body if isinstance(n, _FUNCTION) and _parameters(n.args) == thing.takes)
    return any(_decorator(d) == "staticmethod" for n in named for d in n.decorator_list)


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Thing:
    decorators = [_decorator(d) for d in node.decorator_list]
    if {"property", "cached_property", "setter", "getter", "deleter"} & set(decorators):
        return _VALUE
    known = all(d in _PLAIN or d in {"staticmethod", "classmethod"} for d in decorators)
    return Thing("function", takes=_parameters(node.args) if known else None)


def _parameters(args: ast.arguments) -> tuple[Parameter, ...]:
    placed = [*((a, "/") for a in args.posonlyargs), *((a, "=") for a in args.args)]
    required = len(placed) - len(args.defaults)
    found = [Parameter(a.arg, kind, i < required) for i, (a, kind) in enumerate(placed)]
    if args.vararg:
        found.append(Parameter(args.vararg.arg, "*"))
    named = zip(args.kwonlyargs, args.kw_defaults, strict=True)
    found += [Parameter(a.arg, "*=", default is None) for a, default in named]
    return (*found, *([Parameter(args.kwarg.arg, "**")] if args.kwarg else []))


def _decorator(node: ast.expr) -> str:
    return _dotted(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2] or "?"


def _dotted(node: ast.AST | None) -> str:
    """Return the dotted text of names, ``""`` for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""


def _opens(node: ast.AST) -> bool:
    """Say whether a part of a module's own statements can give it names that are not written there."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in _OPENING
    return isinstance(node, ast.Attribute) and _dotted(node) == "sys.modules"


def _is_typing(test: ast.expr) -> bool:
    return _dotted(test).rpartition(".")[2] == "TYPE_CHECKING"


def _taken(node: ast.If) -> bool | None:
    """Return which branch Python 3 takes, None where the condition is about something else."""
    return _CONDITIONS.get(ast.unparse(node.test))


_CONDITIONS: Mapping[str, bool] = {
    **dict.fromkeys(("PY2", "six.PY2", "not PY3", "not six.PY3", "sys.version_info < (3,)"), False),
    **dict.fromkeys(
        ("sys.version_info < (3, 0)", "sys.version_info[0] == 2", "sys.version_info[0] < 3"), False
    ),
    **dict.fromkeys(("PY3", "six.PY3", "not PY2", "not six.PY2", "sys.version_info >= (3,)"), True),
    **dict.fromkeys(
        ("sys.version_info >= (3, 0)", "sys.version_info[0] == 3", "sys.version_info[0] >= 3"), True
    ),
}
