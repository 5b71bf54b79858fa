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
_FIRST_PART = re.compile(r"/[\w.-]+(?=/|\Z)")
_NO_ROUTES = frozenset(
    ("add_middleware", "add_exception_handler", "exception_handler", "on_event", "add_event_handler")
)
_MAPPINGS = ("dict", "mapping", "str", "any")


def of(app: App) -> Iterator[str]:
    """Yield the routes about health that answer with what is written there, if nothing can refuse them."""
    nodes = list(ast.walk(app.module))
    bound = [
        n for n in nodes if isinstance(n, ast.Name) and n.id == app.name and isinstance(n.ctx, ast.Store)
    ]
    settled = len(bound) == 1 and all(k.arg in _SETTINGS for k in app.call.keywords)
    if not settled or any(_refuses(node, app) for node in nodes):
        return
    for function in app.module.body:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and len(function.decorator_list) == 1:
            (decorator,) = function.decorator_list
            route = _asked(decorator, app)
            taken = any(_takes(node, app, route, decorator.lineno) for node in nodes)
            if route and not taken and _answers(function, app):
                yield route


def _takes(node: ast.AST, app: App, route: str, line: int) -> bool:
    """Say whether a call above a line may give a route to somebody else: FastAPI asks in that order."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.lineno >= line:
        return False
    on_app = ast.unparse(node.func.value) == app.name and node.func.attr not in _NO_ROUTES
    if app.framework != "FastAPI" or not on_app:
        return False
    said = [k.value for k in node.keywords if k.arg == "prefix"] or node.args[:1]
    first = said[0].value if said and isinstance(said[0], ast.Constant) else None
    is_top = first == "/" and node.func.attr not in {"mount", "include_router"}
    apart = isinstance(first, str) and _FIRST_PART.match(first) and not f"{route}/".startswith(f"{first}/")
    return not (apart or is_top)


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
