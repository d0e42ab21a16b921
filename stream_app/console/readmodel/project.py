"""From records to rows: a batch, its rows, what it calls for and the positions go in one transaction.

Rule: a record counts once, whatever is read again. Records before a partition's `read_to` are passed over; those at or
beyond its `acted_to` are acted on, after all rows are written.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection

from stream_app.console.desk import Desk
from stream_app.console.readmodel import positions, rows
from stream_app.console.readmodel.feeds import Read, Reader, Record, Unreadable, text_of
from stream_app.console.readmodel.positions import UNREAD, Place, Standing, Standings
from stream_app.console.readmodel.said import RiskSaid, TierSaid
from stream_app.core.events import MeasureEnrolled, SubscriberActivated, SubscriberDeactivated

Act = Callable[[Connection, Desk, Sequence[Mapping[str, Any]]], None]
CALLS_FOR_ACTION = (TierSaid, RiskSaid, MeasureEnrolled, SubscriberActivated, SubscriberDeactivated)


class Projected(NamedTuple):
    """What became of a batch: records taken in by topic, those that could not be read, and those acted on."""

    taken: Counter[str]
    unreadable: Counter[str]
    acted: int


NOTHING = Projected(Counter(), Counter(), 0)


class Taken(NamedTuple):
    """A record and what it says."""

    record: Record
    said: Read


def act_on_nothing(_connection: Connection, _desk: Desk, _facts: Sequence[Mapping[str, Any]]) -> None:
    """Do nothing about it."""


def project(
    connection: Connection,
    desk: Desk,
    records: Sequence[Record],
    reached: Mapping[Place, int] | None = None,
    act: Act = act_on_nothing,
) -> Projected:
    """Write what records say, act on the news, and move the positions past the records, or on to `reached`."""
    standings = positions.standings(connection)
    fresh = [record for record in records if record.offset >= _standing(standings, record).read_to]
    taken, unreadable = _read(Reader(desk.policies.calendar), fresh)
    rows.write(connection, desk, [each.said for each in taken])
    news = [_object(each.record) for each in taken if _is_news(each, standings)]
    if news:
        act(connection, desk, news)
    positions.put(connection, positions.moved(standings, positions.reached_by(records) | dict(reached or {})))
    return Projected(Counter(each.record.topic for each in taken), unreadable, len(news))


def _standing(standings: Standings, record: Record) -> Standing:
    return standings.get(Place(record.topic, record.partition), UNREAD)


def _read(reader: Reader, records: Iterable[Record]) -> tuple[list[Taken], Counter[str]]:
    taken, unreadable = list[Taken](), Counter[str]()
    for record in records:
        try:
            said = reader.read(record)
        except Unreadable:
            unreadable[record.topic] += 1
        else:
            if said is not None:
                taken.append(Taken(record, said))
    return taken, unreadable


def _is_news(each: Taken, standings: Standings) -> bool:
    return isinstance(each.said, CALLS_FOR_ACTION) and each.record.offset >= _standing(standings, each.record).acted_to


def _object(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(text_of(record))
    return found
