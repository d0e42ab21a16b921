"""On the network or not (CONTRACTS section 2).

Activations and deactivations count by when they happened, in whatever order they arrive.
"""

from bisect import insort
from datetime import datetime

from stream_app.core.months import BillingCalendar
from stream_app.core.state import Subscriber


def switch(sub: Subscriber, at: datetime, *, on: bool) -> None:
    """Record an activation or deactivation; at equal instants activation sorts, and so wins, last."""
    if (at, on) not in sub.switches:
        insort(sub.switches, (at, on))


def on_network(sub: Subscriber, at: datetime) -> bool:
    """Tell the state of the latest switch strictly before an instant; before the first of them, on."""
    if sub.switches and sub.switches[-1][0] < at:  # as with most: nothing since
        return sub.switches[-1][1]
    state = True
    for switched_at, on in sub.switches:
        if switched_at >= at:
            break
        state = on
    return state


def has_left(sub: Subscriber) -> bool:
    """Tell whether the latest switch known, whenever it takes place, is a deactivation."""
    return bool(sub.switches) and not sub.switches[-1][1]


def on_at_end(sub: Subscriber, month: int, calendar: BillingCalendar) -> bool:
    """Tell whether the subscriber was on the network when a month ended."""
    if not sub.switches:
        return True
    return on_network(sub, calendar.start(month + 1))


def on_some_time(sub: Subscriber, month: int, calendar: BillingCalendar) -> bool:
    """Tell whether the subscriber was on the network at some time in a month."""
    if not sub.switches:
        return True
    start = calendar.start(month)
    if sub.switches[-1][0] < start:  # as with most: nothing since
        return sub.switches[-1][1]
    end = calendar.start(month + 1)
    return on_network(sub, start) or any(on and start <= at < end for at, on in sub.switches)


def prune(sub: Subscriber, before: datetime) -> None:
    """Forget switches before an instant, but for the latest of them."""
    if len(sub.switches) < 2:  # noqa: PLR2004 - the latest stays
        return
    older = [entry for entry in sub.switches if entry[0] < before]
    if len(older) > 1:
        sub.switches = sub.switches[len(older) - 1 :]
