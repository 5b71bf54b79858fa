"""Tells on which side of a TLS connection a context of `ssl` stands: from what the module does with it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import arguments, names, nodes

SERVER, CLIENT, UNKNOWN, NEITHER = "server", "client", "unknown", ""
_WRAPPERS = {"wrap_socket": 1, "wrap_bio": 2}
"""What opens a connection, with the place of its argument ``server_side``."""
_OF_SERVERS = frozenset(
    (
        *("start_server", "start_unix_server", "create_server", "create_unix_server", "serve", "unix_serve"),
        *("run_app", "run_simple", "TCPSite", "HTTPServer", "WSGIServer", "ThreadingHTTPServer"),
    )
)
_OF_CLIENTS = frozenset(
    (
        *("urlopen", "HTTPSConnection", "HTTPSHandler", "open_connection", "open_unix_connection"),
        *("create_connection", "create_unix_connection", "starttls", "SMTP_SSL", "IMAP4_SSL", "POP3_SSL"),
        *("FTP_TLS", "ClientSession", "TCPConnector", "PoolManager", "Client", "AsyncClient"),
    )
)
_ONLY_SERVERS = frozenset(("load_dh_params", "set_servername_callback", "sni_callback", "num_tickets"))


def side(target: cst.BaseExpression, module: cst.Module) -> str:
    """Return `SERVER` or `CLIENT` where everything that is done with a context says so, else `UNKNOWN`.

    ``target`` is what the context was assigned to. A context that is handed on, returned, or used for both
    may be on either side.
    """
    found = {_said(use, module) for use in _uses(target, module)} - {NEITHER}
    if isinstance(target, cst.Attribute) and _is_shared(target, module):
        return UNKNOWN
    return found.pop() if len(found) == 1 else UNKNOWN


def _is_shared(target: cst.Attribute, module: cst.Module) -> bool:
    """Say whether several classes have an attribute of that name: each of them may be on another side."""
    seen = nodes.of(module)
    set_ = (n for n in seen.all(cst.Attribute) if n.attr.value == target.attr.value)
    return len({seen.within(n, cst.ClassDef) for n in set_ if nodes.is_set(n, seen.above.get(n))}) > 1


def _uses(target: cst.BaseExpression, module: cst.Module) -> Iterator[cst.BaseExpression]:
    """Yield the places where the context is named, but for those that set it."""
    known, seen = names.of(module), nodes.of(module)
    if isinstance(target, cst.Name):
        every: Iterator[cst.BaseExpression] = (u for u in known.uses(target.value) if known.binds(u, target))
    elif isinstance(target, cst.Attribute):
        attribute = target.attr.value
        every = (n for n in seen.all(cst.Attribute) if n.attr.value == attribute)
    else:
        return
    for use in every:
        if not nodes.is_set(use, seen.above.get(use)):
            yield use


def _said(use: cst.BaseExpression, module: cst.Module) -> str:
    """Return what one use says of the side, `NEITHER` where both sides do it."""
    seen = nodes.of(module)
    holder = seen.above[use]
    if isinstance(holder, cst.Attribute):
        above = seen.above[holder]
        if isinstance(above, cst.Call) and above.func is holder:
            return _called(holder.attr.value, above)
        if holder.attr.value in _ONLY_SERVERS:
            return SERVER
        if holder.attr.value == "check_hostname" and _sets_true(seen.above[holder], module):
            return CLIENT
        return NEITHER
    if isinstance(holder, cst.Arg):
        call = seen.above[holder]
        return _handed(call.func, module) if isinstance(call, cst.Call) else UNKNOWN
    return UNKNOWN


def _sets_true(node: cst.CSTNode, module: cst.Module) -> bool:
    assign = nodes.of(module).above.get(node)
    value = assign.value if isinstance(assign, cst.Assign) else None
    return isinstance(value, cst.Name) and value.value == "True"


def _called(method: str, call: cst.Call) -> str:
    if method in _ONLY_SERVERS:
        return SERVER
    if method not in _WRAPPERS:
        return NEITHER
    if arguments.starred(call):
        return UNKNOWN
    given = arguments.positional(call)[_WRAPPERS[method] :]
    said = arguments.named(call, "server_side") or next(iter(given), None)
    if said is None:
        return CLIENT
    value = said.value.value if isinstance(said.value, cst.Name) else ""
    return {"True": SERVER, "False": CLIENT}.get(value, UNKNOWN)


def _handed(func: cst.BaseExpression, module: cst.Module) -> str:
    """Return which side a call is that is given a context."""
    name = func.attr.value if isinstance(func, cst.Attribute) else getattr(func, "value", "")
    if name in _OF_SERVERS:
        return SERVER
    if (names.of(module).qualified(func) or "").startswith(("requests.", "httpx.")):
        return CLIENT
    return CLIENT if name in _OF_CLIENTS else UNKNOWN
