"""An HTTP request without a timeout waits for ever when the other side stops answering.

One silent peer then holds a worker, a thread or a whole cron job until somebody restarts it, and no error
says why. `requests` and `urllib` have no timeout of their own. With one, the call raises after that many
seconds without a byte, and the caller's handling of errors gets its chance. It is not a limit on the whole
download.

The number is yours: `timeout` in `.github/kotsu.yml`, 30 seconds if you do not set it. It is written once
in each module, as `REQUEST_TIMEOUT`, so that it has a name, can be found, and can be tuned or moved to your
settings without touching every call. Calls that stream, that pass arguments on with `*` or `**`, or that
have a timeout already (`timeout=None` is a decision too, and so is `with Timeout(5):`) are left alone. So
are sessions, mail and FTP, where the right number depends on what the other side does between two bytes, and
`httpx`, which has a timeout of 5 seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from codemods import arguments, constants, guards, layout, names, nodes, wording
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Give HTTP requests a timeout",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="A request to a peer that is silent for longer than the timeout raises, where it waited until now.",
    references=(
        "https://requests.readthedocs.io/en/latest/user/advanced/#timeouts",
        "https://docs.python.org/3/library/urllib.request.html#urllib.request.urlopen",
        "https://docs.astral.sh/ruff/rules/request-without-timeout/",
    ),
    needles=(b"requests", b"urlopen"),
    pattern=rb"\burlopen\b|\bimport\b[^\n]*\brequests\b|\bfrom[ \t]+requests\b",
    codes=("S113", "B113", "W3101", "missing-timeout"),
    asked_for=r"(?:add|set|use|give it|pass|needs?)(?: a| some)?(?: request)? time-?outs?",
    minutes=5,
    options={"timeout": 30},
    tests=False,
)

_CONSTANT = "REQUEST_TIMEOUT"
_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request")
_MOST_POSITIONAL = {
    **{f"requests.{verb}": 3 for verb in _VERBS},
    **{f"requests.api.{verb}": 3 for verb in _VERBS},
    "urllib.request.urlopen": 2,
}


@dataclass(frozen=True)
class _Call:
    """A request without a timeout: ``index`` is that of its statement in the module's body.

    ``at_once`` says whether it happens while the module is imported.
    """

    node: cst.Call
    index: int
    at_once: bool


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module with a timeout at each request that has none."""
    known = names.of(module)
    seen = nodes.of(module)
    found = [n for n in seen.all(cst.Call) if _waits_for_ever(n, known)]
    if not found:
        return module
    fitting = {n: layout.fitted(module, n, _with_timeout) for n in found if not _left_alone(n, seen)}
    calls = [_placed(node, seen) for node, change in fitting.items() if change]
    there = _constant(module)
    if there is not None and known.bindings(_CONSTANT) == 1:
        calls = [call for call in calls if call.index > there or not call.at_once]
    elif not known.free(_CONSTANT):
        return module
    changes: dict[cst.CSTNode, nodes.Change] = {
        call.node: change for call in calls if (change := fitting[call.node])
    }
    result = nodes.replaced(module, changes)
    if result is module or there is not None:
        return result
    seconds = int(facts.options.get("timeout", 30))
    at_once = [call.index for call in calls if call.at_once]
    return constants.added(result, [f"{_CONSTANT} = {seconds}  # seconds"], at_once)


def _waits_for_ever(call: cst.Call, known: names.Names) -> bool:
    most = _MOST_POSITIONAL.get(known.qualified(call.func) or "")
    if most is None or arguments.starred(call) or not call.args:
        return False
    streams = arguments.named(call, "stream")
    if streams and not (isinstance(streams.value, cst.Name) and streams.value.value == "False"):
        return False
    return len(arguments.positional(call)) <= most and arguments.named(call, "timeout") is None


def _left_alone(call: cst.Call, seen: nodes.Seen) -> bool:
    """Say whether a comment says that it is meant so, or a ``timeout`` is a parameter, or stands around."""
    if guards.silenced(call, seen.module, ABOUT, "unbounded-request"):
        return True
    around = (item.item for n in seen.ancestors(call) if isinstance(n, cst.With) for item in n.items)
    if any("timeout" in wording.words(text) for node in around for text in wording.spoken(node)):
        return True
    return any("timeout" in parameter.name.value for parameter in seen.parameters(call))


def _placed(node: cst.Call, seen: nodes.Seen) -> _Call:
    *inside, statement, _ = [node, *seen.ancestors(node)]
    later = any(isinstance(n, cst.FunctionDef | cst.Lambda) for n in (*inside, statement))
    return _Call(node, list(seen.module.body).index(statement), not later)  # type: ignore[arg-type]


def _with_timeout(call: cst.Call) -> cst.Call:
    return arguments.appended(call, arguments.keyword("timeout", cst.Name(_CONSTANT)))


def _constant(module: cst.Module) -> int | None:
    """Return the index of the statement that sets the constant to a number, or None."""
    numbers = (
        index
        for index, name, value in constants.assigned(module)
        if name == _CONSTANT and isinstance(value, cst.Integer | cst.Float)
    )
    return next(numbers, None)
