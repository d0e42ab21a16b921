"""The engine: (subscriber, event or tick, clock, policies) -> facts, with the subscriber brought up to date in place.

The caller hands a subscriber over and gets it back changed; nothing else is touched, so any failure leaves a half-done
record only in the hands of a caller that ends (ARCHITECTURE section 3.6). Usage is the hot path: an accumulator and one
comparison.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from stream_app.core import admission, closing, effects, measures, outcomes, risk, tiers
from stream_app.core.admission import Refusal
from stream_app.core.closing import Row
from stream_app.core.effects import EFFECTS
from stream_app.core.events import Event, FeeCharged, SubscriberDeactivated, UsageRecorded
from stream_app.core.facts import Cause, Fact, Origin
from stream_app.core.policy import PolicySet
from stream_app.core.state import LEFT, NEVER, UNLIMITED_FEN, Clock, Subscriber, Tick
from stream_app.core.tiers import Shift
from stream_app.core.windows import revenue_fen


class Repeat:
    """The verdict on an event that was applied before: dropped and counted."""


REPEAT = Repeat()
QUIET: tuple[Fact, ...] = ()
Verdict = tuple[Fact, ...] | Refusal | Repeat


class Setting(NamedTuple):
    """What an event meets: the months it touches and occurred in, its day there, and the clock as it stands."""

    month: int
    occurred_month: int
    day_bit: int
    clock: Clock
    tick: Tick
    policies: PolicySet


def newcomer(clock: Clock) -> Subscriber:
    """Begin the record of a subscriber first seen now."""
    tick = clock.tick
    return Subscriber() if tick is None else Subscriber(serial=tick.serial, closed=tick.closed)


def is_blank(sub: Subscriber) -> bool:
    """Tell whether a record is a newcomer's: nothing was applied to it, or it was forgotten."""
    return sub.first_month == NEVER


def catch_up(sub: Subscriber, subscriber_id: str, clock: Clock, policies: PolicySet) -> list[Fact]:
    """Apply the ticks this subscriber has not seen; must come before any event that came after them.

    A customer long gone is forgotten by the tick that finds so, however late it is applied: the record is blank then.
    """
    facts: list[Fact] = []
    for tick in clock.pending:
        if concerns(sub.serial, sub.wake_day, tick):
            facts += _apply_tick(sub, tick, policies, tick.origin(subscriber_id))
            if sub.standing & LEFT and closing.forgettable(sub, tick, policies.named(tick.version)):
                _become(sub, newcomer(clock))
                return facts
    if clock.tick is not None:
        sub.serial = clock.tick.serial
    return facts


def _become(sub: Subscriber, other: Subscriber) -> None:
    for name in sub.__struct_fields__:
        setattr(sub, name, getattr(other, name))


def concerns(serial: int, wake_day: int, tick: Tick) -> bool:
    """Tell whether a tick can change anything for a subscriber that last saw tick `serial`."""
    return tick.serial > serial and (tick.turns or tick.day >= wake_day)


def use_quietly(sub: Subscriber, event: UsageRecorded, tick: Tick, policies: PolicySet, not_after: datetime) -> bool:
    """Apply a use that changes nothing but sums; False, and nothing done, where it may take more (`apply_event`).

    What nearly every event is: in time, new, in a month not closed, and short of the next tier. It
    must do what `apply_event` would: tests hold them equal.
    """
    month, day_bit = policies.calendar.place_of(event.occurred_at)
    counts_now = month <= tick.opened
    if (
        (counts_now and event.charge_fen >= sub.headroom_fen)
        or month <= tick.closed
        or month < sub.first_month
        or event.occurred_at > not_after
    ):
        return False
    digest = admission.digest(event.event_id)
    if digest in sub.usage_ids:
        return False
    kept_bytes = policies.named(tick.version).dedup.usage_recent * admission.DIGEST_BYTES
    sub.usage_ids = (sub.usage_ids + digest)[-kept_bytes:]
    effects.use(sub, event, month, day_bit)
    if counts_now:
        sub.headroom_fen -= event.charge_fen
    if sub.risk is not None:  # who is at risk and uses the phone may be at less
        _weigh_tomorrow(sub, tick)
    return True


class Newcomers:
    """Subscribers first seen by a use; how a tick finds one who has nothing yet is worked out once a tick."""

    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies
        self._tick: Tick | None = None
        self._settled: Subscriber | None = None

    def begin(self, event: UsageRecorded, tick: Tick, not_after: datetime) -> Subscriber | None:
        """Begin a record with a use that changes nothing but sums; None where it may take more (`apply_event`)."""
        if tick is not self._tick:
            self._tick, self._settled = tick, self._settle(tick)
        settled = self._settled
        if settled is None:
            return None
        month = self._policies.calendar.month_of(event.occurred_at)
        sub = Subscriber(settled.wake_day, settled.serial, settled.closed, month, headroom_fen=settled.headroom_fen)
        return sub if use_quietly(sub, event, tick, self._policies, not_after) else None

    def _settle(self, tick: Tick) -> Subscriber | None:
        sub = Subscriber(serial=tick.serial, closed=tick.closed)
        move = tiers.settle(sub, tick, self._policies, Shift())
        sub.wake_day = sub.watch_day  # the next day's tick weighs the risk
        return sub if move is None and sub.headroom_fen < UNLIMITED_FEN else None


def apply_event(
    sub: Subscriber, event: Event, cause: Cause, clock: Clock, policies: PolicySet, not_after: datetime
) -> Verdict:
    """Apply one event to a subscriber that has seen all ticks; a refused or repeated one leaves it as it was."""
    calendar, tick = policies.calendar, clock.tick
    occurred_month, day_bit = calendar.place_of(event.occurred_at)
    stated = event.stated_month
    month = occurred_month if stated is None else stated
    refused = admission.refusal(sub, event, month, clock, not_after)
    if refused is not None:
        return refused
    if admission.is_repeat(sub, event):
        return REPEAT
    policy = policies.versions[0] if tick is None else policies.named(tick.version)
    admission.remember(sub, event, month, policy.dedup.usage_recent)
    if tick is None:
        _take_effect(sub, event, month, occurred_month, day_bit)
        return QUIET
    if (
        isinstance(event, UsageRecorded | FeeCharged)
        and min(month, occurred_month) > tick.closed
        and occurred_month >= sub.first_month
    ):
        return _accrue(sub, event, Setting(month, occurred_month, day_bit, clock, tick, policies), cause)
    return tuple(_work(sub, event, Setting(month, occurred_month, day_bit, clock, tick, policies), cause))


def _accrue(sub: Subscriber, event: UsageRecorded | FeeCharged, setting: Setting, cause: Cause) -> Verdict:
    month, occurred_month, day_bit, _, tick, policies = setting
    _take_effect(sub, event, month, occurred_month, day_bit)
    if month <= tick.opened:
        sub.headroom_fen -= event.charge_fen if isinstance(event, UsageRecorded) else event.amount_fen
        if sub.headroom_fen <= 0:
            origin = Origin(event.subscriber_id, cause, event.occurred_at)
            facts = _settle(sub, tick, policies, origin, Shift())
            _weigh_tomorrow(sub, tick)
            return facts
    if sub.risk is not None:
        _weigh_tomorrow(sub, tick)
    return QUIET


def _work(sub: Subscriber, event: Event, setting: Setting, cause: Cause) -> Iterator[Fact]:
    month, occurred_month, day_bit, clock, tick, policies = setting
    origin = Origin(event.subscriber_id, cause, event.occurred_at)
    late = min(month, occurred_month) <= tick.closed
    before = closing.figures(sub, tick, policies) if late else {}
    revenue_before_fen = revenue_fen(sub, month)
    _take_effect(sub, event, month, occurred_month, day_bit)
    if late:
        closing.recalculate(sub, tick, clock, policies)
        yield from closing.revise(sub, before, clock, policies, origin)
    after = closing.figures(sub, tick, policies) if late else {}
    open_fell = tick.closed < month <= tick.opened and revenue_fen(sub, month) < revenue_before_fen
    shift = Shift(closed_changed=_differ(before, after), open_fell=open_fell)
    yield from _settle(sub, tick, policies, origin, shift)
    if sub.standing & LEFT:
        yield from risk.leave(sub, tick, policies, origin)
    else:
        yield from risk.hear(sub, event, tick, policies, origin)
    _wake_to_weigh(sub)
    if isinstance(event, SubscriberDeactivated):
        yield from outcomes.left(sub, risk.setting_of(tick, policies), origin)


def _take_effect(sub: Subscriber, event: Event, month: int, occurred_month: int, day_bit: int) -> None:
    if isinstance(event, UsageRecorded):
        effects.use(sub, event, month, day_bit)
    else:
        EFFECTS[type(event)](sub, event, month)
    sub.first_month = min(sub.first_month, occurred_month)


def _differ(before: dict[int, Row], after: dict[int, Row]) -> bool:
    return any(
        (old.revenue_fen, old.official_tier) != (after[month].revenue_fen, after[month].official_tier)
        for month, old in before.items()
    )


def _apply_tick(sub: Subscriber, tick: Tick, policies: PolicySet, origin: Origin) -> list[Fact]:
    facts: list[Fact] = []
    month_closed = tick.closed > sub.closed
    # Who is at no risk is not weighed as months turn, when every row is worked, but on the days that follow; unless the
    # tier was lost.
    weigh = not sub.standing & LEFT and (tick.policy_changed or tick.day >= sub.wake_day or sub.risk is not None)
    if month_closed:
        facts += closing.close_through(sub, tick, policies, origin)
    if tick.turns:
        closing.prune(sub, tick, policies.named(tick.version), policies.calendar)
    sub.serial = tick.serial
    moved = _settle(sub, tick, policies, origin, Shift(month_closed, tick.policy_changed))
    facts += moved
    if sub.standing & LEFT:
        risk.end(sub)
    elif moved or (month_closed and tiers.official(sub, tick.closed) != tiers.official(sub, tick.closed - 1)):
        weigh = True
    if weigh:
        facts += risk.at_tick(sub, tick, policies, origin)
    _wake_to_weigh(sub)
    if month_closed:
        facts += outcomes.stayed(sub, risk.setting_of(tick, policies), origin)
    if weigh:
        outcomes.look(sub, risk.setting_of(tick, policies), origin.subscriber_id)
    return facts


def _settle(sub: Subscriber, tick: Tick, policies: PolicySet, origin: Origin, shift: Shift) -> tuple[Fact, ...]:
    move = tiers.settle(sub, tick, policies, shift)
    measures.settle(sub, tick.day)
    return QUIET if move is None else (tiers.tier_changed(sub, tick, move, origin),)


def _weigh_tomorrow(sub: Subscriber, tick: Tick) -> None:
    sub.watch_day = min(sub.watch_day, tick.day + 1)
    _wake_to_weigh(sub)


def _wake_to_weigh(sub: Subscriber) -> None:
    sub.wake_day = min(sub.wake_day, sub.watch_day)
