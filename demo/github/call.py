"""One call of the REST API: what a route is given, and the two things it can come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from demo.github.state import Account, Installation, Issue, Json, Repository, Token, World
from demo.loopback import Request

DOCUMENTATION = "https://docs.github.com/rest"


class RefusedError(Exception):
    """GitHub says no: a status, a message, and for 422 what is wrong with which field."""

    def __init__(
        self, status: int, message: str, errors: Sequence[Json] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.headers = status, dict(headers or {})
        self.body: Json = {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)}
        if errors:
            self.body["errors"] = list(errors)


def invalid(resource: str, code: str, field_: str | None = None, message: str | None = None) -> RefusedError:
    """Return the refusal of a body that does not hold together."""
    error: Json = {"resource": resource, "code": code}
    error |= {"field": field_} if field_ else {}
    error |= {"message": message} if message else {}
    return RefusedError(422, "Validation Failed", [error])


def missing() -> RefusedError:
    """Return the refusal that says nothing of whether there is something."""
    return RefusedError(404, "Not Found")


@dataclass(slots=True)
class Reply:
    """What a route answers; ``raw`` goes out instead of JSON."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None


@dataclass(slots=True)
class Call:
    """A request that found its route and was let in."""

    world: World
    request: Request
    values: Mapping[str, str]
    body: Json
    token: Token | None = None
    found: Repository | None = None
    person: Account | None = None

    @property
    def query(self) -> Mapping[str, str]:
        """Return the parameters behind the question mark."""
        return self.request.parameters

    @property
    def repository(self) -> Repository:
        """Return the repository that the path names."""
        if self.found is None:
            raise missing()
        return self.found

    @property
    def installation(self) -> Installation:
        """Return the installation whose token was sent."""
        if self.token is None or self.token.installation not in self.world.installations:
            raise missing()
        return self.world.installations[self.token.installation]

    @property
    def who(self) -> Account:
        """Return who acts: the App's bot."""
        return self.world.app.bot

    def number(self, name: str) -> int:
        """Return a number of the path; what is none does not exist."""
        if not self.values[name].isdecimal():
            raise missing()
        return int(self.values[name])

    def issue(self, name: str = "issue_number") -> Issue:
        """Return the issue that the path names."""
        issue = self.repository.issues.get(self.number(name))
        if issue is None or issue.gone:
            raise missing()
        return issue

    def need(self, resource: str, *names: str) -> None:
        """Refuse a body in which one of these fields is missing."""
        for name in names:
            if self.body.get(name) in (None, ""):
                raise invalid(resource, "missing_field", name)


@dataclass(frozen=True, slots=True)
class Route:
    """A path as GitHub's description writes it, and who may call it.

    ``needs`` is ``nobody``, ``jwt``, ``token``, ``person``, or permissions and a level:
    ``issues|pull_requests:write``.
    """

    method: str
    template: str
    needs: str
    function: Callable[[Call], Reply]


def page(call: Call, items: Sequence[Json], wrap: str | None = None, **beside: object) -> Reply:
    """Return one page of a list, with links to the others; ``wrap`` puts it into an object with a count."""
    size = min(max(_figure(call, "per_page", 30), 1), 100)
    number, last = max(_figure(call, "page", 1), 1), max(1, -(-len(items) // size))
    shown = list(items[(number - 1) * size : number * size])
    around = {"prev": number - 1, "first": 1} if number > 1 else {}
    around |= {"next": number + 1, "last": last} if number < last else {}
    links = [f'<{address(call, page=n)}>; rel="{rel}"' for rel, n in around.items()]
    body = {"total_count": len(items), **beside, wrap: shown} if wrap else shown
    return Reply(200, body, {"Link": ", ".join(links)} if links else {})


def address(call: Call, **changed: object) -> str:
    """Return the address that was called, with some parameters changed."""
    return f"{call.world.url}{call.request.path}?{urlencode({**call.query, **changed})}"


def _figure(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, "")
    return int(text) if text.isdecimal() else default
