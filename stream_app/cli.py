"""The composition root: the `stream-app` command."""

import click

from stream_app import __version__


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Keep every subscriber's value tier live, and say why."""
