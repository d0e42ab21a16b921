"""Looking at what a read model says."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, select

from stream_app.console.desk import Desk
from stream_app.console.readmodel.feeds import Record
from stream_app.console.readmodel.positions import Standing, standings
from stream_app.console.readmodel.project import Act, Projected, act_on_nothing, project
from stream_app.console.readmodel.rebuild import READ_MODEL
from stream_app.console.store.base import Table
from stream_app.console.store.database import reading, writing

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def take(desk: Desk, *batches: Sequence[Record], act: Act = act_on_nothing) -> list[Projected]:
    """Project batches, a transaction each."""
    projected = []
    for batch in batches:
        with writing(desk.engine) as connection:
            projected.append(project(connection, desk, batch, act=act))
    return projected


def rows_of(engine: Engine, table: type[Table]) -> list[dict[str, Any]]:
    """Give the rows of a table in the order of their keys."""
    with reading(engine) as connection:
        found = connection.execute(select(table.__table__).order_by(*table.__table__.primary_key))
        return [dict(row) for row in found.mappings()]


def all_rows(engine: Engine) -> Rows:
    """Give the whole read model, positions aside."""
    return {table.__tablename__: rows_of(engine, table) for table in READ_MODEL}


def standing(engine: Engine, topic: str) -> Standing | None:
    """Tell how far the first partition of a topic is read."""
    with writing(engine) as connection:
        return next((found for place, found in standings(connection).items() if place.topic == topic), None)
