"""A scene for each test of cases.

There are many, so they share one database of each kind, emptied before each: making one takes longer than they do.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from stream_app.console.desk import Desk
from stream_app.console.store.base import Table
from stream_app.console.store.database import open_engine
from tests.console.cases.scene import Scene
from tests.console.databases import Postgres


@pytest.fixture(scope="session")
def shared_postgresql(postgres: Postgres) -> Iterator[Engine]:
    """Open the one database of PostgreSQL."""
    with postgres.database() as url:
        opened = open_engine(url)
        yield opened
        opened.dispose()


@pytest.fixture(scope="session")
def shared_sqlite(sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Open the one database of SQLite."""
    copy = shutil.copy(sqlite_file, tmp_path_factory.mktemp("cases") / "desk.db")
    opened = open_engine(f"sqlite:///{copy}")
    yield opened
    opened.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Give the engine of an empty database, of both kinds in turn."""
    shared: Engine = request.getfixturevalue(f"shared_{request.param}")
    with shared.begin() as connection:
        for table in reversed(Table.metadata.sorted_tables):
            connection.execute(table.delete())
    return shared


@pytest.fixture
def scene(desk: Desk) -> Scene:
    """Give an empty desk to put things on, on both databases in turn."""
    return Scene(desk)
