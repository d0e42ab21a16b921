"""Leaving, planned: on which day, what shows before, and whom a measure keeps.

Rule: a departure is a function of the person and the month it falls in. It
knows the future: nothing that is sent may tell more of it than its signs.
"""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Final, NamedTuple

from stream_app.sim.archetypes import COURSES, Intent, SignKind
from stream_app.sim.chance import seeded
from stream_app.sim.moments import after
from stream_app.sim.months import first_day
from stream_app.sim.people import Person

CYCLE_MONTHS: Final = 24
LEAVES_IN: Final = 1  # the month of the cycle in which a leaver leaves
AHEAD_MONTHS: Final = 4  # so early do the first signs show
_SALT: Final = 4
_SEVERITY: Final = (0.6, 1.15)  # how far a course's fading goes with one person
_SUDDEN_SEVERITY: Final = 0.1
_KEPT_BEFORE_DAYS: Final = (5, 25)


class Departure(NamedTuple):
    """One leaving: the day, or the day it would have been had no measure been accepted on `kept_on`."""

    intent: Intent
    on: date
    kept_on: date | None
    severity: float
    signs: tuple[tuple[date, SignKind], ...]

    def zeal(self, on: date) -> float:
        """Give the share of the ordinary use that is left on a day before it."""
        if self.kept_on is not None and on > self.kept_on:
            return 1.0
        days = (self.on - on).days
        fades = COURSES[self.intent.archetype].fades
        share = next((share for before, share in fades if days <= before), 1.0)
        return max(1 - (1 - share) * self.severity, 0.0)


def place_of(person: Person, month: int) -> int:
    """Give the place of a month in the cycle of a person's coming and going."""
    return (month + person.phase) % CYCLE_MONTHS


def departure_ahead(person: Person, seed: int, month: int) -> Departure | None:
    """Plan the departure that a month lies in, or shortly before."""
    ahead = (LEAVES_IN - place_of(person, month)) % CYCLE_MONTHS
    return departure(person, seed, month + ahead) if person.intent and ahead <= AHEAD_MONTHS else None


def departures(person: Person, seed: int, months: range) -> Iterator[Departure]:
    """Yield the departures of some months, in order."""
    for month in months:
        if place_of(person, month) == LEAVES_IN:
            planned = departure_ahead(person, seed, month)
            if planned is not None:
                yield planned


def departure(person: Person, seed: int, month: int) -> Departure:
    """Plan the departure of a person in a month; they must have an intent."""
    meant = person.intent
    if meant is None:
        message = f"{person.subscriber_id} does not mean to leave"
        raise ValueError(message)
    chance = seeded(seed, person.index, month, _SALT)
    on = after(first_day(month), chance.randint(4, 24) - 1)
    kept_on = after(on, -chance.randint(*_KEPT_BEFORE_DAYS))
    severity = chance.uniform(*_SEVERITY)
    return Departure(
        intent=meant,
        on=on,
        kept_on=kept_on if meant.stays else None,
        severity=_SUDDEN_SEVERITY if meant.sudden else severity,
        signs=() if meant.sudden else tuple(sorted(_signs(meant, on, kept_on, chance))),
    )


def _signs(meant: Intent, on: date, kept_on: date, chance: Random) -> Iterator[tuple[date, SignKind]]:
    """Draw what shows; whom a measure keeps shows nothing after it."""
    for kind, share, (first, last) in COURSES[meant.archetype].signs:
        shown_on = after(on, -chance.randint(first, last))
        if chance.random() < share and not (meant.stays and shown_on >= kept_on):
            yield shown_on, kind
