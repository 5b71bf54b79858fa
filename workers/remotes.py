"""The only door to other people's git repositories: asks for their tags, and how old the newest ones are."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from codemods import tags
from codemods.model import Release, Releases
from codemods.tags import Tag
from workers import git, reach

PREFIX = "git+"

_ADDRESS = re.compile(
    r"git\+(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]{1,253})(?::(?P<port>\d{1,5}))?"
    r"(?P<path>(?:/[\w-]+(?:\.[\w-]+)*){1,6})",
    re.ASCII,
)
_LISTED = re.compile(rb"([0-9a-f]{40})\trefs/tags/([\x21-\x7e]{1,200}?)(\^\{\})?\n")
_FORMAT = "%(refname:strip=2) %(objectname) %(taggerdate:unix) %(committerdate:unix) %(*committerdate:unix)"
_LAST = 253_402_300_799
"""Seconds of the last moment that a date can be."""
_PORTS = {"https": 443, "http": 80}
_WORDS = (
    (
        re.compile(r"error: 40[134]|could not read Username|Authentication failed|not found", re.IGNORECASE),
        "is not there for everybody",
    ),
    (
        re.compile(r"error: 30\d|redirect", re.IGNORECASE),
        "has moved: its address redirects, which is not followed",
    ),
    (re.compile(r"error: 429"), "is on a host that asks to be asked less often (429)"),
    (re.compile(r"error: 5\d\d"), "is on a host that failed"),
    (re.compile(r"did not answer within|too large"), ""),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is asked at a time, how long is waited (seconds), how large an answer may be (bytes).

    ``dated`` is how many of the newest tags of each shape are asked for their dates, ``shapes`` of how many
    shapes, ``tags`` how many of each are kept.
    """

    connections: int = 6
    request: float = 20.0
    total: float = 120.0
    body: int = 16 * 1024 * 1024
    dated: int = 8
    shapes: int = 6
    tags: int = 1000


@dataclass(frozen=True, slots=True)
class _Remote:
    """A repository to ask: where it is, and what ``git`` is told of its host."""

    url: str
    resolve: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class _Listed:
    """One tag of a repository: what it points at, and the commit that is behind it."""

    tag: Tag
    id: str
    commit: str


class _RefusedError(Exception):
    """There is no answer; the text is the sentence people read."""


def answer(
    addresses: Iterable[str], *, allowed: reach.Allowed = reach.nobody, limits: Limits | None = None
) -> Mapping[str, Releases]:
    """Return the tags of each ``git+https://…``; what goes wrong with one stays with that one.

    No credentials are sent. ``allowed`` says which hosts may be on a private network.
    """
    limits = limits or Limits()
    asked = sorted(set(addresses))
    with ThreadPoolExecutor(limits.connections, thread_name_prefix="kotsu-remotes") as threads:
        tasks = {address: threads.submit(_one, address, allowed, limits) for address in asked}
        wait(tasks.values(), timeout=limits.total)
        for task in tasks.values():
            task.cancel()
    words = f"the repositories were too slow: {limits.total:g} s were not enough for all of them"
    return {a: Releases(a, error=words) if task.cancelled() else _result(task) for a, task in tasks.items()}


def _result(task: Future[Releases]) -> Releases:
    return task.result()


def _one(address: str, allowed: reach.Allowed, limits: Limits) -> Releases:
    """Return the answer for one address, whatever happens."""
    try:
        remote = _remote(address, allowed, limits)
        with _scratch(remote) as scratch:
            listed = _list(remote, scratch)
            dates = _dates(remote, scratch, _chosen(listed, limits))
    except (_RefusedError, git.GitError) as error:
        return Releases(address, error=str(error))
    releases = (
        Release(found.tag.version, dates.get(found.tag.text, ""), hashes=(found.commit,), tag=found.tag.text)
        for found in listed
    )
    return Releases(address, tuple(releases))


def _remote(address: str, allowed: reach.Allowed, limits: Limits) -> _Remote:
    """Return where to ask; refused unless that is a public host, and spoken to in secret."""
    parts = _ADDRESS.fullmatch(address)
    if parts is None:
        raise _RefusedError("it is no address of a repository")
    scheme, host = parts["scheme"], parts["host"].lower()
    if scheme != "https" and not allowed(host):
        raise _RefusedError(f"its host `{host}` is refused: it is not asked over https")
    port = int(parts["port"] or _PORTS[scheme])
    try:
        found = reach.address(host, port, allowed)
    except reach.UnreachableError as error:
        raise _RefusedError(f"its host `{host}` {error}") from error
    wrapped = f"[{found}]" if ":" in found else found
    resolve = "" if found == host else f"{host}:{port}:{wrapped}"
    return _Remote(address.removeprefix(PREFIX), resolve, limits)


@contextmanager
def _scratch(remote: _Remote) -> Iterator[Path]:
    """Make an empty repository for the time of one question."""
    with tempfile.TemporaryDirectory(prefix="kotsu-tags-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        _git(remote, folder, "init", "--quiet", "--bare", "--template=", ".")
        yield folder


def _git(remote: _Remote, folder: Path, *arguments: str) -> bytes:
    limits = remote.limits
    return git.bounded(
        folder,
        *arguments,
        url=remote.url,
        resolve=remote.resolve,
        seconds=limits.request,
        largest=limits.body,
    )


def _list(remote: _Remote, scratch: Path) -> list[_Listed]:
    """Return the tags that are versions, the newest of each shape first, as many as are kept of it."""
    try:
        told = _git(remote, scratch, "ls-remote", "--tags", "hub")
    except git.GitError as error:
        raise _RefusedError(_words(str(error))) from error
    ids: dict[str, str] = {}
    commits: dict[str, str] = {}
    for id_, name, peeled in _LISTED.findall(told):
        (commits if peeled else ids)[name.decode()] = id_.decode()
    shapes: dict[object, list[_Listed]] = {}
    for name, id_ in ids.items():
        if tag := tags.parse(name):
            shapes.setdefault(tag.shape, []).append(_Listed(tag, id_, commits.get(name, id_)))
    ordered = (sorted(found, key=lambda e: e.tag.numbers, reverse=True) for found in shapes.values())
    return [listed for found in ordered for listed in found[: remote.limits.tags]]


def _words(said: str) -> str:
    """Return git's last words as a sentence; the server's own words are not repeated."""
    for pattern, words in _WORDS:
        if pattern.search(said):
            return f"its repository {words}" if words else said
    return "its repository cannot be reached"


def _chosen(listed: Iterable[_Listed], limits: Limits) -> list[_Listed]:
    """Return the tags whose dates are worth asking for.

    These are the newest of each shape, and for a tag that moves along the first one that it stood for.
    """
    finished = [found for found in listed if not found.tag.is_prerelease]
    shapes: dict[object, list[_Listed]] = {}
    for found in finished:
        shapes.setdefault(found.tag.shape, []).append(found)
    largest = sorted(shapes.values(), key=len, reverse=True)[: limits.shapes]
    newest = [found for shape in largest for found in shape[: limits.dated]]
    covered = ([other for other in finished if found.tag.covers(other.tag)] for found in newest)
    firsts = [min(others, key=lambda other: other.tag.numbers) for others in covered if others]
    return list({found.tag.text: found for found in (*newest, *firsts)}.values())


def _dates(remote: _Remote, scratch: Path, chosen: Iterable[_Listed]) -> Mapping[str, str]:
    """Return the days of some tags by their names; none where the repository does not tell."""
    ids = {found.tag.text: found.id for found in chosen}
    refs = [f"refs/tags/{name}:refs/tags/{name}" for name in ids]
    options = ("--quiet", "--no-tags", "--depth=1", "--filter=tree:0", "--no-write-fetch-head")
    try:
        if refs:
            _git(remote, scratch, "fetch", *options, "hub", *refs)
        told = git.run(scratch, "for-each-ref", f"--format={_FORMAT}", "refs/tags/")
    except git.GitError:
        return {}
    dates = {}
    for line in told.decode("ascii", "replace").splitlines():
        name, id_, *moments = line.split()
        seconds = max((int(m) for m in moments if m.isdecimal()), default=0)
        if ids.get(name) == id_ and 0 < seconds < _LAST:
            dates[name] = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return dates
