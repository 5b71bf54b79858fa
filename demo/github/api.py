"""The REST API: finds the route of a request, lets it in or not, and dresses the answer as GitHub does."""

from __future__ import annotations

import hashlib
import json
import re
import time
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import formatdate
from http import HTTPStatus
from re import Pattern
from typing import Any
from urllib.parse import urlsplit

from demo.faults import Faults
from demo.github import access, consent, pages, registering, smart_http
from demo.github.call import Call, RefusedError, Reply, Route, missing
from demo.github.routes import ROUTES
from demo.github.state import Repository, Token, World
from demo.loopback import Answer, Request

PREFIX = "/api/v3"
_GRAPHQL = "/api/graphql"
_HOUR = timedelta(hours=1)
_CHANGES = re.compile(r"\s*mutation[^{]*\{\s*(\w+)")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, without any token; ``template`` is empty when no route was found.

    ``injected`` says that the answer was a fault on order; ``done`` that the call had its effect.
    """

    method: str
    path: str
    template: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    status: int
    answer: Any
    injected: bool = False
    done: bool = True

    @property
    def writes(self) -> bool:
        """Return whether the request asked for a change."""
        return self.method not in ("GET", "HEAD")


@dataclass(slots=True)
class Api:
    """The stand-in's front door."""

    world: World
    faults: Faults = field(default_factory=Faults)
    log: list[Exchange] = field(default_factory=list)
    spent: dict[tuple[int, str], tuple[datetime, int]] = field(default_factory=dict)

    def answer(self, request: Request) -> Answer:
        """Return the answer to any request; a bug of the stand-in's own is remembered and shown."""
        try:
            return self._answer(request)
        except Exception as error:  # noqa: BLE001 -- a thread of the server has nobody else to tell
            self.world.crashes.append(error)
            return Answer(500, repr(error).encode())

    def _answer(self, request: Request) -> Answer:
        if said := consent.answer(self.world, request) or registering.answer(self.world, request):
            return said
        if not smart_http.is_git(request) and (page := pages.answer(self.world, request)):
            return page
        path = request.path.removeprefix(PREFIX)
        asked = request.query or _mutation(request)
        fault = self.faults.take(request.method, f"{path}?{asked}" if asked else path)
        if fault and fault.delay:
            time.sleep(fault.delay)
        if fault and fault.meanwhile:
            fault.meanwhile()
        spoiled = fault.answer if fault else None
        if fault and spoiled and not fault.after_effect:
            self._note(_exchange(request, "", _json(request), spoiled.status, None), spoiled, done=False)
            return replace(spoiled, headers=self._rate(request, spoiled.status) | spoiled.headers)
        if smart_http.is_git(request):
            answer = smart_http.answer(self.world, request)
            exchange = _exchange(request, "git", None, answer.status, None)
        else:
            answer, exchange = self._call(request, path)
        self._note(exchange, spoiled, done=True)
        headers = self._rate(request, spoiled.status) | spoiled.headers if spoiled else {}
        return replace(spoiled, headers=headers) if spoiled else answer

    def _note(self, exchange: Exchange, spoiled: Answer | None, *, done: bool) -> None:
        status = spoiled.status if spoiled else exchange.status
        self.log.append(replace(exchange, status=status, injected=spoiled is not None, done=done))

    def _call(self, request: Request, path: str) -> tuple[Answer, Exchange]:
        template = ""
        with self.world.lock:
            try:
                if request.path == _GRAPHQL:
                    path = "/graphql"
                elif not request.path.startswith(PREFIX + "/"):
                    raise missing()
                path = self._by_name(path)
                route, values = _find(request.method, path)
                template = route.template
                self._refuse_more(request)
                reply = route.function(self._admit(route, values, request))
            except RefusedError as refused:
                reply = Reply(refused.status, refused.body, refused.headers)
        answer = self._dress(request, reply)
        exchange = _exchange(request, template, _json(request), answer.status, reply.body)
        return answer, replace(exchange, path=path)

    def _by_name(self, path: str) -> str:
        """Return a path in which a repository's number has become its name."""
        match = re.match(r"/repositories/(\d+)(?=/|$)", path)
        if match is None:
            return path
        found = self.world.repositories.get(int(match[1]))
        if found is None:
            raise missing()
        return f"/repos/{found.full_name}{path[match.end() :]}"

    def _admit(self, route: Route, values: dict[str, str], request: Request) -> Call:
        value = access.credential(request.headers)
        body = _json(request)
        if body is _BROKEN:
            raise RefusedError(400, "Problems parsing JSON")
        call = Call(self.world, request, values, body if isinstance(body, dict) else {})
        if route.needs == "nobody":
            return call
        if route.needs == "jwt":
            access.admit_app(self.world, value)
            return call
        if route.needs == "person":
            call.person = access.admit_person(self.world, value)
            return call
        call.token = access.admit_token(self.world, value)
        if "owner" in values:
            call.found = self._repository(call.token, route, values, request)
        return call

    def _repository(self, token: Token, route: Route, values: dict[str, str], request: Request) -> Repository:
        full_name = f"{values['owner']}/{values['repo']}"
        found = self.world.find(full_name)
        former = None if found else self.world.find_former(full_name)
        if former and access.sees(self.world, token, former):
            raise self._moved(former, full_name, request)
        if found is None:
            raise missing()
        access.require(self.world, token, found, route.needs)
        if found.disabled:
            raise RefusedError(403, "Repository access blocked")
        if found.archived and request.method != "GET":
            raise RefusedError(403, "Repository was archived so is read-only.")
        return found

    def _moved(self, former: Repository, full_name: str, request: Request) -> RefusedError:
        rest = request.path.removeprefix(f"{PREFIX}/repos/{full_name}")
        query = f"?{request.query}" if request.query else ""
        url = f"{self.world.api}/repositories/{former.id}{rest}{query}"
        refused = RefusedError(
            301 if request.method == "GET" else 307, "Moved Permanently", headers={"Location": url}
        )
        refused.body["url"] = url
        return refused

    def _dress(self, request: Request, reply: Reply) -> Answer:
        if reply.raw is not None:
            return Answer(reply.status, reply.raw, self._rate(request, reply.status) | reply.headers)
        if reply.status == HTTPStatus.NO_CONTENT:
            return Answer(reply.status, headers=self._rate(request, reply.status) | reply.headers)
        status, body = HTTPStatus(reply.status), json.dumps(reply.body).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if request.method == "GET" and status == HTTPStatus.OK:
            headers["ETag"] = f'W/"{_tag(request, body)}"'
            if request.headers.get("if-none-match") == headers["ETag"]:
                status, body = HTTPStatus.NOT_MODIFIED, b""
        return Answer(int(status), body, self._rate(request, int(status)) | reply.headers | headers)

    def _budget(self, request: Request) -> tuple[int, str]:
        """Return whose budget a request draws on: the installation's of its token, or (0) the App's own."""
        token = self.world.tokens.get(access.credential(request.headers))
        return token.installation if token else 0, "graphql" if request.path == _GRAPHQL else "core"

    def _used(self, budget: tuple[int, str]) -> tuple[datetime, int]:
        now = self.world.now()
        begun, used = self.spent.get(budget, (now, 0))
        return (begun, used) if now - begun < _HOUR else (now, 0)

    def _refuse_more(self, request: Request) -> None:
        """Refuse what is asked beyond the hour's budget of an installation."""
        who, resource = self._budget(request)
        if who and self._used((who, resource))[1] >= self.world.limit:
            raise RefusedError(403, f"API rate limit exceeded for installation ID {who}.")

    def _rate(self, request: Request, status: int) -> dict[str, str]:
        """Count a request, and return what the headers say; what did not change costs nothing."""
        budget = self._budget(request)
        begun, used = self._used(budget)
        used = min(used + (status != HTTPStatus.NOT_MODIFIED), self.world.limit)
        self.spent[budget] = (begun, used)
        return {
            "Date": formatdate(usegmt=True),
            "X-GitHub-Request-Id": uuid.uuid4().hex[:16].upper(),
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-RateLimit-Limit": str(self.world.limit),
            "X-RateLimit-Remaining": str(self.world.limit - used),
            "X-RateLimit-Reset": str(int((begun + _HOUR).timestamp())),
            "X-RateLimit-Used": str(used),
            "X-RateLimit-Resource": budget[1],
        }


def _tag(request: Request, body: bytes) -> str:
    """Return an ETag as GitHub makes it: with the token in it, so that another token's is another."""
    told = [
        request.headers[name] for name in ("accept", "authorization", "cookie") if name in request.headers
    ]
    return hashlib.sha256(b":".join((*(words.encode() for words in told), body))).hexdigest()


_BROKEN = object()


def _mutation(request: Request) -> str:
    """Return the name of what a request changes through GraphQL, so that faults can be about it alone."""
    body = _json(request) if request.path == _GRAPHQL else None
    query = str(body.get("query", "")) if isinstance(body, dict) else ""
    found = _CHANGES.match(query)
    return found[1] if found else ""


def _json(request: Request) -> Any:  # noqa: ANN401 -- JSON is anything
    if not request.body:
        return None
    try:
        return json.loads(request.body)
    except ValueError:
        return _BROKEN


def _exchange(request: Request, template: str, body: object, status: int, answer: object) -> Exchange:
    headers = {name: value for name, value in request.headers.items() if name != "authorization"}
    path = urlsplit(request.path).path
    if isinstance(answer, dict) and "token" in answer:
        answer = {**answer, "token": "not kept"}
    sent = None if body is _BROKEN else body
    return Exchange(request.method, path, template, request.parameters, headers, sent, status, answer)


def _compile(template: str) -> Pattern[str]:
    def group(match: re.Match[str]) -> str:
        deep = match[1] in ("ref", "path", "basehead", "branch")
        return f"(?P<{match[1]}>{'.+' if deep else '[^/]+'})"

    return re.compile(re.sub(r"\{(\w+)\}", group, template.replace(".", r"\.")))


def _words(route: Route) -> int:
    return len(re.sub(r"\{\w+\}", "", route.template))


# What has most words of its own is tried first: a ref may hold slashes, and must not swallow what follows it.
_TABLE = sorted(((r, _compile(r.template)) for r in ROUTES), key=lambda row: -_words(row[0]))


def _find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    for route, matches in _TABLE:
        if route.method == method and (match := matches.fullmatch(path)):
            return route, match.groupdict()
    raise missing()
