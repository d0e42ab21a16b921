"""A SQLite database of the desk in one other file, and back: taken while the desk works, put back while it does not.

Rule: a backup is whole or not there, and is never written over anything. PostgreSQL has its own tools for both.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy.engine import URL

from stream_app.console.store.database import DatabaseError

PARTIAL = ".partial"
BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a file


class BackupError(DatabaseError):
    """A backup cannot be made, or cannot be put back; the message says what to do."""


def file_of(url: URL) -> Path:
    """Name the file of a desk's database; raises BackupError where it is no file."""
    if url.get_backend_name() != "sqlite":
        message = "this is for SQLite: PostgreSQL is backed up with pg_dump, and put back with pg_restore"
        raise BackupError(message)
    if not url.database or url.database == ":memory:":
        message = "the desk's database is in memory: there is no file to back up"
        raise BackupError(message)
    return Path(url.database)


def back_up(database: Path, backup: Path) -> int:
    """Write what stands in a database at one moment into a new file; gives its bytes. Writers go on meanwhile."""
    if not database.is_file():
        message = f"there is no database {database} (STREAM_APP_DESK_DATABASE_URL says where it is)"
        raise BackupError(message)
    _refuse_what_is_there(backup, "a backup is not written over anything: give another name")
    _copy(database, backup)
    return backup.stat().st_size


def check_backup(backup: Path) -> None:
    """Make sure that a file is a whole backup of a desk; raises BackupError."""
    with _told(backup), closing(_opened(backup)) as connection:
        found = [str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        faults = [str(fault) for (fault,) in connection.execute("PRAGMA integrity_check(3)")]
    if faults != ["ok"]:
        message = f"{backup} is damaged: {'; '.join(faults)}"
        raise BackupError(message)
    if not {"alembic_version", "cases"} <= set(found):
        message = f"{backup} is no backup of a desk"
        raise BackupError(message)


def put_back(backup: Path, database: Path) -> None:
    """Make a database that is not there, or is empty, of a backup; raises BackupError where there is another."""
    refuse_to_lose(database)
    for suffix in BESIDE:  # of an empty file: they must not meet the new one
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    database.unlink(missing_ok=True)
    _copy(backup, database)


def refuse_to_lose(database: Path) -> None:
    """Make sure that no database stands where one is put back, but for one without tables; raises BackupError."""
    if database.exists() and not _is_blank(database):
        name = database.name
        _refuse_what_is_there(
            database, f"move it away first, with what lies beside it: {name}-wal, {name}-shm; nothing is lost then"
        )


def _is_blank(file: Path) -> bool:
    """Tell whether there is nothing in a file; what cannot be read is something."""
    if file.stat().st_size == 0:
        return True
    try:
        with closing(_opened(file)) as connection:
            return not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except sqlite3.Error:
        return False


def _copy(source: Path, target: Path) -> None:
    """Copy at one moment into a file of its own, which gets its name once it is whole and on the disk."""
    partial = target.with_name(target.name + PARTIAL)
    with _told(source):
        partial.unlink(missing_ok=True)
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # it holds hashes and notes
        with closing(_opened(source)) as read, closing(sqlite3.connect(partial)) as written:
            read.backup(written)  # in one step: under a writer one in parts would begin again and again
            written.execute("PRAGMA journal_mode=DELETE")  # then there is nothing beside the file
        _flush(partial)
        partial.replace(target)
        _flush(target.parent)


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_what_is_there(file: Path, what_to_do: str) -> None:
    if file.exists():
        message = f"{file} is there already: {what_to_do}"
        raise BackupError(message)


@contextmanager
def _told(source: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as refusal:
        message = f"{source} cannot be read, or its copy not be written: {refusal}"
        raise BackupError(message) from None
