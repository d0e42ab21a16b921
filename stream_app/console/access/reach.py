"""Which customers and cases are whose to see (Part 4: a manager sees the own book only).

Rule: who may not see something is told that it is not there. A manager has the customers of the own book and those with
a case assigned to them that is not closed; a supervisor the branch's (no branch: all); nobody else has any.
"""

from sqlalchemy import ColumnElement, CompoundSelect, Connection, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from stream_app.console.access import audit
from stream_app.console.access.viewer import NotFoundError, Viewer
from stream_app.console.desk import Desk
from stream_app.console.store.database import writing
from stream_app.console.store.read_tables import Customer
from stream_app.console.store.work_tables import Book, Case


def seen_cases(viewer: Viewer) -> ColumnElement[bool]:
    """Give the condition on `Case` that holds for the cases this viewer may see."""
    if viewer.role == "manager":
        # Held-out customers get no call, and nobody is to be led to them: their cases are not shown to managers.
        return and_(Case.subscriber_id.in_(_own_customers(viewer)), Case.state != "held_out")
    if viewer.role == "supervisor":
        return _of_branch(Case.branch_id, viewer)
    return false()


def seen_customers(viewer: Viewer) -> ColumnElement[bool]:
    """Give the condition on `Customer` that holds for the customers this viewer may see."""
    if viewer.role == "manager":
        return Customer.subscriber_id.in_(_own_customers(viewer))
    if viewer.role == "supervisor":
        return _of_branch(Customer.branch_id, viewer)
    return false()


def customer_in_reach(connection: Connection, viewer: Viewer, subscriber_id: str) -> bool:
    """Say whether a viewer may see a customer; one who is not there is in nobody's reach."""
    found = select(Customer.subscriber_id).where(Customer.subscriber_id == subscriber_id, seen_customers(viewer))
    return connection.execute(found).first() is not None


def case_in_reach(connection: Connection, viewer: Viewer, case_id: str) -> bool:
    """Say whether a viewer may see a case."""
    found = select(Case.case_id).where(Case.case_id == case_id, seen_cases(viewer))
    return connection.execute(found).first() is not None


def assigned_customer(connection: Connection, viewer: Viewer, case_id: str) -> str | None:
    """Give the customer of a case that is the viewer's to work on now: assigned to them and not closed."""
    found = select(Case.subscriber_id).where(
        Case.case_id == case_id, Case.manager_id == viewer.user_id, Case.state != "closed"
    )
    return connection.execute(found).scalar_one_or_none()


def refuse(desk: Desk, viewer: Viewer, what: str, subscriber_id: str | None = None) -> NotFoundError:
    """Note that somebody asked for what is not theirs, and give the error to raise."""
    with writing(desk.engine) as connection:
        audit.note(connection, desk, viewer.user_id, "refused", (subscriber_id or "")[:64] or None, what=what[:200])
    return NotFoundError()


def _of_branch(branch_id: InstrumentedAttribute[str | None], viewer: Viewer) -> ColumnElement[bool]:
    # Who has no branch is every supervisor's (cases.crew says the same): else nobody would see them.
    return true() if viewer.branch_id is None else or_(branch_id.is_(None), branch_id == viewer.branch_id)


def _own_customers(viewer: Viewer) -> CompoundSelect[str]:
    booked = select(Book.subscriber_id).where(Book.manager_id == viewer.user_id)
    called = select(Case.subscriber_id).where(Case.manager_id == viewer.user_id, Case.state != "closed")
    return booked.union(called)
