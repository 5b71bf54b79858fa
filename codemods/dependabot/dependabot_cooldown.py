"""Dependabot proposes a release as soon as it looks, before anybody can have found out what is wrong with it.

A package that somebody took over, or a release that breaks what it did not mean to, is withdrawn or repaired
once people have met it. Whoever waits meets the repaired one. With `cooldown` Dependabot waits until a
release is `default-days` old. Security updates do not wait.

The number is yours: `days` in `.github/kotsu.yml`, 7 if you do not set it, which is what zizmor asks for. A
file that says `cooldown` anywhere is left alone, and so are ecosystems for which GitHub does not list it,
blocks that belong to a group of several ecosystems (each would wait by itself), and those whose version
updates are off.
"""

from __future__ import annotations

from collections.abc import Iterator

from codemods import document, insertions, updates, workflow
from codemods.model import About, Applicability, Category, Facts, Splice

ABOUT = About(
    title="Let Dependabot wait for releases to settle",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="A release that you would want at once, and that nobody calls a security fix, comes days later.",
    references=(
        "https://docs.github.com/en/code-security/dependabot/working-with-dependabot/dependabot-options-reference#cooldown-",
        "https://docs.zizmor.sh/audits/#dependabot-cooldown",
    ),
    needles=(b"updates",),
    minutes=5,
    options={"days": 7},
)


def rewrite(file: document.Document, facts: Facts) -> Iterator[Splice]:
    """Yield the days for each block of updates, where none has any."""
    days = int(facts.options.get("days", 7))
    if updates.says(file, "cooldown"):
        return
    for entry, schedule in updates.entries(file):
        name = workflow.text(entry, "package-ecosystem")
        if name in updates.COOLED:
            lines = ("cooldown:", f"{updates.step(file, schedule)}default-days: {days}")
            yield insertions.after(file, schedule, lines, f"updates of `{name}` wait {days} days")
