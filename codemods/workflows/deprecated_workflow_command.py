"""Commands such as `::set-output` are read from a step's output, where whatever is printed can forge them.

GitHub has switched `::set-env` and `::add-path` off, so that a step that uses one fails, and warns about
`::set-output` and `::save-state` until they go, too. What is appended to the files of `$GITHUB_OUTPUT`,
`$GITHUB_STATE`, `$GITHUB_ENV` and `$GITHUB_PATH` does the same, and no printed line can do it instead.

An `echo` of one such command in bash becomes one that is appended; its quotes stay as they are. A value that
is escaped for several lines (`%0A`), other shells, and an `echo` whose output goes elsewhere are left to you.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import quoting, workflow
from codemods.document import Document, Node
from codemods.model import About, Advice, Applicability, Category, Facts, Splice
from codemods.quoting import Kind

ABOUT = About(
    title="Write outputs and variables to files",
    category=Category.LIFECYCLE,
    applicability=Applicability.UNSAFE,
    risk="A value of several lines, of which only the first one counted, makes the step fail.",
    references=(
        "https://github.blog/changelog/2022-10-11-github-actions-deprecating-save-state-and-set-output-commands/",
        "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands",
        "https://docs.zizmor.sh/audits/#insecure-commands",
    ),
    needles=(b"::set-output", b"::save-state", b"::set-env", b"::add-path"),
    minutes=5,
)

_FILES = {
    "set-output": "GITHUB_OUTPUT",
    "save-state": "GITHUB_STATE",
    "set-env": "GITHUB_ENV",
    "add-path": "GITHUB_PATH",
}
_ECHO = re.compile(
    r"(?:^|[;({]|&&|\|\||\b(?:then|else|do))[ \t]*(?P<echo>echo[ \t]+)(?P<quote>[\"']?)"
    r"(?P<command>::(?:(?P<verb>set-output|save-state|set-env) name=(?P<name>[\w.-]+)|(?P<path>add-path))::)",
    re.MULTILINE,
)
_COMMAND = re.compile(r"::(set-output|save-state|set-env|add-path)\b")
_ESCAPED = re.compile(r"%(?:0A|0D|25)", re.IGNORECASE)
_ENDS = ";&|)\n"
# Who starts these is a stranger, and zizmor complains of a stranger's value in the environment.
_STRANGERS = frozenset(("pull_request_target", "workflow_run", "issue_comment", "issues"))


def rewrite(file: Document, _: Facts) -> Iterator[Splice | Advice]:
    """Yield what is appended instead, and what to say of the first command that stays."""
    if not file.plain:
        return
    stays: list[tuple[int, str]] = []
    for _name, job in workflow.jobs(file):
        for step in workflow.steps(job):
            run = step.get("run")
            if run is None or not _COMMAND.search(run.text):
                continue
            spliced, left = _appended(file, job, step, run)
            yield from spliced
            stays += left
    if stays:
        start, verb = min(stays)
        yield Advice(start, f"`::{verb}` is deprecated: append to `${_FILES[verb]}` instead")


def _appended(file: Document, job: Node, step: Node, run: Node) -> tuple[list[Splice], list[tuple[int, str]]]:
    """Return the splices of one step, and the commands that have none, each with the byte to name."""
    script, offset = workflow.commands(file, run)
    all_ = [
        (offset + m.start() if script else run.start, m[1]) for m in _COMMAND.finditer(script or run.text)
    ]
    if run.style == '"' or not workflow.runs_bash(file, job, step) or _ESCAPED.search(script):
        return [], all_
    read = quoting.places(script)
    strange = not _STRANGERS.isdisjoint(workflow.triggers(file))
    spliced, done = [], set()
    for found in _ECHO.finditer(script):
        end = _end(script, read, found)
        verb = found["verb"] or found["path"]
        if end is None or (strange and verb in {"set-env", "add-path"}):
            continue
        at, text = offset + found.start("command"), f"{found['name']}=" if found["name"] else ""
        message = f"`{verb}` {found['name'] or ''}".strip() + f" is appended to `${_FILES[verb]}`"
        spliced.append(Splice(at, offset + found.end("command"), text.encode(), message))
        spliced.append(Splice(offset + end, offset + end, f' >> "${_FILES[verb]}"'.encode()))
        done.add(at)
    return spliced, [(at, verb) for at, verb in all_ if at not in done]


def _end(script: str, read: list[quoting.Place], found: re.Match[str]) -> int | None:
    """Return where the `echo` ends, None where it prints something else, or to somewhere else."""
    start = found.start("echo")
    if read[start] != quoting.Place(Kind.PLAIN, 0):
        return None
    end = next((n for n in range(start, len(script)) if _ends(script, read, n)), len(script))
    if script[end : end + 1] in {"&", "|"} and script[end : end + 2] not in {"&&", "||"}:
        return None
    written = script[start:end].rstrip()
    stop, value = start + len(written), written[found.end("command") - start :]
    outside = [n for n in range(start, stop) if read[n] == quoting.Place(Kind.PLAIN, 0)]
    if not value.strip("\"'") or "\n" in value or any(script[n] in "<>()" for n in outside):
        return None
    if any(read[n].kind is Kind.UNREAD and script[n] != "`" for n in range(start, stop)):
        return None
    opened, quote = found.start("quote"), found["quote"]
    within = [n for n in outside if n > opened] if quote else []
    # What is quoted has to be all there is: only the quote that closes stands outside.
    return None if quote and (within != [stop - 1] or script[stop - 1] != quote) else stop


def _ends(script: str, read: list[quoting.Place], n: int) -> bool:
    """Say whether a command ends before a character."""
    place = read[n]
    comments = place.kind is Kind.COMMENT
    return comments or (place == quoting.Place(Kind.PLAIN, 0) and script[n] in _ENDS)
