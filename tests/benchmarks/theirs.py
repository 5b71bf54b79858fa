"""Runs Renovate over a local repository and tells what it saw, what it would change, and what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import corpus
from packaging.utils import canonicalize_name

from tests import archives

_MANAGERS = [
    "pip_requirements",
    "pip_setup",
    "pip-compile",
    "pep621",
    "poetry",
    "pipenv",
    "setup-cfg",
    "pep723",
    "pre-commit",
    "pixi",
    "pyenv",
    "github-actions",
    "dockerfile",
    "docker-compose",
]
_EVERYWHERE = {
    "ignorePresets": [":ignoreModulesAndTests"],
    "pip_requirements": {
        "managerFilePatterns": [
            r"/(^|/)[\w.-]*(?:requirements|constraints)[\w.-]*\.(?:txt|in|pip)$/",
            r"/(^|/)(?:requirements|reqs)/.+\.(?:txt|in)$/",
        ]
    },
    "pep723": {"managerFilePatterns": [r"/\.py$/"]},
}
"""What somebody writes who wants Renovate to read all that it can."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One dependency as Renovate lists it; ``proposed`` holds pairs of a new value and its version."""

    manager: str
    path: str
    name: str
    kind: str
    value: str
    locked: str = ""
    skipped: str = ""
    proposed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One run: facts, seconds of the whole command and of its lookups, and its requests."""

    facts: tuple[Fact, ...]
    seconds: float
    lookup: float
    requests: int
    complaints: tuple[str, ...] = ()


def installed(folder: Path) -> Path:
    """Return the program of the pinned Renovate, installed on first use without any package's scripts."""
    version = tomllib.loads((corpus.HERE / "projects.toml").read_text())["renovate"]
    home = folder / f"renovate-{version}"
    program = home / "node_modules/renovate/dist/renovate.js"
    if not program.exists():
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"private": true}')
        words = ("install", f"renovate@{version}", "--ignore-scripts", "--no-audit", "--no-fund")
        subprocess.run((_tool("npm"), *words, "--loglevel=error"), cwd=home, env=_environment(), check=True)
    return program


def run(root: Path, folder: Path, *, configured: bool, cache: Path) -> Run:
    """Run Renovate's extraction and lookups over a repository; nothing is written there."""
    settings = folder / f"renovate-{'configured' if configured else 'default'}.json"
    settings.write_text(json.dumps(_settings(configured=configured)))
    environment = _environment() | {
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "debug",
        "RENOVATE_X_IGNORE_RE2": "true",
        "RENOVATE_CONFIG_FILE": str(settings),
        "RENOVATE_CACHE_DIR": str(cache),
        "RENOVATE_BASE_DIR": str(cache / "base"),
    }
    if archives.index():
        environment["PIP_INDEX_URL"] = archives.index()
    start = time.perf_counter()
    command = (_tool("node"), installed(folder), "--platform=local", "--dry-run=lookup")
    done = subprocess.run(command, cwd=root, env=environment, check=False, capture_output=True)
    return _read(done.stdout, time.perf_counter() - start)


def stored(root: Path, folder: Path, *, configured: bool) -> Run:
    """Return what a run said; it is kept beside the projects and asked for once a day."""
    kind = "configured" if configured else "default"
    path = folder / "facts" / f"{root.name}.{kind}.json"
    if path.exists() and time.time() - path.stat().st_mtime < 24 * 3600:
        told = json.loads(path.read_text())
        facts = (Fact(**f | {"proposed": tuple(map(tuple, f["proposed"]))}) for f in told.pop("facts"))
        return Run(facts=tuple(facts), **told)
    found = run(root, folder, configured=configured, cache=folder / "renovate-cache")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(found), indent=1))
    return found


def _tool(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _environment() -> dict[str, str]:
    """Return the environment with the Node of this project's environment first."""
    return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def _settings(*, configured: bool) -> Mapping[str, object]:
    """Return Renovate's configuration: Python's managers, and nothing asked of GitHub or a registry."""
    settings = {
        "extends": ["config:recommended"],
        "onboarding": False,
        "requireConfig": "ignored",
        "enabledManagers": _MANAGERS,
        "pre-commit": {"enabled": True},
        "packageRules": [{"matchDatasources": ["!pypi"], "enabled": False}],
    }
    return settings | _EVERYWHERE if configured else settings


def _read(log: bytes, seconds: float) -> Run:
    """Return what the log of a run says."""
    facts: tuple[Fact, ...] = ()
    lookup, requests, complaints = 0.0, 0, []
    for line in log.splitlines():
        entry = json.loads(line) if line.startswith(b"{") else {"msg": line.decode(), "level": 50}
        message = entry["msg"]
        if message == "packageFiles with updates":
            facts = tuple(_facts(entry["config"]))
        elif message == "HTTP statistics":
            requests = entry["requests"]
        elif message.startswith("Repository timing splits"):
            lookup = entry["splits"].get("lookup", 0) / 1000
        elif entry["level"] >= 40:
            complaints.append(message)
    return Run(facts, seconds, lookup, requests, tuple(complaints))


def _facts(managers: Mapping[str, Any]) -> Iterator[Fact]:
    for manager, files in managers.items():
        for file in files:
            for dep in file["deps"]:
                yield _fact(manager, file["packageFile"], dep)


def _fact(manager: str, path: str, dep: Mapping[str, Any]) -> Fact:
    kind = dep.get("datasource") or "unknown"
    name = dep.get("packageName") or dep.get("depName") or ""
    updates = [(u.get("newValue") or "", u.get("newVersion") or "") for u in dep.get("updates", ())]
    return Fact(
        manager,
        path,
        canonicalize_name(name) if kind in {"pypi", "unknown"} else name,
        kind,
        dep.get("currentValue") or "",
        dep.get("lockedVersion") or "",
        dep.get("skipReason") or "",
        tuple(updates),
    )
