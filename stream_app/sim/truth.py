"""What only the simulation knows: who leaves, when and why, what showed before, and who merely looked like it.

Rule: the same functions that made the events tell the truth; it is written
beside the events and never read by what is judged.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from stream_app.sim.course import Month, month_of_life
from stream_app.sim.departure import Departure, departures
from stream_app.sim.months import aware_utc, first_day, month_of
from stream_app.sim.people import Person, Population

_LOOK_AHEAD: Final = timedelta(days=120)


class Shown(NamedTuple):
    """Something that looked like leaving, and its day."""

    kind: str
    on: date


class Truth(NamedTuple):
    """What is true of a subscriber: one for each departure, or one that names none.

    `would_leave_on` is `left_on`, or the day it would have been for whom a
    measure kept, on `kept_on`. `sudden`: next to nothing showed.
    """

    subscriber_id: str
    archetype: str | None = None
    would_leave_on: date | None = None
    left_on: date | None = None
    kept_on: date | None = None
    sudden: bool = False
    signs: tuple[Shown, ...] = ()
    noise: tuple[Shown, ...] = ()


def truth(
    population: Population, start_at: datetime, end_at: datetime, look_ahead: timedelta = _LOOK_AHEAD
) -> Iterator[Truth]:
    """Tell of everybody who is there at some time in [start_at, end_at), in the order of the people.

    Departures are told up to some days after the end as well: what warned of
    them before the end was right. Raises ValueError when an instant has no offset.
    """
    start_on, end_on = (aware_utc(at).astimezone(population.timezone).date() for at in (start_at, end_at))
    ahead_on = end_on + look_ahead
    for person in population.people():
        plans = _plans(population, person, start_on, end_on)
        if all(plan.away for plan in plans.values()):
            continue
        noise = tuple(shown for month, plan in plans.items() for shown in _noise(month, plan))
        leaving = departures(person, population.seed, range(month_of(start_on), month_of(ahead_on) + 1))
        told = [_told(person, each, noise) for each in leaving if start_on <= each.on < ahead_on]
        yield from told or [Truth(person.subscriber_id, noise=noise)]


def as_row(fact: Truth) -> dict[str, object]:
    """Write a truth as an object for a line of NDJSON; dates as ISO 8601, null where there is nothing."""
    return {
        **{name: _plain(value) for name, value in fact._asdict().items()},
        "signs": [{"kind": kind, "on": on.isoformat()} for kind, on in fact.signs],
        "noise": [{"kind": kind, "on": on.isoformat()} for kind, on in fact.noise],
    }


def from_row(row: Mapping[str, Any]) -> Truth:
    """Read a truth from such an object; a row of `subscriber_id` and `left_on` alone will do.

    Raises KeyError without a `subscriber_id` or a `left_on`, ValueError for a date that is none.
    """
    left_on = _date(row["left_on"])
    would_leave_on, kept_on = (_date(row.get(name)) for name in ("would_leave_on", "kept_on"))
    return Truth(
        subscriber_id=str(row["subscriber_id"]),
        archetype=row.get("archetype"),
        would_leave_on=would_leave_on or left_on,
        left_on=left_on,
        kept_on=kept_on,
        sudden=bool(row.get("sudden")),
        signs=_shown(row.get("signs", ())),
        noise=_shown(row.get("noise", ())),
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _shown(rows: Iterable[Mapping[str, str]]) -> tuple[Shown, ...]:
    return tuple(Shown(row["kind"], date.fromisoformat(row["on"])) for row in rows)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _plans(population: Population, person: Person, start_on: date, end_on: date) -> dict[int, Month]:
    months = range(month_of(start_on), month_of(end_on - timedelta(days=1)) + 1)
    return {month: month_of_life(person, population.seed, month, population.mix) for month in months}


def _told(person: Person, departure: Departure, noise: tuple[Shown, ...]) -> Truth:
    return Truth(
        subscriber_id=person.subscriber_id,
        archetype=departure.intent.archetype.value,
        would_leave_on=departure.on,
        left_on=None if departure.kept_on else departure.on,
        kept_on=departure.kept_on,
        sudden=departure.intent.sudden,
        signs=tuple(Shown(kind, on) for on, kind in departure.signs),
        noise=noise,
    )


def _noise(month: int, plan: Month) -> Iterator[Shown]:
    if plan.holiday:
        yield Shown("holiday", first_day(month) + timedelta(days=plan.holiday - 1))
    if plan.cheap:
        yield Shown("cheap_month", first_day(month))
