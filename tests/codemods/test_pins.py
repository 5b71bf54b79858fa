"""Which comments beside a version say until when it is kept, and which issues are asked for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from codemods import inventory, pins, registry
from codemods.mentions import Mention, Progress, Ticket
from codemods.tree import Files
from workers import config, facts, scan


def _conditions(line: str) -> list[str]:
    tree = Files({"requirements.txt": line.encode()})
    return [pin.condition.words for m in inventory.read(tree).manifests for _, pin in pins.read(m, tree)]


@pytest.mark.parametrize(
    "comment",
    [
        "pinned until #12 is fixed",
        "# pin: keep at 4.2 until we drop Python 3.8",
        "TODO[2026-01-01]: upgrade",
        "until 2026-03-01",
        "<5 until the end of 2025, or so they say",
        "keep below 5 until March 2026",
        "Bump when #12 is merged",
        "unpin once we drop Python 3.9",
        "don't upgrade until django>=5 is required",
        "pinned because of psf/requests#12",
    ],
)
def test_it_says_until_when(comment: str) -> None:
    assert _conditions(f"django==4.2  # {comment}\n")


@pytest.mark.parametrize(
    "comment",
    [
        "pinned",
        "see #12",
        "pinned after #12 was merged",
        "pinned once #12 landed",
        "worked until #12 was merged",
        "0.9 is fine until #12 is released, pin",
        "pinned until 5.0 is released",
        "cap since 3.8 is dropped",
        "do not unpin when #12 is fixed",
        "support expires 2026-04-30",
        "pinned on 2024-01-01",
        "worked until 2024-01-01",
        "supported until April 2026",
        "Extended support until 2026-04-01",
        "upgraded after #12 was merged",
    ],
)
def test_it_says_since_when_or_nothing(comment: str) -> None:
    assert _conditions(f"django==4.2  # {comment}\n") == []


def test_what_is_not_kept_has_no_end() -> None:
    assert _conditions("django>=4.2  # until 2026-03-01\n") == []


def test_metadata_in_a_script_is_no_comment() -> None:
    script = b'# /// script\n# dependencies = [\n#   "django==4.2",  # until 2026-03-01\n# ]\n# ///\n'
    tree = Files({"tool.py": script})
    (manifest,) = inventory.read(tree).manifests
    assert manifest.requirements
    assert list(pins.read(manifest, tree)) == []


def test_a_scan_asks_for_the_issues_that_pins_wait_for() -> None:
    asked: list[Mention] = []

    def track(wanted: object) -> dict[str, Ticket]:
        asked.extend(wanted)  # type: ignore[call-overload]
        return {"#12": Ticket(Progress.DONE, "2026-03-01")}

    known = registry.catalogue()
    files = {
        "requirements.txt": b"shelf<2  # pinned until #12 is fixed\nplank==1.0  # see #13\n",
        "setup.cfg": b"[metadata]\nname = shop\n",
    }
    request = scan.Request(
        tree=Files(files),
        catalogue={"due-pin": known["due-pin"]},
        config=config.defaults(),
        now=datetime(2026, 11, 24, 12, tzinfo=UTC),
        lookup=facts.nothing,
        track=track,
    )
    report = scan.run(request)
    assert asked == [Mention("", 12)]
    (withheld,) = report.withheld
    assert "due now that `#12` is closed (2026-03-01)" in withheld.sentence
