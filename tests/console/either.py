"""One database where it makes no difference which: SQLite, and with BOTH on a test PostgreSQL too."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.databases import Postgres

BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, sqlite_file: Path, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database with the desk's tables."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{shutil.copy(sqlite_file, tmp_path / 'desk.db')}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url
