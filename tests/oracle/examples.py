"""The few words that hand-worked examples are told in: one subscriber, UTC, months from the 1st, floors of 10 and 20.

So a window qualifies for SILVER with a sum of 30 fen and for GOLD with 60. A day alone means its noon.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.oracle.oracle import Answer, answer
from tests.oracle.rules import Row

Event = dict[str, Any]

POLICY: dict[str, Any] = {
    "version": "example-1",
    "effective_at": "2017-01-01T00:00:00Z",
    "billing": {"zone": "UTC", "anchor_day": 1, "grace_hours": 48},
    "tiers": [{"code": "GOLD", "floor_fen": 20}, {"code": "SILVER", "floor_fen": 10}],
}


def event(event_type: str, at: str, **own: Any) -> Event:
    """Tell of any event; its id is given by its place in the stream unless `event_id` is told."""
    return {"type": event_type, "subscriber_id": "s", "occurred_at": instant(at), **own}


def instant(at: str) -> str:
    """Give the instant of a day's noon, or the one told."""
    return f"{at}T12:00:00Z" if "T" not in at else at


def usage(at: str, charge_fen: int, **own: Any) -> Event:
    """Tell of a call."""
    return event("usage.recorded", at, service="voice", duration_seconds=60, charge_fen=charge_fen, **own)


def fee(at: str, amount_fen: int, **own: Any) -> Event:
    """Tell of a fee."""
    return event("fee.charged", at, kind="plan", amount_fen=amount_fen, **own)


def bill(at: str, month: str, amount_fen: int, **own: Any) -> Event:
    """Tell of a bill; its id is its month's unless told."""
    return event(
        "bill.issued", at, **{"bill_id": f"b-{month}", "billing_month": month, "amount_fen": amount_fen, **own}
    )


def adjustment(at: str, month: str, amount_fen: int) -> Event:
    """Tell of an adjustment."""
    return event("bill.adjusted", at, billing_month=month, amount_fen=amount_fen)


def payment(at: str, amount_fen: int) -> Event:
    """Tell of a payment."""
    return event("payment.received", at, amount_fen=amount_fen)


def activated(at: str) -> Event:
    """Tell of an activation."""
    return event("subscriber.activated", at)


def deactivated(at: str) -> Event:
    """Tell of a deactivation."""
    return event("subscriber.deactivated", at)


def signed(at: str, contract_id: str = "c", **own: Any) -> Event:
    """Tell of a contract signed."""
    return event("contract.signed", at, contract_id=contract_id, kind="contract", **own)


def ended(at: str, contract_id: str = "c") -> Event:
    """Tell of a contract ended."""
    return event("contract.ended", at, contract_id=contract_id, kind="contract")


def policy(base: Mapping[str, Any] = POLICY, **changes: Any) -> dict[str, Any]:
    """Give the example policy with some keys changed; mappings are changed key by key."""
    merged = dict(base)
    for name, value in changes.items():
        merged[name] = {**base.get(name, {}), **value} if isinstance(value, dict) else value
    return merged


def replayed(*lines: Event | bytes, until: str, policies: list[dict[str, Any]] | None = None) -> Answer:
    """Ask the oracle."""
    numbered = [line if isinstance(line, bytes) else {"event_id": f"e{n}", **line} for n, line in enumerate(lines)]
    end_at = datetime.fromisoformat(instant(until)).astimezone(UTC)
    return answer(numbered, policies or [POLICY], end_at)


def row(given: Answer, month: str) -> Row:
    """Give the last revision of a month of the one subscriber."""
    return given.months["s", month]


def revenues(given: Answer) -> dict[str, int]:
    """Give the revenue of each closed month of the one subscriber."""
    return {month: last.revenue_fen for (_, month), last in given.months.items()}


def officials(given: Answer) -> dict[str, str | None]:
    """Give the official tier of each closed month of the one subscriber."""
    return {month: last.official_tier for (_, month), last in given.months.items()}


def changes(given: Answer) -> list[tuple[str, str | None, str]]:
    """Give day (of a tick) or number of the line, new tier and reason of each change."""
    return [
        (change.cause.strftime("%m-%dT%H") if isinstance(change.cause, datetime) else str(change.cause), *change[3:])
        for change in given.changes
    ]


def tiers_after_closes(given: Answer) -> dict[tuple[str, str], str | None]:
    """Give each subscriber's tier after each tick that closed a month, by its day and hour."""
    told = given.tier_after_close or {}
    return {(owner, tick.strftime("%m-%dT%H")): tier for (owner, tick), tier in told.items()}
