"""Compares what the App asked and what the stand-in answered with GitHub's own description of its API."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from demo.github.api import Exchange

DESCRIPTION = Path(__file__).parents[1] / "node_modules/@octokit/openapi/generated/api.github.com.json"
_NOT_REST = ("git", "/graphql")
# GitHub may answer so to anything; its description names these only here and there.
_ANYWHERE = {301, 307, 401, 403, 404, 429}
_FINE, _UNCHANGED, _FAILED = 200, 304, 400
_ERROR = "components/schemas/basic-error"

_formats = FormatChecker(())


@_formats.checks("date-time", ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@_formats.checks("uri")
def _is_address(value: object) -> bool:
    return not isinstance(value, str) or "://" in value or value.startswith("git:")


def _unless_null(keyword: str) -> Any:
    """Return the check of a keyword as OpenAPI 3.0 means it: ``nullable`` lets null through."""
    plain = Draft202012Validator.VALIDATORS[keyword]

    def check(
        validator: Any, value: Any, instance: Any, schema: Mapping[str, Any]
    ) -> Iterator[ValidationError]:
        if instance is not None or not schema.get("nullable"):
            yield from plain(validator, value, instance, schema) or ()

    return check


_Checker = validators.extend(  # type: ignore[no-untyped-call]  # jsonschema's types end here
    Draft202012Validator, {k: _unless_null(k) for k in ("type", "enum", "allOf", "anyOf", "oneOf")}
)


class Validator:
    """GitHub's description of its API, read once and asked often."""

    def __init__(self, path: Path = DESCRIPTION) -> None:
        self._api = json.loads(path.read_bytes())
        self._correct()
        resource = DRAFT202012.create_resource(self._api)
        self._registry = Registry().with_resource("urn:api", resource)
        self._checker = cache(self._compile)

    def _correct(self) -> None:
        """Mend the two places where the description contradicts itself."""
        schemas = self._api["components"]["schemas"]
        listed = self._api["paths"]["/app/installations"]["get"]["responses"]["200"]
        # Here alone an account is a user *and* an enterprise, and a label needs a description.
        items = {"$ref": "#/components/schemas/installation"}
        listed["content"]["application/json"]["schema"]["items"] = items
        label = schemas["pull-request-simple"]["properties"]["labels"]["items"]["properties"]
        label["description"]["nullable"] = True

    def problems(self, exchanges: Iterable[Exchange]) -> list[str]:
        """Return a line for each thing that GitHub would not have understood or would not have said."""
        return [
            f"{e.method} {e.path} ({e.status}): {problem}"
            for e in exchanges
            if e.template not in _NOT_REST
            for problem in self._problems(e)
        ]

    def _problems(self, exchange: Exchange) -> Iterator[str]:
        if not exchange.template:
            if not exchange.injected:
                yield "GitHub has no such path, or the stand-in does not know it"
            return
        operation = self._api["paths"].get(exchange.template, {}).get(exchange.method.lower())
        if operation is None:
            yield f"not in GitHub's description: {exchange.template}"
            return
        pointer = f"paths/{_escape(exchange.template)}/{exchange.method.lower()}"
        yield from self._request(exchange, operation, pointer)
        if not exchange.injected:
            yield from self._answer(exchange, operation, pointer)

    def _request(self, exchange: Exchange, operation: Mapping[str, Any], pointer: str) -> Iterator[str]:
        if not exchange.headers.get("user-agent"):
            yield "GitHub refuses requests without a User-Agent"
        known = [self._resolved(p) for p in operation.get("parameters", ())]
        unknown = exchange.query.keys() - {p["name"] for p in known if p["in"] == "query"}
        if unknown:
            yield f"unknown parameters {sorted(unknown)}"
        body = operation.get("requestBody")
        if body is None:
            if exchange.body is not None:
                yield "a body where none is expected"
        elif exchange.body is not None or body.get("required"):
            here = f"{pointer}/requestBody/content/application~1json/schema"
            yield from (f"request: {line}" for line in self._mismatches(here, exchange.body))
            fields = body["content"]["application/json"]["schema"].get("properties")
            if fields and isinstance(exchange.body, dict) and (extra := exchange.body.keys() - fields.keys()):
                yield f"request: unknown fields {sorted(extra)}"

    def _answer(self, exchange: Exchange, operation: Mapping[str, Any], pointer: str) -> Iterator[str]:
        if "raw" in exchange.headers.get("accept", "") and exchange.answer is None:
            return
        # What has not changed may be told of anything; it is what would have been said.
        status = _FINE if exchange.status == _UNCHANGED else exchange.status
        documented = operation["responses"].get(str(status))
        if documented is None and status not in _ANYWHERE:
            yield "a status that GitHub does not document here"
            return
        here = f"{pointer}/responses/{status}"
        if documented and "$ref" in documented:
            here = documented["$ref"].removeprefix("#/")
            documented = self._resolved(documented)
        kinds = (documented or {}).get("content", {})
        kind = "application/json" if "application/json" in kinds else next(iter(kinds), None)
        where = f"{here}/content/{_escape(kind)}/schema" if kind else _ERROR
        if kind is None and documented and exchange.status < _FAILED and exchange.answer:
            yield "an answer where GitHub says nothing"
        elif kind or exchange.answer:
            yield from (f"answer: {line}" for line in self._mismatches(where, exchange.answer))

    def _resolved(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        found: Any = value
        while "$ref" in found:
            found = self._api
            for part in value["$ref"].removeprefix("#/").split("/"):
                found = found[part]
        return found  # type: ignore[no-any-return]  # JSON is anything

    def _mismatches(self, pointer: str, value: object) -> list[str]:
        return [f"{e.json_path} {e.message[:200]}" for e in self._checker(pointer).iter_errors(value)]

    def _compile(self, pointer: str) -> Any:
        schema = {"$ref": f"urn:api#/{pointer}"}
        return _Checker(schema, registry=self._registry, format_checker=_formats)


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
