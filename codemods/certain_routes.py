"""Tells which routes of an app answer with success whoever asks, and whatever else is away."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from codemods.serving import App, imported_from

_ROUTE = re.compile(
    r"(?:/[\w.-]+)*/(?:health(?:z|_?check|-check)?|live(?:z|ness)?|alive|ready(?:z)?|readiness|ping|status|up)/?"
)
_SETTINGS = frozenset(
    (
        *("title", "version", "description", "summary", "debug", "lifespan", "contact", "license_info"),
        *(
            "docs_url",
            "redoc_url",
            "openapi_url",
            "openapi_tags",
            "terms_of_service",
            "default_response_class",
        ),
        *("import_name", "static_folder", "static_url_path", "template_folder"),
    )
)
_VERBS = {"FastAPI": ("get",), "Flask": ("get", "route")}
_LETS_THROUGH = frozenset(("CORSMiddleware", "GZipMiddleware", "CORS", "uvicorn.run"))
_MEETS = frozenset(
    ("middleware", "before_request", "before_app_request", "url_value_preprocessor", "wsgi_app")
)
"""What has these names is asked before a route, or stands around all of them."""
_QUIET = frozenset(("tags", "summary", "include_in_schema"))
_MAPPINGS = ("dict", "mapping", "str", "any")


def of(app: App) -> Iterator[str]:
    """Yield the routes about health that answer with what is written there, if nothing can refuse them."""
    if any(k.arg not in _SETTINGS for k in app.call.keywords) or any(
        _refuses(node, app) for node in ast.walk(app.module)
    ):
        return
    for function in app.module.body:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and len(function.decorator_list) == 1:
            route = _asked(function.decorator_list[0], app)
            if route and _answers(function, app):
                yield route


def _refuses(node: ast.AST, app: App) -> bool:
    """Say whether something may meet each request, or was handed the app: only some let all through."""
    if isinstance(node, ast.Attribute) and node.attr in _MEETS:
        return True
    if not isinstance(node, ast.Call) or node is app.call:
        return False
    given = [ast.unparse(value) for value in (*node.args, *(k.value for k in node.keywords))]
    called = ast.unparse(node.func)
    if called == f"{app.name}.add_middleware":
        return given[:1] == [] or given[0] not in _LETS_THROUGH
    if called == f"{app.name}.mount":
        return given[:1] in (["'/'"], ["''"])
    return app.name in given and called not in _LETS_THROUGH


def _asked(decorator: ast.expr, app: App) -> str:
    """Return the route of a decorator that asks for nothing else, ``""`` of any other."""
    if not isinstance(decorator, ast.Call) or len(decorator.args) != 1:
        return ""
    quiet = all(k.arg in _QUIET or "'GET'" in ast.unparse(k) for k in decorator.keywords)
    known = ast.unparse(decorator.func) in {f"{app.name}.{verb}" for verb in _VERBS[app.framework]}
    path = decorator.args[0]
    text = path.value if known and quiet and isinstance(path, ast.Constant) else ""
    return text if isinstance(text, str) and _ROUTE.fullmatch(text) else ""


def _answers(function: ast.FunctionDef | ast.AsyncFunctionDef, app: App) -> bool:
    """Say whether a function wants nothing, and does nothing but return what is written there."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    returned = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
    given = ast.unparse(function.args)
    said = ast.unparse(function.returns).lower() if function.returns else "any"
    if given or returned is None or not said.startswith(_MAPPINGS):
        return False
    if app.framework == "FastAPI":
        return _is_written(returned)
    if isinstance(returned, ast.Tuple) and [ast.unparse(e) for e in returned.elts[1:]] == ["200"]:
        returned = returned.elts[0]
    if isinstance(returned, ast.Call) and ast.unparse(returned.func) == "jsonify":
        known = imported_from(app.module, "jsonify") == "flask"
        return known and all(map(_is_written, (*returned.args, *(k.value for k in returned.keywords))))
    return isinstance(function, ast.FunctionDef) and _is_written(returned)


def _is_written(value: ast.expr) -> bool:
    if isinstance(value, ast.Dict):
        return all(isinstance(part, ast.Constant) for part in (*value.keys, *value.values))
    return isinstance(value, ast.Constant) and isinstance(value.value, str | bool)
