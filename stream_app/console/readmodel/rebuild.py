"""Making the read model anew: its rows go, everything is read again, and nobody is told.

`acted_to` stays where it is, so what was news once is none again; cases, results and messages are left alone.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, delete

from stream_app.console.readmodel import positions
from stream_app.console.readmodel.positions import Place, Standing
from stream_app.console.store.base import Table
from stream_app.console.store.read_tables import (
    Customer,
    MeasureChange,
    MeasureHeld,
    MonthRow,
    NetworkChange,
    Outcome,
    Position,
    RiskChange,
    TierChange,
)

READ_MODEL: tuple[type[Table], ...] = (
    Customer,
    MeasureChange,
    MeasureHeld,
    MonthRow,
    NetworkChange,
    Outcome,
    RiskChange,
    TierChange,
)


def rebuild(connection: Connection, ends: Mapping[Place, int]) -> None:
    """Empty the read model, to be read again from the beginning of the topics, which end at `ends` now.

    A topic that ends before `acted_to` was made anew: from its end on, its records are news.
    """
    standings = positions.standings(connection)
    for table in READ_MODEL:
        connection.execute(delete(table))
    connection.execute(delete(Position))
    begun = {
        place: Standing(0, min(standing.acted_to, ends[place]))
        for place, standing in standings.items()
        if place in ends
    }
    positions.put(connection, begun)
