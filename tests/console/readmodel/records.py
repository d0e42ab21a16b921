"""Records of the topics as the desk finds them, made short."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import orjson

from stream_app.console.readmodel.feeds import Record
from stream_app.core.events import TOPIC_OF_TYPE
from stream_app.wire.instants import write_instant
from tests.console.moments import START

FACT_TOPIC = {
    "tier.changed": "tier-changes",
    "churn_risk.changed": "churn-risk",
    "month.closed": "month-closes",
    "churn_outcome.recorded": "churn-outcomes",
}


class Topics:
    """Puts records on made-up topics, one partition each, in the order they are given."""

    def __init__(self) -> None:
        self._ends: Counter[str] = Counter()
        self._facts = 0

    def raw(self, topic: str, value: bytes | None, key: bytes | None = b"a", at: datetime = START) -> Record:
        """Put anything on a topic."""
        offset = self._ends[topic]
        self._ends[topic] += 2  # with gaps, as the marks of transactions leave them
        return Record(topic, 0, offset, int(at.timestamp() * 1000), key, value)

    def event(self, kind: str, /, whose: str = "a", at: datetime = START, **fields: Any) -> Record:
        """Put an event on its topic."""
        self._facts += 1
        common = {"event_id": f"e{self._facts}", "type": kind, "subscriber_id": whose, "occurred_at": write_instant(at)}
        return self.raw(TOPIC_OF_TYPE[kind], orjson.dumps(common | fields), whose.encode(), at)

    def fact(self, kind: str, whose: str = "a", at: datetime = START, **fields: Any) -> Record:
        """Put a fact on its topic."""
        self._facts += 1
        topic = FACT_TOPIC[kind]
        common = {
            "fact_id": f"{self._facts:032x}",
            "type": kind,
            "subscriber_id": whose,
            "occurred_at": write_instant(at),
            "policy_version": "test-1",
            "cause": {"topic": "billing-events", "partition": 0, "offset": self._facts},
        }
        return self.raw(topic, orjson.dumps(common | _OWN[kind] | fields), whose.encode(), at)

    def tier(self, whose: str, to: str | None, before: str | None = None, **fields: Any) -> Record:
        """Put a move between tiers on its topic."""
        return self.fact("tier.changed", whose, **{"from": before, "to": to} | fields)

    def risk(self, whose: str, to: str, before: str = "none", **fields: Any) -> Record:
        """Put a move between risk levels on its topic."""
        return self.fact("churn_risk.changed", whose, **{"from": before, "to": to} | fields)

    def month(self, whose: str, billing_month: str, **fields: Any) -> Record:
        """Put a closed month on its topic."""
        return self.fact("month.closed", whose, billing_month=billing_month, **fields)


_OWN: dict[str, dict[str, Any]] = {
    "tier.changed": {
        "from": None,
        "to": "C4",
        "direction": "up",
        "reason": "live",
        "provisional": True,
        "arpu_fen": 60_000,
        "window": [{"billing_month": "2025-06", "revenue_fen": 180_000, "billed": False, "closed": False}],
    },
    "churn_risk.changed": {
        "from": "none",
        "to": "high",
        "score": 62,
        "reasons": [{"indicator": "spend_pace", "points": 40, "value": 12, "evidence": {"share": 12}}],
        "protections": [],
        "tier": "C4",
        "value_class": "ordinary",
        "suggested_measures": ["family_plan"],
        "offers": [],
        "channels": ["phone_manager"],
    },
    "month.closed": {
        "billing_month": "2025-05",
        "revision": 0,
        "revenue_fen": 60_000,
        "billed": True,
        "arpu_fen": 55_000,
        "official_tier": "C4",
        "on_network": True,
        "accrued_fen": 61_000,
        "adjusted_fen": 0,
        "dynamic": True,
        "important": False,
        "assessed": True,
        "value_class": "ordinary",
        "usage": [
            {
                "service": "voice",
                "scope": "local",
                "direction": "outgoing",
                "duration_seconds": 600,
                "charge_fen": 600,
                "records": 5,
            }
        ],
    },
    "churn_outcome.recorded": {
        "left": True,
        "outcome_on": "2025-06-01",
        "weight": 1,
        "value_class": "ordinary",
        "before": [{"days_before": 30, "seen_on": "2025-05-02", "indicators": {"silent_days": 3, "mou_pace": None}}],
    },
}


def later(**by: float) -> datetime:
    """Give an instant after START."""
    return START + timedelta(**by)


def in_batches(records: Iterable[Record], size: int) -> list[list[Record]]:
    """Cut records into batches."""
    listed = list(records)
    return [listed[start : start + size] for start in range(0, len(listed), size)]
