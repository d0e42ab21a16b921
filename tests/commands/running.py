"""The command line as a person uses it, in this process."""

from pathlib import Path

from click.testing import CliRunner, Result

from stream_app.cli import main
from tests.replay.lines import POLICY_TEXT


def stream_app(*words: object) -> Result:
    """Run `stream-app WORDS`; an exception that the command does not word fails the test."""
    said = CliRunner().invoke(main, [str(word) for word in words])
    if said.exception is not None and not isinstance(said.exception, SystemExit):
        raise said.exception
    return said


def policy_file(folder: Path, text: str = POLICY_TEXT, name: str = "policy.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
