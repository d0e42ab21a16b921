"""How far each partition is read: kept in the transaction of the rows, so that no record counts twice or never.

`acted_to` goes up with `read_to` and never down: what lies before it was news once and is none again.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from stream_app.console.store.database import upsert
from stream_app.console.store.read_tables import Position


class Place(NamedTuple):
    """A partition of a topic, by the contract's name."""

    topic: str
    partition: int


class Standing(NamedTuple):
    """The next offset to read, and from where on records call for action."""

    read_to: int
    acted_to: int


UNREAD = Standing(0, 0)
Standings = Mapping[Place, Standing]


def standings(connection: Connection) -> dict[Place, Standing]:
    """Read how far each partition has come; whoever wants to move them meanwhile waits."""
    found = connection.execute(
        select(Position.topic, Position.partition, Position.read_to, Position.acted_to)
        .order_by(Position.topic, Position.partition)
        .with_for_update()
    )
    return {Place(topic, partition): Standing(read_to, acted_to) for topic, partition, read_to, acted_to in found}


def put(connection: Connection, moved: Standings) -> None:
    """Write how far partitions have come."""
    upsert(connection, Position, [_row(place, standing) for place, standing in moved.items()])


def register(connection: Connection, found: Standings) -> None:
    """Write where partitions begin that were never read; those that were are left alone."""
    rows = [_row(place, standing) for place, standing in found.items()]
    upsert(connection, Position, rows, keep=("read_to", "acted_to"))


def moved(before: Standings, reached: Mapping[Place, int]) -> dict[Place, Standing]:
    """Give the standings once partitions are read up to where they are reached."""
    return {
        place: Standing(max(standing.read_to, offset), max(standing.acted_to, offset))
        for place, offset in reached.items()
        for standing in [before.get(place, UNREAD)]
    }


def _row(place: Place, standing: Standing) -> dict[str, Any]:
    return {**place._asdict(), **standing._asdict()}


def reached_by(records: Sequence[Any]) -> dict[Place, int]:
    """Give the offset after the last record of each partition."""
    reached: dict[Place, int] = {}
    for record in records:
        place = Place(record.topic, record.partition)
        reached[place] = max(reached.get(place, 0), record.offset + 1)
    return reached
