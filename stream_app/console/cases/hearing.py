"""JSON objects of facts and events -> what the rules hear; what is no concern of the desk's is None."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from xxhash import xxh3_128_hexdigest

from stream_app.core.desk.heard import Enrolled, Heard, Reason, RiskTold, Switched, TierMoved
from stream_app.core.state import LEVELS
from stream_app.wire.instants import read_instant

Fact = Mapping[str, Any]


def hear(fact: Fact) -> Heard | None:
    """Read a fact or an event that was found to be valid."""
    read = READERS.get(fact["type"])
    return None if read is None else read(fact)


def instant(text: str) -> datetime:
    """Read an instant; raises ValueError."""
    at = read_instant(text)
    if at is None:
        message = f"{text!r} is no instant: write RFC 3339 with an offset"
        raise ValueError(message)
    return at


def event_key(fact: Fact) -> str:
    """Give the id of a fact; an event's is unique per subscriber and type alone, so it is made of the three."""
    if "fact_id" in fact:
        return str(fact["fact_id"])
    return xxh3_128_hexdigest(f"{fact['subscriber_id']}/{fact['type']}/{fact['event_id']}".encode())


def _common(fact: Fact) -> dict[str, Any]:
    return {
        "fact_id": event_key(fact),
        "subscriber_id": fact["subscriber_id"],
        "occurred_at": instant(fact["occurred_at"]),
        "branch_id": fact.get("branch_id"),
    }


def _risk(fact: Fact) -> RiskTold:
    common = _common(fact)
    reasons = (Reason("risk", common["fact_id"], common["occurred_at"], reason) for reason in fact["reasons"])
    return RiskTold(
        **common,
        level=LEVELS.index(fact["to"]),
        score=fact["score"],
        reasons=tuple(reasons),
        tier=fact.get("tier"),
        value_class=fact["value_class"],
        measures=tuple(fact.get("suggested_measures") or ()),
        offers=tuple(fact.get("offers") or ()),
    )


def _tier(fact: Fact) -> TierMoved:
    moved = {"from_tier": fact["from"], "to_tier": fact["to"], "direction": fact["direction"], "why": fact["reason"]}
    return TierMoved(**_common(fact), **moved)


def _switched(fact: Fact) -> Switched:
    is_on = fact["type"] == "subscriber.activated"
    return Switched(**_common(fact), is_on=is_on, why="" if is_on else fact.get("reason") or "")


def _enrolled(fact: Fact) -> Enrolled:
    return Enrolled(**_common(fact), measure=fact["measure"])


READERS: Mapping[str, Callable[[Fact], Heard]] = {
    "churn_risk.changed": _risk,
    "tier.changed": _tier,
    "subscriber.activated": _switched,
    "subscriber.deactivated": _switched,
    "measure.enrolled": _enrolled,
}
