"""Opening the database, transactions, and writing rows that may be there already."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from stream_app.console.store.base import Table

BUSY_SECONDS = 30  # a writer of SQLite waits so long for another
ROWS_AT_ONCE = 500  # of a statement that holds the values of many rows: 32,766 values on SQLite, 65,535 on PostgreSQL
DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}

TURNS: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()

Row = Mapping[str, Any]


def _write_json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


# Parameters are hashes, tokens of forms, notes: no error shows them, and so no log.
COMMON: Mapping[str, Any] = {
    "json_serializer": _write_json,
    "json_deserializer": orjson.loads,
    "hide_parameters": True,
}


class DatabaseError(Exception):
    """The database cannot be used as it is; the message says what to do."""


def database_url(text: str) -> URL:
    """Read a URL; a plain postgresql:// is served by psycopg. Raises DatabaseError."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        message = "the desk's database is no URL: write sqlite:///desk.db or postgresql://user@host/name"
        raise DatabaseError(message) from None
    backend = url.get_backend_name()
    if backend not in DRIVERS:
        message = (
            f"the desk keeps its tables in SQLite or PostgreSQL, not in {backend}: write sqlite:/// or postgresql://"
        )
        raise DatabaseError(message)
    return url if "+" in url.drivername else url.set(drivername=DRIVERS[url.drivername])


def shown(url: URL) -> str:
    """Write a URL to be read by anybody: no password, and no query, which may hold one too."""
    return url.set(query={}).render_as_string(hide_password=True)


def open_engine(text: str) -> Engine:
    """Open a database by its URL; nothing is made in it. Raises DatabaseError."""
    url = database_url(text)
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20, **COMMON)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, **COMMON)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_at_once)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's
    connection.isolation_level = None  # the driver's own begin comes too late, see below
    cursor = connection.cursor()
    for setting in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin_at_once(connection: Connection) -> None:
    # A transaction that reads first and writes then fails at once when another wrote in between: take the lock first.
    is_reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection on which everything read is of one moment; it waits for no writer."""
    isolation = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(reading=True, **isolation) as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction: committed at the end, rolled back on any error."""
    with _turn(engine), engine.begin() as connection:
        yield connection


def _turn(engine: Engine) -> AbstractContextManager[object]:
    # SQLite has writers wait asleep, up to 0.1 s at a time: those of this program wake each other.
    return TURNS.setdefault(engine, Lock()) if engine.dialect.name == "sqlite" else nullcontext()


def upsert(
    connection: Connection,
    table: type[Table],
    rows: Sequence[Row],
    newer: str | None = None,
    keep: Sequence[str] = (),
) -> None:
    """Insert rows, or put them in the place of those with the same key.

    `newer`: a column that must be greater than or equal to what stands, else the row there stays. `keep`: columns of
    a row there that are left as they are. All rows name the same columns; no key is there twice.
    """
    if not rows:
        return
    keys = [column.name for column in table.__table__.primary_key]
    build = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = build(table)  # of one row, for many: such a statement is compiled once for all
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys and name not in keep}
    if not changed:
        connection.execute(statement.on_conflict_do_nothing(index_elements=keys), rows)
        return
    standing = table.__table__.c
    where = None if newer is None else (standing[newer].is_(None)) | (standing[newer] <= statement.excluded[newer])
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed, where=where), rows)
