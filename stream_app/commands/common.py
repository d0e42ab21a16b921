"""What the commands share: policies, errors in one line, options of the same meaning."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
from aiokafka.errors import KafkaError

from stream_app.core.policy import Policy, PolicySet
from stream_app.local import LocalKafkaError
from stream_app.security.kafka import load_security
from stream_app.security.refusals import not_allowed
from stream_app.settings import DEFAULT_BOOTSTRAP, SettingsError
from stream_app.wire.instants import read_instant
from stream_app.wire.policy_file import PolicyError, load_policy
from stream_app.worker.published import Given
from stream_app.worker.topics import TopicError

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
EXIT_FAILED, EXIT_WRONG_USE, EXIT_REJECTED = 1, 2, 3
SHIPPED = Path(__file__).parents[1] / "policies"  # in an installed package
IN_REPOSITORY = Path(__file__).parents[2] / "deploy" / "policies"

bootstrap_option = click.option(
    "--bootstrap",
    envvar="STREAM_APP_BOOTSTRAP",
    default=DEFAULT_BOOTSTRAP,
    show_default=True,
    metavar="HOST:PORT",
    help="Kafka brokers.",
)
prefix_option = click.option(
    "--topic-prefix", envvar="STREAM_APP_TOPIC_PREFIX", default="", help="Put before every topic's name."
)
app_id_option = click.option(
    "--app-id",
    envvar="STREAM_APP_APP_ID",
    default="stream-app",
    show_default=True,
    help="Consumer group, and name of the changelog.",
)


def policy_option(help_text: str, *, required: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make the option --policy, which may stand several times; what it is for differs."""
    path = click.Path(exists=True, dir_okay=False, path_type=Path)
    return click.option("--policy", "policies", multiple=True, required=required, type=path, help=help_text)


class OutFile(click.Path):
    """A file to be written, in a folder that is there: told before the work, not after it."""

    name = "file"

    def __init__(self) -> None:
        super().__init__(dir_okay=False, writable=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ANN401 - click's
        """Refuse a file whose folder is not there."""
        path = Path(str(super().convert(value, param, ctx)))
        if not path.parent.is_dir():
            self.fail(f"there is no folder {path.parent}: make it first", param, ctx)
        return path


OUT_FILE = OutFile()


class Failure(click.ClickException):
    """Something failed that is not the caller's fault."""

    exit_code = EXIT_FAILED


class WrongUse(click.ClickException):
    """The command was given something it cannot use; the message says what to do."""

    exit_code = EXIT_WRONG_USE


def worded(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the errors that a person can cause into one line and an exit code; no traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (PolicyError, SettingsError) as refusal:
            raise WrongUse(str(refusal)) from None
        except (TopicError, LocalKafkaError) as refusal:
            raise Failure(str(refusal)) from None
        except KafkaError as refusal:
            raise Failure(not_allowed(refusal, load_security()) or f"Kafka refuses: {refusal!r}") from None
        except OSError as refusal:
            if refusal.filename is None:
                raise
            message = f"{refusal.filename}: {refusal.strerror}"
            raise Failure(message) from None

    return run


async def until_told(job: Coroutine[Any, Any, T]) -> T:
    """Run a job until it is done; SIGINT and SIGTERM cancel it, so that it ends what it began."""
    loop, running = asyncio.get_running_loop(), asyncio.create_task(job)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    return await running


def default_policy() -> Path:
    """Find the policy that is shipped."""
    return next(folder / "default.yaml" for folder in (SHIPPED, IN_REPOSITORY) if (folder / "default.yaml").is_file())


def load_policies(paths: Sequence[Path]) -> list[Policy]:
    """Read policy files, or the shipped default when none is given; raises PolicyError."""
    policies = [load_policy(path) for path in paths or [default_policy()]]
    try:
        PolicySet(policies)
    except ValueError as refusal:
        raise PolicyError(str(refusal)) from None
    return policies


def given_policies(paths: Sequence[Path]) -> list[Given]:
    """Read policy files with their texts; raises PolicyError, also where they do not go together."""
    policies = load_policies(paths) if paths else []
    return [Given(policy, path.read_text(encoding="utf-8")) for policy, path in zip(policies, paths, strict=True)]


def instant(option: str, text: str, example: str) -> datetime:
    """Read an option that is an instant; raises WrongUse."""
    at = read_instant(text)
    if at is None:
        message = f"{option} {text!r} is no instant: write it with its offset, such as {example}"
        raise WrongUse(message)
    return at
