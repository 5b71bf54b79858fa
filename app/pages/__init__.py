"""The pages: what people see of their repositories, and the few things that they can do there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup, escape
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from app import guard, setup, signin
from app.guard import Guard, Limit, Refused
from app.pages import (
    activity,
    campaigns,
    capacity,
    configuration,
    configured,
    definitions,
    health,
    improvement,
    improvements,
    overview,
    page,
    pulls,
    repositories,
    repository,
    run,
    runway,
    static,
    todo,
    tokens,
    view,
)
from app.pages.page import Page
from app.pages.view import Link, Shown, View
from app.setup import SetUp, Values
from app.signin import SignIn
from app.visitors import Visitor, Visitors
from workers import calm
from workers.ledger import JobState, Ledger, RepositoryRow, Unavailable
from workers.messages import Kind, Priority, scan_key
from workers.people import PeopleError

if TYPE_CHECKING:
    from jinja2 import Environment

PAGES = tuple(
    map(
        page.of,
        (
            overview,
            repositories,
            repository,
            pulls,
            campaigns,
            improvements,
            improvement,
            runway,
            capacity,
            todo,
            activity,
            run,
            configuration,
            configured,
            health,
            definitions,
        ),
    )
)
"""All that are shown the same way, in the order of their links."""
_FOLDER = Path(__file__).parent

Show = Callable[[Visitor, Request], Response]
Step = Callable[[Request], Response | Values]
Do = Callable[[Visitor, Request, Mapping[str, str]], Response]
_NOTHING = "There is nothing here."
_OFF = (
    "These pages are only for whoever sits at this machine, as nobody can sign in yet: run `kotsu setup`, or "
    "set KOTSU_GITHUB_CLIENT_ID, KOTSU_GITHUB_CLIENT_SECRET and KOTSU_PUBLIC_URL."
)


@dataclass(frozen=True)
class Pages:
    """The pages; ``give`` hints the workers about a job."""

    book: Ledger
    visitors: Visitors
    sign_in: SignIn
    set_up: SetUp
    give: Callable[[int], None]
    clock: Callable[[], datetime]
    limit: Limit = field(default_factory=lambda: Limit(burst=30, seconds=2.0))

    def routed(self) -> Starlette:
        """Return the application that answers all paths of the pages, and no other."""
        made = tokens.Tokens(self.visitors, self._page)
        routes = [
            *(route for one in PAGES for route in self._routes(one)),
            *(
                Route(f"{repository.PATH}/{name}", self._done(do), methods=["POST"])
                for name, do in (("scan", self.scan), ("pause", self.pause), ("resume", self.go_on))
            ),
            Route("/jobs", self._shown(_moved)),
            Route("/jobs/{id}/retry", self._done(self.retry), methods=["POST"]),
            Route("/improvements/{id}/resume", self._done(self.resume), methods=["POST"]),
            Route(configured.PATH, self._done(self.check), methods=["POST"]),
            Route(tokens.PATH, self._shown(made.show)),
            Route(tokens.PATH, self._done(made.make), methods=["POST"]),
            Route(f"{tokens.PATH}/{{id}}/revoke", self._done(made.revoke), methods=["POST"]),
            *static.ROUTES,
            Route(signin.PATH, self._safely(self.sign_in.leave)),
            Route(signin.BACK, self._safely(self.sign_in.come_back)),
            Route(f"{setup.PATH}/open/{{token}}", self._step(self.set_up.open)),
            Route(f"{setup.PATH}/created", self._step(self.set_up.create)),
            Route(setup.PATH, self._step(self.set_up.show)),
            Route("/signout", self._safely(self.sign_in.part), methods=["POST"]),
        ]
        return Starlette(
            routes=routes,
            middleware=[Middleware(Guard, identity=self.visitors.identity)],
            exception_handlers={404: lambda _request, _error: self._refusal(404, _NOTHING)},
        )

    # --- what is done

    def scan(self, visitor: Visitor, request: Request, _form: Mapping[str, str]) -> Response:
        """Have a repository looked at now."""
        known = repository.writable(self._view(visitor, request), "have it looked at")
        self._note(visitor, "scan", known.installation_id, known.id, known.full_name)
        return self._looked_at(known)

    def pause(self, visitor: Visitor, request: Request, _form: Mapping[str, str]) -> Response:
        """Let nothing new come to a repository; a look says so of what was found there."""
        view = self._view(visitor, request)
        repository.rest(view)
        return self._looked_at(view.repository)

    def go_on(self, visitor: Visitor, request: Request, _form: Mapping[str, str]) -> Response:
        """Let a repository that is paused go on, with a look at it."""
        view = self._view(visitor, request)
        repository.resume(view)
        return self._looked_at(view.repository)

    def _looked_at(self, known: RepositoryRow) -> Response:
        job_id = self.book.enqueue(
            Kind.SCAN,
            scan_key(known.id),
            self.clock(),
            installation_id=known.installation_id,
            repository_id=known.id,
            priority=Priority.PERSON,
        )
        self.give(job_id)
        return RedirectResponse(f"/repositories/{quote(known.full_name)}", 303)

    def retry(self, visitor: Visitor, request: Request, _form: Mapping[str, str]) -> Response:
        """Take up a job that was given up."""
        job = self.book.job(guard.numbered(request.path_params["id"]))
        if job is None or not visitor.may(job.repository_id):
            raise Refused(404, _NOTHING)
        if not visitor.may(job.repository_id, "push"):
            raise Refused(403, "Who may write to the repository may retry its jobs.")
        if job.state == JobState.POISONED:
            again = self.book.enqueue(
                job.kind,
                job.key,
                self.clock(),
                installation_id=job.installation_id,
                repository_id=job.repository_id,
                priority=Priority.PERSON,
                detail=job.detail,
            )
            self._note(visitor, "retry", job.installation_id, job.repository_id, job.key)
            self.give(again)
        return RedirectResponse(health.PATH, 303)

    def resume(self, visitor: Visitor, request: Request, form: Mapping[str, str]) -> Response:
        """Let an improvement that pauses in an organisation go on."""
        there = improvement.resume(self._view(visitor, request), form.get("installation", ""))
        return RedirectResponse(there, 303)

    def check(self, visitor: Visitor, request: Request, form: Mapping[str, str]) -> Response:
        """Show what a kotsu.yml that somebody pasted would change, and keep nothing of it."""
        shown = configured.checked(self._view(visitor, request), form.get("text", ""))
        at = page.of(configured).at(request.path_params, {})
        return self._page(f"{configured.NAME}.html", visitor, page=at, shown=shown)

    def _note(
        self, visitor: Visitor, action: str, installation: int | None, repository: int | None, target: str
    ) -> None:
        self.book.audit.note(
            visitor.login,
            action,
            self.clock(),
            installation_id=installation,
            repository_id=repository,
            target=target,
        )

    # --- how

    def _routes(self, one: Page) -> Iterator[Route]:
        """Yield the routes of a page: as HTML, as JSON, and each of its tables as CSV."""

        def shown(visitor: Visitor, request: Request) -> Shown:
            return one.show(self._view(visitor, request))

        def as_html(visitor: Visitor, request: Request) -> Response:
            at = one.at(request.path_params, request.query_params)
            return self._page(f"{one.name}.html", visitor, page=at, shown=shown(visitor, request))

        def as_json(visitor: Visitor, request: Request) -> Response:
            return JSONResponse(view.as_json(one.name, self.clock(), shown(visitor, request)))

        def as_csv(visitor: Visitor, request: Request) -> Response:
            all_of_it = replace(self._view(visitor, request), rows=view.ALL)
            table = one.show(all_of_it).table(request.query_params.get("table", ""))
            name = f"attachment; filename={one.name}-{table.name}.csv"
            return Response(
                view.as_csv(table),
                media_type="text/csv; charset=utf-8",
                headers={"Content-Disposition": name},
            )

        yield Route(one.path, self._shown(as_html))
        yield Route(f"{one.stem}.json", self._shown(as_json))
        yield Route(f"{one.stem}.csv", self._shown(as_csv))

    def _view(self, visitor: Visitor, request: Request) -> View:
        path = {name: str(value) for name, value in request.path_params.items()}
        return View(self.book, visitor, self.clock(), dict(request.query_params), path)

    def _shown(self, show: Show) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            visitor = await run_in_threadpool(self.visitors.of, request)
            if visitor is None:
                return self._nobody(request)
            response = await run_in_threadpool(show, visitor, request)
            if visitor.is_local and visitor.key != request.cookies.get(self.visitors.cookie):
                self.visitors.keep(response, visitor.key)
            return response

        return self._safely(answer)

    def _done(self, do: Do) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            visitor = await run_in_threadpool(self.visitors.of, request)
            if visitor is None:
                return self._nobody(request)
            self.limit.take(visitor.login)
            given = await guard.form(request, visitor.csrf)
            return await run_in_threadpool(do, visitor, request, given)

        return self._safely(answer)

    def _step(self, step: Step) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers a step of the set-up, which has no visitor yet."""

        async def answer(request: Request) -> Response:
            self.set_up.limit.take(guard.client(request))
            found = await run_in_threadpool(step, request)
            if isinstance(found, Response):
                return found
            response = self._page("setup.html", None, **found)
            response.headers.update(self.set_up.headers())
            return response

        return self._safely(answer)

    def _safely(
        self, answer: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Return the same with a page for everything that is expected to go wrong."""

        async def safe(request: Request) -> Response:
            try:
                return await answer(request)
            except Refused as refusal:
                response = self._refusal(refusal.status, refusal.words)
                if refusal.wait:
                    response.headers["Retry-After"] = str(int(refusal.wait))
                return response
            except PeopleError as error:
                return self._refusal(502, str(error))
            except Unavailable:
                return self._refusal(503, "The ledger cannot be read now: try again in a moment.")

        return safe

    def _nobody(self, request: Request) -> Response:
        if self.visitors.people is None:
            return self._refusal(403, _OFF)
        if request.method != "GET":
            return self._refusal(403, "You are not signed in any more: sign in, and do it again.")
        asked = request.scope["query_string"].decode("latin-1")
        there = request.scope["path"] + (f"?{asked}" if asked else "")
        door = f"{signin.PATH}?next={quote(there, safe='')}"
        if "hx-request" in request.headers:
            # A script cannot follow to GitHub: the whole page has to go there.
            return Response(status_code=401, headers={"HX-Redirect": door})
        return RedirectResponse(door, 302)

    def _refusal(self, status: int, words: str) -> Response:
        response = self._page("refusal.html", None, title=HTTPStatus(status).phrase, words=words)
        response.status_code = status
        return response

    def _page(self, name: str, visitor: Visitor | None, **values: object) -> Response:
        text = self._templates.get_template(name).render(visitor=visitor, now=self.clock(), **values)
        return HTMLResponse(text)

    @cached_property
    def _templates(self) -> Environment:
        """The templates; the first page loads what writes them."""
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 -- as the docstring says

        made = Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.globals["version"] = version("kotsu-app")
        made.globals["script"] = static.SCRIPT
        made.filters["moment"] = _moment
        made.filters["prose"] = _prose
        made.filters["address"] = _address
        made.tests["link"] = lambda value: isinstance(value, Link)
        made.tests["moment"] = lambda value: isinstance(value, date)
        made.globals["pages"] = [one for one in PAGES if "{" not in one.path]
        return made


def _moved(_visitor: Visitor, _request: Request) -> Response:
    """Lead to where jobs are shown."""
    return RedirectResponse(health.PATH, 301)


def _moment(when: date | None) -> str:
    """Return a moment or a day as people read it everywhere alike."""
    if when is not None and not isinstance(when, datetime):
        return when.isoformat()
    return f"{when:%Y-%m-%d %H:%M} UTC" if when else "not yet"


def _prose(words: object) -> Markup:
    """Return words as HTML, in which nothing but a span of code between backticks is more than text."""
    if "`" not in (text := str(words)):
        return escape(text)
    span = Markup("<code>{}</code>")
    parts = enumerate(calm.spans(text))
    return Markup().join(span.format(_bare(part)) if number % 2 else part for number, part in parts)


def _bare(span: str) -> str:
    """Return what is in a span of code: a space beside a backtick of its own belongs to the fence."""
    fence = len(span) - len(span.lstrip("`"))
    inside = span[fence:-fence]
    return inside[1:-1] if inside[:1] == inside[-1:] == " " and inside.strip() else inside


def _address(url: str) -> str:
    """Return an address that a link may lead to, the front page for any other."""
    ours = url.startswith("/") and not url.startswith(("//", "/\\"))
    return url if ours or url.startswith(("https://", "http://")) else "/"
