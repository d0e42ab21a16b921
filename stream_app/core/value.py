"""Value classes of the retention plan: what a customer is worth at the close of a month (CONTRACTS section 4).

Everything is asked of the months as they are known now, never of a row published before; arrears count as of the day on
which the month was due to close.
"""

from collections.abc import Sequence
from typing import NamedTuple

from stream_app.core import arrears, network, windows
from stream_app.core.elapsed import months_after
from stream_app.core.facts import UNCLASSED, ValueClass, Worth
from stream_app.core.months import BillingCalendar
from stream_app.core.policy import Policy, PolicySet, ValueClasses, grace
from stream_app.core.state import TRAITS, Clock, Subscriber
from stream_app.core.usage import volumes

_GROUP_CLASS = TRAITS.index("group_class")


class Closed(NamedTuple):
    """A closed month of a subscriber, with what its row says."""

    month: int
    arpu_fen: int
    on_at_end: bool


def current(sub: Subscriber, closed: int, clock: Clock, policies: PolicySet) -> Worth:
    """Assess the last closed month, under the policy of its close; with none since first seen there is no class."""
    if closed < sub.first_month:
        return UNCLASSED
    arpu_fen = windows.arpu_fen(windows.window_fen(sub, closed))
    row = Closed(closed, arpu_fen, network.on_at_end(sub, closed, policies.calendar))
    return assess(sub, row, policies.named(clock.closed_under(closed)), policies.calendar)


def kept(worth: Worth) -> str | None:
    """Give the class as a row keeps it: nothing for none."""
    return None if worth.value_class == "none" else worth.value_class


def assess(sub: Subscriber, row: Closed, policy: Policy, calendar: BillingCalendar) -> Worth:
    """Assess a closed month."""
    rules, months = policy.value_classes, sub.months
    revenues_fen = [windows.revenue_fen(sub, month) for month in _window(sub, row.month, rules)]
    dynamic = _is_dynamic(revenues_fen, rules)
    important = dynamic and (
        row.arpu_fen >= rules.important_floor_fen or sub.traits.get(_GROUP_CLASS) in rules.important_group_classes
    )
    if not row.on_at_end:
        return Worth("none", dynamic, important)
    if not dynamic:
        found = _undynamic_class(row.arpu_fen, rules)
    elif _is_low(revenues_fen, rules) or _is_long_unpaid(sub, row.month, policy, calendar):
        found = "churn_inclined"
    else:
        found = _dynamic_class(row.arpu_fen, rules, important=important)
    has_revenue = windows.revenue_fen(sub, row.month) >= rules.dynamic_over_fen
    calls = has_revenue and volumes(months.get(row.month, windows.NOTHING))[0] >= rules.assessed_outgoing_seconds
    return Worth(found, dynamic, important, calls)


def growth_gap_fen(found: Worth, arpu_fen: int, rules: ValueClasses) -> int | None:
    """Give what a quasi customer's monthly mean lacks of the mid-to-high end; None outside the growth pool."""
    return rules.dynamic_over_fen - arpu_fen if found.value_class == "quasi" else None


def closing_day(month: int, policy: Policy, calendar: BillingCalendar) -> int:
    """Give the local day on which a month is due to close: it, not the tick's, so that a late tick changes nothing."""
    return calendar.day_of(calendar.start(month + 1) + grace(policy))


def _window(sub: Subscriber, month: int, rules: ValueClasses) -> range:
    return range(max(sub.first_month, month - rules.window_months + 1), month + 1)


def _is_dynamic(revenues_fen: Sequence[int], rules: ValueClasses) -> bool:
    run = 0
    for fen in revenues_fen:
        run = run + 1 if fen > rules.dynamic_over_fen else 0
        if run >= rules.dynamic_months:
            return True
    return False


def _is_low(revenues_fen: Sequence[int], rules: ValueClasses) -> bool:
    return sum(fen < rules.low_below_fen for fen in revenues_fen) >= rules.low_months


def _is_long_unpaid(sub: Subscriber, month: int, policy: Policy, calendar: BillingCalendar) -> bool:
    """Tell whether the oldest unpaid bill is overdue for long; what was paid counts for the oldest first."""
    if not (sub.bills or sub.due or sub.overdue_fen):
        return False
    day = closing_day(month, policy, calendar)
    due = arrears.oldest_unpaid_day(sub, day, policy)
    return due is not None and months_after(due, policy.value_classes.unpaid_months) < day


def _dynamic_class(arpu_fen: int, rules: ValueClasses, *, important: bool) -> ValueClass:
    if important:
        return "important"
    return "ordinary" if arpu_fen >= rules.dynamic_over_fen else "irregular"


def _undynamic_class(arpu_fen: int, rules: ValueClasses) -> ValueClass:
    return "quasi" if rules.quasi_floor_fen <= arpu_fen < rules.dynamic_over_fen else "none"
