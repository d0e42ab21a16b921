"""What is known of a customer's past, and what a closed month owes to it: the tenure and the measures at its end.

Pure. It is asked again whenever more of the past comes to be known, so that it does not count which topic was read
first.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from stream_app.core.elapsed import full_months
from stream_app.core.events import MeasureEnded, MeasureEnrolled
from stream_app.core.months import BillingCalendar, month_number

Row = dict[str, Any]
MeasureEvent = MeasureEnrolled | MeasureEnded


class Change(NamedTuple):
    """An enrolment in a measure, until a last day or without end, or its end."""

    occurred_at: datetime
    enrolled: bool
    until_on: date | None


Changes = Mapping[str, Sequence[Change]]  # by measure


class Past(NamedTuple):
    """Since when a customer is known to be with us, and their measures' changes, in any order."""

    joined_on: date | None
    changes: Changes


class MonthEnd(NamedTuple):
    """The end of a billing month: its instant, the local day after, and the measures that count as stabilising."""

    at: datetime
    next_on: date
    stabilising: Collection[str]


def month_end(name: str, calendar: BillingCalendar, stabilising: Collection[str]) -> MonthEnd:
    """Give the end of the month `YYYY-MM`."""
    at = calendar.start(month_number(name) + 1)
    return MonthEnd(at, calendar.local_date(at), stabilising)


def tenure_months(past: Past, end: MonthEnd) -> int | None:
    """Count the full months on the network at a month's end; None where nobody said since when."""
    return None if past.joined_on is None else full_months(past.joined_on.toordinal(), end.next_on.toordinal())


def measures_held(past: Past, end: MonthEnd) -> int:
    """Count the stabilising measures held on a month's last day."""
    return sum(_is_held(changes, end) for name, changes in past.changes.items() if name in end.stabilising)


def _is_held(changes: Iterable[Change], end: MonthEnd) -> bool:
    last = max((change for change in changes if change.occurred_at < end.at), key=_order, default=None)
    if last is None or not last.enrolled:
        return False
    return last.until_on is None or last.until_on >= end.next_on - timedelta(days=1)


def _order(change: Change) -> tuple[datetime, bool]:
    return change.occurred_at, change.enrolled  # at equal instants enrolment wins, as activation does


def change_of(event: MeasureEvent) -> Change:
    """Give the change that an event tells of."""
    if isinstance(event, MeasureEnrolled):
        return Change(event.occurred_at, enrolled=True, until_on=event.until)
    return Change(event.occurred_at, enrolled=False, until_on=None)


def take_in(held: Row, event: MeasureEvent) -> None:
    """Have the row of a measure say what an event says: the last word by arrival counts, as it does for the engine."""
    if isinstance(event, MeasureEnrolled):
        held.update(enrolled_at=event.occurred_at, until_on=event.until, ended_at=None)
    else:
        held["ended_at"] = event.occurred_at
