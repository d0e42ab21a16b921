"""One desk at a time on a database: a lock that lasts as long as who holds it.

Rule: the system or PostgreSQL frees the lock when its holder ends, however it ends; nothing is left to be tidied up.
Others who read and write (the commands for people, the demo's players) need no lock.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Final

from sqlalchemy import Engine, text

from stream_app.console.store.database import DatabaseError

log = logging.getLogger(__name__)

FCNTL: Final = import_module("fcntl") if find_spec("fcntl") else None  # Windows has none
SUFFIX = ".desk-lock"
# Numbered by schema as well: two desks may each have one of their own in a database.
_TAKE = text("SELECT pg_try_advisory_lock(hashtext('stream-app desk'), hashtext(coalesce(current_schema(), '')))")
_LOOK = text("SELECT 1")

Look = Callable[[], None]


class DeskAtWork(Exception):
    """Another desk has the database."""


class LockLost(Exception):
    """The lock is ours no more, so another desk may have begun."""


@contextmanager
def sole(engine: Engine) -> Iterator[Look]:
    """Hold the database for one desk; gives what makes sure that it is held still, in any thread, one at a time.

    That one raises LockLost, or the database's own error where its connection is lost.

    Raises:
        DeskAtWork: another desk works on it; the message is one line.
        DatabaseError: the file of the lock cannot be made.

    """
    with _on_server(engine) if engine.dialect.name != "sqlite" else _beside_file(engine) as look:
        yield look


@contextmanager
def _on_server(engine: Engine) -> Iterator[Look]:
    # Never given back to the pool: closed with it, the session ends, and the server frees the lock.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.execute(_TAKE).scalar_one():
            raise _taken(engine)
        connection.detach()
        yield lambda: connection.execute(_LOOK).close()


@contextmanager
def _beside_file(engine: Engine) -> Iterator[Look]:
    with engine.connect() as connection:  # the file as the database knows it: links and relative paths are one
        named = connection.exec_driver_sql("PRAGMA database_list").first()
    file = named[2] if named else ""
    if not file:
        yield lambda: None  # in memory: nobody else can reach it
        return
    if FCNTL is None:
        log.warning("this system has no fcntl: nothing keeps a second desk from %s, see to it yourself", file)
        yield lambda: None
        return
    path = Path(os.path.realpath(file) + SUFFIX)
    held = _open(path)
    try:
        _take(FCNTL, held, engine)
        yield lambda: _look(path, held)
    finally:
        os.close(held)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as refusal:
        message = f"the desk's lock {path} cannot be opened: {refusal.strerror}"
        raise DatabaseError(message) from None


def _take(fcntl: ModuleType, held: int, engine: Engine) -> None:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _taken(engine) from None
    except OSError as refusal:
        message = f"the file system of the desk's database keeps no locks: {refusal.strerror}"
        raise DatabaseError(message) from None


def _look(path: Path, held: int) -> None:
    """Make sure that a file that others would lock is the one that we hold."""
    try:
        is_ours = os.path.samestat(path.stat(), os.fstat(held))
    except FileNotFoundError:
        is_ours = False
    if not is_ours:
        message = f"{path} was taken away: another desk could begin beside this one"
        raise LockLost(message)


def _taken(engine: Engine) -> DeskAtWork:
    where = engine.url.render_as_string(hide_password=True)
    return DeskAtWork(f"another desk works on this database: {where}; stop that desk first, one serves a database")
