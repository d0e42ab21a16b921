"""What each type of event does to a subscriber's record, by itself; tiers and rows are settled afterwards."""

from collections.abc import Callable, Mapping
from typing import Any

from stream_app.core import admission, network, signs
from stream_app.core.events import (
    BillAdjusted,
    BillIssued,
    ContractEnded,
    ContractSigned,
    FeeCharged,
    MeasureEnded,
    MeasureEnrolled,
    PaymentReceived,
    SubscriberActivated,
    SubscriberDeactivated,
    SubscriberUpdated,
    UsageRecorded,
)
from stream_app.core.state import DUE_FROM, NEVER, TRAITS, Bill, Month, Subscriber, Use
from stream_app.core.usage import CELLS, cells


def month_of(sub: Subscriber, month: int) -> Month:
    """Give the record of a month, made when it is missing."""
    record = sub.months.get(month)
    if record is None:
        record = sub.months[month] = Month()
    return record


def use(sub: Subscriber, event: UsageRecorded, month: int, day_bit: int = 0) -> None:
    """Accrue a use: its charge, its day, and its quantity by service, scope and direction."""
    record = month_of(sub, month)
    record.accrued_fen += event.charge_fen
    record.days |= day_bit
    number = CELLS[event.service, event.scope, event.outgoing]
    used = record.usage
    if isinstance(used, bytes):  # of a month that is closed
        used = record.usage = cells(used)
    known = used.get(number)
    if known is None:
        used[number] = Use(event.quantity, event.charge_fen, 1)
    else:
        known.quantity += event.quantity
        known.charge_fen += event.charge_fen
        known.records += 1


def charge(sub: Subscriber, event: FeeCharged, month: int) -> None:
    """Accrue a fee."""
    month_of(sub, month).accrued_fen += event.amount_fen


def issue(sub: Subscriber, event: BillIssued, month: int) -> None:
    """Take a bill, or its last issue in place of the one before."""
    record, key = month_of(sub, month), admission.digest(event.bill_id)
    old = sub.bills.get(key)
    record.billed_fen = (record.billed_fen or 0) + event.amount_fen - (old.amount_fen if old else 0)
    sub.bills[key] = Bill(month, event.amount_fen, event.due_on.toordinal() - DUE_FROM if event.due_on else None)


def adjust(sub: Subscriber, event: BillAdjusted, month: int) -> None:
    """Adjust a month's revenue; what is given back also counts against arrears."""
    month_of(sub, month).adjusted_fen += event.amount_fen
    sub.credit_fen += max(0, -event.amount_fen)


def pay(sub: Subscriber, event: PaymentReceived, _month: int) -> None:
    """Count a payment."""
    sub.credit_fen += event.amount_fen
    sub.topped_up_at = max(sub.topped_up_at, signs.seconds(event.occurred_at))


def activate(sub: Subscriber, event: SubscriberActivated, month: int) -> None:
    """Put the customer on the network, with the profile that came along."""
    network.switch(sub, event.occurred_at, on=True)
    at = signs.seconds(event.occurred_at)
    sub.activated_at = min(sub.activated_at or at, at)
    describe(sub, event, month)


def describe(sub: Subscriber, event: SubscriberActivated | SubscriberUpdated, _month: int) -> None:
    """Keep what is known of the customer; an older record only fills what is still unknown."""
    told = {TRAITS.index(name): text for name, text in event.profile.items()}
    if sub.profile_at is None or event.occurred_at >= sub.profile_at:
        sub.traits = {**sub.traits, **told}
        sub.profile_at = event.occurred_at
    else:
        sub.traits = {**told, **sub.traits}


def deactivate(sub: Subscriber, event: SubscriberDeactivated, _month: int) -> None:
    """Take the customer off the network."""
    network.switch(sub, event.occurred_at, on=False)


def sign(sub: Subscriber, event: ContractSigned, _month: int) -> None:
    """Hold a contract until its end, inclusive."""
    sub.contracts[event.contract_id] = event.ends_on.toordinal() if event.ends_on else NEVER


def end_contract(sub: Subscriber, event: ContractEnded, _month: int) -> None:
    """Drop a contract, held or not."""
    sub.contracts.pop(event.contract_id, None)


def enrol(sub: Subscriber, event: MeasureEnrolled, _month: int) -> None:
    """Hold a measure until its end, inclusive; the last word by arrival counts."""
    sub.measures[event.measure] = event.until.toordinal() if event.until else NEVER


def end_measure(sub: Subscriber, event: MeasureEnded, _month: int) -> None:
    """Drop a measure, held or not."""
    sub.measures.pop(event.measure, None)


EFFECTS: Mapping[type, Callable[[Subscriber, Any, int], None]] = {
    UsageRecorded: use,
    FeeCharged: charge,
    BillIssued: issue,
    BillAdjusted: adjust,
    PaymentReceived: pay,
    SubscriberActivated: activate,
    SubscriberUpdated: describe,
    SubscriberDeactivated: deactivate,
    ContractSigned: sign,
    ContractEnded: end_contract,
    MeasureEnrolled: enrol,
    MeasureEnded: end_measure,
    **signs.EFFECTS,
}
