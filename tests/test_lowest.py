"""A fresh environment with the lowest release of each dependency that pyproject.toml admits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "demo/samples/billing-api"
_SMOKE = "import app.main, app.cli, demo.run, workers.queue, workers.tasks"


def run(folder: Path, *command: str | Path) -> str:
    """Run what must end well, with an environment that knows nothing of this one."""
    kept = {n: value for n, value in os.environ.items() if not n.startswith("KOTSU_") and n != "VIRTUAL_ENV"}
    told = kept | {"KOTSU_DATA_DIR": str(folder / "data"), "UV_PYTHON_DOWNLOADS": "never"}
    done = subprocess.run(command, cwd=folder, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def planned(python: Path | str, folder: Path) -> list[str]:
    """Return the keys of what is proposed for a sample."""
    code = "from app.cli import main; main()"
    told = run(
        folder, python, "-c", code, "plan", SAMPLE, "--json", "--all", "--offline", "--today", "2026-03-02"
    )
    return [proposal["key"] for proposal in json.loads(told)["proposals"]]


@pytest.mark.index
def test_the_lowest_dependencies_that_are_admitted_do(tmp_path: Path) -> None:
    uv, environment = Path(sys.executable).with_name("uv"), tmp_path / "lowest"
    python = environment / "bin/python"
    run(tmp_path, uv, "venv", "--quiet", "--python", sys.executable, environment)
    run(tmp_path, uv, "pip", "install", "--quiet", "--python", python, "--resolution", "lowest-direct", ROOT)
    run(tmp_path, python, "-W", "error::ImportWarning", "-c", _SMOKE)
    run(tmp_path, environment / "bin/kotsu", "db", "upgrade")
    assert planned(python, tmp_path) == planned(sys.executable, tmp_path) != []
