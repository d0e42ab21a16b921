"""Whether the command line takes what a container is started with, and settings what is in its environment."""

from collections.abc import Mapping, Sequence

import click
import pytest

from stream_app.cli import main
from stream_app.console.settings import load_desk_settings
from stream_app.security.kafka import load_security
from stream_app.settings import PREFIX, load_settings


def refusal(words: Sequence[str]) -> str:
    """Say what is wrong with a command's words, or nothing; nothing is run."""
    command: click.Command = main
    context, rest = click.Context(main), list(words)
    try:
        while isinstance(command, click.Group):
            name, found, rest = command.resolve_command(context, rest)
            assert found is not None
            command, context = found, click.Context(found, context, info_name=name)
        command.make_context(command.name, rest, context.parent)
    except click.UsageError as refused:
        return refused.format_message()
    return ""


def take_settings(environment: Mapping[str, str], *, is_desk: bool) -> None:
    """Have the settings read an environment; raises SettingsError for what is none of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            if name.startswith(PREFIX):
                patch.setenv(name, value)
        load_settings()
        load_security()
        if is_desk:
            load_desk_settings()
