"""What a person does beside spending: join, sign, change plans, leave, come back.

Rule: planned a month at a time, from the month's plan.
"""

from collections.abc import Iterator
from datetime import date
from itertools import chain
from random import Random
from typing import Final

from stream_app.sim.archetypes import COURSES
from stream_app.sim.course import Month, moves_plan
from stream_app.sim.departure import CYCLE_MONTHS, LEAVES_IN, place_of
from stream_app.sim.mix import Mix
from stream_app.sim.moments import Dated, Entry, Event, after, at_work
from stream_app.sim.months import first_day, month_of
from stream_app.sim.people import Person
from stream_app.sim.signs import signs

_TERM_MONTHS: Final = 12
_RENEWED_ON: Final = 25  # of the contract's last month
_LAPSED_UNTIL: Final = 10  # of the second month after it
# The months of the cycle in which the last contract ends, and the one before.
_LAPSES_IN: Final = frozenset({CYCLE_MONTHS - 1, 0, LEAVES_IN})
_TELLS_WHY: Final = 0.7  # of those who leave
_ENDING_MEASURES: Final = frozenset({"deposit_gift", "handset_contract"})


def introduction(person: Person, on: date, second: float) -> Iterator[Entry]:
    """Tell of a person who is there already when the stream begins."""
    yield _activation(person, on, second, after(on, -person.tenure.days))
    if person.contract and not _lapsed(person, on):
        yield _signing(person, on, second, month_of(on))
    for measure in person.measures:
        yield Entry(second, person, "measure.enrolled", f"m-{measure}", _enrolment(person, measure, on))


def month_of_events(person: Person, plan: Month, month: int, mix: Mix, chance: Random) -> Iterator[Dated]:
    """Plan a person's month beside its money."""
    if plan.away:
        return iter(())
    return chain(
        _coming_and_going(person, plan, month, chance),
        _while_there(plan, _contract(person, month, chance)),
        _while_there(plan, _plan_move(person, month, chance)),
        signs(person, plan, month, mix, chance),
    )


def _enrolment(person: Person, measure: str, on: date) -> Event:
    """Give a deposit or a handset an end within two years; the other measures hold until they are ended."""
    if measure not in _ENDING_MEASURES:
        return {"measure": measure}
    return {"measure": measure, "until": after(first_day(month_of(on) + 1 + person.phase), -1).isoformat()}


def _activation(person: Person, on: date, second: float, joined_on: date) -> Entry:
    fields: Event = {
        "plan": person.plan.name,
        "brand": person.plan.brand,
        "branch_id": person.branch_id,
        "joined_on": joined_on.isoformat(),
    }
    return Entry(second, person, "subscriber.activated", f"a-{on:%Y%m%d}", fields)


def _term(person: Person, month: int) -> int:
    """Give the first month of the contract term that a month lies in."""
    return month - (month + person.phase) % _TERM_MONTHS


def _contract_id(term: int) -> str:
    return f"k-{first_day(term):%Y%m}"


def _signing(person: Person, on: date, second: float, month: int) -> Entry:
    term = _term(person, month)
    fields: Event = {
        "contract_id": _contract_id(term),
        "kind": "contract",
        "ends_on": after(first_day(term + _TERM_MONTHS), -1).isoformat(),
    }
    return Entry(second, person, "contract.signed", f"k-{on:%Y%m%d}", fields)


def _ending(person: Person, on: date, second: float, month: int) -> Entry:
    fields: Event = {"contract_id": _contract_id(_term(person, month)), "kind": "contract"}
    return Entry(second, person, "contract.ended", f"e-{on:%Y%m%d}", fields)


def _contract(person: Person, month: int, chance: Random) -> Iterator[Dated]:
    """Renew the contract before it ends, or let it lapse and (mostly) sign again two months later."""
    if not person.contract:
        return
    place = month - _term(person, month)
    lapses = _lets_lapse(person, month)
    second = at_work(chance)
    if place == _TERM_MONTHS - 1 and not lapses:
        on = after(first_day(month), _RENEWED_ON - 1)
        yield Dated(on, _signing(person, on, second, month + 1))
    if place == 0 and lapses:
        on = first_day(month)
        yield Dated(on, _ending(person, on, second, month - 1))
    if place == 1 and lapses and not _signs_no_more(person, month):
        on = after(first_day(month), _LAPSED_UNTIL - 1)
        yield Dated(on, _signing(person, on, second, month))


def _lets_lapse(person: Person, month: int) -> bool:
    """Say whether the contract that ends about this month is not renewed in time."""
    unwilling = person.intent is not None and not person.intent.renews
    return person.lapses or (unwilling and place_of(person, month) in _LAPSES_IN)


def _signs_no_more(person: Person, month: int) -> bool:
    """Say whether the person leaves this month, and has let the contract lapse on purpose."""
    unwilling = person.intent is not None and not person.intent.renews and not person.intent.stays
    return unwilling and place_of(person, month) == LEAVES_IN


def _lapsed(person: Person, on: date) -> bool:
    """Say whether the contract has lapsed and is not yet signed again."""
    month = month_of(on)
    place = month - _term(person, month)
    unsigned = on.day < _LAPSED_UNTIL or _signs_no_more(person, month)
    return _lets_lapse(person, month) and (place == 0 or (place == 1 and unsigned))


def _while_there(plan: Month, dated: Iterator[Dated]) -> Iterator[Dated]:
    return (each for each in dated if plan.there_on(each.on))


def _plan_move(person: Person, month: int, chance: Random) -> Iterator[Dated]:
    """Change the plan with the level of spending."""
    bigger = moves_plan(person, month)
    if bigger is not None:
        on = after(first_day(month), chance.randrange(20))
        fields: Event = {"plan": f"{person.plan.name}-plus" if bigger else person.plan.name}
        yield Dated(on, Entry(at_work(chance), person, "subscriber.updated", f"n-{on:%Y%m%d}", fields))


def _coming_and_going(person: Person, plan: Month, month: int, chance: Random) -> Iterator[Dated]:
    if plan.leaves:
        yield from _leaving(person, plan, month, chance)
    if plan.returns:
        second = at_work(chance)
        on = after(first_day(month), plan.returns - 1)
        yield Dated(on, _activation(person, on, second, on))
        if person.contract:
            yield Dated(on, _signing(person, on, second + 60, month))


def _leaving(person: Person, plan: Month, month: int, chance: Random) -> Iterator[Dated]:
    """End what was signed and enrolled, and go."""
    second = at_work(chance)
    on = after(first_day(month), plan.leaves - 1)
    if person.contract and not _signs_no_more(person, month):
        yield Dated(on, _ending(person, on, second - 60, month))
    fields: Event = {"reason": "unknown"}
    if plan.ahead is not None and chance.random() < _TELLS_WHY:
        fields = {"reason": COURSES[plan.ahead.intent.archetype].reason}
    yield Dated(on, Entry(second, person, "subscriber.deactivated", f"d-{on:%Y%m%d}", fields))
    for measure in person.measures:
        entry = Entry(second + 60, person, "measure.ended", f"x-{measure}-{on:%Y%m%d}", {"measure": measure})
        yield Dated(on, entry)
