"""A stand-in for continuous integration: a check passes when every Python and YAML file parses."""

from __future__ import annotations

import ast

import yaml

from demo.github import git, webhooks
from demo.github.state import CheckRun, Repository, World

NAME = "tests"


def run(world: World, repository: Repository, sha: str) -> None:
    """Start the check of a commit, if checks are switched on; it finishes soon after, by itself."""
    if not world.checks:
        return
    app = "github-actions"
    check = CheckRun(next(world.ids), NAME, sha, "in_progress", world.now(), app, external_id=f"ci-{sha[:8]}")
    repository.checks.append(check)
    world.errands.put(lambda: _finish(world, repository, check))


def _finish(world: World, repository: Repository, check: CheckRun) -> None:
    wrong = broken(repository, check.head_sha)
    with world.lock:
        check.status, check.conclusion = "completed", "failure" if wrong else "success"
        check.completed_at = world.now()
        summary = "\n".join(wrong) or "Every file parses."
        check.output = {
            "title": f"{len(wrong)} files do not parse" if wrong else "All good",
            "summary": summary,
        }
        webhooks.checked(world, repository, check, world.account("github-actions[bot]", "Bot"))


def broken(repository: Repository, sha: str) -> list[str]:
    """Return a line for each file of a commit that does not parse."""
    wrong = []
    for entry in git.tree(repository.folder, sha, recursive=True):
        if entry.kind != "blob" or not entry.path.endswith((".py", ".yml", ".yaml")) or entry.sha is None:
            continue
        data = git.blob(repository.folder, entry.sha)
        try:
            if entry.path.endswith(".py"):
                ast.parse(data)
            else:
                list(yaml.safe_load_all(data))
        except (SyntaxError, ValueError, yaml.YAMLError) as error:
            wrong.append(f"{entry.path}: {error}")
    return wrong
