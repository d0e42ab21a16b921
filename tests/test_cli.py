"""The command line as a whole: what it lists, and what it loads for it."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from stream_app import __version__
from stream_app.cli import COMMANDS, LazyGroup, main
from tests.house.sources import ROOT


def every_command() -> dict[str, click.Command]:
    """Load all commands, those of groups too, by the words that call them."""
    context = click.Context(main)
    found: dict[str, click.Command] = {}
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {inner}": each for inner, each in command.commands.items()}
    return found


EVERY_COMMAND = every_command()


def test_help_lists_every_command_without_loading_any() -> None:
    program = (
        "import sys; from click.testing import CliRunner; from stream_app.cli import main;"
        "said = CliRunner().invoke(main, ['--help']);"
        "print(said.output, *sorted(name for name in sys.modules if name.startswith('stream_app')))"
    )
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    *page, loaded = said.splitlines()
    assert loaded.split() == ["stream_app", "stream_app.cli"]
    listed = "\n".join(page)
    for name, entry in COMMANDS.items():
        assert f"  {name} " in listed
        assert entry.help_line in listed


def test_a_worker_loads_nothing_that_only_other_commands_need_since_each_recovery_waits_for_it() -> None:
    program = "import sys, stream_app.commands.worker; print(*{name.partition('.')[0] for name in sys.modules})"
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {"rich", "jgo", "pydantic_settings"} & set(said.split()) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_in_the_list_is_the_commands_own(name: str) -> None:
    command = EVERY_COMMAND[name]
    assert command.name == name
    assert command.get_short_help_str(limit=200) == COMMANDS[name].help_line


@pytest.mark.parametrize("words", EVERY_COMMAND)
def test_every_command_has_help_and_a_command_that_does_something_has_an_example(words: str) -> None:
    said = CliRunner().invoke(main, [*words.split(), "--help"])
    assert said.exit_code == 0
    assert f"Usage: main {words}" in said.output
    if not isinstance(EVERY_COMMAND[words], click.Group):
        assert f"stream-app {words}" in said.output.partition("Example")[2]


@pytest.mark.parametrize("words", EVERY_COMMAND)
def test_every_option_says_what_it_is_for(words: str) -> None:
    options = [each for each in EVERY_COMMAND[words].params if isinstance(each, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("words", [["replai"], ["policy", "chek"], ["--verbose"], ["why"]])
def test_wrong_use_ends_with_2_and_says_what_is_wrong(words: list[str]) -> None:
    said = CliRunner().invoke(main, words)
    assert said.exit_code == 2
    assert "Error: " in said.stderr


def test_a_name_that_is_none_loads_nothing() -> None:
    assert isinstance(main, LazyGroup)
    assert main.get_command(click.Context(main), "os") is None


def test_the_version_is_the_packages() -> None:
    assert CliRunner().invoke(main, ["--version"]).output == f"stream-app, version {__version__}\n"


def test_python_m_stream_app_is_the_same_command() -> None:
    words = [sys.executable, "-m", "stream_app", "--version"]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.endswith(f"version {__version__}\n")
