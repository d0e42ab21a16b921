"""What a month brings to a person: how much they spend and which days they are there.

Rule: a function of the person and the month alone. Stories go in cycles, so
that a stream may run for ever and its heads by tier stay as they are.
"""

import math
from datetime import date
from typing import Final, NamedTuple

from stream_app.sim.chance import seeded
from stream_app.sim.mix import Story
from stream_app.sim.months import days_in
from stream_app.sim.people import Person

_SALT: Final = 1  # keeps a month's draws apart from a day's
_SWING_MONTHS: Final = 12
_UP: Final = 0  # the step to the other level; the step back is half a swing later
_BACK: Final = _SWING_MONTHS // 2
_OVERDUE_MONTHS: Final = 2  # in a row, of the swing's twelve
_LEAVE_MONTHS: Final = 24
_AWAY_MONTHS: Final = {Story.LEAVING: 14, Story.RETURNING: 2}
_VARIATION: Final = 0.07


class Month(NamedTuple):
    """A person's month: revenue to aim at, first and last day there (0 and -1: away).

    `leaves` and `returns` are days of the month, 0 for none; usage lies strictly
    between them. `wavering`: about to leave, or leaving.
    """

    revenue_fen: int
    first: int
    last: int
    leaves: int = 0
    returns: int = 0
    wavering: bool = False

    @property
    def away(self) -> bool:
        """Say whether the person is not there on any day."""
        return self.last < self.first

    def there_on(self, on: date) -> bool:
        """Say whether the person uses the network on a day of this month."""
        return self.first <= on.day <= self.last


NOT_THERE: Final = Month(0, 0, -1)


def month_of_life(person: Person, seed: int, month: int) -> Month:
    """Plan a person's month."""
    chance = seeded(seed, person.index, month, _SALT)
    revenue_fen = level(person, month) * chance.uniform(1 - _VARIATION, 1 + _VARIATION)
    whole = Month(int(revenue_fen), 1, days_in(month))
    day = chance.randint(4, 24)
    return _around_leaving(person, month, whole, day)


def overdue(person: Person, month: int) -> bool:
    """Say whether the bill of a month is left unpaid for long."""
    return person.story is Story.LATE_PAYING and _swing(person, month) < _OVERDUE_MONTHS


def level(person: Person, month: int) -> float:
    """Give the monthly revenue a person tends to, in fen: half the year at home, half at the other, a step between."""
    if person.home_fen == person.other_fen:
        return person.home_fen
    place = _swing(person, month)
    if place in {_UP, _BACK}:
        return math.sqrt(person.home_fen * person.other_fen)
    return person.other_fen if place < _BACK else person.home_fen


def moves_plan(person: Person, month: int) -> bool | None:
    """Say whether a grower takes a bigger plan (True) or the old one again (False) this month."""
    return {_UP + 1: True, _BACK + 1: False}.get(_swing(person, month)) if person.story is Story.GROWING else None


def _swing(person: Person, month: int) -> int:
    return (month + person.phase) % _SWING_MONTHS


def _around_leaving(person: Person, month: int, whole: Month, day: int) -> Month:
    """Bend a whole month to what precedes leaving, to absence, or to the return."""
    away_months = _AWAY_MONTHS.get(person.story)
    place = (month + person.phase) % _LEAVE_MONTHS
    if away_months is None or place > away_months + 2:
        return whole
    if place == 0:
        return whole._replace(revenue_fen=whole.revenue_fen * 6 // 10, wavering=True)
    if place == 1:
        return _part(whole._replace(leaves=day, last=day - 1, wavering=True), month, 0.4)
    if place == away_months + 2:
        return _part(whole._replace(returns=day, first=day + 1), month, 1.0)
    return NOT_THERE


def _part(plan: Month, month: int, zeal: float) -> Month:
    share = (plan.last - plan.first + 1) / days_in(month)
    return plan._replace(revenue_fen=int(plan.revenue_fen * share * zeal))
