"""What stands in `${{ }}` is pasted into a script before the shell reads it: a title can be a command.

A pull request called `$(curl …)`, or one from a branch with such a name, runs what it likes with the secrets
and the token of the job. Handed over as an environment variable, it is a text and nothing else.

Values that strangers write are handed over so: titles, texts and branches of issues, pull requests and
comments, and the inputs of a workflow. It is done in bash where the quotes around the place leave no doubt:
within double quotes, alone within single ones, as the whole right side of an assignment, and, for names of
branches and tags, as a word. `github.head_ref` and `github.ref_name` have variables of their own already.
What is code of another language (`python -c`, `jq`) would stay one, so it is left to you.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from codemods import insertions, quoting, workflow
from codemods.document import Document, Node
from codemods.model import About, Advice, Applicability, Category, Facts, Splice
from codemods.quoting import Kind

ABOUT = About(
    title="Hand texts of strangers over as variables",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="A command that counted on the shell reading the value, as code or as several words, gets one text.",
    references=(
        "https://docs.github.com/en/actions/concepts/security/script-injections",
        "https://docs.zizmor.sh/audits/#template-injection",
    ),
    needles=(b"github.head_ref", b"github.ref_name", b"github.event.", b"inputs."),
    pattern=rb"\$\{\{\s*(?:github\.|inputs\.)",
    minutes=10,
)

_EXPRESSION = re.compile(r"\$\{\{\s*(?P<path>[\w.-]+)\s*\}\}")
_STRANGERS = re.compile(
    r"github\.head_ref|github\.event\.(?:"
    r"(?:issue|pull_request|discussion)\.(?:title|body)|(?:comment|review|review_comment)\.body"
    r"|pull_request\.head\.(?:ref|label)|workflow_run\.(?:head_branch|display_title))"
)
_TRUSTED = re.compile(r"github\.ref_name|(?:github\.event\.)?inputs\.[\w-]+")
_NAMES = re.compile(
    r"github\.(?:head_ref|ref_name)|github\.event\.(?:pull_request\.head\.(?:ref|label)|workflow_run\.head_branch)"
)
_ALWAYS = {"github.head_ref": "GITHUB_HEAD_REF", "github.ref_name": "GITHUB_REF_NAME"}
_FILLED = {
    "github.head_ref": {"pull_request", "pull_request_target"},
    "github.event.pull_request.head.ref": {"pull_request", "pull_request_target"},
    "github.event.pull_request.head.label": {"pull_request", "pull_request_target"},
    "github.event.workflow_run.head_branch": {"workflow_run"},
}
"""The events in which a name is there; that of what is built always is."""
_ASSIGNED = re.compile(r"(?:^|[;&|({]|\b(?:export|local|readonly))[ \t]*[A-Za-z_]\w*=\Z")
_CODE = re.compile(
    r"(?:^|\s)-\w*[ceE](?:\s|$)|<<<"
    r"|\b(?:eval|trap|alias|pwsh|powershell|ssh|sed|awk|perl|node|jq|yq|psql|mysql|sqlite3|xargs|envsubst)\b"
)
_READ_AGAIN = re.compile(r"\|\s*(?:sudo\s+)?(?:\S*/)?(?:ba|da|z|k)?sh\b|\[\[.*\s-(?:eq|ne|lt|le|gt|ge)\s")
"""A line that hands a text to a shell, or in which bash reckons with it: it is read as code again."""
_SAFE_TYPES = frozenset(("boolean", "number", "choice", "environment"))


@dataclass(frozen=True, slots=True)
class _Value:
    """An expression in a script, at characters ``start`` to ``end``."""

    path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Script:
    """The commands of a step, and how bash reads each character of them."""

    file: Document
    run: Node
    text: str
    read: Sequence[quoting.Place]

    def command(self, at: int) -> str:
        """Return the command that a character stands in, up to there."""
        start = at
        while start and not self._ends(start - 1):
            start -= 1
        return self.text[start:at]

    def line(self, at: int) -> str:
        """Return the line that a character stands in."""
        return self.text[self.text.rfind("\n", 0, at) + 1 :].partition("\n")[0]

    def _ends(self, at: int) -> bool:
        return self.read[at] == quoting.Place(Kind.PLAIN, 0) and self.text[at] in ";&|\n"


def rewrite(file: Document, _: Facts) -> Iterator[Splice | Advice]:
    """Yield the variables in place of pasted texts, and what to say of the first that stays."""
    if not file.plain:
        return
    left: list[tuple[int, str]] = []
    for _name, job in workflow.jobs(file):
        for step in workflow.steps(job):
            if run := step.get("run"):
                spliced, stays = _handed_over(file, job, step, run)
                yield from spliced
                left += stays
    if left:
        start, path = min(left)
        yield Advice(
            start, f"`{path}` is read as a part of the commands: hand it over as a variable of `env`"
        )


def _handed_over(
    file: Document, job: Node, step: Node, run: Node
) -> tuple[list[Splice], list[tuple[int, str]]]:
    """Return the splices of one step, and what strangers write there that stays, each with its byte."""
    script, offset = workflow.commands(file, run)
    values = list(_values(file, script or run.text))
    strange = [v for v in values if _STRANGERS.fullmatch(v.path)]
    if not script or not _takes_variables(step) or not workflow.runs_bash(file, job, step):
        return [], [(run.start, v.path) for v in strange]
    place = _Script(file, run, script, quoting.places(script))
    new: dict[str, str] = {}
    spliced, done = [], set()
    for value in values:
        name = _variable(file, step, value.path)
        written = _written(place, value, name) if name else None
        if written is None:
            continue
        if name not in {*_ALWAYS.values(), *_given(step)}:
            new[name] = value.path
        start, end, text = written
        message = f"`{value.path}` is handed over as `${name}`"
        spliced.append(Splice(offset + start, offset + end, text.encode(), message))
        done.add(value)
    stays = [(offset + v.start, v.path) for v in strange if v not in done]
    return [*spliced, *_environment(file, step, new)], stays


def _takes_variables(step: Node) -> bool:
    env = step.get("env")
    return not step.flow and (env is None or (bool(env.pairs) and not env.flow))


def _environment(file: Document, step: Node, new: Mapping[str, str]) -> Iterator[Splice]:
    """Yield the splice that gives a step new variables."""
    lines = [f"{name}: ${{{{ {path} }}}}" for name, path in new.items()]
    env, run = step.get("env"), step.pair("run")
    if lines and env:
        yield insertions.after(file, env.pairs[-1], lines)
    elif lines and run:
        yield insertions.after(file, run, insertions.nested(file, "env", lines))


def _values(file: Document, script: str) -> Iterator[_Value]:
    """Yield the expressions of a script that somebody could make up."""
    for found in _EXPRESSION.finditer(script):
        path = found["path"]
        if _STRANGERS.fullmatch(path) or (_TRUSTED.fullmatch(path) and not _is_harmless(file, path)):
            yield _Value(path, *found.span())


def _is_harmless(file: Document, path: str) -> bool:
    """Say whether an input is of a type that holds no code, wherever it comes from."""
    if "inputs." not in path:
        return False
    name = path.rpartition("inputs.")[2]
    found = [
        given
        for event in ("workflow_dispatch", "workflow_call")
        if (filters := workflow.triggers(file).get(event))
        if (inputs := filters.get("inputs")) and (given := inputs.get(name))
    ]
    return bool(found) and all(workflow.text(given, "type") in _SAFE_TYPES for given in found)


def _variable(file: Document, step: Node, path: str) -> str:
    """Return the variable of a path, ``""`` where its name is taken."""
    if path in _ALWAYS:
        return _ALWAYS[path]
    for name, value in _given(step).items():
        found = _EXPRESSION.fullmatch(value.strip())
        if found and found["path"] == path:
            return name
    short = path.removeprefix("github.event.").replace(".head.", ".").replace(".", "_")
    name = re.sub(r"\W|(?<=[a-z\d])(?=[A-Z])", "_", short).upper()
    return "" if re.search(rb"\b" + name.encode() + rb"\b", file.data) else name


def _given(step: Node) -> dict[str, str]:
    env = step.get("env")
    return {pair.key.text: pair.value.text for pair in env.pairs} if env else {}


def _written(place: _Script, value: _Value, name: str) -> tuple[int, int, str] | None:
    """Return what becomes of which characters, None where the quotes around them leave a doubt."""
    script, kind = place.text, place.read[value.start].kind
    if _CODE.search(place.command(value.start)) or _READ_AGAIN.search(place.line(value.start)):
        return None
    if kind is Kind.DOUBLE:
        return value.start, value.end, f"${{{name}}}"
    quoted = value.start, value.end, f'"${{{name}}}"'
    if kind is Kind.SINGLE and script[value.start - 1] == "'" == script[value.end : value.end + 1]:
        quoted = value.start - 1, value.end + 1, quoted[2]
    elif kind is not Kind.PLAIN or not (_is_name(place, value) or _is_assigned(place, value)):
        return None
    # YAML has a meaning of its own for a double quote here.
    return None if place.run.style == '"' or (place.run.style == "" and not quoted[0]) else quoted


def _is_name(place: _Script, value: _Value) -> bool:
    """Say whether it is a name without blanks, and there whenever the workflow runs."""
    if not _NAMES.fullmatch(value.path):
        return False
    return value.path not in _FILLED or workflow.triggers(place.file).keys() <= _FILLED[value.path]


def _is_assigned(place: _Script, value: _Value) -> bool:
    line = place.text[: value.start].rpartition("\n")[2]
    behind = place.text[value.end : value.end + 1]
    return bool(_ASSIGNED.search(line)) and (not behind or behind in " \t\r\n;&|)")
