"""Measures 措施 a customer holds, stabilising ones and sticky services (DOMAIN section 4).

Each holds until its `until`, inclusive.
"""

from stream_app.core.policy import MeasurePolicy
from stream_app.core.state import NEVER, Subscriber


def held(sub: Subscriber, day: int) -> list[str]:
    """Name the measures that hold on a local day, in the order of their names."""
    return sorted(name for name, last in sub.measures.items() if day <= last)


def stabilising(sub: Subscriber, day: int, policy: MeasurePolicy) -> list[str]:
    """Name the stabilising measures that hold on a local day."""
    return [name for name in held(sub, day) if name in policy.stabilising]


def sticky(sub: Subscriber, day: int, policy: MeasurePolicy) -> list[str]:
    """Name the sticky services that hold on a local day."""
    return [name for name in held(sub, day) if name in policy.sticky_services]


def is_cross_stabilised(sub: Subscriber, day: int, policy: MeasurePolicy) -> bool:
    """Tell whether as many stabilising measures hold as the policy asks for, two at the least."""
    return len(stabilising(sub, day, policy)) >= policy.cross_stabilised_from


def settle(sub: Subscriber, day: int) -> None:
    """Drop what no longer holds, and wake the day after the next one's end."""
    if not sub.measures:
        return
    sub.measures = {name: last for name, last in sub.measures.items() if day <= last}
    for last in sub.measures.values():
        if last != NEVER:
            sub.wake_day = min(sub.wake_day, last + 1)
