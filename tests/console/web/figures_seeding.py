"""Figures on the pages' seeded database: months, a cohort, cases long ago, and letters that nobody has to read."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import insert

from stream_app.console.desk import Desk
from stream_app.console.figures.refresh import refresh
from stream_app.console.letters import Shown
from stream_app.console.store.access_tables import AuditEntry
from stream_app.console.store.database import writing
from stream_app.console.store.work_tables import Delivery, OutboxRecord
from tests.console.figures.people import People
from tests.console.web.seeding import BRANCH, OTHER_BRANCH

MONTHS = ("2024-12", "2025-01", "2025-02", "2025-03", "2025-04")
LINE = {"service": "voice", "scope": "local", "direction": "outgoing", "duration_seconds": 60, "charge_fen": 900}


def seed_figures(desk: Desk, hostile: str = "") -> None:
    """Close months for six customers of two branches, and reckon; c-gone left and was called before."""
    people = People(desk.engine)
    for number in range(6):
        name, branch_id = f"n{number}", (BRANCH if number < 4 else OTHER_BRANCH)
        people.customer(name, branch_id, industry=f"press{hostile}")
        for month in MONTHS:
            usage = [{**LINE, "records": 1}]
            people.month(name, month, revenue_fen=20_000 + 1_000 * number, branch_id=branch_id, usage=usage,
                         official_tier=hostile[:32] or "C5", assessed=True, tenure_months=12 * number)  # fmt: skip
        people.case(name, "2025-03-01 10:00", arm="called" if number % 2 else "held_out", branch_id=branch_id,
                    manager_id="u-li" if number % 2 else None, measure=f"family_plan{hostile}")  # fmt: skip
    for left in (True, False):
        for value in range(5):
            indicators = {"silent_days": value, **({hostile[:32]: value} if hostile else {})}
            looks = [{"days_before": 30, "seen_on": "2025-05-01", "indicators": indicators}]
            people.outcome(left=left, looks=looks, branch_id=BRANCH)
    people.read_on()
    for _ in range(2):  # three months at a time
        refresh(desk)


def seed_operations(desk: Desk, hostile: str = "") -> None:
    """Put in an outbox record, a sent and a dead message."""
    now = desk.now()
    texts = {"channel": f"robot{hostile}"[:64], "error": f"refused {hostile}", "template": "task_assigned"}
    told = {**texts, "user_id": "u-li", "subject": {}, "made_at": now, "send_after_at": now, "tried": []}
    with writing(desk.engine) as connection:
        connection.execute(insert(OutboxRecord).values(topic="task-results", key="c-li", value="{}", made_at=now))
        for state in ("sent", "dead"):
            connection.execute(insert(Delivery).values(delivery_id=f"d-{state}", state=state, tries=3, **told))
        seen = {
            "at": now,
            "user_id": "u-li",
            "action": "case_seen",
            "subscriber_id": "c-li",
            "detail": {"what": hostile},
        }
        connection.execute(insert(AuditEntry).values(seen))


class SomeLetters:
    """Two dead letters, and what was sent back of them."""

    def __init__(self, hostile: str = "") -> None:
        self.sent: list[set[str]] = []
        self.letters = [
            Shown("0:7", "invalid_field", f"a{hostile}", "usage-events[0]@41", 1, False, f"c{hostile}", "", hostile),
            Shown("1:2", "not_json", "no JSON", "billing-events[1]@5", 0, False, "c-wang", f"h: {hostile}", "not json"),
        ]  # fmt: skip

    def newest(self) -> Sequence[Shown]:
        """List them."""
        return self.letters

    def send_back(self, places: Collection[str]) -> int:
        """Remember what was sent back."""
        self.sent.append(set(places))
        return len(places)


def lags() -> Sequence[Any]:
    """Give how far behind a topic is."""
    from stream_app.console.readmodel.behind import Lag  # noqa: PLC0415 - the pages' tests need no more of it

    return [Lag("month-closes", 0, 1, 43)]
