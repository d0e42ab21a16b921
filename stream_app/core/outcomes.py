"""Behaviour before churn 流失前消费行为分析: what the indicators read in the months before a customer left (DOMAIN 5).

Every 30 days or a little more, at a tick that weighs the risk, what they read is kept, four times back. Who leaves
gives a row, labelled so; a sample of those who stay gives rows too, as of a day drawn from the month, so that the
readings of both are equally old. Who is drawn depends on the id alone, or id and month: the same when worked again.
"""

from collections.abc import Iterator
from datetime import date

from msgspec import msgpack
from xxhash import xxh3_64_intdigest

from stream_app.core.facts import ChurnOutcomeRecorded, Origin, SeenBefore
from stream_app.core.indicators import readings
from stream_app.core.reading import Setting
from stream_app.core.state import LEFT, Seen, Subscriber

HORIZONS_DAYS = (30, 60, 90)
SPACING_DAYS, KEPT = 30, 4
STORED = (  # what a kept reading holds, in this order: part of the stored state, add at the end only
    *("spend_pace_percent", "minutes_pace_percent", "data_pace_percent", "active_days_percent", "silent_days"),
    *("low_spend_months", "arrears_months", "arrears_fen", "balance_fen", "complaints", "complaints_escalated"),
    *("hotline_calls", "call_forwarding", "portout", "contract_days_left", "tenure_months", "measures_held"),
    *("sticky_services", "tier_lost_days", "recency_days", "frequency_percent", "monetary_fen"),
)
OUT_OF = 1000
_values = msgpack.Decoder(list[int | None])


def look(sub: Subscriber, setting: Setting, subscriber_id: str) -> None:
    """Keep what the indicators read now, if the last time is long enough ago."""
    day, seen = setting.tick.day, sub.seen or []
    if sub.standing & LEFT or (seen and day < seen[-1].day + SPACING_DAYS) or not _is_tracked(subscriber_id, setting):
        return
    found = readings(sub, setting)
    values = msgpack.encode([found[name].value if name in found else None for name in STORED])
    sub.seen = [*seen[1 - KEPT :], Seen(day, values)]


def left(sub: Subscriber, setting: Setting, origin: Origin) -> Iterator[ChurnOutcomeRecorded]:
    """Give the row of a customer who has left; none where nothing was kept of the time before."""
    if sub.seen is not None and sub.standing & LEFT:
        yield _row(sub, setting, origin, setting.calendar.day_of(sub.switches[-1][0]), weight=1)
        sub.seen = None


def stayed(sub: Subscriber, setting: Setting, origin: Origin) -> Iterator[ChurnOutcomeRecorded]:
    """Give the row of a customer who is on the network, if drawn for this month; it stands for `weight` customers."""
    permille = setting.policy.outcomes.stayed_permille
    if sub.seen is None or sub.standing & LEFT or not permille:
        return
    drawn = xxh3_64_intdigest(f"{origin.subscriber_id}/{setting.tick.closed}".encode())
    if drawn % OUT_OF < permille:
        day = setting.tick.day - drawn // OUT_OF % SPACING_DAYS
        row = _row(sub, setting, origin, day, weight=round(OUT_OF / permille))
        if row.before:
            yield row


def _is_tracked(subscriber_id: str, setting: Setting) -> bool:
    permille = setting.policy.outcomes.tracked_permille
    return bool(setting.risk.indicators) and (
        permille >= OUT_OF or xxh3_64_intdigest(subscriber_id.encode()) % OUT_OF < permille
    )


def _row(sub: Subscriber, setting: Setting, origin: Origin, day: int, weight: int) -> ChurnOutcomeRecorded:
    return ChurnOutcomeRecorded(
        subscriber_id=origin.subscriber_id,
        occurred_at=origin.occurred_at,
        policy_version=setting.policy.version,
        branch_id=sub.branch_id,
        cause=origin.cause,
        left=bool(sub.standing & LEFT),
        outcome_on=date.fromordinal(day),
        weight=weight,
        value_class=sub.value or "none",
        before=tuple(_before(sub.seen or [], day)),
    )


def _before(seen: list[Seen], day: int) -> Iterator[SeenBefore]:
    for horizon in HORIZONS_DAYS:
        found = next((each for each in reversed(seen) if each.day <= day - horizon), None)
        if found is not None:
            values = dict(zip(STORED, _values.decode(found.values), strict=False))
            yield SeenBefore(horizon, date.fromordinal(found.day), values)
