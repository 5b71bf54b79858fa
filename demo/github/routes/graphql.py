"""GraphQL, for the one question who wrote which lines, and for what only it can change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from demo.github import access, git
from demo.github.call import Call, RefusedError, Reply, Route
from demo.github.routes.contents import resolve
from demo.github.routes.mutations import MUTATIONS
from demo.github.shapes.accounts import moment, node
from demo.github.state import Json, Repository

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\.\.\.|\$?\w+|[{}():!\[\]=]')
Selection = dict[str, tuple[str, dict[str, Any], "Selection"]]


def answer(call: Call) -> Reply:
    """Answer a query, or say in ``errors`` what is wrong with it; the status is 200 either way."""
    query = str(call.body.get("query", ""))
    answered = _change if query.strip().startswith("mutation") else _root
    try:
        selection = parse(query, call.body.get("variables") or {})
        return Reply(200, {"data": {alias: answered(call, *field) for alias, field in selection.items()}})
    except RefusedError as refused:
        problem = {"type": "FORBIDDEN", "path": [], "message": str(refused)}
        return Reply(200, {"data": None, "errors": [problem]})
    except (KeyError, ValueError, StopIteration) as error:
        problem = {"type": "NOT_FOUND", "path": [], "message": str(error) or "Parse error"}
        return Reply(200, {"data": None, "errors": [problem]})


def parse(query: str, variables: Json) -> Selection:
    """Return the fields that a query selects, by alias, with their arguments filled in."""
    start = _body(query) if query.strip().startswith(("query", "mutation")) else query.index("{")
    tokens = iter(_TOKEN.findall(query[start + 1 :]))
    return _selection(tokens, variables)


def _body(query: str) -> int:
    depth = 0
    for place, letter in enumerate(query):
        depth += (letter == "(") - (letter == ")")
        if letter == "{" and not depth:
            return place
    raise ValueError("Parse error on an unfinished query")


def _selection(tokens: Iterator[str], variables: Json) -> Selection:
    found: Selection = {}
    alias = name = ""
    arguments: dict[str, Any] = {}
    for token in tokens:
        if token == "}":  # noqa: S105 -- a brace
            break
        if token == "...":  # noqa: S105 -- three dots
            next(tokens), next(tokens), next(tokens)  # "on", the type, the opening brace
            found |= _selection(tokens, variables)
        elif token == ":":  # noqa: S105 -- a colon
            del found[alias]
            name = next(tokens)
            found[alias] = (name, {}, {})
        elif token == "(":  # noqa: S105 -- a parenthesis
            arguments = dict(_arguments(tokens, variables))
            found[alias] = (name, arguments, {})
        elif token == "{":  # noqa: S105 -- a brace
            found[alias] = (name, found[alias][1], _selection(tokens, variables))
        else:
            alias = name = token
            found[alias] = (name, {}, {})
    return found


def _arguments(tokens: Iterator[str], variables: Json) -> Iterator[tuple[str, Any]]:
    for name in tokens:
        if name in (")", "}"):
            return
        next(tokens)  # the colon
        value = next(tokens)
        yield name, dict(_arguments(tokens, variables)) if value == "{" else _argument(value, variables)


def _argument(value: str, variables: Json) -> Any:  # noqa: ANN401 -- JSON is anything
    if value.startswith("$"):
        return variables[value[1:]]
    # A bare word in capitals is one of an enumeration.
    return value if value.isidentifier() and value.isupper() else json.loads(value)


def _change(call: Call, name: str, arguments: dict[str, Any], inside: Selection) -> Json:
    if name not in MUTATIONS:
        raise ValueError(f"Field '{name}' doesn't exist on type 'Mutation'")
    picked: Json = _pick(MUTATIONS[name](call, arguments["input"]), inside)
    return picked


def _root(call: Call, name: str, arguments: dict[str, Any], inside: Selection) -> Json:
    if name != "repository":
        raise ValueError(f"Field '{name}' doesn't exist on type 'Query'")
    full_name = f"{arguments['owner']}/{arguments['name']}"
    repository = call.world.find(full_name)
    if repository is None or call.token is None or not access.sees(call.world, call.token, repository):
        raise ValueError(f"Could not resolve to a Repository with the name '{full_name}'.")
    access.require(call.world, call.token, repository, "contents:read")
    return {alias: _inside(repository, *field) for alias, field in inside.items()}


def _inside(repository: Repository, name: str, arguments: dict[str, Any], inside: Selection) -> Json | None:
    if name == "mergeQueue":
        return {"id": node("MQ", repository.id)} if repository.merging.queue else None
    if name == "pullRequest":
        pull = repository.issues[int(arguments["number"])].pull
        picked: Json = _pick({"isInMergeQueue": bool(pull and pull.queued)}, inside)
        return picked
    if name in ("issues", "pullRequests"):
        recent: Json = _pick(
            {"nodes": _newest(repository, pulls=name != "issues")[: arguments["first"]]}, inside
        )
        return recent
    return _object(repository, name, arguments, inside)


def _newest(repository: Repository, *, pulls: bool) -> list[Json]:
    """Return issues or pull requests, the one where anything happened last first."""
    found = [one for one in repository.issues.values() if bool(one.pull) == pulls and not one.gone]
    found.sort(key=lambda one: one.updated_at, reverse=True)
    return [
        {
            "number": one.number,
            "updatedAt": moment(one.updated_at),
            "state": "MERGED" if one.pull and one.pull.merged_at else one.state.upper(),
            "comments": {"totalCount": len(one.comments)},
        }
        for one in found
    ]


def _rollup(repository: Repository, sha: str) -> Json | None:
    """Return what checks and statuses of a commit come to together, None where there are none."""
    ends = [c.conclusion for c in repository.checks if c.head_sha == sha]
    ends += [{"pending": None}.get(s.state, s.state) for s in repository.statuses if s.sha == sha]
    if not ends:
        return None
    if None in ends:
        return {"state": "PENDING"}
    fine = {"success", "neutral", "skipped"}
    return {"state": "SUCCESS" if fine >= set(ends) else "FAILURE"}


def _object(repository: Repository, name: str, arguments: dict[str, Any], inside: Selection) -> Json | None:
    if name != "object":
        raise ValueError(f"Field '{name}' doesn't exist on type 'Repository'")
    sha = resolve(repository, arguments.get("expression") or arguments.get("oid") or "")
    if sha is None:
        return None
    shapes = {alias: _blame(repository, sha, args["path"]) for alias, (_, args, _) in inside.items() if args}
    picked: Json = _pick(
        {"oid": sha, "__typename": "Commit", "statusCheckRollup": _rollup(repository, sha), **shapes}, inside
    )
    return picked


def _pick(value: Any, selection: Selection) -> Any:  # noqa: ANN401 -- JSON is anything
    if isinstance(value, list):
        return [_pick(item, selection) for item in value]
    if not selection or value is None:
        return value
    return {
        alias: _pick(value[alias if alias in value else name], inside)
        for alias, (name, _, inside) in selection.items()
    }


def _blame(repository: Repository, sha: str, path: str) -> Json:
    try:
        text = git.run(repository.folder, "blame", "--porcelain", sha, "--", path).decode(errors="replace")
    except git.GitRefusedError:
        return {"ranges": []}
    ranges: list[Json] = []
    for line in text.splitlines():
        match = re.fullmatch(r"([0-9a-f]{40}) \d+ (\d+) (\d+)", line)
        if match:
            start, length = int(match[2]), int(match[3])
            last = start + length - 1
            ranges.append(
                {"startingLine": start, "endingLine": last, "age": 1, "commit": _commit(repository, match[1])}
            )
    return {"ranges": ranges}


def _commit(repository: Repository, sha: str) -> Json:
    found = git.commit(repository.folder, sha)
    return {
        "oid": sha,
        "message": found.message,
        "messageHeadline": found.message.partition("\n")[0],
        "authoredDate": moment(found.author.date),
        "committedDate": moment(found.committer.date),
        "author": {
            "name": found.author.name,
            "email": found.author.email,
            "date": moment(found.author.date),
            "user": {"login": login} if (login := _login(found.author)) else None,
        },
    }


def _login(who: git.Person) -> str:
    """Return the login behind an address, where the address tells it."""
    name, _, host = who.email.partition("@")
    return name.replace(".", "-") if host == "example.com" else ""


ROUTES = (Route("POST", "/graphql", "token", answer),)
