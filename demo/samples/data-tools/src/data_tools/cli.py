"""The command line."""

import click

from data_tools.summary import summarise
from data_tools.tables import read


@click.command()
@click.argument("path", type=click.Path(exists=True))
@click.argument("column")
def main(path: str, column: str) -> None:
    """Print figures about one column of a CSV file."""
    for name, value in summarise(read(path), column).items():
        click.echo(f"{name:>8}  {value:g}")
