"""`kotsu setup`, and `kotsu serve` where nobody has set up the App yet."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import httpx
import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet

from app import invitation, serving, setting_up
from demo import run
from demo.github import LocalGitHub
from tests.fleet import eventually
from tests.road import CLOCK, CONFIG, NAME, PLENTY, UTCNOW
from workers import identity, ledger
from workers.settings import Settings

KEY = Fernet.generate_key().decode()
_ADDRESS = re.compile(r"http\S+/setup/open/[\w-]+")


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment that says nothing of an App; return the data folder."""
    for name in [name for name in os.environ if name.startswith("KOTSU_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KOTSU_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KOTSU_ENCRYPTION_KEY", KEY)
    return tmp_path


def called(*arguments: str) -> Result:
    return CliRunner().invoke(setting_up.setup, list(arguments))


def stored(folder: Path, **values: str) -> dict[str, str]:
    given = Settings(folder, f"sqlite:///{folder / 'kotsu.db'}", encryption_keys=(KEY,))
    book = ledger.open(given.database_url)
    if values:
        identity.store(given, book, values, datetime.now(UTC))
    found = dict(identity.stored(given, book))
    book.close()
    return found


def test_it_prints_an_address_that_is_good_once(environment: Path) -> None:
    first, second = (_ADDRESS.findall(called().stdout) for _ in range(2))
    assert first != second
    assert first[0].startswith("http://127.0.0.1:8000/setup/open/")
    book = ledger.open(f"sqlite:///{environment / 'kotsu.db'}")
    now = datetime.now(UTC)
    assert invitation.opened(book, first[0].rpartition("/")[2], now) is None
    assert invitation.opened(book, second[0].rpartition("/")[2], now) is not None
    book.close()


def test_where_we_and_github_are_may_be_said(environment: Path) -> None:
    done = called("--url", "https://kotsu.example.org/", "--github", "https://ghes.example")
    assert _ADDRESS.findall(done.stdout)[0].startswith("https://kotsu.example.org/setup/open/")
    assert stored(environment) == {
        "public_url": "https://kotsu.example.org",
        "github_api_url": "https://ghes.example/api/v3",
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--url", "http://kotsu.example.org"), "https://"),
        (("--organization", "a/b"), "no organisation of this name"),
        (("--new-webhook-secret",), "The secrets are in the environment"),
    ],
)
@pytest.mark.usefixtures("environment")
def test_what_cannot_be_meant_is_said_in_a_sentence(arguments: tuple[str, ...], words: str) -> None:
    done = called(*arguments)
    assert done.exit_code in {1, 2}
    assert words in done.output
    assert "Traceback" not in done.output


def test_an_app_that_is_there_is_not_replaced_by_mistake(environment: Path) -> None:
    called()
    stored(environment, app_id="7", private_key="x")
    assert "--again" in called().output
    assert called().exit_code == 2
    assert _ADDRESS.search(called("--again").stdout)


@pytest.mark.usefixtures("environment")
def test_the_app_of_the_environment_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOTSU_GITHUB_APP_ID", "7")
    done = called("--again")
    assert done.exit_code == 2
    assert "KOTSU_GITHUB_APP_ID" in done.output


def test_half_an_app_in_the_environment_is_a_mistake(tmp_path: Path) -> None:
    given = Settings(tmp_path, f"sqlite:///{tmp_path / 'kotsu.db'}")
    ledger.migrate(given.database_url)
    with pytest.raises(click.UsageError, match="KOTSU_WEBHOOK_SECRET"):
        serving._must_know(Settings(tmp_path, given.database_url, app_id=7, private_key="x"), 8000)
    # Where GitHub is asked nobody needs a webhook's secret.
    serving._must_know(Settings(tmp_path, given.database_url, app_id=7, private_key="x", poll=60), 8000)
    with pytest.raises(click.UsageError, match="KOTSU_GITHUB_PRIVATE_KEY"):
        serving._must_be_whole(Settings(tmp_path, given.database_url, app_id=7))
    serving._must_be_whole(given)


def test_from_nothing_to_a_pull_request_without_a_restart(github: LocalGitHub, tmp_path: Path) -> None:
    github.repository(NAME, {"clock.py": CLOCK, CONFIG: PLENTY})
    port = run._free_port()
    home = f"http://127.0.0.1:{port}"
    unknown = ("KOTSU_GITHUB_APP_ID", "KOTSU_GITHUB_PRIVATE_KEY", "KOTSU_WEBHOOK_SECRET")
    given = run.environ(github, "http://127.0.0.1:9/simple", tmp_path, port)
    given = {name: value for name, value in given.items() if name not in unknown} | {"KOTSU_PUBLIC_URL": home}
    log = tmp_path / "serve.log"
    with log.open("ab") as out:
        process = subprocess.Popen([sys.executable, "-c", run._SERVE], env=given, stdout=out, stderr=out)
    server = run.Server(home, run._database(tmp_path), log, process)
    try:
        run._until_ready(server)
        _made(github, log)
        github.install("acme")
        assert eventually(lambda: [p.pull and p.pull.head for p in github.pulls(NAME)] != [], 60)
    finally:
        process.terminate()
        assert process.wait(20) == 0
        github.webhook_url = None
    assert [p.pull.head for p in github.pulls(NAME) if p.pull] == [f"kotsu/{UTCNOW}"]
    text = log.read_text("utf-8")
    assert "Traceback" not in text
    assert github.world.webhook_secret not in text
    assert github.world.app.client_secret not in text


def _made(github: LocalGitHub, log: Path) -> None:
    """Open the address in a browser, and press both buttons."""
    (address,) = _ADDRESS.findall(log.read_text("utf-8"))
    with httpx.Client(follow_redirects=True) as browser:
        assert browser.get(address).status_code == 200
        page = browser.get(f"{address.partition('/setup/')[0]}/setup?organization=acme").text
        found = re.search(r'action="([^"]+)">\s*<input type="hidden" name="manifest" value="([^"]+)"', page)
        assert found
        manifest = html.unescape(found[2])
        assert json.loads(manifest)["public"] is False
        done = browser.post(html.unescape(found[1]), data={"manifest": manifest})
    assert "Install it on your organisation" in done.text
    assert github.world.app.slug == "kotsu-acme"


# --- what the doctor says of it


def diagnosed(only: str) -> str:
    from app.doctor import doctor  # noqa: PLC0415 -- of this part alone

    return CliRunner().invoke(doctor, ["--only", only]).output


def test_the_doctor_says_how_to_begin_and_knows_what_is_stored(environment: Path) -> None:
    called()
    assert "run `kotsu setup`, and open the address that it prints" in diagnosed("settings")
    stored(environment, app_id="7", private_key="x", webhook_secrets="s" * 20)
    assert "all that is needed is set" in diagnosed("settings")


def test_the_doctor_names_a_key_that_does_not_open_what_is_stored(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called()
    stored(environment, app_id="7")
    monkeypatch.setenv("KOTSU_ENCRYPTION_KEY", Fernet.generate_key().decode())
    assert "sealed with another key" in diagnosed("settings")


def test_where_github_is_asked_no_webhook_is_missed(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called()
    monkeypatch.setenv("KOTSU_POLL", "60")
    stored(environment, app_id="7", private_key="x")
    assert "all that is needed is set" in diagnosed("settings")
    assert "GitHub is asked each 60 s" in diagnosed("webhook")
