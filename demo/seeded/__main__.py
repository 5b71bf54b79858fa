"""The command `python -m demo.seeded`: serves the pages of the seeded organisation, and prints where."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click
import uvicorn

from app import main as web
from demo.seeded import filling
from demo.seeded.town import NOW, Town
from workers import ledger
from workers.settings import Settings


@click.command()
@click.option("--repositories", type=click.IntRange(20, 1000), default=300, show_default=True)
@click.option("--weeks", type=click.IntRange(1, 52), default=12, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
def main(repositories: int, weeks: int, seed: int, port: int) -> None:
    """Serve the pages of an organisation whose clock stands still."""
    with tempfile.TemporaryDirectory(prefix="kotsu-seeded-") as folder:
        url = f"sqlite:///{folder}/kotsu.db"
        click.echo(f"Writing {repositories} repositories over {weeks} weeks, up to {NOW:%Y-%m-%d}.")
        ledger.migrate(url)
        book = ledger.open(url)
        filling.fill(book, Town(repositories, weeks, seed))
        book.close()
        app = web.create(Settings(Path(folder), url), send=lambda _job: True, clock=lambda: NOW)
        click.echo(f"http://127.0.0.1:{port}/ until Ctrl-C; only this machine sees it, and nothing is done.")
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main()
