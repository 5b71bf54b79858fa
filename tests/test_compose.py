"""The fleet that docker-compose.yml describes keeps its promises, as far as its text can tell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from app import cli
from workers import identity, settings

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ["migrate", "web", "worker", "beat"]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")


def test_the_fleet_is_complete() -> None:
    assert SERVICES.keys() == {"migrate", "web", "worker", "beat", "redis", "postgres"}
    commands = {name: " ".join(SERVICES[name]["command"]) for name in OURS}
    assert commands == {
        "migrate": "kotsu db upgrade",
        "web": "kotsu serve",
        "worker": "kotsu worker",
        "beat": "kotsu beat",
    }


def test_one_image_serves_all() -> None:
    assert len({SERVICES[name]["image"] for name in OURS}) == 1
    assert {SERVICES[name]["build"] for name in OURS} == {"."}
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert version
    assert SERVICES["web"]["image"].endswith(f":{version[1]}")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_says_how_it_is_or_ends_by_itself(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    if check.get("disable"):
        waited_for = [
            s["depends_on"][name]["condition"] for s in SERVICES.values() if name in s.get("depends_on", {})
        ]
        assert set(waited_for) == {"service_completed_successfully"}
        assert SERVICES[name]["restart"] == "no"
    else:
        assert check["test"][0] == "CMD"
        assert {"interval", "timeout"} <= check.keys()


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["user"] in {"10001:10001", "redis", "postgres"}
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert service.get("read_only", False) or name == "postgres"


def test_nothing_is_published_beyond_this_machine() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports.keys() == {"web"}
    assert all(port.startswith("127.0.0.1:") for port in ports["web"])
    assert all(SERVICES[name]["networks"] == ["inside"] for name in ("redis", "postgres"))
    assert COMPOSE["networks"]["inside"]["internal"]


@pytest.mark.parametrize("name", OURS)
def test_only_settings_that_exist_are_set(name: str) -> None:
    assert SERVICES[name]["environment"].keys() <= settings.known()


def test_the_image_sets_only_settings_that_exist() -> None:
    assert set(re.findall(r"\b(KOTSU_[A-Z_]+)=", DOCKERFILE)) <= settings.known()


def test_each_process_holds_only_the_secret_it_needs() -> None:
    held = {name: SERVICES[name].get("secrets", []) for name in OURS}
    key = ["encryption-key"]
    assert held == {"migrate": [], "web": key, "worker": key, "beat": []}
    for name in OURS:
        files = {value for key, value in SERVICES[name]["environment"].items() if key.endswith("_FILE")}
        assert files == {f"/run/secrets/{secret}" for secret in held[name]}
    # Whoever made the App by hand gives each process what it needs, and no other.
    by_hand = {"KOTSU_WEBHOOK_SECRET", "KOTSU_GITHUB_CLIENT_SECRET", "KOTSU_GITHUB_PRIVATE_KEY"}
    given = {name: SERVICES[name]["environment"].keys() & by_hand for name in OURS}
    assert given["web"] == by_hand - {"KOTSU_GITHUB_PRIVATE_KEY"}
    assert given["worker"] == {"KOTSU_GITHUB_PRIVATE_KEY"}
    assert given["beat"] == given["migrate"] == set()


def test_the_app_may_be_made_by_the_page_or_by_hand() -> None:
    needed = {
        name: re.findall(r"\$\{(KOTSU_[A-Z_]+):\?", " ".join(SERVICES[name]["environment"].values()))
        for name in OURS
    }
    assert needed == {"migrate": [], "web": ["KOTSU_PUBLIC_URL"], "worker": [], "beat": []}
    web = SERVICES["web"]["environment"]
    empty = {key: "" if value.startswith("${") else value for key, value in web.items()}
    empty["KOTSU_ENCRYPTION_KEY_FILE"] = ""
    assert not identity.is_begun(settings.read(empty))


def test_no_secret_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for key, value in service.get("environment", {}).items():
            if re.search("SECRET$|PRIVATE_KEY$", key):
                assert re.fullmatch(r"\$\{[A-Z_]+:-\}", value)
            if "PASSWORD" in key or re.search("://.*@", value):
                assert "${POSTGRES_PASSWORD:?" in value
    assert all(secret["file"].startswith("./secrets/") for secret in COMPOSE["secrets"].values())
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {".env", "secrets/"} <= set(ignored)


def test_our_processes_wait_for_the_schema() -> None:
    for name in ("web", "worker", "beat"):
        waits = SERVICES[name]["depends_on"]
        assert waits["migrate"]["condition"] == "service_completed_successfully"
        assert waits["redis"]["condition"] == "service_healthy"
    assert SERVICES["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"


def in_the_shell(words: list[str]) -> list[str]:
    return words[1:] if words[:1] == ["CMD"] else words


@pytest.mark.parametrize("name", OURS)
def test_the_commands_in_the_file_are_understood(name: str) -> None:
    lines = [SERVICES[name]["command"], in_the_shell(SERVICES[name]["healthcheck"].get("test", []))]
    for program, *arguments in filter(None, lines):
        command: click.Command | None = cli.main
        if program == "kotsu":
            while isinstance(command, click.Group):
                command = command.get_command(click.Context(command), arguments.pop(0))
            assert command
            command.make_context(name, arguments)
        else:
            compile(arguments[-1], name, "exec")


def test_the_image_runs_as_nobody_special() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.+)$", last, re.MULTILINE) == ["10001:10001"]
    assert last.index("USER ") < last.index("\nCMD ")
    assert "HEALTHCHECK" in last


def test_the_image_is_built_from_the_lock() -> None:
    syncs = re.findall(r"uv sync ([^\n]*)", DOCKERFILE)
    assert syncs
    assert all("--frozen" in options for options in syncs)
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.1[1-9]-slim-\w+", bases[0])


def test_the_image_gets_every_package_and_no_secret() -> None:
    copied = set(re.findall(r"^COPY (\w+) \w+$", DOCKERFILE, re.MULTILINE))
    assert copied == {"app", "codemods", "demo", "workers"}
    allowed = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in allowed
    assert {f"!{package}/" for package in copied} <= set(allowed)
