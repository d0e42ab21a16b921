"""Customers as the figures' tests want them: rows of the read model, the least that makes them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert

from stream_app.console.store.base import Table
from stream_app.console.store.database import upsert, writing
from stream_app.console.store.read_tables import (
    Customer,
    MeasureChange,
    MonthRow,
    NetworkChange,
    Outcome,
    Position,
    TierChange,
)
from stream_app.console.store.work_tables import Case, Contact, User

OVER, UNDER = 15_000, 9_000  # fen: above and below the bound of 12,000
DYNAMIC = ("important", "ordinary", "irregular", "churn_inclined")


def at(text: str) -> datetime:
    """Read an instant of Shanghai, such as 2025-06-01 10:00."""
    return (datetime.fromisoformat(text) - timedelta(hours=8)).replace(tzinfo=UTC)


class People:
    """Puts rows into a database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._serial = 0

    def customer(self, subscriber_id: str, branch_id: str | None = "b1", **traits: Any) -> None:
        """Make a customer, or say more of one there is."""
        with writing(self.engine) as connection:
            upsert(connection, Customer, [{"subscriber_id": subscriber_id, "branch_id": branch_id, **traits}])

    def month(self, subscriber_id: str, month: str, value_class: str = "ordinary", **traits: Any) -> None:
        """Close a month for a customer, who is put on the network where not known."""
        row = {
            "branch_id": "b1", "revision": 0, "revenue_fen": OVER, "billed": True, "arpu_fen": OVER,
            "official_tier": None, "on_network": True, "value_class": value_class, "important": False,
            "dynamic": value_class in DYNAMIC, "assessed": False, "tenure_months": None, "measures": 0, "usage": [],
        }  # fmt: skip
        row |= {"subscriber_id": subscriber_id, "billing_month": month} | traits
        self._put(MonthRow, row)
        branch_id = row["branch_id"]
        with writing(self.engine) as connection:
            upsert(
                connection,
                Customer,
                [{"subscriber_id": subscriber_id, "branch_id": branch_id, "closed_month": month}],
                newer="closed_month",
            )

    def network(self, subscriber_id: str, when: str, *, on: bool) -> None:
        """Let a customer come or leave."""
        self._put(NetworkChange, {"subscriber_id": subscriber_id, "occurred_at": at(when), "on_network": on})
        known = {"subscriber_id": subscriber_id, "on_network": on, "network_at": at(when)}
        with writing(self.engine) as connection:
            upsert(connection, Customer, [known], newer="network_at")

    def tier(self, subscriber_id: str, when: str, tier: str | None) -> None:
        """Move a customer to a tier."""
        self._put(TierChange, {
            "fact_id": self.next_id("t"), "subscriber_id": subscriber_id, "occurred_at": at(when), "branch_id": "b1",
            "from_tier": None, "to_tier": tier, "direction": "up" if tier else "down", "reason": "close",
            "provisional": False, "arpu_fen": 0, "window": [], "policy_version": "p",
        })  # fmt: skip
        with writing(self.engine) as connection:
            known = {"subscriber_id": subscriber_id, "tier": tier, "tier_at": at(when)}
            upsert(connection, Customer, [known], newer="tier_at")

    def measure(self, subscriber_id: str, measure: str, when: str, *, enrolled: bool = True, until: Any = None) -> None:
        """Enrol a customer in a measure, or end it."""
        row = {"subscriber_id": subscriber_id, "measure": measure, "occurred_at": at(when)}
        self._put(MeasureChange, row | {"enrolled": enrolled, "until_on": until})

    def outcome(self, *, left: bool, looks: Sequence[Mapping[str, Any]], weight: int = 1, **traits: Any) -> None:
        """Record an outcome with what was seen before."""
        fact_id = self.next_id("o")
        row = {"fact_id": fact_id, "subscriber_id": fact_id, "left": left, "outcome_on": at("2025-06-01 12:00").date()}
        self._put(
            Outcome, row | {"weight": weight, "value_class": "ordinary", "branch_id": "b1", "before": looks} | traits
        )

    def case(self, subscriber_id: str, opened: str, arm: str = "called", **traits: Any) -> str:
        """Open a case."""
        case_id = self.next_id("c")
        self._put(Case, {
            "case_id": case_id, "subscriber_id": subscriber_id, "branch_id": "b1", "kind": "keep", "state": "closed",
            "opened_at": at(opened), "due_at": at(opened), "level": 2, "score": 50, "value_class": "ordinary",
            "arpu_fen": OVER, "leading": "silent_days", "arm": arm, "reasons": [], "suggested_measures": [],
            "offers": [],
        } | traits)  # fmt: skip
        return case_id

    def contact(self, case_id: str, subscriber_id: str, when: str, outcome: str, **traits: Any) -> None:
        """Record a call."""
        row = {"event_id": self.next_id("k"), "case_id": case_id, "subscriber_id": subscriber_id, "at": at(when)}
        self._put(Contact, row | {"outcome": outcome, "user_id": "m1"} | traits)

    def user(self, user_id: str, role: str = "manager", **traits: Any) -> None:
        """Let somebody log in."""
        row = {"user_id": user_id, "login": user_id, "name": user_id.title(), "role": role, "branch_id": "b1"}
        self._put(User, row | {"created_at": at("2025-01-01 00:00")} | traits)

    def read_on(self, topic: str = "month-closes", read_to: int = 1) -> None:
        """Say how far a topic is read."""
        with writing(self.engine) as connection:
            upsert(connection, Position, [{"topic": topic, "partition": 0, "read_to": read_to, "acted_to": 0}])

    def next_id(self, prefix: str) -> str:
        """Give an id that was not given before."""
        self._serial += 1
        return f"{prefix}{self._serial}"

    def _put(self, table: type[Table], row: Mapping[str, Any]) -> None:
        with writing(self.engine) as connection:
            connection.execute(insert(table).values(**row))
