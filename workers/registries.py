"""The only door to container registries: asks for an image's tags, and Docker Hub for their age as well."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from types import MappingProxyType
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

from codemods import tags
from codemods.model import Release, Releases
from workers import reach

PREFIX = "image+"

_ADDRESS = re.compile(
    r"image\+(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)/(?P<path>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)", re.ASCII
)
_HUB = "docker.io"
_HUB_REGISTRY = "registry-1.docker.io"
_HUB_API = "hub.docker.com"
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z")
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
_WORDS = {
    401: "its registry does not show it to everybody (401)",
    403: "its registry does not show it to everybody (403)",
    404: "its registry does not know it (404)",
    429: "its registry asks to be asked less often (429)",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is asked at a time, how long is waited (seconds), how large an answer may be (bytes).

    ``pages`` are the pages of one list that are read, ``tags`` how many of one image are kept.
    """

    connections: int = 4
    request: float = 20.0
    total: float = 120.0
    body: int = 8 * 1024 * 1024
    pages: int = 10
    tags: int = 20_000


class _RefusedError(Exception):
    """There is no answer; the text is the sentence people read."""


@dataclass(frozen=True)
class _Door:
    """What one image's questions share: who may be called, until when, and where hosts really are."""

    client: httpx.Client
    allowed: reach.Allowed
    mirrors: Mapping[str, str]
    limits: Limits
    ends: float
    judged: dict[tuple[str, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Challenge:
    """What a registry wants to see before it answers, in its own words."""

    words: str


@dataclass(frozen=True, slots=True)
class _Told:
    """An answer: its JSON, and the address of the page that follows (``""``: none)."""

    body: Mapping[str, object]
    following: str


def answer(
    addresses: Iterable[str],
    *,
    allowed: reach.Allowed = reach.nobody,
    mirrors: Mapping[str, str] = MappingProxyType({}),
    limits: Limits | None = None,
) -> Mapping[str, Releases]:
    """Return the tags of each ``image+HOST/PATH``; what goes wrong with one stays with that one.

    No credentials are sent. ``allowed`` says which hosts may be on a private network; ``mirrors`` are the
    addresses (``http://127.0.0.1:5000``) that are called in the place of some hosts.
    """
    limits = limits or Limits()
    asked = sorted(set(addresses))
    with ThreadPoolExecutor(limits.connections, thread_name_prefix="kotsu-registries") as threads:
        tasks = {a: threads.submit(_one, a, allowed, mirrors, limits) for a in asked}
        wait(tasks.values(), timeout=limits.total)
        for task in tasks.values():
            task.cancel()
    words = f"the registries were too slow: {limits.total:g} s were not enough for all images"
    return {a: Releases(a, error=words) if t.cancelled() else t.result() for a, t in tasks.items()}


def _one(address: str, allowed: reach.Allowed, mirrors: Mapping[str, str], limits: Limits) -> Releases:
    """Return the answer for one address, whatever happens."""
    parts = _ADDRESS.fullmatch(address)
    if parts is None:
        return Releases(address, error="it is no address of an image")
    host, path = parts["host"], parts["path"]
    try:
        with _opened(allowed, mirrors, limits) as door:
            names = list(_names(door, _HUB_REGISTRY if host == _HUB else host, path))
            known = _known(door, path) if host == _HUB else {}
    except _RefusedError as error:
        return Releases(address, error=str(error))
    found = ((tags.parse(name), *known.get(name, ("", ()))) for name in dict.fromkeys(names))
    releases = (Release(tag.version, day, hashes=digests, tag=tag.text) for tag, day, digests in found if tag)
    return Releases(address, tuple(releases))


@contextmanager
def _opened(allowed: reach.Allowed, mirrors: Mapping[str, str], limits: Limits) -> Iterator[_Door]:
    """Open a client that follows no redirect and keeps no cookies."""
    with httpx.Client(
        headers={"User-Agent": "kotsu", "Accept": "application/json", "Accept-Encoding": "identity"},
        timeout=httpx.Timeout(limits.request),
        follow_redirects=False,
    ) as client:
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield _Door(client, allowed, mirrors, limits, time.monotonic() + limits.total)


def _names(door: _Door, host: str, path: str) -> Iterator[str]:
    """Yield an image's tags, with the token for strangers where the registry wants one."""
    url, token = f"https://{host}/v2/{path}/tags/list?n=1000", ""
    count = 0
    while url and count < door.limits.tags:
        told = _asked(door, url, token)
        if isinstance(told, _Challenge):
            token = _token(door, told, path)
            continue
        names = [n for n in _listed(told.body, "tags") if isinstance(n, str) and _TAG.fullmatch(n)]
        yield from names
        # A page without a tag counts too, so that a list of empty pages ends.
        count += max(len(names), 100)
        url = told.following


def _listed(body: Mapping[str, object], key: str) -> list[object]:
    found = body.get(key)
    return found if isinstance(found, list) else []


def _token(door: _Door, challenge: _Challenge, path: str) -> str:
    """Return the token that a registry's own desk gives to everybody."""
    scheme, _, rest = challenge.words.partition(" ")
    asked = dict(_PARAMETER.findall(rest))
    if scheme.lower() != "bearer" or not asked.get("realm"):
        raise _RefusedError(_WORDS[401])
    query = urlencode({"service": asked.get("service", ""), "scope": f"repository:{path}:pull"})
    told = _asked(door, f"{asked['realm']}?{query}", "")
    body = {} if isinstance(told, _Challenge) else told.body
    token = body.get("token") or body.get("access_token")
    if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]{1,8192}", token):
        raise _RefusedError("its registry gives no token to strangers")
    return token


def _known(door: _Door, path: str) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Return the time and the digest of the tags that were pushed last, as Docker Hub tells them.

    Without them there are tags without an age, which wait.
    """
    url = f"https://{_HUB_API}/v2/repositories/{path}/tags?page_size=100&ordering=last_updated"
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    try:
        for _ in range(door.limits.pages):
            told = _asked(door, url, "")
            if isinstance(told, _Challenge):
                break
            found |= dict(_dated(r) for r in _listed(told.body, "results") if isinstance(r, dict))
            following = told.body.get("next")
            if not isinstance(following, str) or not following:
                break
            url = _same_origin(url, following)
    except _RefusedError:
        return found
    return found


def _dated(result: Mapping[str, object]) -> tuple[str, tuple[str, tuple[str, ...]]]:
    name, moment, digest = (str(result.get(key, "")) for key in ("name", "tag_last_pushed", "digest"))
    moment = moment if _TIME.fullmatch(moment) else ""
    return name, (moment, (digest,) if _DIGEST.fullmatch(digest) else ())


def _asked(door: _Door, url: str, token: str) -> _Told | _Challenge:
    """Return a good answer's JSON, or what a registry wants first where nothing was shown to it."""
    if time.monotonic() > door.ends:
        raise _RefusedError("its registry was too slow")
    try:
        target, headers, extensions = _target(door, url)
        shown = {"Authorization": f"Bearer {token}"} if token else {}
        with door.client.stream("GET", target, headers=headers | shown, extensions=extensions) as response:
            if response.status_code == httpx.codes.UNAUTHORIZED and not token:
                return _Challenge(response.headers.get("www-authenticate", ""))
            body = _body(response, door.limits)
            link = response.links.get("next", {}).get("url", "")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise _RefusedError(f"its registry cannot be reached ({type(error).__name__})") from error
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _RefusedError("its registry's answer is cut short or no JSON") from error
    if not isinstance(told, dict):
        raise _RefusedError("its registry's answer is no list of tags")
    return _Told(told, _same_origin(url, link) if link else "")


def _target(door: _Door, url: str) -> tuple[str, dict[str, str], dict[str, object]]:
    """Return what is called: the address that was judged, under the name that was asked for."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if mirror := door.mirrors.get(host):
        return f"{mirror}{parts.path}?{parts.query}", {}, {}
    if parts.scheme != "https" or "@" in parts.netloc:
        raise _RefusedError(f"its host `{_printable(host)}` is refused: it is not asked over https")
    port = parts.port or 443
    try:
        if (host, port) not in door.judged:
            door.judged[host, port] = reach.address(host, port, door.allowed)
    except reach.UnreachableError as error:
        raise _RefusedError(f"its host `{_printable(host)}` {error}") from error
    found = door.judged[host, port]
    wrapped = f"[{found}]" if ":" in found else found
    target = parts._replace(netloc=f"{wrapped}:{port}", fragment="").geturl()
    return target, {"Host": parts.netloc}, {"sni_hostname": host}


def _same_origin(here: str, following: str) -> str:
    """Return the address of a next page; refused unless it is on the same host."""
    target = urljoin(here, following)
    if urlsplit(target)[:2] != urlsplit(here)[:2]:
        raise _RefusedError("its registry's list goes on at another host, which is refused")
    return target


def _body(response: httpx.Response, limits: Limits) -> bytes:
    """Return the body of a good answer, before it fills the memory or the day."""
    status = response.status_code
    if status != httpx.codes.OK:
        raise _RefusedError(_WORDS.get(status, f"its registry failed ({status})"))
    ends = time.monotonic() + limits.request
    parts, size = [], 0
    for part in response.iter_raw():
        size += len(part)
        if size > limits.body:
            raise _RefusedError(f"its registry's answer is larger than {limits.body // 1024} KiB")
        if time.monotonic() > ends:
            raise _RefusedError(f"its registry did not answer within {limits.request:g} s")
        parts.append(part)
    return b"".join(parts)


def _printable(text: str) -> str:
    return re.sub(r"[^a-z0-9.:-]", "", text)[:100]
