"""How a tick moves a partition's clock (CONTRACTS section 2).

Which months close, which open, what is final, and which policy holds is decided here, once for all subscribers.
"""

from datetime import datetime

from stream_app.core.facts import Cause
from stream_app.core.months import EARLIEST
from stream_app.core.policy import PolicySet, grace
from stream_app.core.state import Clock, Tick


def accept(clock: Clock, at: datetime, cause: Cause, policies: PolicySet, known: int = 0) -> bool:
    """Move the clock to `at`; False, and nothing moved, for a tick that is not later than it.

    The tick knows the policy versions published before the offset `known`, and all that an earlier tick knew.
    """
    if clock.at is not None and at <= clock.at:
        return False
    clock.at, clock.policies = at, max(clock.policies, known)
    tick = _tick(clock.tick, at, cause, policies.known_before(clock.policies))
    if clock.tick is None or _crosses(clock.tick, tick):
        _note_closings(clock, tick)
        clock.tick = tick
        clock.pending.append(tick)
    return True


def swept(clock: Clock, serial: int) -> None:
    """Drop the pending ticks up to a serial: every row has seen them."""
    clock.pending = [tick for tick in clock.pending if tick.serial > serial]


def last_closed(at: datetime, policies: PolicySet) -> int:
    """Give the last month whose end plus grace an instant has reached."""
    waited = grace(policies.in_force(at))
    return policies.calendar.month_of(max(at, EARLIEST + waited) - waited) - 1


def _tick(last: Tick | None, at: datetime, cause: Cause, policies: PolicySet) -> Tick:
    policy, calendar = policies.in_force(at), policies.calendar
    closed, opened = last_closed(at, policies), calendar.month_of(at)
    closed = max(closed, last.closed) if last else closed  # a longer grace opens nothing again
    final = closed - policy.billing.correctable_months
    return Tick(
        serial=last.serial + 1 if last else 1,
        at=at,
        closed=closed,
        opened=opened,
        final=max(final, last.final) if last else final,
        day=calendar.day_of(at),
        version=policy.version,
        turns=last is None or (last.closed, last.opened, last.version) != (closed, opened, policy.version),
        policy_changed=last is not None and last.version != policy.version,
        cause=(cause.topic, cause.partition, cause.offset),
    )


def _crosses(last: Tick, tick: Tick) -> bool:
    return (last.day, last.closed, last.opened, last.version) != (tick.day, tick.closed, tick.opened, tick.version)


def _note_closings(clock: Clock, tick: Tick) -> None:
    if not clock.closings:
        clock.closings = [(0, tick.version)]
    elif clock.tick is not None and tick.closed > clock.tick.closed and clock.closings[-1][1] != tick.version:
        clock.closings.append((clock.tick.closed + 1, tick.version))
