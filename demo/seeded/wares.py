"""What is proposed in the seeded organisation: improvements of the catalogue, how often, and how welcome."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from codemods import registry

UNWANTED = "eager-log-formatting"
"""The improvement that nearly nobody wants, and that still goes on."""
PAUSED = "native-literals"
"""The one that pauses already."""
_RELEASES = (
    *("django 5.1.15 5.2.9", "requests 2.31.0 2.33.1", "httpx 0.27.2 0.28.1", "celery 5.4.0 5.7.1"),
    *("pydantic 2.9.2 2.14.0", "sqlalchemy 2.0.36 2.1.2", "redis 5.2.0 6.4.0", "boto3 1.35.90 1.44.12"),
    *("numpy 1.26.4 2.4.1", "pandas 2.2.3 3.0.2", "fastapi 0.115.6 0.165.0", "uvicorn 0.32.1 0.54.0"),
    *("pytest 8.3.4 9.2.0", "gunicorn 23.0.0 27.0.0", "structlog 24.4.0 26.1.0", "attrs 24.2.0 26.1.0"),
    *("click 8.1.7 8.4.1", "jinja2 3.1.4 3.1.6", "urllib3 2.2.3 2.8.0", "cryptography 43.0.3 50.0.0"),
)
_FIXES = (
    *("django 5.1.4 5.1.15", "jinja2 3.1.3 3.1.6", "urllib3 1.26.18 1.26.20", "requests 2.31.0 2.32.4"),
    *("cryptography 42.0.2 43.0.3", "idna 3.6 3.7", "setuptools 69.0.3 78.1.1", "gunicorn 21.2.0 23.0.0"),
)
_ACTIONS = (
    *("actions/checkout v4 v6", "actions/setup-python v5 v6", "actions/cache v4 v5"),
    *("docker/build-push-action v6 v7", "actions/upload-artifact v4 v6"),
)
_HOOKS = ("astral-sh/ruff-pre-commit v0.9.1 v0.17.0", "pre-commit/pre-commit-hooks v5.0.0 v6.0.0")
_IMAGES = ("python 3.12-slim 3.14-slim", "postgres 16 18", "redis 7.4 8.4")


@dataclass(frozen=True)
class Ware:
    """One improvement: its share of what is proposed, of its pull requests those that people take.

    ``targets`` are a name, and what it moves from and to.
    """

    improvement: str
    share: float
    taken: float
    cost: int
    targets: tuple[str, ...] = ()

    @cached_property
    def minutes(self) -> int:
        """What it saves."""
        return self._improvement.about.minutes

    @cached_property
    def _improvement(self) -> registry.Improvement:
        return registry.load(registry.ids()[self.improvement])

    def key(self, target: str) -> str:
        """Return the key of a proposal."""
        name = target.partition(" ")[0].replace("/", "-")
        return f"{self.improvement}/{name}" if name else self.improvement

    def versions(self, target: str) -> tuple[str, ...]:
        """Return what it moves to, where it is a distribution."""
        if not self.improvement.endswith("-dependency"):
            return ()
        name, _, new = target.split()
        return (f"{name}=={new}",)

    def title(self, target: str) -> str:
        """Return the title of a pull request."""
        if not target:
            return self._improvement.about.title
        name, old, new = target.split()
        return f"{'Fix' if self.improvement.startswith('fix') else 'Upgrade'} {name} from {old} to {new}"


WARES = (
    Ware("upgrade-dependency", 34, 0.84, 6, _RELEASES),
    Ware("fix-vulnerable-dependency", 7, 0.97, 4, _FIXES),
    Ware("upgrade-action", 9, 0.88, 3, _ACTIONS),
    Ware("upgrade-hook", 4, 0.8, 3, _HOOKS),
    Ware("upgrade-image", 3, 0.75, 6, _IMAGES),
    Ware("unpinned-action", 2, 0.74, 4),
    Ware("unbounded-job", 4, 0.91, 3),
    Ware("read-only-token", 3, 0.86, 5),
    Ware("superseded-runs", 3, 0.82, 4),
    Ware("setup-python-cache", 3, 0.85, 3),
    Ware("aware-utcnow", 3, 0.83, 5),
    Ware("unbounded-request", 3, 0.79, 5),
    Ware("missing-encoding", 3, 0.72, 4),
    Ware("mutable-default", 2, 0.88, 4),
    Ware("os-error-alias", 2, 0.87, 3),
    Ware("super-with-arguments", 2, 0.7, 3),
    Ware("deprecated-warn", 2, 0.9, 3),
    Ware("deprecated-typing-alias", 3, 0.68, 4),
    Ware("idle-noqa", 2, 0.81, 3),
    Ware("due-todo", 1, 0.74, 8),
    Ware("spent-compat", 1, 0.7, 7),
    Ware("python-floor", 2, 0.77, 5),
    Ware("bare-except", 1, 0.72, 4),
    Ware(UNWANTED, 3, 0.12, 5),
    Ware(PAUSED, 1, 0.3, 3),
)

DRIVES = (
    ("aware-clocks", "aware-utcnow", 33, (5, 20, 60), 40),
    ("modern-typing", "deprecated-typing-alias", 26, (5, 20), 20),
    ("read-only-tokens", "read-only-token", 82, (5, 20), 40),
)
"""The name of a campaign, its improvement, the days since it began, the sizes of its waves, and its brake."""
ALONE = tuple(
    ware for ware in WARES if ware.improvement not in {improvement for _, improvement, *_ in DRIVES}
)
"""What is proposed without a campaign."""
