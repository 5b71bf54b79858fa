"""Knows the settings of Gunicorn and Hypercorn: which files have them, and which of them have no effect."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst
from packaging.version import Version

from codemods import constants, started
from codemods.model import Facts
from codemods.started import Command

IGNORES_VERSION = Version("21")
"""The first Gunicorn that does nothing about `ssl_version`."""
_ENOUGH = 3
_SETTINGS = frozenset(
    (
        *("bind", "backlog", "workers", "worker_class", "threads", "worker_connections", "max_requests"),
        *("max_requests_jitter", "timeout", "graceful_timeout", "keepalive", "preload_app", "chdir"),
        *("daemon", "pidfile", "user", "group", "umask", "accesslog", "access_log_format", "errorlog"),
        *("loglevel", "capture_output", "proc_name", "keyfile", "certfile", "ca_certs", "wsgi_app"),
        *("forwarded_allow_ips", "proxy_protocol", "worker_tmp_dir", "raw_env"),
        *("keep_alive_timeout", "alpn_protocols", "insecure_bind", "quic_bind", "include_server_header"),
    )
)
_OWN_WORKERS = frozenset(("sync", "gthread", "gevent", "gevent_pywsgi", "gevent_wsgi", "eventlet", "tornado"))
_OTHERS = frozenset(
    ("uvicorn", "uvicorn-worker", "aiohttp", "sanic", "daphne", "meinheld", "fastapi", "starlette")
)
"""Distributions with workers for Gunicorn that make their context themselves, from its settings, or that
are served by none but such workers."""
_OWN_FILE = "gunicorn.conf.py"
_CERTAIN = frozenset(("bind", "workers", "worker_class", "certfile", "accesslog", "wsgi_app"))
"""Settings whose names are those of nothing else."""


def read(module: cst.Module) -> Mapping[str, tuple[int, cst.BaseExpression]]:
    """Return the names that a file of settings sets once at its top, each with its statement and its value.

    Nothing of a file in which fewer than three of these are settings of such a server.
    """
    found: dict[str, tuple[int, cst.BaseExpression]] = {}
    twice: set[str] = set()
    for index, name, value in constants.assigned(module):
        twice |= {name} & found.keys()
        found[name] = (index, value)
    once = {name: at for name, at in found.items() if name not in twice}
    is_known = len(found.keys() & _SETTINGS) >= _ENOUGH and not found.keys().isdisjoint(_CERTAIN)
    return once if is_known else {}


def ignores_version(command: Command, behind: int, facts: Facts) -> bool:
    """Say whether a command certainly starts a Gunicorn that does nothing about its ``--ssl-version``.

    The word ``behind`` is the one behind the program's name. Where the command does not name the workers, a
    file of settings may, or other distributions that the project has.
    """
    lowest = facts.dependencies.get("gunicorn")
    if lowest is None or lowest < IGNORES_VERSION:
        return False
    named = [v.text for name in ("-k", "--worker-class") for *_, v in started.options(command, behind, name)]
    if len(named) == 1:
        return has_own_workers(named[0], frozenset())
    texts = [word.text for word in command.words[behind:]]
    says_more = any(text.startswith(("-k", "--worker-class", "-c", "--config")) for text in texts)
    says_more = says_more or any(path.rpartition("/")[2] == _OWN_FILE for path in facts.paths)
    return not says_more and has_own_workers("", frozenset(facts.dependencies))


def has_own_workers(worker_class: str, dependencies: frozenset[str]) -> bool:
    """Say whether the workers are Gunicorn's own; those of others may use what Gunicorn ignores.

    ``worker_class`` is ``""`` where it is not said here, ``dependencies`` are normalised names.
    """
    return worker_class in _OWN_WORKERS if worker_class else dependencies.isdisjoint(_OTHERS)
