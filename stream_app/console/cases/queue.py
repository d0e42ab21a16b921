"""What pages show of cases: my tasks, what nobody has, what is overdue, the load of a branch, one case.

Rule: each list is one query or two, and uses an index; nothing is changed here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, case, func, or_, select

from stream_app.console.cases import rows
from stream_app.console.cases.rows import Query
from stream_app.console.store.read_tables import Customer
from stream_app.console.store.work_tables import Book, Case, CaseEvent, Contact, User
from stream_app.core.desk.assignment import is_absent
from stream_app.core.desk.contact import Contacting, Permission, may_call, midnight_after
from stream_app.core.desk.course import CaseState
from stream_app.core.desk.heard import Reason
from stream_app.core.desk.threshold import Reach, reach
from stream_app.core.months import BillingCalendar, calendar_for
from stream_app.core.policy import Policy

MOST = 500  # tasks on a page
COUNTS = ("open", "waiting", "due_today", "overdue")


class Task(NamedTuple):
    """A case to work, with what a phone manager needs for the call."""

    case_id: str
    version: int
    subscriber_id: str
    branch_id: str | None
    kind: str
    state: str
    opened_at: datetime
    due_at: datetime
    not_before_at: datetime | None
    level: int
    score: int
    tier: str | None
    value_class: str
    arpu_fen: int
    leading: str
    reasons: tuple[Reason, ...]
    suggested_measures: tuple[str, ...]
    offers: tuple[Mapping[str, Any], ...]
    manager_id: str | None
    escalated_at: datetime | None
    attempts: int
    outcome: str | None
    measure: str | None
    permission: Permission
    is_overdue: bool


class Event(NamedTuple):
    """A line of a case's log; `user_id` None is the desk itself."""

    event_no: int
    at: datetime
    user_id: str | None
    user_name: str | None
    kind: str
    detail: Mapping[str, Any]
    note: str


class CaseView(NamedTuple):
    """A case with its log, the oldest first."""

    case: CaseState
    manager_name: str | None
    events: list[Event]


class Load(NamedTuple):
    """How much a phone manager has to do."""

    user_id: str
    name: str
    branch_id: str | None
    is_absent: bool
    capacity_a_day: int
    open: int
    waiting: int
    due_today: int
    overdue: int
    called_today: int


class BalanceWarning(NamedTuple):
    """A customer whose balance is low 余额预警."""

    subscriber_id: str
    branch_id: str | None
    balance_fen: int
    balance_at: datetime | None
    tier: str | None
    value_class: str
    risk_level: int
    manager_id: str | None


def my_tasks(connection: Connection, user_id: str, now: datetime, policy: Policy) -> list[Task]:
    """List the open cases of a phone manager: by when they are due, then by tier, then by score."""
    return _tasks(connection, now, policy, Case.manager_id == user_id, Case.state == "open")


def my_waiting(connection: Connection, user_id: str, now: datetime, policy: Policy) -> list[Task]:
    """List the cases of a phone manager whose measure was accepted and is awaited."""
    return _tasks(connection, now, policy, Case.manager_id == user_id, Case.state == "waiting")


def unassigned(connection: Connection, branch_id: str | None, now: datetime, policy: Policy) -> list[Task]:
    """List the open cases that nobody has, of a branch or of all (None)."""
    return _tasks(connection, now, policy, Case.manager_id.is_(None), Case.state == "open", *_of(branch_id))


def overdue(connection: Connection, branch_id: str | None, now: datetime, policy: Policy) -> list[Task]:
    """List the open cases that were to be called by now, or were brought to the supervisor, of a branch or of all."""
    is_late = or_(Case.due_at < now, Case.escalated_at.is_not(None))
    return _tasks(connection, now, policy, Case.state == "open", is_late, *_of(branch_id))


def task(connection: Connection, case_id: str, now: datetime, policy: Policy) -> Task | None:
    """Give one case as a task, whatever its state."""
    return next(iter(_tasks(connection, now, policy, Case.case_id == case_id)), None)


def case_view(connection: Connection, case_id: str) -> CaseView | None:
    """Give a case with its log."""
    found = rows.find(connection, rows.select_cases().where(Case.case_id == case_id))
    if not found:
        return None
    columns = (CaseEvent.event_no, CaseEvent.at, CaseEvent.user_id, User.name, CaseEvent.kind, CaseEvent.detail)
    query = select(*columns, CaseEvent.note).outerjoin(User, User.user_id == CaseEvent.user_id)
    query = query.where(CaseEvent.case_id == case_id).order_by(CaseEvent.event_no)
    name = connection.scalar(select(User.name).where(User.user_id == found[0].manager_id))
    return CaseView(found[0], name, [Event(*row) for row in connection.execute(query)])


def cases_of(connection: Connection, subscriber_id: str) -> list[CaseState]:
    """List a customer's cases, the latest first."""
    query = rows.select_cases().where(Case.subscriber_id == subscriber_id)
    return rows.find(connection, query.order_by(Case.opened_at.desc(), Case.case_id.desc()).limit(MOST))


def branch_load(connection: Connection, branch_id: str | None, now: datetime, policy: Policy) -> list[Load]:
    """List the phone managers of a branch, or of all, with what each has to do."""
    calendar = _calendar(policy)
    today = calendar.local_date(now)
    counts_found = connection.execute(_counts(now, calendar)).mappings()
    counted: dict[str, Mapping[str, Any]] = {row["manager_id"]: dict(row) for row in counts_found}
    called: dict[str, int] = dict(connection.execute(_calls(calendar.midnight(today))).all())
    staff = select(User.__table__).where(User.role == "manager", User.is_active).order_by(User.name, User.user_id)
    if branch_id is not None:
        staff = staff.where(or_(User.branch_id == branch_id, User.branch_id.is_(None)))
    loads = []
    for row in connection.execute(staff).mappings():
        counts, capacity = counted.get(row["user_id"], {}), row["capacity_a_day"]
        load = Load(
            user_id=row["user_id"],
            name=row["name"],
            branch_id=row["branch_id"],
            is_absent=is_absent(row["absent_from"], row["absent_until"], today),
            capacity_a_day=policy.desk.capacity_a_day if capacity is None else capacity,
            called_today=called.get(row["user_id"], 0),
            **{name: int(counts.get(name, 0)) for name in COUNTS},
        )
        loads.append(load)
    return loads


def balance_warnings(
    connection: Connection, policy: Policy, branch_id: str | None = None, manager_id: str | None = None
) -> list[BalanceWarning]:
    """List the customers on the network whose balance is low, the lowest first: of a branch, of a book, or all."""
    columns = (
        Customer.subscriber_id,
        Customer.branch_id,
        Customer.balance_fen,
        Customer.balance_at,
        Customer.tier,
        Customer.value_class,
        Customer.risk_level,
        Book.manager_id,
    )
    query = select(*columns).outerjoin(Book, Book.subscriber_id == Customer.subscriber_id)
    query = query.where(Customer.balance_fen < policy.desk.balance_below_fen, Customer.on_network)
    if branch_id is not None:
        query = query.where(Customer.branch_id == branch_id)
    if manager_id is not None:
        query = query.where(Book.manager_id == manager_id)
    query = query.order_by(Customer.balance_fen, Customer.subscriber_id).limit(MOST)
    found = connection.execute(query).mappings()
    return [BalanceWarning(**row) for row in found]


def branch_reach(connection: Connection, branch_id: str | None, now: datetime, policy: Policy) -> Reach:
    """Say how far down the list of those at risk a branch, or all, can call in a day."""
    present = [load for load in branch_load(connection, branch_id, now, policy) if not load.is_absent]
    query = select(Customer.risk_score, func.count()).where(Customer.risk_level > 0, Customer.on_network)
    if branch_id is not None:
        query = query.where(Customer.branch_id == branch_id)
    heads = dict(connection.execute(query.group_by(Customer.risk_score)).all())
    return reach(heads, sum(load.capacity_a_day for load in present))


def _of(branch_id: str | None) -> Sequence[ColumnElement[bool]]:
    return () if branch_id is None else (or_(Case.branch_id == branch_id, Case.branch_id.is_(None)),)


def _calendar(policy: Policy) -> BillingCalendar:
    return calendar_for(policy.billing.zone, policy.billing.anchor_day)


def _tasks(connection: Connection, now: datetime, policy: Policy, *where: ColumnElement[bool]) -> list[Task]:
    ranks = {tier.code: place for place, tier in enumerate(policy.tiers)}
    tasks = [_task(dict(row), now, policy) for row in connection.execute(_select_tasks(now, policy, where)).mappings()]
    tasks.sort(key=lambda each: (each.due_at, ranks.get(each.tier or "", len(ranks)), -each.score, each.case_id))
    return tasks


def _select_tasks(now: datetime, policy: Policy, where: Sequence[ColumnElement[bool]]) -> Query:
    calendar = _calendar(policy)
    since = calendar.midnight(calendar.local_date(now))
    calls = select(func.count()).where(Contact.subscriber_id == Case.subscriber_id, Contact.at >= since)
    columns = (func.coalesce(Book.do_not_call, False).label("do_not_call"), calls.scalar_subquery().label("calls"))
    query = rows.select_cases().add_columns(*columns).outerjoin(Book, Book.subscriber_id == Case.subscriber_id)
    return query.where(*where).order_by(Case.due_at, Case.case_id).limit(MOST)


def _task(row: dict[str, Any], now: datetime, policy: Policy) -> Task:
    found = rows.state_of(row)
    contacting = Contacting(bool(row["do_not_call"]), row["calls"], found.not_before_at, found.outcome == "not_reached")
    given = {name: getattr(found, name) for name in Task._fields if hasattr(found, name)}
    permission = may_call(contacting, now, policy.desk, _calendar(policy))
    return Task(**given, permission=permission, is_overdue=found.state == "open" and found.due_at < now)


def _counts(now: datetime, calendar: BillingCalendar) -> Query:
    is_open = Case.state == "open"

    def count(where: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((where, 1), else_=0))

    return (
        select(
            Case.manager_id,
            count(is_open).label("open"),
            count(Case.state == "waiting").label("waiting"),
            count(is_open & (Case.due_at >= now) & (Case.due_at < midnight_after(now, calendar))).label("due_today"),
            count(is_open & (Case.due_at < now)).label("overdue"),
        )
        .where(Case.state.in_(["open", "waiting"]), Case.manager_id.is_not(None))
        .group_by(Case.manager_id)
    )


def _calls(since: datetime) -> Select[str, int]:
    return select(Contact.user_id, func.count()).where(Contact.at >= since).group_by(Contact.user_id)
