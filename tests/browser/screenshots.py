"""The command `python -m tests.browser.screenshots`: takes the pictures of the docs from the seeded pages."""

from __future__ import annotations

import tempfile
from pathlib import Path

from demo.seeded.town import STOPPED
from tests.browser import walking
from tests.browser.walking import NARROW, ROOT, WIDE, Walker

FOLDER = ROOT / "docs" / "screenshots"
SHOTS = {
    "overview": ("/", WIDE, "light"),
    "overview-dark": ("/", WIDE, "dark"),
    "overview-narrow": ("/", NARROW, "light"),
    "overview-narrow-dark": ("/", NARROW, "dark"),
    "pull-requests": ("/pulls", WIDE, "light"),
    "repository-narrow": (f"/repositories/{STOPPED}", NARROW, "light"),
    "campaigns": ("/campaigns", WIDE, "light"),
    "capacity": ("/capacity", WIDE, "light"),
    "improvements": ("/improvements", WIDE, "light"),
    "runway": ("/runway", WIDE, "light"),
    "activity": ("/activity", WIDE, "light"),
    "health": ("/health", WIDE, "light"),
}
"""Each picture's page, size and colours."""


def take(walker: Walker, folder: Path) -> None:
    """Write what is seen first of each page, for what is below it there are the pages."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (path, size, scheme) in SHOTS.items():
        walker.look(size, scheme)
        walker.go(path)
        (folder / f"{name}.png").write_bytes(walker.driver.get_screenshot_as_png())


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="kotsu-screenshots-") as place:
        folder = Path(place)
        url = walking.seeded(folder / "seeded.db")
        with walking.pages(url) as server, walking.walker(server.url, folder) as walker:
            take(walker, FOLDER)


if __name__ == "__main__":
    main()
