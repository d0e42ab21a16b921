"""Migrations and classes agree on both databases, from nothing and back."""

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, inspect, select
from sqlalchemy.engine.interfaces import ReflectedIndex

from stream_app.console.store import migrate
from stream_app.console.store.base import Table
from stream_app.console.store.database import DatabaseError, open_engine, reading, upsert, writing
from stream_app.console.store.read_tables import Position


@pytest.fixture
def nothing(empty_url: str) -> Iterator[Engine]:
    """Give a database without a table."""
    engine = open_engine(empty_url)
    yield engine
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
    return list(compare_metadata(context, Table.metadata))


def test_migrating_from_nothing_gives_the_tables_of_the_classes(nothing: Engine) -> None:
    migrate.migrate(nothing)
    assert tables(nothing) == set(Table.metadata.tables)
    with nothing.connect() as connection:
        assert differences(connection) == []
    migrate.check(nothing)


def test_the_indexes_are_those_of_the_classes_down_to_what_they_leave_out(nothing: Engine) -> None:
    Table.metadata.create_all(nothing)
    wanted = indexes(nothing)
    Table.metadata.drop_all(nothing)
    migrate.migrate(nothing)
    assert indexes(nothing) == wanted


def indexes(engine: Engine) -> dict[str, list[str]]:
    return {table: sorted(map(described, inspect(engine).get_indexes(table))) for table in tables(engine)}


def described(index: ReflectedIndex) -> str:
    where = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return f"{index['name']} {index['column_names']} {bool(index['unique'])} {where}"


def test_a_database_that_is_up_to_date_stays_as_it_is(nothing: Engine) -> None:
    migrate.migrate(nothing)
    row = {"topic": "churn-risk", "partition": 0, "read_to": 7, "acted_to": 7}
    with writing(nothing) as connection:
        upsert(connection, Position, [row])
    migrate.migrate(nothing)
    with reading(nothing) as connection:
        assert connection.execute(select(Position.read_to)).scalar_one() == 7


def test_every_step_can_be_undone(nothing: Engine) -> None:
    migrate.migrate(nothing)
    settings = migrate._settings()
    with nothing.begin() as connection:
        settings.attributes["connection"] = connection
        command.downgrade(settings, "base")
    assert tables(nothing) == set()
    migrate.migrate(nothing)
    assert tables(nothing) == set(Table.metadata.tables)


def test_a_database_without_tables_or_of_another_version_is_told_what_to_do(nothing: Engine) -> None:
    with pytest.raises(DatabaseError, match="has no tables yet: run `stream-app desk migrate`"):
        migrate.check(nothing)
    migrate.migrate(nothing)
    with nothing.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(DatabaseError, match="is at version 0000, not"):
        migrate.check(nothing)
