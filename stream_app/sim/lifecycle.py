"""What a person does beside spending: join, sign, waver, complain, leave, come back.

Rule: planned a month at a time, from the month's plan.
"""

from collections.abc import Iterator
from datetime import date
from itertools import chain
from random import Random
from typing import Final

from stream_app.sim.course import Month, moves_plan
from stream_app.sim.mix import Mix
from stream_app.sim.moments import Dated, Entry, Event, after, at_work
from stream_app.sim.months import days_in, first_day, month_of
from stream_app.sim.people import Person

_TERM_MONTHS: Final = 12
_RENEWED_ON: Final = 25  # of the contract's last month
_LAPSED_UNTIL: Final = 10  # of the second month after it
_COMPLAINT_TOPICS: Final = ("network", "tariff", "support", "counter")
_LOOKS_ELSEWHERE: Final = 0.5  # of those about to leave, in a month
_ASKS_TO_PORT: Final = 0.6  # of those who leave
_COMPETITOR: Final = ("hotline_call", "call_forwarding", "other")


def introduction(person: Person, on: date, second: float) -> Iterator[Entry]:
    """Tell of a person who is there already when the stream begins."""
    yield _activation(person, on, second, after(on, -person.tenure.days))
    if person.contract and not _lapsed(person, on):
        yield _signing(person, on, second, month_of(on))
    for measure in person.measures:
        yield Entry(second, person, "measure.enrolled", f"m-{measure}", {"measure": measure})


def month_of_events(person: Person, plan: Month, month: int, mix: Mix, chance: Random) -> Iterator[Dated]:
    """Plan a person's month beside its money."""
    if plan.away:
        return iter(())
    return chain(
        _coming_and_going(person, plan, month, chance),
        _while_there(plan, _contract(person, month, chance)),
        _while_there(plan, _plan_move(person, month, chance)),
        _complaint(person, plan, month, mix, chance),
        _signals(person, plan, month, chance),
    )


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
    """Renew the contract before it ends, or let it lapse and sign again two months later."""
    if not person.contract:
        return
    place = month - _term(person, month)
    second = at_work(chance)
    if place == _TERM_MONTHS - 1 and not person.lapses:
        on = after(first_day(month), _RENEWED_ON - 1)
        yield Dated(on, _signing(person, on, second, month + 1))
    if place == 0 and person.lapses:
        on = first_day(month)
        yield Dated(on, _ending(person, on, second, month - 1))
    if place == 1 and person.lapses:
        on = after(first_day(month), _LAPSED_UNTIL - 1)
        yield Dated(on, _signing(person, on, second, month))


def _lapsed(person: Person, on: date) -> bool:
    """Say whether the contract has lapsed and is not yet signed again."""
    place = month_of(on) - _term(person, month_of(on))
    return person.lapses and (place == 0 or (place == 1 and on.day < _LAPSED_UNTIL))


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
    second = at_work(chance)
    if plan.leaves:
        on = after(first_day(month), plan.leaves - 1)
        if person.contract:
            yield Dated(on, _ending(person, on, second - 60, month))
        fields: Event = {"reason": chance.choice(("price", "network", "moved", "unknown"))}
        leaving = Entry(second, person, "subscriber.deactivated", f"d-{on:%Y%m%d}", fields)
        yield Dated(on, leaving)
    if plan.returns:
        on = after(first_day(month), plan.returns - 1)
        yield Dated(on, _activation(person, on, second, on))
        if person.contract:
            yield Dated(on, _signing(person, on, second + 60, month))


def _complaint(person: Person, plan: Month, month: int, mix: Mix, chance: Random) -> Iterator[Dated]:
    """File a complaint now and then; who wavers complains often and loudly."""
    share = 0.4 if plan.wavering else mix.complaints
    if chance.random() >= share:
        return
    on = _day_there(plan, month, chance)
    complaint_id = f"c-{on:%Y%m%d}"
    fields: Event = {
        "complaint_id": complaint_id,
        "severity": "escalated" if plan.wavering else "normal",
        "topic": chance.choice(_COMPLAINT_TOPICS),
    }
    filed = Entry(at_work(chance), person, "complaint.filed", complaint_id, fields)
    yield Dated(on, filed)
    closed_on = after(on, chance.randint(1, 4))
    closing: Event = {"complaint_id": complaint_id}
    yield Dated(closed_on, Entry(at_work(chance), person, "complaint.closed", complaint_id, closing))


def _signals(person: Person, plan: Month, month: int, chance: Random) -> Iterator[Dated]:
    """Show what precedes leaving: a competitor's hotline, then the port-out code."""
    if not plan.wavering:
        return
    if chance.random() < _LOOKS_ELSEWHERE:
        on = _day_there(plan, month, chance)
        fields: Event = {"kind": chance.choice(_COMPETITOR)}
        entry = Entry(at_work(chance), person, "competitor.contacted", f"o-{on:%Y%m%d}", fields)
        yield Dated(on, entry)
    if plan.leaves and chance.random() < _ASKS_TO_PORT:
        on = after(first_day(month), plan.leaves - 2)
        yield Dated(on, Entry(at_work(chance), person, "portout.requested", f"q-{on:%Y%m%d}", {}))


def _day_there(plan: Month, month: int, chance: Random) -> date:
    last = min(plan.last, days_in(month))
    return after(first_day(month), chance.randint(plan.first, last) - 1)
