"""What the result of a call makes of a case: closed, waiting for an enrolment, another try, a follow-up (DOMAIN 6)."""

from datetime import datetime, timedelta
from typing import NamedTuple

from stream_app.core.desk import calling
from stream_app.core.desk.contact import AFTER_QUIET, Contacting, may_call
from stream_app.core.desk.course import CaseState, Happened, close
from stream_app.core.desk.heard import Ground


class Reported(NamedTuple):
    """What a phone manager reports; `is_enrolled`: the billing system has the measure already."""

    outcome: str  # reached, not_reached, accepted, refused
    measure: str | None = None
    is_enrolled: bool = False
    calls_today: int = 1  # with this one


def report(case: CaseState, told: Reported, ground: Ground) -> tuple[Happened, list[Happened]]:
    """Change a case as a result says; gives the call, and what follows from it."""
    now = ground.now
    case.outcome = told.outcome
    case.attempts = case.attempts + 1 if told.outcome == "not_reached" else 0
    case.escalated_at = None  # somebody called: it may go up again
    contacted = Happened(case.case_id, now, "contacted", {"outcome": told.outcome, "attempts": case.attempts})
    if told.outcome == "refused":
        return contacted, [close(case, "refused", now)]
    if told.outcome == "accepted":
        return contacted, _accepted(case, told, ground)
    case.state = "open"
    return contacted, _again(case, told.calls_today, ground)


def _accepted(case: CaseState, told: Reported, ground: Ground) -> list[Happened]:
    case.measure = told.measure
    if told.is_enrolled:
        return [close(case, "accepted", ground.now)]
    case.state, case.not_before_at = "waiting", None
    case.due_at = ground.now + timedelta(days=ground.desk.enrol_days)
    return []


def _again(case: CaseState, calls_today: int, ground: Ground) -> list[Happened]:
    """Put a case off to another try or a follow-up; too many tries in vain are the supervisor's, then the end."""
    desk, now = ground.desk, ground.now
    if case.attempts > desk.attempts:
        return [close(case, "unreachable", now)]
    hours = calling.due_hours((reason.name for reason in case.reasons), case.tier, desk)
    pause = timedelta(days=desk.follow_up_days)
    if case.outcome == "not_reached":
        pause = timedelta(hours=min(desk.retry_hours, hours))  # who is to be called within hours is tried again soon
    case.not_before_at = now + pause
    bears = Contacting(calls_today=calls_today, not_before_at=case.not_before_at)
    again = may_call(bears, now, desk, ground.policies.calendar)
    due_at = calling.due_at(case.reasons, case.tier, case.not_before_at, ground)
    case.due_at = max(due_at, (again.from_at or now) + AFTER_QUIET)
    return [escalate(case, now, "not_reached")] if case.attempts == desk.attempts else []


def escalate(case: CaseState, now: datetime, why: str) -> Happened:
    """Bring a case to the supervisor; why is overdue or not_reached."""
    case.escalated_at = now
    return Happened(case.case_id, now, "escalated", {"why": why})


def not_enrolled(case: CaseState, ground: Ground) -> Happened:
    """Open a case again whose measure was accepted and not enrolled in time."""
    case.state, case.not_before_at = "open", None
    case.due_at = calling.due_at(case.reasons, case.tier, ground.now, ground)
    return Happened(case.case_id, ground.now, "due", {"why": "not_enrolled", "measure": case.measure})


def due_again(case: CaseState, ground: Ground) -> Happened:
    """Make a task of a case that was put off."""
    case.not_before_at = None
    return Happened(case.case_id, ground.now, "due", {"why": case.outcome})
