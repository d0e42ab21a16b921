"""The people of the desk as the rules see them: who can be given a customer, and who may work a case."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, func, or_, select

from stream_app.console.cases.refused import Refused, Why
from stream_app.console.desk import Desk
from stream_app.console.store.work_tables import Case, User
from stream_app.core.desk.assignment import Candidate, Wanted, choose, is_absent, moves_for_good
from stream_app.core.desk.course import CaseState

PHONE_MANAGER, SUPERVISOR = "manager", "supervisor"


class Worker(NamedTuple):
    """Somebody who works at the desk."""

    user_id: str
    role: str
    branch_id: str | None

    def oversees(self, branch_id: str | None) -> bool:
        """Tell whether a branch's cases are theirs to direct; a case of no branch is every supervisor's."""
        return self.role == SUPERVISOR and (self.branch_id is None or branch_id in {None, self.branch_id})


def worker(connection: Connection, user_id: str) -> Worker:
    """Look somebody up; raises Refused where they do not work here."""
    query = select(User.user_id, User.role, User.branch_id).where(User.user_id == user_id, User.is_active)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Refused(Why.NOT_ALLOWED)
    return Worker(*row)


def check_may_work(connection: Connection, user_id: str, case: CaseState) -> None:
    """Make sure that a case is somebody's to work: its phone manager's, or a supervisor's; raises Refused."""
    who = worker(connection, user_id)
    is_own = who.role == PHONE_MANAGER and case.manager_id == user_id
    if not is_own and not who.oversees(case.branch_id):
        raise Refused(Why.NOT_YOURS)


class Crew:
    """Everybody who can be given a customer today; it counts what it gives."""

    def __init__(self, members: Iterable[Candidate]) -> None:
        self._members = {member.user_id: member for member in members}
        self._near = defaultdict[str | None, list[str]](list)
        for member in self._members.values():
            self._near[member.branch_id].append(member.user_id)

    def of(self, user_id: str) -> Candidate | None:
        """Give a member; None for who left."""
        return self._members.get(user_id)

    def leave_out(self, user_id: str) -> None:
        """Give nothing more to one of them, as if they were away."""
        if user_id in self._members:
            self._members[user_id] = self._members[user_id]._replace(is_present=False)

    def choose(self, wanted: Wanted) -> str | None:
        """Choose who is given a customer; None where nobody can."""
        found = choose(wanted, self._near_to(wanted))
        if found is None:
            return None
        self._members[found.user_id] = found._replace(assigned_today=found.assigned_today + 1)
        return found.user_id

    def moves_for_good(self, wanted: Wanted) -> bool:
        """Tell whether the customer is from now on that of whoever is chosen."""
        return moves_for_good(wanted, self._near_to(wanted))

    def _near_to(self, wanted: Wanted) -> list[Candidate]:
        if wanted.branch_id is None:
            return list(self._members.values())
        ids = (*self._near.get(wanted.branch_id, ()), *self._near.get(None, ()))
        return [self._members[each] for each in ids]


def crew(connection: Connection, desk: Desk) -> Crew:
    """Look up who can be given customers, with the calls given to each today."""
    counts = dict(connection.execute(_given_since(midnight(desk))).all())
    query = select(User.__table__).where(User.role == PHONE_MANAGER, User.is_active).order_by(User.user_id)
    return Crew(_candidate(desk, row, counts.get(row["user_id"], 0)) for row in connection.execute(query).mappings())


def _given_since(since: datetime) -> Select[str | None, int]:
    query = select(Case.manager_id, func.count()).where(Case.assigned_at >= since, takes_a_call())
    return query.where(Case.manager_id.is_not(None)).group_by(Case.manager_id)


def takes_a_call() -> ColumnElement[bool]:
    """Pick the cases that take a call, or took one: not those that were cleared before anybody called."""
    return or_(Case.state.in_(["open", "waiting"]), Case.outcome.is_not(None))


def _candidate(desk: Desk, row: RowMapping, given: int) -> Candidate:
    today, policy = desk.policies.calendar.local_date(desk.now()), desk.policies.in_force(desk.now())
    capacity = row["capacity_a_day"]
    return Candidate(
        row["user_id"],
        row["branch_id"],
        row["tiers"] or (),
        policy.desk.capacity_a_day if capacity is None else capacity,
        not is_absent(row["absent_from"], row["absent_until"], today),
        given,
    )


def midnight(desk: Desk) -> datetime:
    """Give the instant at which the local day began."""
    calendar = desk.policies.calendar
    return calendar.midnight(calendar.local_date(desk.now()))


def is_away(desk: Desk) -> ColumnElement[bool]:
    """Pick the users who are away today."""
    today = desk.policies.calendar.local_date(desk.now())
    return and_(User.absent_from <= today, or_(User.absent_until.is_(None), User.absent_until > today))
