"""The close of months: official tiers, the published rows, and their revisions when a closed month is corrected."""

from collections.abc import Iterator
from typing import NamedTuple

from stream_app.core import arrears, network, signs, value, windows
from stream_app.core.admission import DIGEST_BYTES
from stream_app.core.facts import MonthClosed, Origin, Worth
from stream_app.core.months import BillingCalendar
from stream_app.core.policy import Policy, PolicySet
from stream_app.core.state import NEVER, Clock, Month, Subscriber, Tick
from stream_app.core.usage import packed, usage_lines, volumes

# Months before the last final one that windows and value classes of correctable months still read.
KEPT_BEFORE_FINAL = 5  # so do low-spend months before the last closed one
WHOLE_BEFORE_FINAL = 1  # of these, the ones whose tier is still read
LONGEST_MONTH_DAYS = 31


class Row(NamedTuple):
    """The five published figures of a closed month; a change of any makes a revision."""

    revenue_fen: int
    billed: bool
    arpu_fen: int
    official_tier: str | None
    on_network: bool


def row(sub: Subscriber, month: int, calendar: BillingCalendar) -> Row:
    """Read a closed month's figures as they stand."""
    window_fen, on_at_end = windows.window_fen(sub, month), network.on_at_end(sub, month, calendar)
    return _row(sub.months.get(month, windows.NOTHING), window_fen, on_at_end=on_at_end)


def _row(record: Month, window_fen: int, *, on_at_end: bool) -> Row:
    return Row(
        record.revenue_fen,
        record.billed_fen is not None,
        windows.arpu_fen(window_fen),
        record.official,
        on_at_end,
    )


def close_through(sub: Subscriber, tick: Tick, policies: PolicySet, origin: Origin) -> list[MonthClosed]:
    """Close the months that a tick closes, oldest first."""
    policy, facts = policies.named(tick.version), list[MonthClosed]()
    for month in range(max(sub.first_month, sub.closed + 1), tick.closed + 1):
        closed = set_official(sub, month, policy, policies)
        worth = _worth(sub, month, closed, policy, policies)
        if closed.on_network or network.on_some_time(sub, month, policies.calendar):
            facts.append(publish(sub, month, closed, worth, origin, policy))
        sub.value = value.kept(worth)
    sub.closed = tick.closed
    return facts


def set_official(sub: Subscriber, month: int, policy: Policy, policies: PolicySet) -> Row:
    """Work the official tier of a closed month from its window and the tier held before (CONTRACTS section 4)."""
    held = sub.months.get(month - 1, windows.NOTHING)
    window_fen, on_at_end = windows.window_fen(sub, month), network.on_at_end(sub, month, policies.calendar)
    rank = policy.qualify(window_fen)
    if not on_at_end:
        code, misses = None, 0
    elif rank >= policies.rank(policy, held.official) or held.misses + 1 >= policy.tier_policy.closes_to_downgrade:
        code, misses = policy.code(rank), 0
    else:
        code, misses = held.official, held.misses + 1
    record = sub.months.get(month)
    if record is None and (code or misses):
        record = sub.months[month] = Month()
    if record is not None:
        record.official, record.misses = code, misses
    return _row(record or windows.NOTHING, window_fen, on_at_end=on_at_end)


def figures(sub: Subscriber, tick: Tick, policies: PolicySet) -> dict[int, Row]:
    """Read every closed month that an event may still change or complete."""
    return {month: row(sub, month, policies.calendar) for month in range(tick.final, tick.closed + 1)}


def recalculate(sub: Subscriber, tick: Tick, clock: Clock, policies: PolicySet) -> None:
    """Work the official tiers of the correctable months again, each under the policy of its original close."""
    for month in range(max(sub.first_month, tick.final), tick.closed + 1):
        set_official(sub, month, policies.named(clock.closed_under(month)), policies)
    sub.value = value.kept(value.current(sub, tick.closed, clock, policies))


def revise(
    sub: Subscriber, before: dict[int, Row], clock: Clock, policies: PolicySet, origin: Origin
) -> Iterator[MonthClosed]:
    """Publish the rows that changed, and those that are due and missing."""
    for month, old in before.items():
        record, now = sub.months.get(month, windows.NOTHING), row(sub, month, policies.calendar)
        if record.revision >= 0:
            due = now != old
        else:
            due = month >= sub.first_month and network.on_some_time(sub, month, policies.calendar)
        if due:
            policy = policies.named(clock.closed_under(month))
            yield publish(sub, month, now, _worth(sub, month, now, policy, policies), origin, policy)


def _worth(sub: Subscriber, month: int, closed: Row, policy: Policy, policies: PolicySet) -> Worth:
    return value.assess(sub, value.Closed(month, closed.arpu_fen, closed.on_network), policy, policies.calendar)


def publish(sub: Subscriber, month: int, closed: Row, worth: Worth, origin: Origin, policy: Policy) -> MonthClosed:
    """Word the next revision of a closed month, whose row is given."""
    record = sub.months.get(month)
    if record is None:
        record = sub.months[month] = Month()
    record.revision += 1
    revenue_fen, billed, arpu_fen, official_tier, on_network = closed
    return MonthClosed(
        subscriber_id=origin.subscriber_id,
        occurred_at=origin.occurred_at,
        policy_version=policy.version,
        branch_id=sub.branch_id,
        cause=origin.cause,
        month=month,
        revision=record.revision,
        accrued_fen=record.accrued_fen,
        adjusted_fen=record.adjusted_fen,
        usage=usage_lines(record),
        revenue_fen=revenue_fen,
        billed=billed,
        arpu_fen=arpu_fen,
        official_tier=official_tier,
        on_network=on_network,
        worth=worth,
    )


def prune(sub: Subscriber, tick: Tick, policy: Policy, calendar: BillingCalendar) -> None:
    """Forget what no event or rule can ask for any more."""
    final = tick.final
    sub.usage_ids = sub.usage_ids[-policy.dedup.usage_recent * DIGEST_BYTES :]
    _shrink(sub, final, tick.closed, calendar, max(KEPT_BEFORE_FINAL, policy.value_classes.window_months - 1))
    for month in tuple(sub.ids):
        if month <= final:
            del sub.ids[month]
    for key, bill in tuple(sub.bills.items()):
        if bill.month <= final:
            arrears.retire(sub, key, bill)
    arrears.fold(sub, tick.day)
    signs.prune(sub, tick.at)
    if sub.switches:
        network.prune(sub, calendar.start(min(final, tick.closed - KEPT_BEFORE_FINAL + 1)))


def _shrink(sub: Subscriber, final: int, closed: int, calendar: BillingCalendar, kept: int) -> None:
    months, past = sub.months, sub.past
    for month in tuple(months):
        if month > closed:
            continue
        used = months[month].usage
        if month > final:
            if used:
                months[month].usage = packed(used)
        elif month >= final - WHOLE_BEFORE_FINAL:
            if used:
                _keep_volumes(months[month])
        else:
            record = months.pop(month)
            past[month] = windows.settled(record)
            if record.days:
                sub.used_day = max(sub.used_day, calendar.first_day(month) + record.days.bit_length() - 1)
    for month in tuple(past):
        if month < final - kept:
            del past[month]


def _keep_volumes(record: Month) -> None:
    record.outgoing_seconds, record.volume_bytes = volumes(record)
    record.usage = {}


def forgettable(sub: Subscriber, tick: Tick, policy: Policy) -> bool:
    """Tell whether a customer left so long ago, owing nothing, that the row may go (ARCHITECTURE section 5)."""
    return (
        network.has_left(sub)
        and (tick.at - sub.switches[-1][0]).days > LONGEST_MONTH_DAYS * policy.retention.forget_after_months
        and not (sub.months or sub.past or sub.ids)  # as long as a row could be revised, its revision must be known
        and arrears.outlook(sub, tick.day, policy) == (0, NEVER)
    )
