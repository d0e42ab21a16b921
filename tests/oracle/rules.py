"""The rules of money, tiers and arrears from first principles: each answers from all accepted events of one subscriber.

A `History` is that whole list, in order of arrival, and nothing else (CONTRACTS sections 2 to 4).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from tests.oracle.reading import Event
from tests.oracle.timeline import Clock

ACTIVATED, DEACTIVATED = "subscriber.activated", "subscriber.deactivated"


class Row(NamedTuple):
    """What a closed month holds: the fields that a revision may change."""

    revenue_fen: int
    billed: bool
    arpu_fen: int
    official_tier: str | None
    on_network: bool


class History:
    """All accepted events of one subscriber in order of arrival; what is cached is worked out from all of them."""

    def __init__(self, events: Sequence[Event] = ()) -> None:
        self.events = tuple(events)
        self.officials: dict[int, dict[int, str | None]] = {}  # by the last month closed, which tells the closes before

    def of_type(self, *types: str) -> list[Event]:
        """Keep the events of these types."""
        return [event for event in self.events if event.type in types]

    @cached_property
    def signals(self) -> list[Event]:
        """The activations and deactivations."""
        return self.of_type(ACTIVATED, DEACTIVATED)

    @cached_property
    def months(self) -> dict[int, list[Event]]:
        """The events by their month."""
        grouped: dict[int, list[Event]] = {}
        for event in self.events:
            grouped.setdefault(event.month, []).append(event)
        return grouped

    @cached_property
    def revenues_fen(self) -> dict[int, int]:
        """The revenue of every month with events."""
        return {month: _revenue_fen(History(events)) for month, events in self.months.items()}


# --- money (section 3) ---------------------------------------------------------------------------


def _revenue_fen(own: History) -> int:
    """Give the revenue of one month's events: what was billed, else accrued, and the adjustments."""
    accrued = sum(event.fields["charge_fen"] for event in own.of_type("usage.recorded"))
    accrued += sum(event.fields["amount_fen"] for event in own.of_type("fee.charged"))
    bills = last_issues(own)
    base = sum(bill.fields["amount_fen"] for bill in bills) if bills else accrued
    return int(base + sum(event.fields["amount_fen"] for event in own.of_type("bill.adjusted")))


def last_issues(history: History) -> list[Event]:
    """Give the last issue by arrival of each bill."""
    return list({event.fields["bill_id"]: event for event in history.of_type("bill.issued")}.values())


def revenue_fen(history: History, month: int) -> int:
    """Give the revenue of a month; a month without events has none."""
    return history.revenues_fen.get(month, 0)


def is_billed(history: History, month: int) -> bool:
    """Say whether a month has a bill."""
    return any(event.type == "bill.issued" for event in history.months.get(month, ()))


def window_fen(history: History, month: int) -> int:
    """Sum the three months that end in this one."""
    return sum(revenue_fen(history, each) for each in (month - 2, month - 1, month))


def arpu_fen(sum_fen: int) -> int:
    """Divide a window's sum by three, half up."""
    return (2 * sum_fen + 3) // 6


# --- on the network (section 2) ------------------------------------------------------------------


def on_network(history: History, at: datetime) -> bool:
    """Say whether the customer was on the network at an instant."""
    return _state([event for event in history.signals if event.occurred_at < at])


def has_left(history: History) -> bool:
    """Say whether the latest activation or deactivation, whenever it is, is a deactivation."""
    return not _state(history.signals)


def _state(signals: Sequence[Event]) -> bool:
    latest_at = max((event.occurred_at for event in signals), default=None)
    return latest_at is None or any(event.type == ACTIVATED for event in signals if event.occurred_at == latest_at)


def was_on_in(history: History, month: int, clock: Clock) -> bool:
    """Say whether the customer was on the network at some time in a month."""
    start_at, end_at = clock.calendar.start(month), clock.calendar.end(month)
    came = any(start_at <= event.occurred_at < end_at for event in history.of_type(ACTIVATED))
    return came or on_network(history, start_at)


# --- tiers (section 4) ---------------------------------------------------------------------------


def first_month(history: History, clock: Clock) -> int:
    """Give the month of the earliest accepted `occurred_at`."""
    return clock.calendar.month_of(min(event.occurred_at for event in history.events))


def official_tiers(history: History, clock: Clock) -> dict[int, str | None]:
    """Give the official tier of every closed month from the first; a month not in the answer has none."""
    last = clock.last_closed
    if not history.events or last is None:
        return {}
    if last not in history.officials:
        history.officials[last] = _walked(history, range(first_month(history, clock), last + 1), clock)
    return history.officials[last]


def _walked(history: History, months: Iterable[int], clock: Clock) -> dict[int, str | None]:
    """Walk the closed months from the first."""
    tiers: dict[int, str | None] = {}
    held, lower_closes = None, 0
    for month in months:
        policy = clock.policy_of(month)
        reached = policy.qualifies(window_fen(history, month))
        lower_closes = lower_closes + 1 if policy.rank(reached) < policy.rank(held) else 0
        if not on_network(history, clock.calendar.end(month)):
            held, lower_closes = None, 0
        elif lower_closes == 0 or lower_closes >= policy.closes_to_downgrade:
            held, lower_closes = reached, 0
        tiers[month] = held
    return tiers


def tier(history: History, clock: Clock) -> str | None:
    """Give the tier a customer has now."""
    if clock.last_closed is None or has_left(history):
        return None
    if arrears_fen(history, clock) > 0 or lacks_contract(history, clock):
        return None
    best = official_tiers(history, clock).get(clock.last_closed)
    for month in clock.open_months():
        best = clock.policy.higher(best, clock.policy.qualifies(window_fen(history, month)))
    return best


def arrears_fen(history: History, clock: Clock) -> int:
    """Give overdue bills less payments and credits over the whole history, if above 0."""
    overdue = sum(bill.fields["amount_fen"] for bill in last_issues(history) if _is_overdue(bill, clock))
    paid = sum(event.fields["amount_fen"] for event in history.of_type("payment.received"))
    credited = sum(-min(event.fields["amount_fen"], 0) for event in history.of_type("bill.adjusted"))
    return int(max(overdue - paid - credited, 0))


def _is_overdue(bill: Event, clock: Clock) -> bool:
    if clock.at is None or "due_on" not in bill.fields:
        return False
    last_on = date.fromisoformat(bill.fields["due_on"]) + timedelta(days=clock.policy.arrears_grace_days)
    return clock.calendar.date_of(clock.at) > last_on


def has_contract(history: History, clock: Clock) -> bool:
    """Say whether some contract's last event by arrival is a signing not past its end."""
    last = {event.fields["contract_id"]: event for event in history.of_type("contract.signed", "contract.ended")}
    return any(_is_running(event, clock) for event in last.values())


def _is_running(event: Event, clock: Clock) -> bool:
    if event.type != "contract.signed":
        return False
    if clock.at is None or "ends_on" not in event.fields:
        return True
    return clock.calendar.date_of(clock.at) <= date.fromisoformat(event.fields["ends_on"])


def lacks_contract(history: History, clock: Clock) -> bool:
    """Say whether the policy asks for a contract that the customer does not have."""
    return clock.policy.contract_required and not has_contract(history, clock)


# --- closed months (section 5) -------------------------------------------------------------------


def row(history: History, month: int, clock: Clock) -> Row:
    """Give what a closed month holds now."""
    return Row(
        revenue_fen=revenue_fen(history, month),
        billed=is_billed(history, month),
        arpu_fen=arpu_fen(window_fen(history, month)),
        official_tier=official_tiers(history, clock).get(month),
        on_network=on_network(history, clock.calendar.end(month)),
    )


def rows_due(history: History, clock: Clock) -> list[int]:
    """List the closed months on the network at some time in them, from the first month on."""
    if not history.events or clock.last_closed is None:
        return []
    months = range(first_month(history, clock), clock.last_closed + 1)
    return [month for month in months if was_on_in(history, month, clock)]
