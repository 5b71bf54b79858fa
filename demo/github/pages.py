"""The pages of the stand-in: what a person sees at the addresses that GitHub uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from html import escape
from urllib.parse import quote

from markdown_it import MarkdownIt  # it comes with rich, which renders Markdown with it
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from demo.github import git
from demo.github.state import CheckRun, Comment, Issue, Pull, Repository, World
from demo.loopback import Answer, Request

_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    # What people and pull requests write is shown here: nothing of it may run, load or leave.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --paper: #fff;
  --shade: #f6f8fa; --link: #0550ae; --add: #dafbe1; --del: #ffebe9; --hunk: #ddf4ff; --good: #1a7f37;
  --bad: #cf222e; --wait: #7d4e00; --merged: #8250df; --on: #fff }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9da7b3; --line: #3d444d;
  --paper: #0d1117; --shade: #151b23; --link: #6cb6ff; --add: #12351f; --del: #46171b; --hunk: #12283f;
  --good: #3fb950; --bad: #ff7b72; --wait: #d29922; --merged: #ab7df8; --on: #0d1117 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: anywhere;
  font: 16px/1.5 system-ui, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif }
body > * { max-width: 60rem; margin: 0 auto; padding: 0 1rem }
nav { padding: .75rem 1rem; max-width: none; background: var(--shade); border-bottom: 1px solid var(--line) }
nav a { margin-right: .4rem } footer { padding: 2rem 1rem; color: var(--soft); font-size: .875rem }
a { color: var(--link) } h1 { font-size: 1.5rem; line-height: 1.25; margin: 1.25rem 0 .5rem }
h1 small, .soft { color: var(--soft); font-weight: 400 } h2 { font-size: 1.15rem; margin: 1.75rem 0 .5rem }
h3 { font-size: 1rem; margin: 1.25rem 0 .5rem }
.rows { list-style: none; padding: 0; margin: .75rem 0; border: 1px solid var(--line); border-radius: 6px }
.rows > li { padding: .6rem .9rem } .rows > li + li { border-top: 1px solid var(--line) }
.pill, .label { display: inline-block; border-radius: 1rem; padding: .05rem .6rem; font-size: .8125rem }
.pill { color: var(--on); background: var(--soft) } .pill.open { background: var(--good) }
.pill.merged { background: var(--merged) } .pill.closed { background: var(--bad) }
.label { border: 1px solid var(--line); background: var(--shade) }
.dot { display: inline-block; width: .7em; height: .7em; border-radius: 50%; margin-right: .35em }
.success { color: var(--good) } .failure { color: var(--bad) } .waiting { color: var(--wait) }
.said { border: 1px solid var(--line); border-radius: 6px; padding: .25rem 1rem; margin: 1rem 0 }
pre, code { font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace }
code { background: var(--shade); padding: .1em .3em; border-radius: 4px } pre code { padding: 0 }
pre { background: var(--shade); padding: .75rem; border-radius: 6px; overflow-x: auto }
summary { cursor: pointer }
.said table { border-collapse: collapse; font-size: .875rem; width: 100% }
.said td, .said th { border: 1px solid var(--line); padding: .3rem .5rem; vertical-align: top }
.said th, nav a { white-space: nowrap } .said td:first-child { min-width: 8rem }
.said details { margin-bottom: 1rem }
.file { border: 1px solid var(--line); border-radius: 6px; margin: 1rem 0; overflow: hidden }
.file > h3 { margin: 0; padding: .5rem .75rem; background: var(--shade); font-size: .875rem;
  border-bottom: 1px solid var(--line) }
.diff { border-collapse: collapse; width: 100%; table-layout: fixed;
  font: .8125rem/1.45 ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace }
.diff td { padding: 0 .5rem; vertical-align: top; white-space: pre-wrap }
.diff .no { width: 3.2rem; text-align: right; color: var(--soft); user-select: none; white-space: nowrap }
.add { background: var(--add) } .del { background: var(--del) } .hunk { background: var(--hunk) }
.hunk, .note { color: var(--soft) }
@media (max-width: 40rem) { .diff .old { display: none } .diff .no { width: 2.4rem; padding: 0 .3rem }
  .diff td { padding: 0 .35rem } .said { padding: .1rem .7rem }
  .said td, .said th { padding: .25rem .35rem } .said td:first-child { min-width: 5rem } }
"""
_HARMLESS = re.compile(r"<!--.*?-->|</?(?:details|summary|sub|sup|kbd)>|<details open>|<br ?/?>", re.DOTALL)
_ADDRESS = re.compile(r"https?://[^\s<>\"'`]*[^\s<>\"'`.,;:!?)\]]")
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_PLAIN = {"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"}


def answer(world: World, request: Request) -> Answer | None:
    """Return the page at an address; None when the request is not one that a browser sends."""
    if request.method not in ("GET", "HEAD") or request.path.startswith("/api/"):
        return None
    with world.lock:
        for pattern, page in _PAGES:
            if match := re.fullmatch(pattern, request.path):
                found = page(world, *match.groups())
                return found or _page(world, "Not found", "<h1>There is nothing here</h1>", status=404)
    return _page(world, "Not found", "<h1>There is nothing here</h1>", status=404)


def _page(
    world: World, title: str, content: str, repository: Repository | None = None, status: int = 200
) -> Answer:
    links = ["<a href='/'>Repositories</a>"]
    if repository:
        home = _address(repository)
        links += [f"/ <a href='{home}'>{escape(repository.full_name)}</a>"]
        links += [f"· <a href='{home}/{word}'>{name}</a>" for word, name in _TABS]
    text = (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<nav>{' '.join(links)}</nav><main>{content}</main>"
        f"<footer>A stand-in for GitHub at {escape(world.url)}. It forgets everything when it stops.</footer>"
        "</body></html>\n"
    )
    return Answer(status, text.encode(), dict(_HEADERS))


_TABS = (("pulls", "Pull requests"), ("issues", "Issues"))


def _address(repository: Repository, *parts: object) -> str:
    return quote("/".join(map(str, ("", repository.full_name, *parts))))


def _home(world: World) -> Answer:
    rows = []
    for found in world.repositories.values():
        count = sum(pull.state == "open" for pull in found.pulls)
        words = f"{count} open pull request{'' if count == 1 else 's'}"
        home = _address(found)
        rows.append(
            f"<a href='{home}'>{escape(found.full_name)}</a>"
            f" <span class='soft'>· <a href='{home}/pulls'>{words}</a></span>"
        )
    return _page(world, "Repositories", f"<h1>Repositories</h1>{_rows(rows)}")


def _repository(world: World, full_name: str) -> Answer | None:
    found = world.find(full_name)
    if found is None:
        return None
    tip = found.branch(found.default_branch)
    entries = git.tree(found.folder, tip, recursive=True) if tip else []
    rows = [
        f"<a href='{_address(found, 'blob', found.default_branch, entry.path)}'>{escape(entry.path)}</a>"
        for entry in entries
        if entry.kind == "blob"
    ]
    title = f"<h1>{escape(found.full_name)} <small>{escape(found.default_branch)}</small></h1>"
    return _page(world, found.full_name, title + _rows(rows), found)


def _file(world: World, full_name: str, revision: str, path: str) -> Answer | None:
    found = world.find(full_name)
    commit = found.branch(revision) if found else None
    if found is None or commit is None:
        return None
    shas = [e.sha for e in git.tree(found.folder, commit, path) if e.path == path and e.kind == "blob"]
    if not shas or shas[0] is None:
        return None
    text = git.blob(found.folder, shas[0]).decode(errors="replace")
    # A browser drops one line end at the start of <pre>: ours is the one to go.
    content = f"<h1>{escape(path)} <small>{escape(revision)}</small></h1><pre>\n{escape(text)}</pre>"
    return _page(world, path, content, found)


def _list(world: World, full_name: str, kind: str) -> Answer | None:
    found = world.find(full_name)
    if found is None:
        return None
    chosen = [issue for issue in found.issues.values() if bool(issue.pull) == (kind == "pulls")]
    rows = [
        f"{_pill(issue)} <a href='{_address(found, 'pull' if issue.pull else 'issues', issue.number)}'>"
        f"{escape(issue.title)}</a>"
        f" <span class='soft'>#{issue.number} by {escape(issue.author.login)}</span> "
        f"{_labels(found, issue)} {_verdict(found, issue)}"
        for issue in reversed(chosen)
    ]
    name = dict(_TABS)[kind]
    return _page(world, f"{name} · {found.full_name}", f"<h1>{name}</h1>{_rows(rows)}", found)


def _rows(rows: Sequence[str]) -> str:
    listed = "".join(f"<li>{row}</li>" for row in rows)
    return f"<ul class='rows'>{listed}</ul>" if rows else "<p class='soft'>There are none.</p>"


def _conversation(world: World, full_name: str, kind: str, number: str) -> Answer | None:
    found, issue = _find(world, full_name, number)
    if found is None or issue is None or bool(issue.pull) != (kind == "pull"):
        return None
    content = _head(found, issue) + _said(issue) + "".join(map(_said, issue.comments))
    if issue.pull:
        content += _checks(found, issue.pull) + _diff(_patch(found, issue.pull))
    return _page(world, f"{issue.title} · #{number}", content, found)


def _diff_file(world: World, full_name: str, number: str) -> Answer | None:
    found, issue = _find(world, full_name, number)
    if found is None or issue is None or issue.pull is None:
        return None
    return Answer(200, _patch(found, issue.pull), dict(_PLAIN))


def _find(world: World, full_name: str, number: str) -> tuple[Repository | None, Issue | None]:
    found = world.find(full_name)
    return found, found.issues.get(int(number)) if found else None


_NAME = r"/([\w.-]+/[\w.-]+)"
_PAGES: tuple[tuple[str, Callable[..., Answer | None]], ...] = (
    (r"/", _home),
    (_NAME, _repository),
    (_NAME + r"/(pulls|issues)", _list),
    (_NAME + r"/(pull|issues)/([0-9]{1,9})", _conversation),
    (_NAME + r"/pull/([0-9]{1,9})\.diff", _diff_file),
    (_NAME + r"/blob/([^/]+)/(.+)", _file),
)


def _head(repository: Repository, issue: Issue) -> str:
    title = f"<h1>{escape(issue.title)} <small>#{issue.number}</small></h1>"
    line = f"{_pill(issue)} {escape(issue.author.login)} opened it {_moment(issue.created_at)}"
    if issue.pull:
        diff = _address(repository, "pull", f"{issue.number}.diff")
        line += (
            f": <code>{escape(issue.pull.head)}</code> into <code>{escape(issue.pull.base)}</code>"
            f" · <a href='{diff}'>.diff</a>"
        )
    people = issue.pull.reviewers if issue.pull else issue.assignees
    asked = f"<p class='soft'>Asked: {escape(', '.join(p.login for p in people))}</p>" if people else ""
    return f"{title}<p class='soft'>{line}</p><p>{_labels(repository, issue)}</p>{asked}"


def _pill(issue: Issue) -> str:
    state = "merged" if issue.pull and issue.pull.merged_at else issue.state
    return f"<span class='pill {escape(state)}'>{escape(state.title())}</span>"


def _labels(repository: Repository, issue: Issue) -> str:
    known = [repository.labels.get(name.lower()) for name in issue.labels]
    shown = []
    for name, label in zip(issue.labels, known, strict=True):
        color = label.color if label and re.fullmatch("[0-9a-fA-F]{6}", label.color) else "888888"
        dot = f"<span class='dot' style='background:#{color}'></span>"
        shown.append(f"<span class='label'>{dot}{escape(name)}</span>")
    return " ".join(shown)


def _moment(when: datetime) -> str:
    return f"<time datetime='{when.isoformat()}'>{when:%Y-%m-%d %H:%M} UTC</time>"


def _said(one: Issue | Comment) -> str:
    head = "" if isinstance(one, Issue) else f"<p class='soft'>{escape(one.author.login)} wrote:</p>"
    return f"<div class='said'>{head}{rendered(one.body or '')}</div>"


# Checks.


def _word(check: CheckRun) -> tuple[str, str]:
    """Return the class and the word of a check's state."""
    word = (check.conclusion or check.status).replace("_", " ")
    return {"success": "success", "failure": "failure"}.get(word, "waiting"), word


def _of(repository: Repository, pull: Pull) -> list[CheckRun]:
    return [check for check in repository.checks if check.head_sha == pull.head_sha]


def _verdict(repository: Repository, issue: Issue) -> str:
    words = [_word(check) for check in _of(repository, issue.pull)] if issue.pull else []
    return " ".join(f"<span class='{style}'>checks: {escape(word)}</span>" for style, word in words)


def _checks(repository: Repository, pull: Pull) -> str:
    rows = []
    for check in _of(repository, pull):
        style, word = _word(check)
        told = " · ".join(str(check.output[key]) for key in ("title", "summary") if check.output.get(key))
        rows.append(
            f"<strong>{escape(check.name)}</strong> <span class='{style}'>{escape(word)}</span>"
            f" <span class='soft'>{escape(told)}</span>"
        )
    return f"<h2>Checks</h2>{_rows(rows)}"


# The diff.


def _patch(repository: Repository, pull: Pull) -> bytes:
    base = git.merge_base(repository.folder, pull.base_sha, pull.head_sha) or pull.base_sha
    plain = ("-c", "core.quotePath=false", "diff-tree", "-p", "--no-renames")
    return git.run(repository.folder, *plain, base, pull.head_sha)


def _diff(patch: bytes) -> str:
    text = patch.decode(errors="replace")
    files = re.split(r"^diff --git ", text, flags=re.MULTILINE)[1:]
    return f"<h2>Files changed <small class='soft'>{len(files)}</small></h2>" + "".join(map(_changed, files))


def _changed(text: str) -> str:
    """Return one file of a diff; only line feeds end its lines, any other line end is the file's text."""
    first, *lines = text.removesuffix("\n").split("\n")
    name = re.split(r' "?b/', first)[-1].removesuffix('"')
    start = next((n for n, line in enumerate(lines) if line.startswith(("@@", "Binary"))), len(lines))
    hunks = lines[start:]
    more, less = (sum(line.startswith(sign) for line in hunks) for sign in "+-")
    count = f"<span class='success'>+{more}</span> <span class='failure'>&minus;{less}</span>"
    head = f"<h3><code>{escape(name)}</code> {count}</h3>"
    table = f"<table class='diff'>{_COLUMNS}{''.join(_numbered(hunks))}</table>"
    return f"<section class='file'>{head}{table}</section>"


_COLUMNS = "<colgroup><col class='no old'><col class='no'><col></colgroup>"


def _numbered(lines: Iterable[str]) -> Iterator[str]:
    """Return the rows of a file's hunks, with the line's number before and after."""
    old = new = 0
    for line in lines:
        if match := _HUNK.match(line):
            old, new = int(match[1]), int(match[2])
            yield _row("hunk", "", "", line)
        elif line.startswith("+"):
            yield _row("add", "", new, line)
            new += 1
        elif line.startswith("-"):
            yield _row("del", old, "", line)
            old += 1
        elif line.startswith(("\\", "Binary")):
            yield _row("note", "", "", line)
        else:
            yield _row("", old, new, line)
            old, new = old + 1, new + 1


def _row(style: str, old: object, new: object, line: str) -> str:
    return (
        f"<tr class='{style}'><td class='no old'>{old}</td><td class='no'>{new}</td>"
        f"<td>{escape(line)}</td></tr>"
    )


# Markdown, as far as GitHub's looks the same.


def rendered(text: str) -> str:
    """Return Markdown as HTML; of the tags that were written only those that fold and raise text stay."""
    return str(_MARKDOWN.render(text))


def _only_harmless(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    """Keep a few tags, drop comments, and show every other one as the text that it is."""
    text, shown, last = tokens[index].content, [], 0
    for match in _HARMLESS.finditer(text):
        shown += [escape(text[last : match.start()]), "" if match[0].startswith("<!--") else match[0]]
        last = match.end()
    return "".join([*shown, escape(text[last:])])


def _linked(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    """Make links of bare addresses, as GitHub does."""
    text, shown, last = tokens[index].content, [], 0
    if index and tokens[index - 1].type == "link_open":
        return escape(text)
    for match in _ADDRESS.finditer(text):
        address = escape(match[0])
        shown += [escape(text[last : match.start()]), f"<a href='{address}'>{address}</a>"]
        last = match.end()
    return "".join([*shown, escape(text[last:])])


def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for kind, rule in (("html_block", _only_harmless), ("html_inline", _only_harmless), ("text", _linked)):
        parser.add_render_rule(kind, rule)
    return parser


_MARKDOWN = _markdown()
