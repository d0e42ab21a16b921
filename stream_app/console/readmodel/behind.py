"""How far behind the topics the read model is."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, select

from stream_app.console.readmodel.positions import Place
from stream_app.console.store.read_tables import Position


class Lag(NamedTuple):
    """How far a partition is read, and where it ends."""

    topic: str
    partition: int
    read_to: int
    end: int

    @property
    def records(self) -> int:
        """Count what is not read yet, marks of transactions among it."""
        return max(0, self.end - self.read_to)


def behind(connection: Connection, ends: Mapping[Place, int]) -> list[Lag]:
    """Say of each partition how far it is read and where it ends."""
    found = connection.execute(select(Position.topic, Position.partition, Position.read_to)).all()
    read = {Place(topic, partition): read_to for topic, partition, read_to in found}
    return [Lag(*place, read.get(place, 0), end) for place, end in sorted(ends.items())]
