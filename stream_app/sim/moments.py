"""What happens to a person at a moment of a day, before it is written as an event.

Rule: both kinds start with the second of the day and write themselves on demand,
so that a day can be sorted while it is still small.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple, TypeAlias

from stream_app.sim.months import Day
from stream_app.sim.people import Person

Event: TypeAlias = dict[str, str | int]


class Service(NamedTuple):
    """A kind of usage: its fields on the wire, and units per fen (seconds, bytes or messages)."""

    service: str
    scope: str
    direction: str
    quantity: str
    per_fen: float


class Use(NamedTuple):
    """One rated usage record."""

    second: float
    person: Person
    number: int
    service: Service
    charge_fen: int
    quantity: int

    def event(self, day: Day, occurred_at: datetime) -> Event:
        """Write it as usage.recorded (CONTRACTS.md section 1)."""
        service = self.service
        return {
            "event_id": f"u-{day.name}-{self.number}",
            "type": "usage.recorded",
            "subscriber_id": self.person.subscriber_id,
            "occurred_at": stamp(occurred_at),
            "service": service.service,
            service.quantity: self.quantity,
            "charge_fen": self.charge_fen,
            "direction": service.direction,
            "scope": service.scope,
        }


class Entry(NamedTuple):
    """Anything but usage: rare, so it holds its own fields."""

    second: float
    person: Person
    type: str
    event_id: str
    fields: Event

    def event(self, _day: Day, occurred_at: datetime) -> Event:
        """Write it as an event of its type."""
        return {
            "event_id": self.event_id,
            "type": self.type,
            "subscriber_id": self.person.subscriber_id,
            "occurred_at": stamp(occurred_at),
            **self.fields,
        }


class Dated(NamedTuple):
    """An entry and the day it belongs to."""

    on: date
    entry: Entry


def stamp(instant: datetime) -> str:
    """Write an instant as RFC 3339 with its offset, to the millisecond."""
    return instant.isoformat(timespec="milliseconds")


def at_work(chance: Random) -> float:
    """Draw a second of the day between 9 and 18 o'clock, when counters are open."""
    return chance.uniform(9 * 3600, 18 * 3600)


def after(on: date, days: int) -> date:
    """Give the date some days later."""
    return on + timedelta(days=days)


class Diary:
    """Entries by day, until their day comes."""

    def __init__(self) -> None:
        """Begin with no entry."""
        self._days: dict[date, list[Entry]] = {}

    def note(self, entries: Iterable[Dated]) -> None:
        """Keep entries for their days."""
        for on, entry in entries:
            self._days.setdefault(on, []).append(entry)

    def take(self, on: date) -> Iterator[Entry]:
        """Hand out the entries of a day and forget them."""
        return iter(self._days.pop(on, ()))
