"""Telling people of their cases, through the channels: a phone manager of a task, supervisors of what is escalated."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, or_, select

from stream_app.console.channels.telling import tell
from stream_app.console.channels.wording import Template
from stream_app.console.desk import Desk
from stream_app.console.store.work_tables import User
from stream_app.core.desk.course import CaseState

Kind = Literal["assigned", "escalated", "handed_over"]
TEMPLATES: dict[Kind, Template] = {
    "assigned": "task_assigned",
    "escalated": "escalated",
    "handed_over": "handed_over",
}


def announce(connection: Connection, desk: Desk, case: CaseState, kind: Kind) -> None:
    """Queue what is to be told of a case, in the transaction that changed it; told once each time it happens."""
    if not desk.channels:
        return
    happened_at = case.escalated_at if kind == "escalated" else case.assigned_at
    subject = _subject(desk, case, happened_at or desk.now())
    if kind == "handed_over":
        subject["urgent"] = False  # a whole book may be handed over at once: that is what digests are for
    for user_id in _told(connection, case, kind):
        tell(connection, desk, TEMPLATES[kind], subject, user_id)


def _told(connection: Connection, case: CaseState, kind: Kind) -> Iterable[str]:
    if kind != "escalated":
        return [] if case.manager_id is None else [case.manager_id]
    supervisors = select(User.user_id).where(User.role == "supervisor", User.is_active).order_by(User.user_id)
    if case.branch_id is not None:  # a case of no branch is every supervisor's
        supervisors = supervisors.where(or_(User.branch_id.is_(None), User.branch_id == case.branch_id))
    return connection.scalars(supervisors).all()


def _subject(desk: Desk, case: CaseState, happened_at: datetime) -> dict[str, Any]:
    """Give what a message says of a case, and when it happened; no name, no number, no note."""
    urgent = {due.name for due in desk.policies.in_force(desk.now()).desk.due_hours}
    return {
        "case_id": case.case_id,
        "subscriber_id": case.subscriber_id,
        "kind": case.kind,
        "leading": case.leading,
        "tier": case.tier,
        "due_at": case.due_at.isoformat(),
        "at": happened_at.isoformat(),
        "urgent": case.leading in urgent,
    }
