"""What is proposed for how a service is run means to Celery what it says, and reads any file."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest
import yaml
from celery import Celery

from codemods import registry, testing
from codemods.tree import Files

_LIMITS = registry.load("codemods.operations.celery_task_without_limits")
_ROUTE = registry.load("codemods.operations.missing_readiness_route")
_WATCHED = registry.load("codemods.operations.unwatched_container")
_RESTART = registry.load("codemods.operations.compose_without_restart")
_LATE = registry.load("codemods.operations.celery_reject_without_late_acks")
_METRIC = registry.load("codemods.operations.vanished_metric")
_TWICE = registry.load("codemods.operations.celery_task_delivered_twice")
_JOB = registry.load("codemods.operations.unwatched_job")
_MAKER = b'from celery import Celery\n\napp = Celery("shop", broker="memory://")\n'
_DJANGO = b"""\
from celery import Celery
app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
"""


def _changing(path: str) -> list[testing.Case]:
    return [case for case in testing.cases(_LIMITS.page) if case.changes and case.path == path]


@pytest.mark.parametrize("case", _changing("shop/worker.py"), ids=lambda case: case.title)
def test_celery_itself_reads_the_limits_beside_the_app(case: testing.Case, tmp_path: Path) -> None:
    module = tmp_path / "worker.py"
    module.write_text(case.after, "utf-8")
    made = [value for value in runpy.run_path(str(module)).values() if isinstance(value, Celery)]
    (app,) = made
    soft = int(case.facts.options.get("seconds", 3600))
    assert (app.conf.task_soft_time_limit, app.conf.task_time_limit) == (soft, soft + 60)


def test_celery_itself_reads_the_limits_in_the_settings_of_django() -> None:
    (case,) = _changing("shop/settings.py")
    lines = (line.partition("=") for line in case.after.splitlines() if "TIME_LIMIT" in line)
    app = Celery("shop")
    settings = {name.strip(): int(value.partition("#")[0]) for name, _, value in lines}
    app.config_from_object(SimpleNamespace(**settings), namespace="CELERY")
    assert (app.conf.task_soft_time_limit, app.conf.task_time_limit) == (3600, 3660)


@pytest.mark.parametrize(
    "hostile", [b"\xff\xfe", b"\0", b"app = (", b"# coding: nothing\n", b"\r" * 9, b"(" * 999]
)
def test_a_file_that_cannot_be_read_is_passed_over(hostile: bytes) -> None:
    files = {
        "shop/celery.py": hostile + _MAKER,
        "shop/main.py": hostile,
        "Dockerfile": b'FROM python\nCMD ["uvicorn", "shop.main:app", "--port", "8000"]\n' + hostile,
    }
    facts = testing.facts({"options": {"seconds": 3600}})
    assert list(_LIMITS.module.find(Files(files), facts)) == []
    assert list(_ROUTE.module.find(Files(files), facts)) == []
    assert list(_WATCHED.module.find(Files(files), facts)) == []


@pytest.mark.parametrize("hostile", [b"\xff\xfe", b"\0", b"app = (", b"(" * 999])
def test_settings_that_cannot_be_read_get_no_limits(hostile: bytes) -> None:
    files = {"shop/celery.py": _DJANGO, "shop/settings.py": b"CELERY_BROKER_URL = 1\n" + hostile}
    assert list(_LIMITS.module.find(Files(files), testing.facts({}))) == []


@pytest.mark.parametrize(
    "hostile", [b"\xff\xfe", b"\0", b"  db:\n", b"  db: [\n", b"  db: *db\n", b"---\na: b\n"]
)
def test_a_compose_file_that_cannot_be_read_is_passed_over(hostile: bytes) -> None:
    files = {"docker-compose.prod.yml": b"services:\n  cache:\n    image: redis:8\n" + hostile}
    assert list(_RESTART.module.find(Files(files), testing.facts({}))) == []


_RESTARTED = [case for case in testing.cases(_RESTART.page) if case.changes]


@pytest.mark.parametrize("case", _RESTARTED, ids=lambda case: case.title)
def test_nothing_of_a_compose_file_is_another_but_the_policies(case: testing.Case) -> None:
    before, after = (yaml.safe_load(text)["services"] for text in (case.before, case.after))
    policies = {name: service["restart"] for name, service in after.items() if "restart" in service}
    assert after == {n: {**s, "restart": policies[n]} if n in policies else s for n, s in before.items()}
    assert all(before[name].get("restart", policy) == policy for name, policy in policies.items())


@contextmanager
def _answering(status: int) -> Iterator[int]:
    """Serve one status for the route on the loopback interface; the port is a free one."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


def _check(port: int) -> list[str]:
    """Return the check of the first case, of another port."""
    case = next(case for case in testing.cases(_WATCHED.page) if case.changes)
    line = next(line for line in case.after.splitlines() if line.startswith("HEALTHCHECK"))
    program, *words = json.loads(line.partition(" CMD ")[2].replace("8000", str(port)))
    assert program == "python"
    return [sys.executable, *words]


@pytest.mark.parametrize(("status", "ends"), [(200, 0), (503, 1), (307, 1)])
def test_a_check_ends_as_docker_wants_it_whatever_proxy_there_is(status: int, ends: int) -> None:
    with _answering(status) as port:
        environment = os.environ | {"http_proxy": "http://127.0.0.1:9", "no_proxy": ""}
        assert subprocess.run(_check(port), env=environment, check=False, timeout=30).returncode == ends


def test_a_check_of_an_app_that_is_not_there_fails() -> None:
    with _answering(200) as port:
        pass
    ran = subprocess.run(_check(port), check=False, timeout=30, capture_output=True)
    assert ran.returncode == 1


@pytest.mark.parametrize("hostile", [b"\xff\xfe", b"\0", b"app = (", b"(" * 999])
def test_nothing_is_said_where_a_file_that_would_decide_cannot_be_read(hostile: bytes) -> None:
    names = [f"shop_{letter}" for letter in "abc"]
    expression = " + ".join(f"{name}_total" for name in (*names, "shop_a_gone"))
    rule = f"groups:\n- name: shop\n  rules:\n  - alert: A\n    expr: {expression}\n"
    counters = "".join(f"Counter('{name}', '')\n" for name in names)
    files = {
        "alerts.yml": rule.encode(),
        "shop/metrics.py": f"from prometheus_client import Counter\n{counters}".encode(),
        "shop/settings.py": b"CELERY_TASK_REJECT_ON_WORKER_LOST = True\nCELERY_BEAT_SCHEDULE = {}\n",
        "shop/tasks.py": b"app = Celery(broker='redis://queue/0')\nsend.apply_async(countdown=9999)\n",
    }
    facts = testing.facts({"listed": ["celery"]})
    for rules, path in (
        *((_METRIC, "shop/metrics.py"), (_METRIC, "alerts.yml")),
        *((_LATE, "shop/settings.py"), (_TWICE, "shop/tasks.py")),
    ):
        assert len(list(rules.module.find(Files(files), facts))) == 1
        assert list(rules.module.find(Files({**files, path: hostile + files[path]}), facts)) == []
    assert list(_JOB.module.find(Files({**files, "shop/jobs/daily/a.py": hostile}), facts)) == []
