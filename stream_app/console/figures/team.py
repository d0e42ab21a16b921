"""Figures of a branch's phone managers, read live: books, calls a day, what came of the calls."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, case, func, or_, select

from stream_app.console.figures.grouping import Rows
from stream_app.console.store.work_tables import Book, Case, Contact, User
from stream_app.core.months import BillingCalendar

OUTCOMES = ("accepted", "refused", "reached", "not_reached")


class Calls(NamedTuple):
    """Calls of a group by what came of them."""

    group: str  # a phone manager, or a day
    outcomes: tuple[int, ...]  # as OUTCOMES

    @property
    def all(self) -> int:
        """Count them all."""
        return sum(self.outcomes)


def book_sizes(connection: Connection, branch_id: str | None) -> dict[str, int]:
    """Count the customers in each phone manager's book."""
    query = select(Book.manager_id, func.count()).join(User, User.user_id == Book.manager_id)
    found = connection.execute(query.where(*_of(branch_id)).group_by(Book.manager_id))
    return {str(manager_id): heads for manager_id, heads in found}


def calls_by_phone_manager(connection: Connection, branch_id: str | None, since: datetime) -> list[Calls]:
    """Count calls since an instant by phone manager."""
    found = connection.execute(_counted(branch_id, since).group_by(Contact.user_id).order_by(Contact.user_id))
    return [Calls(row[0], tuple(int(each) for each in row[1:])) for row in found]


def calls_by_day(
    connection: Connection, branch_id: str | None, days: Sequence[date], calendar: BillingCalendar
) -> list[Calls]:
    """Count the calls of each of some local days, the first of which is the earliest."""
    query = select(Contact.at, Contact.outcome).where(Contact.at >= calendar.midnight(days[0]))
    if branch_id is not None:
        query = query.join(Case, Case.case_id == Contact.case_id).where(Case.branch_id == branch_id)
    found = Counter((calendar.local_date(at), outcome) for at, outcome in connection.execute(query))
    return [Calls(on.isoformat(), tuple(found[on, outcome] for outcome in OUTCOMES)) for on in days]


def names(connection: Connection, branch_id: str | None) -> dict[str, str]:
    """Give the names of the phone managers who serve a branch, or of all."""
    query = select(User.user_id, User.name).where(User.role == "manager", *_of(branch_id))
    return {user_id: name for user_id, name in connection.execute(query)}  # noqa: C416 - rows are no pairs


def _counted(branch_id: str | None, since: datetime) -> Rows:
    query = select(Contact.user_id, *_sums()).join(Case, Case.case_id == Contact.case_id).where(Contact.at >= since)
    return query if branch_id is None else query.where(Case.branch_id == branch_id)


def _sums() -> list[Any]:
    return [func.sum(case((Contact.outcome == outcome, 1), else_=0)).label(outcome) for outcome in OUTCOMES]


def _of(branch_id: str | None) -> Sequence[ColumnElement[bool]]:
    return [] if branch_id is None else [or_(User.branch_id == branch_id, User.branch_id.is_(None))]
