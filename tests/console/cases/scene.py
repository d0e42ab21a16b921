"""A desk in tests: customers, phone managers and facts, in one call each."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from xxhash import xxh3_128_hexdigest

from stream_app.console.cases import opening, rows
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading, upsert, writing
from stream_app.console.store.read_tables import Customer, MeasureHeld
from stream_app.console.store.work_tables import Case, CaseEvent, User
from stream_app.core.desk.course import CaseState
from stream_app.core.desk.heldout import is_drawn
from stream_app.core.state import LEVELS
from stream_app.wire.instants import write_instant

BRANCH = "chengdu"


def called_id(number: int = 0, permille: int = 500) -> str:
    """Give the id of a customer who is never held out, whatever the share."""
    return _ids(permille, drawn=False)[number]


def held_out_id(number: int = 0, permille: int = 50) -> str:
    """Give the id of a customer who is held out where nothing speaks against it."""
    return _ids(permille, drawn=True)[number]


def _ids(permille: int, *, drawn: bool) -> list[str]:
    return [name for name in (f"sub-{each}" for each in range(2000)) if is_drawn(name, permille) == drawn]


class Scene:
    """A desk with what a test puts there."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._facts = 0

    @property
    def now(self) -> datetime:
        """Give the desk's time."""
        return self.desk.now()

    def phone_manager(self, user_id: str, **own: Any) -> str:
        """Add a phone manager of the branch."""
        return self.user(user_id, role="manager", **own)

    def supervisor(self, user_id: str = "boss", **own: Any) -> str:
        """Add a supervisor of the branch."""
        return self.user(user_id, role="supervisor", **own)

    def user(self, user_id: str, **own: Any) -> str:
        """Add somebody of the branch."""
        row = {"user_id": user_id, "login": user_id, "name": user_id.title(), "branch_id": BRANCH} | own
        with writing(self.desk.engine) as connection:
            connection.execute(insert(User), {**row, "created_at": self.now})
        return user_id

    def change_user(self, user_id: str, **own: Any) -> None:
        """Change what is known of somebody."""
        with writing(self.desk.engine) as connection:
            connection.execute(update(User).where(User.user_id == user_id).values(**own))

    def away(self, user_id: str, days: int = 3) -> None:
        """Send somebody away for some days from today."""
        today: date = self.desk.policies.calendar.local_date(self.now)
        self.change_user(user_id, absent_from=today, absent_until=today + timedelta(days=days))

    def customer(self, subscriber_id: str, **own: Any) -> str:
        """Say what the read model knows of a customer."""
        return self.customers([subscriber_id], **own)[0]

    def customers(self, ids: list[str], **own: Any) -> list[str]:
        """Say the same of many customers."""
        row = {"branch_id": BRANCH, "value_class": "ordinary"} | own
        with writing(self.desk.engine) as connection:
            upsert(connection, Customer, [{"subscriber_id": each, **row} for each in ids])
        return ids

    def holds(self, subscriber_id: str, measure: str) -> None:
        """Say that a customer is enrolled in a measure."""
        row = {"subscriber_id": subscriber_id, "measure": measure, "enrolled_at": self.now, "until_on": None}
        with writing(self.desk.engine) as connection:
            upsert(connection, MeasureHeld, [{**row, "ended_at": None}])

    def act(self, *facts: dict[str, Any]) -> None:
        """Act on facts, as the projector does."""
        with writing(self.desk.engine) as connection:
            opening.act(connection, self.desk, facts)

    def risk(self, subscriber_id: str, level: str = "high", *indicators: str, **own: Any) -> dict[str, Any]:
        """Make a churn_risk.changed fact, of now unless told otherwise."""
        names = indicators or (("silent_days",) if level != "none" else ())
        reasons = [{"indicator": name, "points": 50, "value": 9, "evidence": {"seen": name}} for name in names]
        fact = {
            "from": "none",
            "to": level,
            "score": (0, 35, 60, 90)[LEVELS.index(level)],
            "reasons": reasons,
            "protections": [],
            "tier": None,
            "value_class": "ordinary",
            "suggested_measures": ["family_plan", "deposit_gift"],
            "offers": [{"offer": "family_share", "measure": "family_plan"}],
            "channels": ["phone_manager"],
        }
        return self._fact("churn_risk.changed", subscriber_id, fact | own)

    def tier(self, subscriber_id: str, before: str | None, after: str | None, **own: Any) -> dict[str, Any]:
        """Make a tier.changed fact; `direction` is down unless told otherwise."""
        moved = {"from": before, "to": after, "direction": "down", "reason": "close", "arpu_fen": 0}
        return self._fact("tier.changed", subscriber_id, moved | own)

    def event(self, kind: str, subscriber_id: str, **own: Any) -> dict[str, Any]:
        """Make an event."""
        fact = self._fact(kind, subscriber_id, own)
        return {"event_id": fact.pop("fact_id"), **fact}

    def _fact(self, kind: str, subscriber_id: str, own: dict[str, Any]) -> dict[str, Any]:
        self._facts += 1
        at = own.pop("at", self.now)
        return {
            "fact_id": xxh3_128_hexdigest(f"fact {self._facts}".encode()),
            "type": kind,
            "subscriber_id": subscriber_id,
            "occurred_at": write_instant(at),
            "policy_version": "default-1",
            **own,
        }

    def leave(self, subscriber_id: str, **own: Any) -> dict[str, Any]:
        """Let a customer leave: what the read model knows, and the event."""
        self.customer(subscriber_id, on_network=False, network_at=self.now, **own)
        return self.event("subscriber.deactivated", subscriber_id, reason="moved")

    def cases(self, subscriber_id: str | None = None) -> list[CaseState]:
        """Give the cases, of a customer or all, as they were opened."""
        query = rows.select_cases().order_by(Case.opened_at, Case.case_id)
        if subscriber_id is not None:
            query = query.where(Case.subscriber_id == subscriber_id)
        with reading(self.desk.engine) as connection:
            return rows.find(connection, query)

    def case(self, subscriber_id: str) -> CaseState:
        """Give the one case of a customer."""
        [only] = self.cases(subscriber_id)
        return only

    def log(self, subscriber_id: str) -> list[str]:
        """Name what happened to a customer's cases."""
        query = select(CaseEvent.kind).join(Case, Case.case_id == CaseEvent.case_id)
        query = query.where(Case.subscriber_id == subscriber_id).order_by(CaseEvent.event_no)
        with reading(self.desk.engine) as connection:
            return list(connection.scalars(query))
