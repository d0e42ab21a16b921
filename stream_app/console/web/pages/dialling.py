"""The name and the number to dial: on a press, to the assigned manager alone, audited, and kept nowhere."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from stream_app.console.access import audit, reach
from stream_app.console.access.guard import DeskHere, allow
from stream_app.console.access.viewer import Viewer
from stream_app.console.cases import queue
from stream_app.console.desk import Desk
from stream_app.console.identity.source import Identity, IdentityError
from stream_app.console.store.database import reading, writing
from stream_app.console.web.forms import CaseId
from stream_app.console.web.language import N_
from stream_app.console.web.layout import page
from stream_app.console.web.means import Means
from stream_app.console.web.words_of_codes import why_refused

router = APIRouter()
Manager = Annotated[Viewer, Depends(allow("manager"))]

NO_SOURCE = N_("The identity source cannot be asked at the moment. Try again, or tell who runs the desk.")
UNKNOWN = N_("The identity source does not know this customer.")
NOT_DIALLED = re.compile(r"[^0-9+*#]")


@router.post("/tasks/{case_id}/number")
def show_number(request: Request, viewer: Manager, desk: DeskHere, case_id: CaseId) -> Response:
    """Show the name and the number of the customer of one's own task."""
    task = _own_task(desk, viewer, case_id)
    if task.permission.why is not None:
        return _not_now(request, viewer, desk, task)
    with writing(desk.engine) as connection:  # first the log, then the look
        audit.note(connection, desk, viewer.user_id, "number_shown", task.subscriber_id, case_id=case_id)
    means: Means = request.app.state.means
    if means.identity is None:
        return _shown(request, viewer, case_id, None, NO_SOURCE)
    try:
        found = means.identity.look_up(task.subscriber_id)
    except IdentityError:
        return _shown(request, viewer, case_id, None, NO_SOURCE)
    return _shown(request, viewer, case_id, found, "" if found else UNKNOWN)


def _own_task(desk: Desk, viewer: Viewer, case_id: str) -> queue.Task:
    now = desk.now()
    with reading(desk.engine) as connection:
        if reach.assigned_customer(connection, viewer, case_id) is not None:
            task = queue.task(connection, case_id, now, desk.policies.in_force(now))
            if task is not None:
                return task
    raise reach.refuse(desk, viewer, f"number of case {case_id}")


def _not_now(request: Request, viewer: Viewer, desk: Desk, task: queue.Task) -> Response:
    """Say why the customer may not be called now; that somebody asked is in the log."""
    with writing(desk.engine) as connection:
        what = f"number of case {task.case_id}"[:200]
        audit.note(connection, desk, viewer.user_id, "refused", task.subscriber_id, what=what, why=task.permission.why)
    said = why_refused(task.permission.why or "")
    told = {"case_id": task.case_id, "identity": None, "dialled": "", "said": said, "permission": task.permission}
    return page(request, viewer, _template(request), 403, **told)


def _template(request: Request) -> str:
    return "number.html" if "hx-request" in request.headers else "number_page.html"


def _shown(request: Request, viewer: Viewer, case_id: str, found: Identity | None, said: str) -> Response:
    dialled = NOT_DIALLED.sub("", found.number) if found else ""
    told = {"identity": found, "dialled": dialled, "said": said, "permission": None}
    return page(request, viewer, _template(request), 200, case_id=case_id, **told)
