"""My tasks: whom to call now, why, and with what, live while the page is open; balance warnings stand apart."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from stream_app.console.access import audit
from stream_app.console.access.guard import DeskHere, allow
from stream_app.console.access.viewer import Viewer
from stream_app.console.cases.queue import balance_warnings
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading, writing
from stream_app.console.web.language import N_, choose
from stream_app.console.web.layout import page
from stream_app.console.web.tasks_view import read_tasks

router = APIRouter()
Manager = Annotated[Viewer, Depends(allow("manager"))]
Caller = Annotated[Viewer, Depends(allow("manager", "supervisor"))]
EventNo = Annotated[int, Query(ge=0, lt=1 << 62)]
DONE = {"result": N_("The result is recorded.")}


@router.get("/tasks")
def show_tasks(request: Request, viewer: Manager, desk: DeskHere, done: str = "") -> Response:
    """Show the tasks of the day."""
    spoken = choose(request, viewer)
    tasks = read_tasks(desk, viewer, spoken.code)
    _note_seen(desk, viewer, tasks.news)
    said = spoken.say(DONE[done]) if done in DONE else ""
    return page(request, viewer, "tasks.html", tasks=tasks, done=said)


@router.get("/tasks/list")
def show_list(request: Request, viewer: Manager, desk: DeskHere, after: EventNo = 0) -> Response:
    """Show the list alone: what an open page asks for when something changed after the case events that it shows."""
    tasks = read_tasks(desk, viewer, choose(request, viewer).code, after)
    if tasks.news:
        _note_seen(desk, viewer, tasks.news)
    return page(request, viewer, "task_list.html", tasks=tasks)


@router.get("/balances")
def show_balances(request: Request, viewer: Caller, desk: DeskHere) -> Response:
    """Show the balance warnings of the own book, or of the branch: no cases, a reminder is enough."""
    policy = desk.policies.in_force(desk.now())
    manager_id = viewer.user_id if viewer.role == "manager" else None
    branch_id = viewer.branch_id if viewer.role == "supervisor" else None
    with reading(desk.engine) as connection:
        warnings = balance_warnings(connection, policy, branch_id, manager_id)
    with writing(desk.engine) as connection:
        seen = " ".join(warning.subscriber_id for warning in warnings)
        audit.note(connection, desk, viewer.user_id, "balances_seen", subscribers=seen)
    return page(request, viewer, "balances.html", warnings=warnings, below_fen=policy.desk.balance_below_fen)


def _note_seen(desk: Desk, viewer: Viewer, subscribers: Sequence[str]) -> None:
    with writing(desk.engine) as connection:
        audit.note(connection, desk, viewer.user_id, "tasks_seen", subscribers=" ".join(subscribers))
