"""The money a month brings beside usage: fee, bill, payment, refund, balance.

Rule: a bill is what has accrued, less the person's discount; it comes within
three days after its month, and everything else follows from it.
"""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Final

from stream_app.sim.archetypes import Archetype
from stream_app.sim.course import Month, overdue
from stream_app.sim.mix import Mix
from stream_app.sim.moments import Dated, Entry, Event, after, at_work
from stream_app.sim.months import first_day, month_name
from stream_app.sim.people import EASYOWN, Person

DUE_AFTER_DAYS: Final = 20
# Past due_on + 30 days of grace, so that arrears show and are paid later.
_OVERDUE_DAYS: Final = (55, 80)
_PAID_DAYS: Final = (3, 18)
_COLLECTED_DAYS: Final = (20, 60)  # after leaving, from those who owed
_RUNS_DRY: Final = frozenset({Archetype.PRICE, Archetype.DORMANT})  # they top up no more
_RUNS_DRY_BELOW: Final = 0.8  # of the ordinary use


def billed_fen(person: Person, accrued_fen: int) -> int:
    """Take the person's discount off what has accrued; rounded down."""
    return accrued_fen * (1_000 - person.discount_permille) // 1_000


def gross_fen(person: Person, revenue_fen: int) -> int:
    """Give what has to accrue for a revenue to be billed."""
    return revenue_fen * 1_000 // (1_000 - person.discount_permille)


def fee(person: Person, month: int) -> Dated:
    """Charge the plan's monthly fee, at night on the first."""
    fields: Event = {
        "kind": "monthly_rental",
        "amount_fen": person.plan.fee_fen,
        "billing_month": month_name(month),
    }
    second = 60.0 + person.index % 18_000
    return Dated(first_day(month), Entry(second, person, "fee.charged", _id("f", month), fields))


def bill_and_after(
    person: Person, plan: Month, month: int, accrued_fen: int, mix: Mix, chance: Random
) -> Iterator[Dated]:
    """Bill a month that has ended as planned, and plan what comes of the bill."""
    on = after(first_day(month + 1), person.bill_day - 1)
    amount_fen = billed_fen(person, accrued_fen)
    yield _bill(person, month, on, amount_fen, 1, chance)
    if chance.random() < mix.rebills:
        amount_fen = amount_fen * 97 // 100
        yield _bill(person, month, after(on, 4), amount_fen, 2, chance)
    if chance.random() < mix.refunds and amount_fen:
        yield _refund(person, month, on, amount_fen, chance)
    if amount_fen:
        yield _payment(person, plan, month, on, amount_fen, chance)


def balance(person: Person, plan: Month, month: int, chance: Random) -> Iterator[Dated]:
    """Report a prepaid balance in the middle of the month."""
    if person.plan is EASYOWN:
        on = after(first_day(month), 14)
        amount_fen = int(chance.uniform(-0.05, 0.1 if _runs_dry(plan, on) else 1.0) * person.home_fen)
        entry = Entry(at_work(chance), person, "balance.reported", _id("r", month), {"balance_fen": amount_fen})
        yield Dated(on, entry)


def _runs_dry(plan: Month, on: date) -> bool:
    ahead = plan.ahead
    return ahead is not None and ahead.intent.archetype in _RUNS_DRY and ahead.zeal(on) < _RUNS_DRY_BELOW


def _id(letter: str, month: int) -> str:
    on = first_day(month)
    return f"{letter}-{on:%Y%m}"


def _bill(person: Person, month: int, on: date, amount_fen: int, issue: int, chance: Random) -> Dated:
    bill_id = _id("b", month)
    fields: Event = {
        "bill_id": bill_id,
        "billing_month": month_name(month),
        "amount_fen": amount_fen,
        "due_on": after(on, DUE_AFTER_DAYS).isoformat(),
    }
    second = chance.uniform(6 * 3600, 22 * 3600)
    return Dated(on, Entry(second, person, "bill.issued", f"{bill_id}-{issue}", fields))


def _refund(person: Person, month: int, on: date, amount_fen: int, chance: Random) -> Dated:
    fields: Event = {
        "billing_month": month_name(month),
        "amount_fen": -int(amount_fen * chance.uniform(0.05, 0.4)) or -1,
        "bill_id": _id("b", month),
        "reason": "service_credit",
    }
    entry = Entry(at_work(chance), person, "bill.adjusted", _id("j", month), fields)
    return Dated(after(on, chance.randint(5, 25)), entry)


def _payment(person: Person, plan: Month, month: int, on: date, amount_fen: int, chance: Random) -> Dated:
    fields: Event = {
        "amount_fen": amount_fen,
        "bill_id": _id("b", month),
        "method": "top_up" if person.plan is EASYOWN else chance.choice(("direct_debit", "counter")),
    }
    entry = Entry(at_work(chance), person, "payment.received", _id("p", month), fields)
    return Dated(_paid_on(person, plan, month, on, chance), entry)


def _paid_on(person: Person, plan: Month, month: int, billed_on: date, chance: Random) -> date:
    ahead = plan.ahead
    paid_on = after(billed_on, chance.randint(*(_OVERDUE_DAYS if overdue(person, month) else _PAID_DAYS)))
    if ahead is None or not ahead.intent.owes or ahead.intent.sudden:
        return paid_on
    if ahead.kept_on is None:
        return after(ahead.on, chance.randint(*_COLLECTED_DAYS))
    return max(paid_on, ahead.kept_on)
