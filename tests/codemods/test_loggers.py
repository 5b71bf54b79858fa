"""Which objects certainly are loggers of the standard library."""

from __future__ import annotations

from textwrap import dedent

import libcst as cst
import pytest

from codemods import loggers, nodes


def _methods(text: str) -> list[str | None]:
    """Return what is said of the calls in a module whose method is ``info``."""
    module = cst.parse_module(dedent(text))
    calls = nodes.of(module).all(cst.Call)
    found = (c for c in calls if isinstance(c.func, cst.Attribute) and c.func.attr.value == "info")
    return [loggers.method(call, module) for call in found]


@pytest.mark.parametrize(
    "text",
    [
        "import logging\nlog = logging.getLogger()\nlog.info(1)\n",
        "import logging as l\nlog: l.Logger = l.getLogger('a')\ndef f():\n    log.info(1)\n",
        "from logging import getLogger as get\ndef f():\n    log = get(__name__)\n    log.info(1)\n",
        "import logging\nlogging.getLogger('a').info(1)\n",
        "from celery.utils.log import get_task_logger\nlog = get_task_logger(__name__)\nlog.info(1)\n",
        """
        import logging
        class A:
            def __init__(self):
                self.log = logging.getLogger("a")
            def f(this):
                return lambda: this.log.info(1)
        """,
        """
        import logging
        class A:
            log = logging.getLogger("a")
            @classmethod
            def f(cls):
                cls.log.info(1)
        """,
    ],
)
def test_what_get_logger_returns_is_a_logger(text: str) -> None:
    assert _methods(text) == ["info"]


@pytest.mark.parametrize(
    "text",
    [
        "from loguru import logger as log\nlog.info(1)\n",
        "import structlog\nlog = structlog.getLogger()\nlog.info(1)\n",
        "import logging\nlog = logging.getLogger()\nlog = wrapped(log)\nlog.info(1)\n",
        "import logging\nlog = logging.getLogger()\ndef f(log):\n    log.info(1)\n",
        "import logging\nlog = other = logging.getLogger()\nlog.info(1)\n",
        "import logging\nlog = logging.getLogger()\ndef f():\n    global log\n    log = 1\nlog.info(1)\n",
        "import logging\nlogging.setLoggerClass(Own)\nlog = logging.getLogger()\nlog.info(1)\n",
        "import logging\nclass A:\n    log = logging.getLogger()\nlog.info(1)\nA.log.info(2)\n",
        """
        import logging
        class A:
            def __init__(self, log=None):
                self.log = logging.getLogger("a")
                if log:
                    self.log = log
            def f(self):
                self.log.info(1)
        """,
        """
        import logging
        class A:
            log = logging.getLogger("a")
            def log(self):
                self.log.info(1)
            @staticmethod
            def g(self):
                self.log.info(1)
            def h(self, other):
                other.log.info(1)
        """,
    ],
)
def test_what_may_be_something_else_is_none(text: str) -> None:
    assert set(_methods(text)) == {None}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import logging\nlog = logging.getLogger(__name__)\n", "log"),
        ("import logging\nlog = logging.getLogger('a')\n", None),
        ("import logging\ndef f():\n    log = logging.getLogger(__name__)\n", None),
        ("import logging\nlog = logging.getLogger(__name__)\nlog = None\n", None),
    ],
)
def test_a_module_has_a_logger_of_its_name(text: str, name: str | None) -> None:
    target = loggers.own(cst.parse_module(text))
    assert (target and target.value) == name


def test_a_function_of_logging_is_told_by_what_its_module_is() -> None:
    module = cst.parse_module("import logging as l\nl.info(1)\nself.logging.info(2)\n")
    assert [loggers.function(c, module) for c in nodes.of(module).all(cst.Call)] == ["info", None]
