"""Value classes, measures and tenure from first principles, of all accepted events (CONTRACTS section 4, DOMAIN 4)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from tests.oracle.reading import Event
from tests.oracle.rules import (
    ACTIVATED,
    History,
    arpu_fen,
    first_month,
    last_issues,
    on_network,
    revenue_fen,
    window_fen,
)
from tests.oracle.timeline import Clock


class Worth(NamedTuple):
    """What a customer is worth at the close of a month."""

    value_class: str
    dynamic: bool
    important: bool
    assessed: bool


NONE = Worth("none", dynamic=False, important=False, assessed=False)


def worth(history: History, month: int, clock: Clock) -> Worth:
    """Assess a closed month as it is known now, under the policy of its close."""
    if not history.events or month < first_month(history, clock):
        return NONE
    figures = clock.policy_of(month).value_classes
    is_on = on_network(history, clock.calendar.end(month))
    dynamic = is_dynamic(history, month, clock)
    important = dynamic and is_important(history, month, clock)
    rich = revenue_fen(history, month) >= figures["dynamic_over_fen"]
    assessed = rich and is_on and called_seconds(history, month) >= figures["assessed_outgoing_seconds"]
    return Worth(value_class(history, month, clock) if is_on else "none", dynamic, important, assessed)


def value_class(history: History, month: int, clock: Clock) -> str:
    """Name the class of a customer on the network at the month's end."""
    figures, arpu = clock.policy_of(month).value_classes, arpu_fen(window_fen(history, month))
    if not is_dynamic(history, month, clock):
        return "quasi" if figures["quasi_floor_fen"] <= arpu < figures["dynamic_over_fen"] else "none"
    low = [each for each in looked_at(history, month, clock) if revenue_fen(history, each) < figures["low_below_fen"]]
    if len(low) >= figures["low_months"] or is_long_unpaid(history, month, clock):
        return "churn_inclined"
    if is_important(history, month, clock):
        return "important"
    return "ordinary" if arpu >= figures["dynamic_over_fen"] else "irregular"


def looked_at(history: History, month: int, clock: Clock) -> list[int]:
    """List the last N closed months since first seen."""
    count = clock.policy_of(month).value_classes["window_months"]
    return [each for each in range(month - count + 1, month + 1) if each >= first_month(history, clock)]


def is_dynamic(history: History, month: int, clock: Clock) -> bool:
    """Say whether some M consecutive months are each above X."""
    figures, months = clock.policy_of(month).value_classes, looked_at(history, month, clock)
    above = [revenue_fen(history, each) > figures["dynamic_over_fen"] for each in months]
    count = figures["dynamic_months"]
    return any(all(above[start : start + count]) for start in range(len(above) - count + 1))


def is_important(history: History, month: int, clock: Clock) -> bool:
    """Say whether the monthly mean is high, or the customer is in a group of a class that counts."""
    figures = clock.policy_of(month).value_classes
    high = arpu_fen(window_fen(history, month)) >= figures["important_floor_fen"]
    return high or profile(history).get("group_class") in figures["important_group_classes"]


def is_long_unpaid(history: History, month: int, clock: Clock) -> bool:
    """Say whether on the day the month closes an overdue bill is unpaid for over L months; the oldest is paid first."""
    policy = clock.policy_of(month)
    closes_on = clock.calendar.date_of(clock.calendar.end(month) + timedelta(hours=policy.grace_hours))
    left = sum(event.fields["amount_fen"] for event in history.of_type("payment.received"))
    left += sum(max(-event.fields["amount_fen"], 0) for event in history.of_type("bill.adjusted"))
    for bill in sorted(filter(_is_due_some_day, last_issues(history)), key=_due_on):
        left -= bill.fields["amount_fen"]
        overdue = closes_on > _due_on(bill) + timedelta(days=policy.arrears_grace_days)
        if left < 0 and overdue:
            return closes_on > months_later(_due_on(bill), policy.value_classes["unpaid_months"])
    return False


def _is_due_some_day(bill: Event) -> bool:
    return "due_on" in bill.fields


def _due_on(bill: Event) -> date:
    return date.fromisoformat(bill.fields["due_on"])


def months_later(on: date, months: int) -> date:
    """Give the same day so many months later, or the last one before it that there is."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    for day in range(on.day, 0, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    raise AssertionError


def called_seconds(history: History, month: int) -> int:
    """Sum the outgoing voice of a month."""
    uses = History(history.months.get(month, ())).of_type("usage.recorded")
    return sum(
        use.fields["duration_seconds"]
        for use in uses
        if use.fields["service"] == "voice" and use.fields.get("direction", "outgoing") == "outgoing"
    )


def profile(history: History) -> Mapping[str, Any]:
    """Give what is known of the customer: a record older than the newest so far only fills what was not known."""
    known: dict[str, Any] = {}
    newest = None
    for event in history.of_type(ACTIVATED, "subscriber.updated"):
        if newest is None or event.occurred_at >= newest:
            known, newest = {**known, **event.fields}, event.occurred_at
        else:
            known = {**event.fields, **known}
    return known


def measures(history: History, clock: Clock) -> dict[str, str | None]:
    """Give the measures held now, each with its end: what its last event by arrival says."""
    last = {event.fields["measure"]: event for event in history.of_type("measure.enrolled", "measure.ended")}
    enrolled = {name: event for name, event in sorted(last.items()) if event.type == "measure.enrolled"}
    return {name: event.fields.get("until") for name, event in enrolled.items() if _holds(event, clock)}


def _holds(event: Event, clock: Clock) -> bool:
    if clock.at is None or "until" not in event.fields:
        return clock.at is not None
    return clock.calendar.date_of(clock.at) <= date.fromisoformat(event.fields["until"])


def tenure_months(history: History, clock: Clock) -> int | None:
    """Count the full months since the day joined, else since the first activation."""
    told = profile(history).get("joined_on")
    activations = [clock.calendar.date_of(event.occurred_at) for event in history.of_type(ACTIVATED)]
    if clock.at is None or not (told or activations):
        return None
    joined_on, today = date.fromisoformat(told) if told else min(activations), clock.calendar.date_of(clock.at)
    count = 0
    while months_later(joined_on, count + 1) <= today:
        count += 1
    return count


def customer(history: History, clock: Clock) -> dict[str, Any]:
    """Give what `subscribers.ndjson` adds to the tier."""
    last, held = clock.last_closed, measures(history, clock)
    now = NONE if last is None else worth(history, last, clock)
    five = {"premium_brand", "group_member", "family_plan", "deposit_gift", "handset_contract"}
    return {
        **now._asdict(),
        "measures": list(held),
        "measures_until": held,
        "cross_stabilised": len(five & held.keys()) > 1,
        "tenure_months": tenure_months(history, clock),
    }
