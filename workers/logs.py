"""Logs: one line of JSON for each event, with what it is about on every line, and never a secret."""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TextIO

import structlog

from workers import log_lines, redaction

if TYPE_CHECKING:
    from types import TracebackType

    from structlog.typing import EventDict, Processor, WrappedLogger

QUIET = ("alembic", "celery", "httpcore", "httpx", "kombu", "uvicorn.access")
"""Loggers of others that speak of every step; their warnings are heard."""
_BROKER = frozenset({"redis", "kombu"})
"""Whose errors say that the broker is not there."""

redact, redact_passing = redaction.redact, redaction.redact_passing


def get(name: str) -> structlog.stdlib.BoundLogger:
    """Return a logger; call it as ``log.info("words that stay the same", key=value)``."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def about(**names: object) -> AbstractContextManager[None]:
    """Put ``delivery``, ``repository``, ``job`` or ``key`` on every line that is written inside."""
    return structlog.contextvars.bound_contextvars(**names)


def set_up(stream: TextIO | None = None, *, level: str = "INFO", json: bool | None = None) -> None:
    """Send every log of this process through one pipe; JSON unless the stream is a terminal."""
    out = sys.stderr if stream is None else stream
    lines = not out.isatty() if json is None else json
    shared = _shared()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            log_lines.note,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared], processors=_rendering(lines=lines)
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    _take_over(level)
    _catch_the_rest()


def _shared() -> list[Processor]:
    """Return what happens to our lines and to those of the standard library alike."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _one_sentence,
    ]


def _one_sentence(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Leave one line of what Celery says of a broker that is not there: nothing is lost by that."""
    told = line.get("exc_info")
    error = told[1] if isinstance(told, tuple) else sys.exception() if told is True else told
    is_celerys = str(line.get("logger")).startswith("celery")
    if is_celerys and isinstance(error, BaseException) and _is_outage(error):
        del line["exc_info"]
        line["event"] = str(line["event"]).partition("\n")[0]
    return line


def _is_outage(error: BaseException) -> bool:
    """Say whether an error is the broker's, or came of one that is."""
    before = error.__cause__ or error.__context__
    is_its_own = type(error).__module__.partition(".")[0] in _BROKER
    return is_its_own or (before is not None and _is_outage(before))


def _rendering(*, lines: bool) -> list[Processor]:
    """Return the last steps; the very last replaces secrets in the finished text, tracebacks included."""
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if lines:
        return [
            remove,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
            _without_secrets,
        ]
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return [remove, plain, _without_secrets]


def _without_secrets(_logger: WrappedLogger, _method: str, text: EventDict | str) -> str:
    return redaction.clean(str(text))


def _take_over(level: str) -> None:
    """Let other libraries' loggers pass their lines on instead of writing them themselves."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "celery", "celery.task", "py.warnings"):
        other = logging.getLogger(name)
        other.handlers.clear()
        other.propagate = True
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))


def _catch_the_rest() -> None:
    """Log what nobody caught: Python would print it as it is, secrets included."""

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        logging.getLogger("uncaught").critical("uncaught exception", exc_info=(kind, error, trace))

    def uncaught_in_thread(hooked: threading.ExceptHookArgs) -> None:
        if hooked.exc_value is not None and not issubclass(hooked.exc_type, SystemExit):
            uncaught(hooked.exc_type, hooked.exc_value, hooked.exc_traceback)

    sys.excepthook = uncaught
    threading.excepthook = uncaught_in_thread
