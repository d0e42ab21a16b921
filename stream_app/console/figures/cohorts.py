"""Snapshot cohorts 拍照客户: freezing them, and what became of their members (DOMAIN section 4).

A cohort holds who was dynamic mid-to-high-end and on the network as its day began, worked from what is known when it is
frozen: a past day can be frozen too.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import Connection, and_, delete, func, or_, select

from stream_app.console.desk import Desk
from stream_app.console.figures.standing import BRANCH, CLASS, DYNAMIC, closed_by, first_instant, standing, tier_at
from stream_app.console.store.database import reading, upsert, writing
from stream_app.console.store.read_tables import Customer, MeasureChange, MonthRow
from stream_app.console.store.work_tables import Cohort, CohortMember

LONGEST_NAME = 64


Code = Literal["name", "day", "taken"]
NAME: Final = "name"
DAY: Final = "day"
TAKEN: Final = "taken"
WHY: Mapping[Code, str] = {
    NAME: f"a cohort's name has 1 to {LONGEST_NAME} printable characters",
    DAY: "a cohort is taken as a day begins, and this one has not begun",
    TAKEN: "there is a cohort of this name: it stays as it is, give another name",
}


class NotFrozenError(Exception):
    """A cohort cannot be frozen so; `code` is for translation, the message says why."""

    def __init__(self, code: Code) -> None:
        super().__init__(WHY[code])
        self.code = code


class Snapshot(NamedTuple):
    """What a cohort is called, and the day as which begins it is taken."""

    name: str
    on: date


def freeze(desk: Desk, name: str, on: date, user_id: str | None = None) -> int:
    """Freeze who is mid-to-high-end as a local day begins, and give how many; raises NotFrozenError."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise NotFrozenError(NAME)
    if first_instant(desk.policies, on) > desk.now():
        raise NotFrozenError(DAY)
    with reading(desk.engine) as connection:
        members = _members(connection, desk, Snapshot(name, on))
    row = {"cohort": name, "taken_on": on, "frozen_at": desk.now(), "user_id": user_id, "heads": len(members)}
    with writing(desk.engine) as connection:
        if connection.scalar(select(Cohort.cohort).where(Cohort.cohort == name)) is not None:
            raise NotFrozenError(TAKEN)
        upsert(connection, Cohort, [row])
        # Members without a cohort are of a freezing that was cut short: SQLite and PostgreSQL both undo it whole.
        connection.execute(delete(CohortMember).where(CohortMember.cohort == name))
        upsert(connection, CohortMember, members)
    return len(members)


def cohorts(connection: Connection) -> Sequence[Any]:
    """List the cohorts, the latest first; each with `cohort`, `taken_on`, `frozen_at`, `heads`."""
    columns = (Cohort.cohort, Cohort.taken_on, Cohort.frozen_at, Cohort.heads)
    return connection.execute(select(*columns).order_by(Cohort.taken_on.desc(), Cohort.cohort.desc())).all()


def _members(connection: Connection, desk: Desk, snapshot: Snapshot) -> list[dict[str, Any]]:
    at = first_instant(desk.policies, snapshot.on)
    columns = (
        Customer.subscriber_id,
        BRANCH,
        tier_at(at).label("tier"),
        CLASS,
        MonthRow.tenure_months,
        MonthRow.arpu_fen,
    )
    qualified = standing(at, closed_by(desk.policies, at), columns).where(DYNAMIC.element)
    held = _measures(connection, at, snapshot.on)
    return [
        dict(row._mapping) | {"cohort": snapshot.name, "measures": sorted(held.get(row.subscriber_id, []))}  # noqa: SLF001
        for row in connection.execute(qualified)
    ]


def _measures(connection: Connection, at: datetime, on: date) -> dict[str, list[str]]:
    """Name the measures held at an instant, by customer: those whose last change before it is an enrolment in force."""
    place = (MeasureChange.subscriber_id, MeasureChange.measure)
    order = (MeasureChange.occurred_at.desc(), MeasureChange.enrolled.desc())
    rank = func.row_number().over(partition_by=place, order_by=order).label("rank")
    ranked = select(*place, MeasureChange.enrolled, MeasureChange.until_on, rank).where(MeasureChange.occurred_at < at)
    last = ranked.subquery().c
    in_force = and_(last.rank == 1, last.enrolled, or_(last.until_on.is_(None), last.until_on >= on))
    found: dict[str, list[str]] = defaultdict(list)
    for subscriber_id, measure in connection.execute(select(last.subscriber_id, last.measure).where(in_force)):
        found[subscriber_id].append(measure)
    return found
