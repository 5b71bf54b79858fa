"""Runs the cases of an improvement's page: each is what a user sees, before and after.

A page is Markdown, below front matter where the improvement is about speed (`codemods.benchmark`). What
stands before its first ``##`` heading is for people, but for a block ``facts``, which holds for every case
of the page. Then follow the cases::

    ## A situation in words

    Whatever a reader should know about it.

    ```python
    the file before (and after, when nothing must change)
    ```

    ```python
    the file after
    ```

One code block says that nothing must change, two are before and after. A block opens with the language and,
where it matters, the file's path: ``python``, ``python tests/test_it.py``, ``pyi``, ``yaml``, ``toml``,
``text requirements/dev.txt``. A text that holds three backquotes itself stands between four. The first of two
may be empty: the file is not there yet.

A block ``facts`` within a case is YAML and adds to the page's own; `facts` names its keys. A block ``advice``
holds one line for each message that comes without an edit, in their order. A block ``beside PATH`` is another
file of the tree, for improvements that look at all of it; before the first heading it is there in every case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any

import yaml
from packaging.version import Version

from codemods import benchmark, durations, engine, places, registry, tags
from codemods.mentions import Progress, Ticket
from codemods.model import Applicability, Category, Facts, Finding, Release, Releases
from codemods.tls import Policy
from codemods.tree import Files
from codemods.weaknesses import Advisory, Span

_PATHS = {
    "python": "module.py",
    "pyi": "module.pyi",
    "yaml": ".github/workflows/ci.yml",
    "text": "requirements.txt",
    "toml": "pyproject.toml",
    "ini": "tox.ini",
    "dockerfile": "Dockerfile",
    "nginx": "nginx.conf",
    "apache": "sites-available/shop.conf",
    "haproxy": "haproxy.cfg",
    "sh": "start.sh",
}
_HEADING = re.compile(r"^## +(.+?) *$", re.MULTILINE)
_BLOCK = re.compile(r"^(`{3,})(\w+)(?: +([^\n]+?))? *\n(.*?)^\1 *$", re.MULTILINE | re.DOTALL)
_TODAY = date(2026, 11, 24)


@dataclass(frozen=True)
class Case:
    """One situation of a page; ``after`` equals ``before`` where nothing must change."""

    title: str
    path: str
    before: str
    after: str
    advice: tuple[str, ...] = ()
    facts: Facts = field(default_factory=lambda: Facts(today=_TODAY))
    beside: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def changes(self) -> bool:
        """Whether the case shows an edit."""
        return self.before != self.after


def cases(page: str) -> list[Case]:
    """Return the cases of a page; ValueError names the situation that is not well formed."""
    head, *sections = _sections(benchmark.split(page)[1])
    common = _facts_of(head[1], {})
    beside = _beside(head[1])
    return [replace(case, beside={**beside, **case.beside}) for case in (_case(*s, common) for s in sections)]


def _sections(page: str) -> list[tuple[str, str]]:
    """Split a page at its headings; a heading within a block is text of that block."""
    blocks = [m.span() for m in _BLOCK.finditer(page)]
    found = [m for m in _HEADING.finditer(page) if not any(a < m.start() < b for a, b in blocks)]
    starts, ends = [0, *(m.end() for m in found)], [*(m.start() for m in found), len(page)]
    titles = ["", *(m[1] for m in found)]
    return [(title, page[a:b]) for title, a, b in zip(titles, starts, ends, strict=True)]


def _case(title: str, text: str, common: Mapping[str, Any]) -> Case:
    said = _facts_of(text, common)
    advice: list[str] = []
    code = []
    for _, language, path, block in _BLOCK.findall(text):
        if language == "advice":
            advice += block.splitlines()
        elif language in _PATHS:
            code.append((path or _PATHS[language], block))
        elif language not in {"facts", "beside"}:
            raise ValueError(f"## {title}: a block of {language}; known are {', '.join(_PATHS)}")
    if len(code) not in (1, 2):
        raise ValueError(
            f"## {title}: one code block (nothing changes) or two (before, after), not {len(code)}"
        )
    if len(code) == 2 and code[0] == code[1]:  # noqa: PLR2004 -- before and after
        raise ValueError(f"## {title}: before and after are equal; one block says that nothing changes")
    return Case(title, code[0][0], code[0][1], code[-1][1], tuple(advice), facts(said), _beside(text))


def _beside(text: str) -> Mapping[str, bytes]:
    return {path: block.encode() for _, language, path, block in _BLOCK.findall(text) if language == "beside"}


def _facts_of(text: str, common: Mapping[str, Any]) -> Mapping[str, Any]:
    said = dict(common)
    for _, language, _, block in _BLOCK.findall(text):
        if language == "facts":
            said.update(yaml.safe_load(block))
    return said


def facts(said: Mapping[str, Any]) -> Facts:
    """Build `Facts` from a page's words: today, floor, pythons, releases, advisories, and its plain fields.

    ``floor`` is ``"3.9"``, ``pythons`` a list of such, ``dependencies`` maps names to versions. ``releases``
    maps a name to lines such as ``5.2.8 2025-11-05 >=3.10 yanked``: a version, then in any order its upload
    date, its Python specifier and its state. ``advisories`` maps a name to lines such as
    ``CVE-2026-1 GHSA-a 2026-11-05 >=4,<4.2.26 <3.2 What is weak``: names, then in any order the day and what
    is affected (``==`` is one version), then the summary. ``tags`` maps the address of a repository or an
    image to lines such as ``v4.2.2 2024-10-23 11bd71901bbe5b1630ceea73d27597364c9af683``: a tag, then in any
    order its date and its commit or digest. ``issues`` maps an issue to ``open`` or to ``done 2026-01-01
    arrived``. ``durations`` maps a job to the seconds that its runs took, or to these (``seconds``), the
    ``step`` that took the longest, and what that ``took``. ValueError for a word that is none of these.
    """
    known = (*Facts.__dataclass_fields__, "tags")
    unknown = sorted(set(said) - set(known))
    if unknown:
        raise ValueError(f"facts: {unknown[0]} is none; known are {', '.join(known)}")
    plain = {name: value for name, value in said.items() if name != "tags"}
    read: dict[str, Any] = {name: _FACTS.get(name, _as_is)(value) for name, value in plain.items()}
    tagged = {a: Releases(a, tuple(map(_tag, lines))) for a, lines in said.get("tags", {}).items()}
    return Facts(**{"today": _TODAY, **read, "releases": {**read.get("releases", {}), **tagged}})


def _as_is(value: object) -> object:
    return value


def _minor(value: object) -> tuple[int, int] | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f'facts: write "{value}" in quotes, for YAML reads 3.10 as 3.1')  # noqa: TRY004 -- its text is the answer
    major, minor = value.split(".")
    return int(major), int(minor)


def _release(line: object) -> Release:
    version, *words = str(line).split()
    uploaded = next((w for w in words if re.match(r"\d{4}-", w)), "")
    python = next((w for w in words if w[0] in "<>=!~"), "")
    return Release(Version(version), uploaded and f"{uploaded}T00:00:00Z", python, "yanked" in words)


def _tag(line: object) -> Release:
    text, *words = str(line).split()
    found = tags.parse(text)
    day = next((w for w in words if re.match(r"\d{4}-", w)), "")
    digests = tuple(w for w in words if re.fullmatch(r"(?:sha256:)?[0-9a-f]{40,64}", w))
    version = found.version if found else Version("0")
    return Release(version, day and f"{day}T00:00:00Z", hashes=digests, tag=text)


def _advisory(line: object) -> Advisory:
    words = str(line).split()
    length = next((n for n, word in enumerate(words) if not _KNOWN.fullmatch(word)), len(words))
    ids = tuple(w for w in words[:length] if "-" in w and w[0].isupper())
    published = next((w for w in words[:length] if w[0].isdigit()), "")
    ranges = [w for w in words[:length] if w[0] in "<>"]
    versions = frozenset(Version(w[2:]) for w in words[:length] if w.startswith("=="))
    return Advisory(ids, " ".join(words[length:]), published, tuple(map(_span, ranges)), versions)


def _ticket(words: str) -> Ticket:
    """Read ``done 2026-01-01 arrived``: what became of an issue, when, and whether that is in use."""
    progress, closed, arrived, *_ = *words.split(), "", ""
    return Ticket(Progress(progress), closed, arrived == "arrived" or None)


def _span(text: str) -> Span:
    bounds = {m[1]: Version(m[2]) for m in re.finditer(r"([<>]=?)([^<>,]+)", text)}
    return Span(bounds.get(">="), bounds.get("<"), bounds.get("<="))


_KNOWN = re.compile(r"[A-Z]+-[\w-]+|\d{4}-\d\d-\d\d|(?:[<>]=?|==)[\w.,<>=]+")


def _lasted(said: list[float] | Mapping[str, Any]) -> durations.Lasted | None:
    if isinstance(said, list):
        return durations.of(said)
    lasted = durations.of(said["seconds"])
    return replace(lasted, step=said["step"], step_median=said["took"]) if lasted else None


_FACTS: Mapping[str, Callable[[Any], object]] = {
    "advisories": lambda found: {n: tuple(map(_advisory, lines)) for n, lines in found.items()},
    "floor": _minor,
    "pythons": lambda values: tuple(map(_minor, values)),
    "dependencies": lambda found: {n: Version(str(v)) for n, v in found.items()},
    "releases": lambda found: {n: Releases(n, tuple(map(_release, lines))) for n, lines in found.items()},
    "own_version": lambda value: Version(str(value)),
    "merged": frozenset,
    "absent": frozenset,
    "listed": frozenset,
    "idle": lambda found: {p: {n: tuple(c) for n, c in lines.items()} for p, lines in found.items()},
    "tls": lambda said: Policy(**said),
    "issues": lambda found: {name: _ticket(words) for name, words in found.items()},
    "durations": lambda found: {name: _lasted(said) for name, said in found.items()},
}


def run(
    improvement: registry.Improvement,
    path: str,
    data: bytes,
    known: Facts,
    beside: Mapping[str, bytes] = MappingProxyType({}),
) -> tuple[bytes, list[Finding]]:
    """Return a file after one improvement, and its findings; AssertionError when it could not be read.

    ``beside`` are other files of its tree.
    """
    files = {**beside, path: data} if data or improvement.kind not in registry.TREES else beside
    world = replace(known, paths=tuple(sorted(files)))
    asked = world.only(improvement.about, dict(known.options), improvement.distribution)
    found = list(_findings(improvement, files, path, asked))
    return _after(path, data, found), found


def run_format(path: str, data: bytes, known: Facts) -> tuple[bytes, list[Finding]]:
    """Return a dependency file after every improvement of dependencies in turn, and their findings."""
    findings: list[Finding] = []
    for module in registry.ids().values():
        improvement = registry.load(module)
        if improvement.kind == "dependencies":
            data, found = run(improvement, path, data, known)
            findings += found
    return data, findings


def _findings(
    improvement: registry.Improvement, files: Mapping[str, bytes], path: str, asked: Facts
) -> Iterable[Finding]:
    """Look at a file as a scan does: not at all, or only when a needle stands in it."""
    if improvement.kind in registry.TREES:
        found: Iterable[Finding] = improvement.module.find(Files(files), asked)
        return found
    name, data = improvement.module.__name__, files[path]
    left = places.is_generated(path, data) or not engine.applies(improvement, asked)
    if left or not engine.reads(improvement, path) or not engine.needed(data, (name,)):
        return ()
    examined = engine.examine(engine.Task(path, data, ((name, asked),)))
    assert not examined.problems, examined.problems  # noqa: S101 -- this module serves tests
    return examined.findings[improvement.id]


def _after(path: str, data: bytes, found: list[Finding]) -> bytes:
    edits = list(dict.fromkeys(f.edit for f in found if f.edit and f.edit.path == path))
    if len(edits) > 1:
        raise ValueError("a page's case has one target")
    return edits[0].after or b"" if edits else data


def check(improvement: registry.Improvement, case: Case) -> None:
    """Assert that a case is as written, that a second run finds nothing, and that bytes survive."""
    _check(case, lambda path, data: run(improvement, path, data, case.facts, case.beside))


def check_format(case: Case) -> None:
    """Assert the same of a case on the page of a format of `codemods.manifests`."""
    _check(case, lambda path, data: run_format(path, data, case.facts))


def _check(case: Case, ran: Callable[[str, bytes], tuple[bytes, list[Finding]]]) -> None:
    for name, variant in _VARIANTS.items():
        where = f"{case.title} ({name})"
        texts = (case.before.encode(), case.after.encode())
        before, after = map(variant, texts) if case.before.strip() else texts
        result, found = ran(case.path, before)
        assert result.decode() == after.decode(), f"{where}: not as written"  # noqa: S101 -- this module serves tests
        said = tuple(f.message for f in found if f.edit is None)
        assert said == case.advice, f"{where}: advice {said}"  # noqa: S101 -- this module serves tests
        again, _ = ran(case.path, result)
        assert again == result, f"{where}: a second run finds something"  # noqa: S101 -- this module serves tests
        if case.path.endswith((".py", ".pyi")):
            engine.parse(result.decode().removeprefix("\ufeff"))


_VARIANTS: Mapping[str, Callable[[bytes], bytes]] = {
    "as written": lambda data: data,
    "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "BOM": lambda data: b"\xef\xbb\xbf" + data,
    "no final newline": lambda data: data.removesuffix(b"\n"),
}


def complaints(improvement: registry.Improvement) -> list[str]:
    """Return what an improvement still lacks to be shown to people, each in a few words."""
    about, situations = improvement.about, cases(improvement.page)
    # Of a whole tree words say why nothing changes, but where there never is anything but words.
    speaks = improvement.kind not in registry.TREES or about.applicability is Applicability.ADVICE
    changing = [c for c in situations if c.changes or (c.advice and speaks)]
    lacks = {
        "a title": about.title,
        "a title of at most 60 characters": len(about.title) <= 60,  # noqa: PLR2004 -- fits a pull request's
        "a title without a period": not about.title.endswith("."),
        "a title that opens with an imperative": re.match(r"[A-Z][a-z]+(?<!s)(?<!ing)(?<!ed) ", about.title),
        "a sentence of risk": re.fullmatch(r"[A-Z`].+\.", about.risk, re.DOTALL),
        "a rationale of at least two sentences": len(re.findall(r"[.!?](?=\s|$)", improvement.rationale)) > 1,
        "a reference": about.references and all(r.startswith("https://") for r in about.references),
        "minutes of work saved": about.minutes > 0,
        "a case that changes": changing,
        "as many cases that must not change": len(situations) >= 2 * len(changing),
        "titles that differ": len({c.title for c in situations}) == len(situations),
    }
    return [*(lack for lack, present in lacks.items() if not present), *_unmeasured(improvement)]


def _unmeasured(improvement: registry.Improvement) -> Iterator[str]:
    """Yield what is missing before an improvement may say that it makes code faster."""
    claim = improvement.benchmark
    if claim is None:
        # What a workflow saves is the time of machines that are not here.
        if improvement.about.category is Category.SPEED and improvement.kind == "python":
            yield "a benchmark in the front matter of its page"
        return
    for part in ("setup", "before", "after"):
        try:
            engine.parse(getattr(claim, part))
        except engine.Unreadable:
            yield f"a benchmark whose `{part}` is Python"
    if claim.before == claim.after:
        yield "a benchmark whose `before` and `after` differ"
