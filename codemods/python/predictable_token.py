"""What `random` yields can be computed by anybody who has seen enough of it.

Its generator is made for simulations: a few hundred values, or a guess at when it was seeded, give away all
that follow, so that a password, a token or a code to reset a password can be foretold. `secrets` and
`random.SystemRandom` ask the operating system instead. They take the same arguments and draw from the same
values with the same chances, so that nothing but the source changes.

Only values whose name says that nobody may guess them change: where they are assigned, passed on under such
a name, or made in a function that is called so. Modules that seed the generator want the same values again,
and those that deal with language models mean another kind of token; both are left alone, as are made-up
data, delays, and lengths.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from codemods import arguments, imports, layout, leftovers, names, nodes, reach, wording, writing
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Draw secrets from the operating system",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="Drawing is slower, and what replaces or seeds `random` elsewhere has no effect on these values.",
    references=(
        "https://docs.python.org/3/library/secrets.html",
        "https://docs.astral.sh/ruff/rules/suspicious-non-cryptographic-random-usage/",
    ),
    needles=(b"random",),
    pattern=rb"\b(?:choices?|randint|randrange|getrandbits|randbytes|sample)\b",
    codes=("S311", "B311"),
    minutes=10,
    tests=False,
)

_IN_SECRETS = {
    "choice": "choice",
    "getrandbits": "randbits",
    "randrange": "randbelow",
    "randbytes": "token_bytes",
}
_METHODS = frozenset((*_IN_SECRETS, "choices", "randint", "sample"))
_ELSEWHERE = re.compile(
    r"\bseed|\btokeniz|vocab|\btorch\b|tensorflow|\bnltk\b|corpus|\bfaker\b", re.IGNORECASE
)
_SECRET = frozenset(
    (
        *("password", "passwd", "passphrase", "token", "secret", "apikey", "nonce", "salt", "otp", "csrf"),
        *("xsrf", "csrftoken", "cnonce"),
    )
)
_PAIRED = (
    (frozenset(("key",)), frozenset(("api", "private", "signing", "encryption", "access", "session"))),
    (frozenset(("id",)), frozenset(("session",))),
    (
        frozenset(("code",)),
        frozenset(("verification", "verify", "reset", "auth", "confirmation", "activation", "login", "sms")),
    ),
)
_MAKING = frozenset(("generate", "generates", "gen", "create", "make", "new", "random", "build"))
_HARMLESS = frozenset(
    (
        *("sleep", "delay", "wait", "retry", "retries", "backoff", "jitter", "timeout", "length", "len"),
        *("size", "count", "fake", "mock", "dummy", "example", "sample", "simulate", "simulated", "demo"),
        *("test", "mask", "masked", "position", "index", "idx", "lang", "prompt", "usage"),
    )
)
_NO_SECRET = frozenset(("boundary", "boundaries", "separator", "delimiter", "placeholder", "lexer", "parser"))


@dataclass(frozen=True)
class _Draw:
    """One call of `random`, and what it becomes: ``way`` names the import that it needs."""

    func: cst.BaseExpression
    becomes: cst.BaseExpression
    way: reach.Way | None


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that draws its secrets from the operating system."""
    known, seen = names.of(module), nodes.of(module)
    calls = [call for call in seen.all(cst.Call) if _draws(call, known) and _is_secret(call, seen)]
    if not calls or _ELSEWHERE.search(writing.source(module)):
        return module
    draws = [draw for call in calls if (draw := _draw(call, module)) and _fits(draw, module)]
    changes: dict[cst.CSTNode, nodes.Change] = {draw.func: _to(draw) for draw in draws}
    result = reach.brought(nodes.replaced(module, changes), [d.way for d in draws if d.way])
    if any(draw.way is None for draw in draws) and not known.local("secrets"):
        result = _with_secrets(result)
    return leftovers.tidied(module, result)


def _draws(call: cst.Call, known: names.Names) -> bool:
    func = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
    if not isinstance(func, cst.Name):
        return False
    source, _, name = (known.qualified(call.func) or "").rpartition(".")
    return source == "random" and name in _METHODS


def _to(draw: _Draw) -> nodes.Change:
    return lambda _: draw.becomes


def _fits(draw: _Draw, module: cst.Module) -> bool:
    return layout.fits(module, draw.func, draw.becomes)


def _draw(call: cst.Call, module: cst.Module) -> _Draw | None:
    known = names.of(module)
    name = (known.qualified(call.func) or "").rpartition(".")[2]
    is_plain = len(call.args) == 1 and not call.args[0].keyword and not arguments.starred(call)
    if name in _IN_SECRETS and is_plain:
        local = known.local("secrets") or ("secrets" if _can_import(module) else None)
        becomes = local and cst.Attribute(cst.Name(local), cst.Name(_IN_SECRETS[name]))
        return _Draw(call.func, becomes, None) if becomes else None
    way = reach.to("random.SystemRandom", module)
    return _Draw(call.func, cst.Attribute(cst.Call(way.expression), cst.Name(name)), way) if way else None


def _can_import(module: cst.Module) -> bool:
    """Say whether the name is free, and the imports stand where another one would be put."""
    first = module.body[imports.first_place(module)]
    return names.of(module).free("secrets") and bool(imports.of([first]))


def _with_secrets(module: cst.Module) -> cst.Module:
    """Return a module that imports `secrets`: in its place, or beside `random` where there is no order."""
    body, start = list(module.body), imports.first_place(module)
    plain = [imports.plain_name(line) for line in body]
    if "random" not in plain:
        return imports.bring(module, "secrets")
    at = plain.index("random")
    block: list[str] = []
    for line, name in zip(body[start:], plain[start:], strict=True):
        is_parted = block and isinstance(line, cst.SimpleStatementLine) and line.leading_lines
        if is_parted or not imports.of([line]):
            break
        block.append(name)
    modules = [name for name in block if name]
    is_standard = all(name.partition(".")[0] in sys.stdlib_module_names for name in modules)
    if at < start + len(block) and is_standard and modules == sorted(modules):
        return imports.bring(module, "secrets")
    new = cst.parse_statement("import secrets\n")
    return module.with_changes(body=[*body[: at + 1], new, *body[at + 1 :]])


def _is_secret(call: cst.Call, seen: nodes.Seen) -> bool:
    """Say whether a name says that nobody may guess the value, and none around it that it does not matter."""
    function = seen.within(call, cst.FunctionDef)
    called = wording.words(function.name.value) if function else frozenset()
    around = [text for name in _takers(call, seen) for text in wording.words(name)]
    if not _HARMLESS.isdisjoint((*called - {"sample"}, *around)):
        return False
    parts = wording.spoken(function) if function else ()
    if any(not wording.words(text).isdisjoint(_NO_SECRET) for text in parts):
        return False
    is_made = not called.isdisjoint(_MAKING) and function is not None and _says_secret(function.name.value)
    return is_made or any(_says_secret(name) for name in _named(call, seen))


def _says_secret(name: str) -> bool:
    said = wording.words(name)
    return not said.isdisjoint(_SECRET) or any(
        not said.isdisjoint(one) and not said.isdisjoint(other) for one, other in _PAIRED
    )


def _named(call: cst.Call, seen: nodes.Seen) -> Iterator[str]:
    """Yield the names under which a value is kept or passed on in its statement."""
    inner: cst.CSTNode = call
    for outer in seen.ancestors(call):
        if isinstance(outer, cst.BaseStatement | cst.BaseSuite | cst.Subscript | cst.Comparison):
            return
        if isinstance(outer, cst.Arg) and outer.keyword:
            yield outer.keyword.value
        elif isinstance(outer, cst.DictElement) and outer.value is inner:
            yield from wording.spoken(outer.key) if isinstance(outer.key, cst.SimpleString) else ()
        elif isinstance(outer, cst.Assign):
            yield from (wording.target(t.target) for t in outer.targets)
        elif isinstance(outer, cst.AnnAssign | cst.AugAssign):
            yield wording.target(outer.target)
        inner = outer


def _takers(call: cst.Call, seen: nodes.Seen) -> Iterator[str]:
    """Yield the names that take a value, and what the functions are called that get it."""
    yield from _named(call, seen)
    for outer in seen.ancestors(call):
        if isinstance(outer, cst.BaseStatement):
            return
        if isinstance(outer, cst.Call):
            yield wording.target(outer.func)
