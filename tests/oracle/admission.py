"""Whether an event that is valid in itself is applied: what depends on the events before it and on the clock.

CONTRACTS sections 2, 3 and 5.
"""

from tests.oracle.reading import Event
from tests.oracle.rules import History
from tests.oracle.timeline import Clock


def admit(event: Event, history: History, clock: Clock, *, is_future: bool) -> str | None:
    """Give the reason of rejection, `duplicate`, or None for an event to apply.

    The reasons stand in the order of section 5; duplicates are looked for last.
    """
    if is_bill_of_another_month(event, history):
        return "invalid_field"
    if is_future:
        return "in_the_future"
    if not clock.correctable(event.month):
        return "month_not_correctable"
    return "duplicate" if is_duplicate(event, history, clock) else None


def is_bill_of_another_month(event: Event, history: History) -> bool:
    """Say whether the bill belongs to another month: for good to the month of its first accepted issue."""
    if event.type != "bill.issued":
        return False
    bill_id = event.fields["bill_id"]
    issues = (issue for issue in history.of_type("bill.issued") if issue.fields["bill_id"] == bill_id)
    first = next(issues, event)
    return first.month != event.month


def is_duplicate(event: Event, history: History, clock: Clock) -> bool:
    """Say whether the id is one remembered for this type."""
    if event.type == "usage.recorded":
        return event.event_id in recent_usage_ids(history, clock.policy.usage_recent)
    applied = history.of_type(event.type)
    return any(each.event_id == event.event_id and clock.correctable(each.month) for each in applied)


def recent_usage_ids(history: History, count: int) -> set[str]:
    """Give the last distinct ids of usage applied."""
    recent: set[str] = set()
    for event in reversed(history.events):
        if event.type == "usage.recorded":
            recent.add(event.event_id)
        if len(recent) == count:
            break
    return recent
