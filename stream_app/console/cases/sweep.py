"""What time alone does to cases: those nobody has are given, those put off come back, overdue ones go up (DOMAIN 6)."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, or_, select

from stream_app.console.cases import rows
from stream_app.console.cases.announce import announce
from stream_app.console.cases.assigning import assign_waiting, hand_over_of_who_is_gone
from stream_app.console.desk import Desk
from stream_app.console.store.database import writing
from stream_app.console.store.read_tables import Customer
from stream_app.console.store.work_tables import ActedFact, Case, CaseEvent, OutboxRecord
from stream_app.core.desk import outcomes
from stream_app.core.desk.course import CaseState, Happened, close, release
from stream_app.core.desk.heard import Ground, ground

AT_ONCE = 200  # cases changed in a transaction: a writer of SQLite lets others in between
REMEMBERED_DAYS = 90  # a fact acted on, once it is too old to open anything; as long, what was published
OVERDUE = "overdue"
Change = Callable[[CaseState, Ground], Happened]


def sweep(desk: Desk) -> None:
    """Do what is due by the desk's clock."""
    stands_on = ground(desk.policies, desk.now())
    now, section = stands_on.now, stands_on.desk
    oldest = now - timedelta(days=section.act_within_days)
    is_open = Case.state == "open"
    _each(desk, stands_on, and_(Case.state == "waiting", Case.due_at < now), outcomes.not_enrolled)
    _each(desk, stands_on, and_(is_open, Case.not_before_at <= now), outcomes.due_again)
    _each(desk, stands_on, _exempt_by_now(stands_on), _release)
    with writing(desk.engine) as connection:
        hand_over_of_who_is_gone(connection, desk)
    with writing(desk.engine) as connection:
        assign_waiting(connection, desk)
    _each(desk, stands_on, and_(is_open, _was_nobodys(), Case.due_at < oldest), _lapse)  # what nobody could be given
    _each(desk, stands_on, and_(is_open, Case.due_at < now, Case.escalated_at.is_(None)), _escalate)
    _forget(desk, oldest_days=section.act_within_days + REMEMBERED_DAYS)


def _each(desk: Desk, stands_on: Ground, where: ColumnElement[bool], change: Change) -> None:
    while True:
        with writing(desk.engine) as connection:
            cases = _find(connection, where)
            happened = [change(case, stands_on) for case in cases]
            rows.update_cases(connection, cases)
            rows.log(connection, happened)
            _tell(connection, desk, cases, happened)
        if len(cases) < AT_ONCE:
            return


def _find(connection: Connection, where: ColumnElement[bool]) -> list[CaseState]:
    query = rows.select_cases().where(where).order_by(Case.case_id).limit(AT_ONCE)
    return rows.find(connection, query.with_for_update())


def _tell(connection: Connection, desk: Desk, cases: Sequence[CaseState], happened: Sequence[Happened]) -> None:
    for case, entry in zip(cases, happened, strict=True):
        if entry.kind == "escalated":
            announce(connection, desk, case, "escalated")


def _was_nobodys() -> ColumnElement[bool]:
    """Pick the cases that nobody ever had, nor called: what somebody had is not dropped."""
    had = exists().where(CaseEvent.case_id == Case.case_id, CaseEvent.kind.in_(["assigned", "handed_over"]))
    return and_(Case.manager_id.is_(None), Case.outcome.is_(None), ~had)


def _lapse(case: CaseState, stands_on: Ground) -> Happened:
    return close(case, "lapsed", stands_on.now)


def _release(case: CaseState, stands_on: Ground) -> Happened:
    return release(case, stands_on.now)


def _escalate(case: CaseState, stands_on: Ground) -> Happened:
    return outcomes.escalate(case, stands_on.now, OVERDUE)


def _exempt_by_now(stands_on: Ground) -> ColumnElement[bool]:
    """Pick the held-out cases of customers who have become too dear to be left alone."""
    dear = or_(Customer.important, Customer.tier.in_(stands_on.desk.never_held_out_tiers))
    subscribers = select(Customer.subscriber_id).where(dear)
    return and_(Case.state == "held_out", Case.subscriber_id.in_(subscribers))


def _forget(desk: Desk, oldest_days: int) -> None:
    before = desk.now() - timedelta(days=oldest_days)
    with writing(desk.engine) as connection:
        connection.execute(delete(ActedFact).where(ActedFact.occurred_at < before))
        connection.execute(delete(OutboxRecord).where(OutboxRecord.sent_at < before))
