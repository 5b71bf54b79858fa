"""The environment: what is read, what is refused and with which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers import settings
from workers.settings import Settings, SettingsError

KEY = "-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE KEY-----"


def test_an_empty_environment_is_the_embedded_default() -> None:
    found = settings.read({"XDG_DATA_HOME": "/data"})
    assert found == Settings(
        Path("/data/kotsu"),
        "sqlite:////data/kotsu/kotsu.db",
        advisories_url=settings.OSV,
        hosts=settings.HOSTS,
    )
    assert found.embedded
    assert (found.host, found.port) == ("127.0.0.1", 8000)


def test_a_data_directory_with_odd_characters_makes_a_valid_address(tmp_path: Path) -> None:
    from workers import ledger  # noqa: PLC0415 -- one use

    folder = tmp_path / "a b%20#?c"
    url = settings.read({"KOTSU_DATA_DIR": str(folder)}).database_url
    ledger.migrate(url)
    assert (folder / "kotsu.db").exists()


def test_secrets_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(KEY, "utf-8")
    (tmp_path / "secret").write_text("new\nold\n", "utf-8")
    found = settings.read(
        {
            "KOTSU_GITHUB_PRIVATE_KEY_FILE": str(tmp_path / "key.pem"),
            "KOTSU_WEBHOOK_SECRET_FILE": str(tmp_path / "secret"),
        }
    )
    assert found.private_key == KEY + "\n"
    assert found.webhook_secrets == ("new", "old")


def test_a_key_with_written_line_ends_is_understood() -> None:
    assert settings.read({"KOTSU_GITHUB_PRIVATE_KEY": KEY.replace("\n", "\\n")}).private_key == KEY + "\n"


def test_the_token_of_the_api_is_long_and_a_secret(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("0123456789abcdef\n", "utf-8")
    found = settings.read({"KOTSU_API_TOKEN_FILE": str(tmp_path / "token")})
    assert found.api_token == "0123456789abcdef"
    assert settings.read({}).api_token == ""
    for wrong in ("short", "with a blank in the middle", "x" * 201):
        with pytest.raises(SettingsError, match="KOTSU_API_TOKEN must have 16 to 200 characters"):
            settings.read({"KOTSU_API_TOKEN": wrong})


def test_the_pace_is_given_in_seconds() -> None:
    assert settings.read({}).pace == 1.0
    assert settings.read({"KOTSU_PACE": "0.5"}).pace == 0.5
    with pytest.raises(SettingsError, match="KOTSU_PACE must be seconds"):
        settings.read({"KOTSU_PACE": "fast"})


def test_advisories_come_from_an_address_or_a_path_or_nobody(tmp_path: Path) -> None:
    def read(value: str) -> str:
        return settings.read({"KOTSU_ADVISORIES_URL": value, "HOME": str(tmp_path)}).advisories_url

    assert read("off") == ""
    assert read("") == settings.OSV
    assert read("https://mirror.example/all.zip") == "https://mirror.example/all.zip"
    assert read(str(tmp_path / "osv")) == str(tmp_path / "osv")
    for wrong in ("file:///srv/osv", "ftp://mirror.example/all.zip", "osv", "on", "false"):
        with pytest.raises(SettingsError, match="KOTSU_ADVISORIES_URL must be off"):
            read(wrong)


@pytest.mark.parametrize("given", ["new,old", "new, old", "new\nold", " new ,\r\n old "])
def test_two_webhook_secrets_may_be_given(given: str) -> None:
    assert settings.read({"KOTSU_WEBHOOK_SECRET": given}).webhook_secrets == ("new", "old")


def test_a_secret_may_contain_spaces() -> None:
    given = "It's a Secret to Everybody"
    assert settings.read({"KOTSU_WEBHOOK_SECRET": given}).webhook_secrets == (given,)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"KOTSU_WEBHOOK_SECRET": "a,b,c"}, "more than two"),
        ({"KOTSU_WEBHOOK_SECRET": "a", "KOTSU_WEBHOOK_SECRET_FILE": "b"}, "not both"),
        ({"KOTSU_WEBHOOK_SECRET_FILE": "/nowhere"}, "cannot be read"),
        ({"KOTSU_GITHUB_PRIVATE_KEY": "canary"}, "KOTSU_GITHUB_PRIVATE_KEY_FILE"),
        ({"KOTSU_GITHUB_APP_ID": "my-app"}, "not its name"),
        ({"KOTSU_BROKER_URL": "amqp://x"}, "redis://"),
        ({"KOTSU_GITHUB_API_URL": "github.example.com"}, "https://"),
        ({"KOTSU_EXTRA_INDEX_URLS": "https://a.example,file:///canary /b"}, "https://"),
        ({"KOTSU_PORT": "http"}, "number"),
        ({"KOTSU_PORT": "70000"}, "number"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_set(environment: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as refusal:
        settings.read(environment)
    assert "canary" not in str(refusal.value)


def test_a_missing_setting_is_told_when_it_is_needed() -> None:
    with pytest.raises(SettingsError, match=r"KOTSU_GITHUB_APP_ID.*KOTSU_GITHUB_PRIVATE_KEY_FILE"):
        settings.required(settings.read({}), "app_id", "private_key")


def test_no_secret_is_in_the_repr() -> None:
    found = settings.read(
        {
            "KOTSU_DATABASE_URL": "postgresql://kotsu:canary1@db/kotsu",
            "KOTSU_BROKER_URL": "redis://:canary2@broker/0",
            "KOTSU_WEBHOOK_SECRET": "canary3,canary4",
            "KOTSU_GITHUB_PRIVATE_KEY": KEY,
            "KOTSU_INDEX_URL": "https://user:canary5@index.example/simple",
            "KOTSU_ADVISORIES_URL": "https://user:canary6@mirror.example/all.zip",
            "KOTSU_EXTRA_INDEX_URLS": "https://user:canary7@one.example https://canary8@two.example",
        }
    )
    assert "canary" not in repr(found)
    assert {f"canary{n}" for n in range(1, 9)} <= set(found.secrets)


def test_several_indexes_are_separated_by_blanks() -> None:
    given = {"KOTSU_EXTRA_INDEX_URLS": " https://one.example/simple/\n https://two.example  "}
    assert settings.read(given).extra_index_urls == ("https://one.example/simple", "https://two.example")
    assert settings.read({"KOTSU_EXTRA_INDEX_URLS": " "}).extra_index_urls == ()


def test_addresses_lose_their_last_slash() -> None:
    found = settings.read({"KOTSU_GITHUB_API_URL": "https://ghe.example/api/v3/"})
    assert found.github_api_url == "https://ghe.example/api/v3"


def test_public_hosts_are_asked_for_tags_and_those_that_are_named() -> None:
    plain = settings.read({})
    assert "github.com" in plain.hosts
    assert plain.named == frozenset()
    given = settings.read({"KOTSU_HOSTS": "git.example.org, Registry.example.org,"})
    assert given.named == {"git.example.org", "registry.example.org"}
    assert given.hosts == plain.hosts | given.named


def test_nobody_is_asked_for_tags_where_the_operator_wants_it() -> None:
    given = settings.read({"KOTSU_HOSTS": "none"})
    assert (given.hosts, given.named) == (frozenset(), frozenset())


@pytest.mark.parametrize("value", ["https://git.example.org", "git.example.org:8443", "a b", "-x", "a/b"])
def test_a_host_is_a_name_and_no_address(value: str) -> None:
    with pytest.raises(SettingsError, match="KOTSU_HOSTS must be names of hosts"):
        settings.read({"KOTSU_HOSTS": value})


def test_github_is_asked_by_the_clock_where_that_is_set() -> None:
    assert settings.read({}).poll == 0
    assert settings.read({"KOTSU_POLL": "off"}).poll == 0
    assert settings.read({"KOTSU_POLL": "60"}).poll == 60
    for wrong in ("on", "1", "14", "3601", "-60", "60s"):
        with pytest.raises(SettingsError, match="KOTSU_POLL must be off, or seconds from 15 to 3600"):
            settings.read({"KOTSU_POLL": wrong})
