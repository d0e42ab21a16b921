"""Tenure 在网时长: how long a customer has been on the network, in full months and in the policy's bands."""

from datetime import UTC, date, datetime

from stream_app.core.elapsed import full_months
from stream_app.core.months import BillingCalendar
from stream_app.core.policy import MeasurePolicy
from stream_app.core.state import TRAITS, Subscriber

_JOINED_ON = TRAITS.index("joined_on")


def joined_day(sub: Subscriber, calendar: BillingCalendar) -> int | None:
    """Give the local day a customer joined: as the profile says, else by the first activation; None for unknown."""
    told = sub.traits.get(_JOINED_ON)
    if told:
        return date.fromisoformat(told).toordinal()
    if sub.activated_at:
        return calendar.day_of(datetime.fromtimestamp(sub.activated_at, UTC))
    first = next((at for at, on in sub.switches if on), None)  # a row from before `activated_at` was kept
    return None if first is None else calendar.day_of(first)


def tenure_months(sub: Subscriber, day: int, calendar: BillingCalendar) -> int | None:
    """Count the full months since a customer joined; None where that is not known."""
    joined = joined_day(sub, calendar)
    return None if joined is None else full_months(joined, day)


def band(months: int | None, policy: MeasurePolicy) -> str | None:
    """Name the band of a tenure; None where the tenure is not known."""
    if months is None:
        return None
    return [each.name for each in policy.tenure_bands if each.from_months <= months][-1]
