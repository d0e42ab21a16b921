"""What tests of the desk may count on: an empty database of either kind, and a desk whose clock they set."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from stream_app.commands.common import load_policies
from stream_app.console.desk import Desk
from stream_app.console.store.database import open_engine
from stream_app.core.policy import Policy, PolicySet
from tests.console.databases import Postgres, running_postgres, sqlite_template
from tests.console.moments import SetClock


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Run one PostgreSQL; `postgres.database()` gives the URL of a new database with the desk's tables."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file with the desk's tables, to copy."""
    return sqlite_template(tmp_path_factory.mktemp("desk"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database with the desk's tables, of both kinds in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_file'), tmp_path / 'desk.db')}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database without any table, of both kinds in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database(template="template1") as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Give the engine of an empty database with the desk's tables, of both kinds in turn."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> SetClock:
    """Give the desk's clock, for the test to set."""
    return SetClock()


@pytest.fixture(scope="session")
def shipped() -> list[Policy]:
    """Read the shipped default policy, once: it takes a fifth of a second."""
    return load_policies([])


@pytest.fixture
def desk(engine: Engine, shipped: list[Policy], clock: SetClock) -> Desk:
    """Give a desk with the shipped default policy and the clock of the test."""
    return Desk(engine, PolicySet(shipped), clock)
