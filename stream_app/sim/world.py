"""The simulated world: every person's running month, moved on a day at a time.

Rule: a day is worked once and in order. What is kept between days is small: an
account for each person and the entries still to come (about a month of them).
"""

from collections.abc import Iterator
from datetime import datetime
from operator import itemgetter
from typing import Final, NamedTuple

from stream_app.sim.billing import balance, bill_and_after, fee, gross_fen
from stream_app.sim.calibration import tier_of
from stream_app.sim.chance import key_of, seeded
from stream_app.sim.course import NOT_THERE, Month, level, month_of_life
from stream_app.sim.lifecycle import introduction, month_of_events
from stream_app.sim.moments import Dated, Diary, Entry, Event, Use
from stream_app.sim.months import Day
from stream_app.sim.people import Person, Population
from stream_app.sim.usage import tariff, uses_of_day

_SALT: Final = 2  # keeps these draws apart from those of a month's plan
_SECOND: Final = itemgetter(0)


class Timed(NamedTuple):
    """An event and the instant it is sent: `occurred_at`, or later where it is late or repeated."""

    due_at: datetime
    event: Event


class _Account:
    """A person's running month: its plan and prices, what may still be used, what has accrued."""

    __slots__ = ("accrued_fen", "budget_fen", "person", "plan", "prices")

    def __init__(self, person: Person) -> None:
        self.person = person
        self.plan = NOT_THERE
        self.prices = tariff(person.tier)
        self.budget_fen = 0
        self.accrued_fen = 0

    def open(self, plan: Month, month: int, from_day: int) -> None:
        """Begin a month, on its first day or (the world's first month) later."""
        self.plan = plan
        self.prices = tariff(tier_of(level(self.person, month)))
        self.accrued_fen = 0
        share = plan.use_from(from_day) / (plan.use_from(1) or 1)
        left_over_fen = self.budget_fen
        self.budget_fen = int(gross_fen(self.person, plan.revenue_fen) * share)
        if not plan.away:
            self.budget_fen += left_over_fen

    def accrue(self, amount_fen: int) -> None:
        """Count a charge against the month."""
        self.accrued_fen += amount_fen
        self.budget_fen -= amount_fen


class World:
    """The people of a population and what is going on with them, from an instant on."""

    def __init__(self, population: Population, began_at: datetime) -> None:
        """Begin with everybody in place and nothing spent."""
        self.began_at = began_at
        self._population = population
        self._accounts = [_Account(person) for person in population.people()]
        self._diary = Diary()
        self._chance = seeded(population.seed)

    def events_of(self, day: Day) -> Iterator[Timed]:
        """Yield a day's events in order; days must come in order, without a gap."""
        from_second = day.second_of(self.began_at)
        if day.on.day == 1 or from_second >= 0:
            self._open_month(day)
        moments: list[Use | Entry] = [*self._diary.take(day.on)]
        for account in self._accounts:
            moments += self._uses(account, day, from_second)
        if from_second >= 0:
            moments = [moment for moment in moments if moment.second >= from_second]
            moments += self._introductions(day, from_second)
        moments.sort(key=_SECOND)
        for moment in moments:
            at = day.at(moment.second)
            yield Timed(at, moment.event(day, at))

    def _introductions(self, day: Day, from_second: float) -> Iterator[Entry]:
        for account in self._accounts:
            if account.plan.there_on(day.on):
                yield from introduction(account.person, day.on, from_second)

    def _open_month(self, day: Day) -> None:
        for account in self._accounts:
            self._reseed(account.person, day.month, _SALT)
            self._diary.note(self._ending(account, day.month - 1))
            plan = month_of_life(account.person, self._population.seed, day.month, self._population.mix)
            account.open(plan, day.month, day.on.day)
            opening = self._opening(account, day)
            self._diary.note(dated for dated in opening if dated.on >= day.on)

    def _ending(self, account: _Account, month: int) -> Iterator[Dated]:
        """Bill the month that has just ended, if it was lived in."""
        if account.accrued_fen or not account.plan.away:
            mix = self._population.mix
            yield from bill_and_after(account.person, account.plan, month, account.accrued_fen, mix, self._chance)

    def _opening(self, account: _Account, day: Day) -> Iterator[Dated]:
        """Plan the month that begins, the fee included where the person is there on the first."""
        person, plan, chance = account.person, account.plan, self._chance
        on_the_first = day.on.day == 1 and self.began_at <= day.starts_at
        if on_the_first and plan.first == 1 and person.plan.fee_fen:
            account.accrue(person.plan.fee_fen)
            yield fee(person, day.month)
        yield from (dated for dated in balance(person, plan, day.month, chance) if plan.there_on(dated.on))
        yield from month_of_events(person, plan, day.month, self._population.mix, chance)

    def _uses(self, account: _Account, day: Day, from_second: float) -> Iterator[Use]:
        """Use a day's part of what the month still holds, so that the month comes out as planned."""
        plan = account.plan
        if not plan.there_on(day.on) or not plan.zeal[day.on.day - 1]:
            return
        self._reseed(account.person, day.on.toordinal())
        rate = self._population.usage_per_day
        mean_count = rate * plan.zeal[day.on.day - 1]
        mean_fen = max(account.budget_fen, 0) / max(rate * plan.use_from(day.on.day), 1)
        for use in uses_of_day(account.person, account.prices, self._chance, mean_count, mean_fen):
            if use.second >= from_second:
                account.accrue(use.charge_fen)
                yield use

    def _reseed(self, person: Person, *place: int) -> None:
        self._chance.seed(key_of(self._population.seed, person.index, *place))
