"""Logs: what every line is about, and that no secret is on any of them."""

from __future__ import annotations

import base64
import io
import json
import logging
import secrets
import sys
import threading
from typing import Any
from urllib.parse import quote

import pytest
import redis

from workers import log_lines, logs, redaction

TOKEN = "ghs_" + "-".join(secrets.token_urlsafe(60) for _ in range(7))[:516]
KEY = (
    "-----BEGIN RSA PRIVATE KEY-----\n"
    + "\n".join(["Zm9v" * 16, "YmFy" * 16, "YmF6"])
    + "\n-----END RSA PRIVATE KEY-----\n"
)
ODD = 'secret with "quotes", \\ and ünïcode/+='


@pytest.fixture(autouse=True)
def secrets_are_known() -> None:
    logs.redact(TOKEN, KEY, ODD)


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def broken(words: str) -> None:
    raise RuntimeError(words)


def test_a_line_says_when_who_what_and_about_what(written: io.StringIO) -> None:
    with logs.about(delivery="guid-1", repository="octo/hello"):
        logs.get("here").info("scanned", files=3)
    (line,) = lines(written)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "scanned",
        "files": 3,
        "level": "info",
        "logger": "here",
        "delivery": "guid-1",
        "repository": "octo/hello",
    }


def test_lines_of_other_libraries_say_what_they_are_about_too(written: io.StringIO) -> None:
    with logs.about(job=5, key="scan:1"):
        logging.getLogger("uvicorn.error").warning("from %s", "elsewhere")
    (line,) = lines(written)
    assert (line["event"], line["job"], line["key"], line["level"]) == (
        "from elsewhere",
        5,
        "scan:1",
        "warning",
    )


def test_what_one_job_is_about_does_not_stick_to_the_next(written: io.StringIO) -> None:
    with logs.about(job=5):
        pass
    logs.get("here").info("idle")
    assert "job" not in lines(written)[0]


def test_the_chatter_of_libraries_is_not_written_but_their_warnings_are(written: io.StringIO) -> None:
    for name in ("celery.worker.strategy", "httpx", "kombu", "uvicorn.access"):
        logging.getLogger(name).info("a step")
        logging.getLogger(name).warning("a problem")
    assert {line["event"] for line in lines(written)} == {"a problem"}
    assert len(lines(written)) == 4


SPELLINGS = {
    "plain": TOKEN,
    "in a sentence": f"token={TOKEN}, and more",
    "in an address": f"https://x-access-token:{TOKEN}@github.com/o/r",
    "quoted": quote(f"x:{TOKEN}", safe=""),
    "basic": base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode(),
    "basic, another length": base64.b64encode(f"user:{TOKEN}".encode()).decode(),
    "basic, a third length": base64.b64encode(f"users:{TOKEN}".encode()).decode(),
    "url-safe": base64.urlsafe_b64encode(f"a:{TOKEN}".encode()).decode(),
    "repr": repr({"token": TOKEN}),
    "json": json.dumps({"token": TOKEN}),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_token_is_replaced_in_every_spelling(written: io.StringIO, spelling: str) -> None:
    logs.get("here").info(spelling, value=spelling, nested={"deep": [spelling]}, raw=spelling.encode())
    logging.getLogger("other").warning("says %s", spelling)
    text = written.getvalue()
    assert redaction.MASK in text
    assert TOKEN[20:60] not in text
    middle = base64.b64encode(TOKEN.encode()).decode()[40:80]
    assert middle not in text


def test_a_traceback_shows_no_secret(written: io.StringIO) -> None:
    try:
        broken(f"401 for {TOKEN}")
    except RuntimeError:
        logs.get("here").exception("failed")
        logging.getLogger("other").exception("failed too")
    assert "RuntimeError: 401 for [redacted]" in written.getvalue()
    assert TOKEN not in written.getvalue()


def test_a_broker_that_is_not_there_is_one_line_of_celerys_and_a_bug_is_a_stack(written: io.StringIO) -> None:
    for broken_by in (redis.ConnectionError("refused"), ValueError("a bug")):
        try:
            try:
                raise broken_by
            except (redis.ConnectionError, ValueError):
                raise RuntimeError("not scheduled")  # noqa: B904 -- as Celery does it
        except RuntimeError:
            logging.getLogger("celery.beat").exception("Message Error: %s\n%s", broken_by, ["a stack"])
    outage, bug = lines(written)
    assert outage["event"] == "Message Error: refused"
    assert "exception" not in outage
    assert "ValueError: a bug" in bug["exception"]


def test_what_nobody_caught_is_logged_without_secrets(
    written: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    thread = threading.Thread(target=broken, args=(TOKEN,))
    thread.start()
    thread.join()
    try:
        broken(TOKEN)
    except RuntimeError as error:
        sys.excepthook(RuntimeError, error, error.__traceback__)
    assert [line["event"] for line in lines(written)] == ["uncaught exception"] * 2
    assert TOKEN not in written.getvalue() + "".join(capfd.readouterr())


def test_every_line_of_a_private_key_is_a_secret(written: io.StringIO) -> None:
    logs.get("here").info("read", key=KEY)
    for number, line in enumerate(KEY.splitlines()[1:3]):
        logs.get("here").info(f"line {number}: {line}")
    assert "Zm9vZm9v" not in written.getvalue()
    assert "YmFyYmFy" not in written.getvalue()


def test_a_secret_of_odd_characters_is_replaced(written: io.StringIO) -> None:
    logs.get("here").info("odd", value=ODD, text=f"<{ODD}>", listed=[ODD])
    assert "ünïcode" not in written.getvalue()
    assert "\\u00fcn" not in written.getvalue()


def test_words_that_are_too_short_to_be_secrets_stay() -> None:
    logs.redact("a", "", "abc")
    assert redaction.clean("abc and a") == "abc and a"


def test_very_many_tokens_do_not_pile_up_and_push_out_no_secret_that_lasts() -> None:
    lasting = f"the-key-of-all-{secrets.token_hex(8)}"
    logs.redact(lasting)
    for number in range(600):
        logs.redact_passing(f"token-number-{number}-{secrets.token_hex(8)}")
    assert len(redaction._passing) <= 256
    assert redaction.clean(lasting) == redaction.MASK


def test_a_terminal_gets_words_and_no_secret(written: io.StringIO) -> None:
    screen = io.StringIO()
    logs.set_up(screen, json=False)
    try:
        broken(TOKEN)
    except RuntimeError:
        logs.get("here").exception("failed", key="value")
    assert "failed" in screen.getvalue()
    assert "RuntimeError" in screen.getvalue()
    assert TOKEN not in screen.getvalue()
    assert written.getvalue() == ""


@pytest.mark.usefixtures("written")
def test_what_is_said_while_somebody_listens_is_kept_in_short_lines() -> None:
    log = logs.get("here")
    log.info("before")
    with log_lines.kept(9) as kept, logs.about(job=5, repository=7, key="scan:7"):
        log.info("scanned", files=3, done=True, none=None, many=["a", "b"])
        log.warning("failed", reason=f"it is {TOKEN}\n+x = 1", long="x" * 900)
        logging.getLogger("other").warning("of others")
    log.info("behind")
    assert [(line.said, line.level) for line in kept] == [("scanned", "info"), ("failed", "warning")]
    first, second = (line.about for line in kept)
    assert first == {"key": "scan:7", "files": 3, "done": True, "none": None, "many": "['a', 'b']"}
    assert second["reason"] == f"it is {redaction.MASK}"
    assert second["long"] == "x" * 299 + "…"
    assert kept[0].at.tzinfo is not None
    assert json.dumps([first, second])


def test_of_an_error_only_its_kind_is_kept(written: io.StringIO) -> None:
    with log_lines.kept(9) as kept:
        try:
            broken("def somebodys_code(): ...")
        except RuntimeError as error:
            logs.get("here").error("job failed", exc_info=error)
    assert [line.about for line in kept] == [{"error": "RuntimeError"}]
    assert "somebodys_code" in written.getvalue()


@pytest.mark.usefixtures("written")
def test_who_speaks_too_much_is_heard_at_the_end() -> None:
    with log_lines.kept(2) as kept:
        for number in range(5):
            logs.get("here").info("step", number=number)
    assert [line.about["number"] for line in kept] == [3, 4]


def test_what_another_thread_says_is_not_of_this_job(written: io.StringIO) -> None:
    with log_lines.kept(9) as kept:
        other = threading.Thread(target=logs.get("here").info, args=("elsewhere",))
        other.start()
        other.join()
    assert not kept
    assert "elsewhere" in written.getvalue()
