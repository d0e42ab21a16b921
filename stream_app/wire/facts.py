"""Facts -> JSON with CloudEvents 1.0 headers in binary mode (CONTRACTS section 5).

A fact's id derives from its cause, subscriber, type and, for a month's row, the month: worked again, it is the same.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson
from xxhash import xxh3_128_hexdigest

from stream_app.core.events import QUANTITY_FIELDS
from stream_app.core.facts import Cause, Fact, MonthClosed, TierChanged, UsageLine, WindowMonth
from stream_app.core.months import month_name
from stream_app.wire.instants import write_instant

SOURCE = "/stream-app"


class Encoded(NamedTuple):
    """A record to publish."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def fact_id(fact: Fact) -> str:
    """Derive the id of a fact from its cause; a correction's revision is not part of it, its cause is."""
    cause = fact.cause
    parts = [cause.topic, str(cause.partition), str(cause.offset), fact.subscriber_id, fact.type]
    if isinstance(fact, MonthClosed):
        parts.append(month_name(fact.month))
    return xxh3_128_hexdigest("/".join(parts).encode())


def fact_object(fact: Fact) -> dict[str, Any]:
    """Give the JSON object of a fact."""
    common = {
        "fact_id": fact_id(fact),
        "type": fact.type,
        "subscriber_id": fact.subscriber_id,
        "occurred_at": write_instant(fact.occurred_at),
        "policy_version": fact.policy_version,
        **({} if fact.branch_id is None else {"branch_id": fact.branch_id}),
        "cause": _cause(fact.cause),
    }
    return common | _OWN_FIELDS[type(fact)](fact)


def encode_fact(fact: Fact) -> Encoded:
    """Encode a fact as the record to publish, keyed by its subscriber."""
    content = fact_object(fact)
    headers = {
        "ce_specversion": "1.0",
        "ce_id": content["fact_id"],
        "ce_source": SOURCE,
        "ce_type": fact.type,
        "ce_time": content["occurred_at"],
        "ce_subject": fact.subscriber_id,
        "content-type": "application/json",
    }
    return Encoded(
        fact.topic,
        fact.subscriber_id.encode(),
        orjson.dumps(content),
        [(name, text.encode()) for name, text in headers.items()],
    )


def _cause(cause: Cause) -> dict[str, Any]:
    place = {"topic": cause.topic, "partition": cause.partition, "offset": cause.offset}
    return place if cause.event_id is None else place | {"event_id": cause.event_id}


def _tier_changed(fact: TierChanged) -> dict[str, Any]:
    return {
        "from": fact.from_tier,
        "to": fact.to_tier,
        "direction": fact.direction,
        "reason": fact.reason,
        "provisional": fact.provisional,
        "arpu_fen": fact.arpu_fen,
        "window": [window_object(month) for month in fact.window],
    }


def window_object(month: WindowMonth) -> dict[str, Any]:
    """Give the JSON object of a month of a window."""
    return {
        "billing_month": month_name(month.month),
        "revenue_fen": month.revenue_fen,
        "billed": month.billed,
        "closed": month.closed,
    }


def _month_closed(fact: MonthClosed) -> dict[str, Any]:
    return {
        "billing_month": month_name(fact.month),
        "revision": fact.revision,
        "revenue_fen": fact.revenue_fen,
        "billed": fact.billed,
        "arpu_fen": fact.arpu_fen,
        "official_tier": fact.official_tier,
        "on_network": fact.on_network,
        "accrued_fen": fact.accrued_fen,
        "adjusted_fen": fact.adjusted_fen,
        "usage": [_usage_line(line) for line in fact.usage],
    }


def _usage_line(line: UsageLine) -> dict[str, Any]:
    return {
        "service": line.service,
        "scope": line.scope,
        "direction": "outgoing" if line.outgoing else "incoming",
        QUANTITY_FIELDS[line.service]: line.quantity,
        "charge_fen": line.charge_fen,
        "records": line.records,
    }


_OWN_FIELDS: Mapping[type[Fact], Callable[[Any], dict[str, Any]]] = {
    TierChanged: _tier_changed,
    MonthClosed: _month_closed,
}
