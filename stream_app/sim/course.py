"""What a month brings to a person: how much they spend and which days they are there.

Rule: a function of the person and the month alone. Stories go in cycles, so
that a stream may run for ever and its heads by tier stay as they are.
"""

import math
from collections.abc import Sequence
from datetime import date
from functools import cache
from random import Random
from typing import Final, NamedTuple

from stream_app.sim.chance import seeded
from stream_app.sim.departure import LEAVES_IN, Departure, departure_ahead, place_of
from stream_app.sim.mix import Mix, Story
from stream_app.sim.moments import after
from stream_app.sim.months import days_in, first_day
from stream_app.sim.people import Person

_SALT: Final = 1  # keeps a month's draws apart from a day's
_SWING_MONTHS: Final = 12
_UP: Final = 0  # the step to the other level; the step back is half a swing later
_BACK: Final = _SWING_MONTHS // 2
_OVERDUE_MONTHS: Final = 2  # in a row, of the swing's twelve
_AWAY_MONTHS: Final = {Story.LEAVING: 14, Story.RETURNING: 2}
_VARIATION: Final = 0.07
# A week of these makes seven ordinary days.
_WORKDAY: Final = 1.08
_WEEKEND_DAY: Final = 0.8
_SATURDAY: Final = 5
_HOLIDAY_DAYS: Final = (5, 12)
_CHEAP: Final = (0.45, 0.75)  # of an ordinary month


class Month(NamedTuple):
    """A person's month: revenue to aim at, first and last day there (0 and -1: away), zeal by day of the month.

    `leaves` and `returns` are days of the month, 0 for none; usage lies strictly
    between them. A zeal of 1 is an ordinary day's use, 0 none. `ahead`: the
    departure that this month lies in or shortly before.
    """

    revenue_fen: int
    first: int
    last: int
    zeal: Sequence[float] = ()
    leaves: int = 0
    returns: int = 0
    ahead: Departure | None = None
    holiday: int = 0  # its first day, 0 for none
    cheap: bool = False

    @property
    def away(self) -> bool:
        """Say whether the person is not there on any day."""
        return self.last < self.first

    def there_on(self, on: date) -> bool:
        """Say whether the person uses the network on a day of this month."""
        return self.first <= on.day <= self.last

    def use_from(self, day: int) -> float:
        """Sum up the zeal of the days there from a day of the month on."""
        return sum(self.zeal[max(day, self.first) - 1 : max(self.last, 0)])


NOT_THERE: Final = Month(0, 0, -1)


def month_of_life(person: Person, seed: int, month: int, mix: Mix) -> Month:
    """Plan a person's month."""
    chance = seeded(seed, person.index, month, _SALT)
    revenue_fen = level(person, month) * chance.uniform(1 - _VARIATION, 1 + _VARIATION)
    whole = Month(int(revenue_fen), 1, days_in(month), _days(month))
    day = chance.randint(4, 24)
    ahead = departure_ahead(person, seed, month)
    if ahead is not None:
        return _before_leaving(whole, month, ahead)
    return _after_leaving(person, month, whole, day) or _with_noise(whole, mix, chance)


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


@cache
def _days(month: int) -> tuple[float, ...]:
    """Give the ordinary use of each day of a month: less at weekends."""
    weekday = first_day(month).weekday()
    return tuple(_WEEKEND_DAY if (weekday + day) % 7 >= _SATURDAY else _WORKDAY for day in range(days_in(month)))


def _before_leaving(whole: Month, month: int, ahead: Departure) -> Month:
    """Bend a whole month to what precedes leaving."""
    ordinary = sum(whole.zeal)
    zeal = [each * ahead.zeal(after(first_day(month), day)) for day, each in enumerate(whole.zeal)]
    plan = whole._replace(zeal=zeal, ahead=ahead)
    if ahead.kept_on is None and ahead.on >= first_day(month) and ahead.on < first_day(month + 1):
        plan = plan._replace(leaves=ahead.on.day, last=ahead.on.day - 1)
    return plan._replace(revenue_fen=int(whole.revenue_fen * plan.use_from(1) / ordinary))


def _after_leaving(person: Person, month: int, whole: Month, day: int) -> Month | None:
    """Be away, or come back on a day; None where neither is so."""
    away_months = _AWAY_MONTHS.get(person.story)
    place = place_of(person, month)
    if person.intent is None or person.intent.stays or away_months is None:
        return None
    if LEAVES_IN < place <= LEAVES_IN + away_months:
        return NOT_THERE
    if place == LEAVES_IN + away_months + 1:
        part = whole._replace(returns=day, first=day + 1)
        return part._replace(revenue_fen=int(whole.revenue_fen * part.use_from(1) / sum(whole.zeal)))
    return None


def _with_noise(whole: Month, mix: Mix, chance: Random) -> Month:
    """Let an ordinary month look like leaving now and then."""
    if chance.random() < mix.holidays:
        days = chance.randint(*_HOLIDAY_DAYS)
        first = chance.randint(1, whole.last - days)
        zeal = [0.0 if first <= day < first + days else each for day, each in enumerate(whole.zeal, 1)]
        return whole._replace(zeal=zeal, holiday=first)
    if chance.random() < mix.cheap_months:
        share = chance.uniform(*_CHEAP)
        zeal = [each * share for each in whole.zeal]
        return whole._replace(zeal=zeal, revenue_fen=int(whole.revenue_fen * share), cheap=True)
    return whole
