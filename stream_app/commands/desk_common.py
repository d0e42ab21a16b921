"""What the desk's commands share: its database opened, and its errors in one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from stream_app.commands.common import Failure, WrongUse, load_policies, worded
from stream_app.console.access.passwords import WeakPasswordError
from stream_app.console.access.users import UserError
from stream_app.console.api.tokens import TokenError
from stream_app.console.channels.declared import ChannelsError, load_channels
from stream_app.console.clock import wall_now
from stream_app.console.desk import Desk
from stream_app.console.settings import load_desk_settings
from stream_app.console.store.database import DatabaseError, open_engine
from stream_app.console.store.migrate import check
from stream_app.core.policy import PolicySet
from stream_app.settings import load_settings

P = ParamSpec("P")
R = TypeVar("R")
database_option = click.option("--database-url", metavar="URL", help="The database [STREAM_APP_DESK_DATABASE_URL].")


def told(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the errors of database, people and settings into one line and an exit code; no traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (ChannelsError, DatabaseError, TokenError, UserError, WeakPasswordError) as refusal:
            raise WrongUse(str(refusal)) from None
        except DBAPIError as refusal:
            first = str(refusal.orig).strip().splitlines()[0]
            message = f"the desk's database refuses: {first} (STREAM_APP_DESK_DATABASE_URL says where it is)"
            raise Failure(message) from None

    return worded(run)


@contextmanager
def opened(database_url: str | None = None) -> Iterator[Engine]:
    """Open the desk's database as the option or else the settings say, for a while."""
    engine = open_engine(load_desk_settings(database_url=database_url).database_url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def desk_at_rest(*, has_channels: bool = False) -> Iterator[Desk]:
    """Give a desk that follows no topic, to change what is the desk's own; its database is up to date."""
    with opened() as engine:
        check(engine)
        channels = load_channels(load_desk_settings().channels) if has_channels else ()
        yield Desk(engine, PolicySet(load_policies(load_settings().policies)), wall_now, channels)
