"""click 8.2 keeps the outputs of a test's command apart in any case; `mix_stderr=` raises `TypeError` there.

`CliRunner()` has both in `result.output`, as a terminal shows them, and each of them in `result.stdout` and
`result.stderr`. Where they were kept apart before, `result.output` was `stdout` alone: so `stdout` is asked
where a result certainly comes from such a runner. Where they were mixed, `stdout` becomes `output`.
"""

from __future__ import annotations

import libcst as cst

from codemods import command_results
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Make click's CliRunner without mix_stderr",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="`result.output` has what was written to stderr, too, where it is not certain whose result it is.",
    references=(
        "https://click.palletsprojects.com/en/stable/changes/#version-8-2-0",
        "https://github.com/pallets/click/pull/2523",
    ),
    needles=(b"mix_stderr",),
    pattern=rb"\bCliRunner\b",
    minutes=2,
    crosses=">=8.2",
    since="8.2",
)

_RUNNERS = ("click.testing.CliRunner", "typer.testing.CliRunner")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose runners are not told to mix, with the outputs that are meant."""
    return command_results.rewrite(module, _RUNNERS)
