"""The command `python -m demo.manual`: renews what is derived in `docs/`, and builds the site."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import click

from codemods import registry
from codemods.registry import Improvement
from demo.manual import configuration, improvements, picture

_ROOT = Path(__file__).parents[2]
_DOCS = _ROOT / "docs"


@click.command()
@click.option("--site", type=click.Path(path_type=Path, file_okay=False), default=_ROOT / "site")
def main(site: Path) -> None:
    """Write the reference and the picture anew, and build a site; a link that leads nowhere fails."""
    renew(_DOCS)
    build(_DOCS, registry.catalogue().values(), site)
    click.echo(f"Open {site / 'index.html'}, or serve it: python3 -m http.server --directory {site}")


def renew(docs: Path) -> None:
    """Write what is derived from the code and stands in the repository."""
    page = docs / "configuration.md"
    page.write_text(configuration.renewed(page.read_text("utf-8")), "utf-8")
    (docs / picture.NAME).write_text(picture.drawn(), "utf-8")


def build(docs: Path, found: Iterable[Improvement], site: Path) -> None:
    """Build the site of the pages, and of one page for each improvement; exits where a link is broken."""
    with tempfile.TemporaryDirectory(prefix="kotsu-manual-") as folder:
        room = Path(folder)
        shutil.copytree(docs, room / "docs")
        shutil.copy(_ROOT / "zensical.toml", room)
        target = room / "docs" / "improvements"
        target.mkdir()
        for name, text in improvements.pages(found).items():
            (target / name).write_text(text, "utf-8")
        tool = Path(sys.executable).parent / "zensical"
        done = subprocess.run([tool, "build", "--strict"], cwd=room, check=False)  # noqa: S603 -- of our environment
        if done.returncode:
            sys.exit(done.returncode)
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(room / "site", site)


if __name__ == "__main__":
    main()
