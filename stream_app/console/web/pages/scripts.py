"""Scripts and notes by measure, rated by effect; anybody who calls may add one."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from stream_app.console.access import audit
from stream_app.console.access.guard import DeskHere, allow
from stream_app.console.access.viewer import Viewer
from stream_app.console.cases.refused import Refused
from stream_app.console.cases.results import measures_of
from stream_app.console.cases.texts import line, remark
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading, writing
from stream_app.console.web.forms import Long, Short
from stream_app.console.web.language import N_, choose
from stream_app.console.web.layout import page
from stream_app.console.web.scripts_view import KEPT_AFTER, add_script, scripts
from stream_app.console.web.words_of_codes import why_refused

router = APIRouter()
Caller = Annotated[Viewer, Depends(allow("manager", "supervisor"))]

NEEDS_ALL = N_("A script needs a title and a text.")
UNKNOWN_MEASURE = N_("Choose a measure from the list.")


@router.get("/scripts")
def list_scripts(request: Request, viewer: Caller, desk: DeskHere, measure: str = "") -> Response:
    """Show the scripts, all or a measure's."""
    return _list(request, viewer, desk, measure=measure)


@router.post("/scripts")
def add(
    request: Request, viewer: Caller, desk: DeskHere, measure: Short = "", title: Short = "", text: Long = ""
) -> Response:
    """Keep a script."""
    given = (measure, title, text)
    error = _refusal(desk, given)
    if error:
        return _list(request, viewer, desk, 422, error=choose(request, viewer).say(error), given=given)
    with writing(desk.engine) as connection:
        kept = (measure, line(title) or "", remark(text), choose(request, viewer).code)
        script_id = add_script(connection, viewer.user_id, kept, desk.now())
        audit.note(connection, desk, viewer.user_id, "script_added", script_id=script_id)
    return RedirectResponse(f"/scripts#script-{script_id}", 303)


def _refusal(desk: Desk, given: tuple[str, str, str]) -> str:
    measure, title, text = given
    if measure not in measures_of(desk.policies.in_force(desk.now())):
        return UNKNOWN_MEASURE
    try:
        return "" if line(title) and remark(text) else NEEDS_ALL
    except Refused as refused:
        return why_refused(refused.code)


def _list(request: Request, viewer: Viewer, desk: Desk, status: int = 200, **shown: Any) -> Response:  # noqa: ANN401 - for the template
    told = {"measure": "", "error": "", "given": ("", "", "")} | shown
    with reading(desk.engine) as connection:
        found = scripts(connection, desk.now(), told["measure"] or None)
    measures = measures_of(desk.policies.in_force(desk.now()))
    known = list(dict.fromkeys([*measures, *(one.script.measure for one in found)]))
    return page(request, viewer, "scripts.html", status, scripts=found, measures=known, days=KEPT_AFTER.days, **told)
