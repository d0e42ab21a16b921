"""`stream-app schemas`: JSON Schemas and AsyncAPI, written from the models and held to what is released."""

from pathlib import Path

import click

from stream_app.commands.common import Failure
from stream_app.wire import schemas as the_schemas

FOLDER = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("schemas"),
    show_default=True,
    help="Where they are kept.",
)


@click.group()
def schemas() -> None:
    """Write and check the schemas of all topics."""


@schemas.command()
@FOLDER
def write(folder: Path) -> None:
    """Write the schemas from the models.

    \b
    Example:
      stream-app schemas write
    """
    the_schemas.write(folder)
    click.echo(f"written to {folder}/")


@schemas.command()
@FOLDER
def check(folder: Path) -> None:
    """Check that the schemas are as the models say, and that records of every release still pass.

    \b
    Example:
      stream-app schemas check
    """
    problems = the_schemas.check(folder)
    if problems:
        raise Failure("\n".join(problems))
    click.echo(f"{folder}/ is as the models say, and compatible with every release")
