"""A customer's page: what they are worth, why they may leave, and all that happened; every look is audited."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from stream_app.console.access import audit, reach
from stream_app.console.access.guard import DeskHere, allow
from stream_app.console.access.viewer import Viewer
from stream_app.console.cases import books, results
from stream_app.console.cases.knowing import know
from stream_app.console.cases.refused import Refused
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading, writing
from stream_app.console.web.customer_view import CustomerView, read_customer, why_tier
from stream_app.console.web.customers_now import Suggested, without_held
from stream_app.console.web.forms import Long, Short, SubscriberId
from stream_app.console.web.language import N_, choose
from stream_app.console.web.layout import page
from stream_app.console.web.words_of_codes import why_refused

router = APIRouter()
Caller = Annotated[Viewer, Depends(allow("manager", "supervisor"))]
DONE = {
    "barred": N_("Noted: not to be called any more."),
    "calls": N_("Noted: may be called again."),
    "note": N_("The note is kept."),
}


@router.get("/customers/{subscriber_id}")
def show(request: Request, viewer: Caller, desk: DeskHere, subscriber_id: SubscriberId, done: str = "") -> Response:
    """Show a customer."""
    said = choose(request, viewer).say(DONE[done]) if done in DONE else ""
    return _customer(request, viewer, desk, subscriber_id, done=said)


@router.post("/customers/{subscriber_id}/do-not-call")
def set_do_not_call(
    request: Request, viewer: Caller, desk: DeskHere, subscriber_id: SubscriberId, do_not_call: Short, note: Short = ""
) -> Response:
    """Note that a customer asked not to be called, or may be again."""
    _check(desk, viewer, subscriber_id)
    is_barred = do_not_call == "yes"
    try:
        books.set_do_not_call(desk, subscriber_id, viewer.user_id, do_not_call=is_barred, note=note)
    except Refused as refused:
        return _customer(
            request, viewer, desk, subscriber_id, 422, error=choose(request, viewer).say(why_refused(refused.code))
        )
    with writing(desk.engine) as connection:
        audit.note(connection, desk, viewer.user_id, "do_not_call_set", subscriber_id, do_not_call=is_barred)
    return RedirectResponse(
        request.url_for("show", subscriber_id=subscriber_id).path + f"?done={'barred' if is_barred else 'calls'}", 303
    )


@router.post("/customers/{subscriber_id}/notes")
def add_note(
    request: Request, viewer: Caller, desk: DeskHere, subscriber_id: SubscriberId, text: Long = ""
) -> Response:
    """Add a note to the customer's case that is not closed."""
    view = _read(desk, viewer, subscriber_id)
    standing = next((case.case_id for case in view.cases if case.state != "closed"), "")
    try:
        results.note(desk, standing, viewer.user_id, text)
    except Refused as refused:
        return _customer(
            request, viewer, desk, subscriber_id, 422, error=choose(request, viewer).say(why_refused(refused.code))
        )
    return RedirectResponse(request.url_for("show", subscriber_id=subscriber_id).path + "?done=note", 303)


def _customer(
    request: Request, viewer: Viewer, desk: Desk, subscriber_id: str, status: int = 200, **said: str
) -> Response:
    view = _read(desk, viewer, subscriber_id)
    with writing(desk.engine) as connection:
        audit.note(connection, desk, viewer.user_id, "customer_seen", subscriber_id)
    why, suggested = why_tier(desk.policies, view.tier_change), _suggested(desk, view)
    told = {"done": "", "error": ""} | said
    return page(request, viewer, "customer.html", status, view=view, why=why, suggested=suggested, **told)


def _suggested(desk: Desk, view: CustomerView) -> Suggested:
    risk = view.risk_change
    if risk is None:
        return Suggested((), ())
    with reading(desk.engine) as connection:
        known = know(connection, desk, [view.customer.subscriber_id]).known[view.customer.subscriber_id]
    return without_held(risk.suggested_measures, risk.offers, known.measures)


def _read(desk: Desk, viewer: Viewer, subscriber_id: str) -> CustomerView:
    with reading(desk.engine) as connection:
        if reach.customer_in_reach(connection, viewer, subscriber_id):
            return read_customer(connection, viewer, subscriber_id)
    raise reach.refuse(desk, viewer, "customer", subscriber_id)


def _check(desk: Desk, viewer: Viewer, subscriber_id: str) -> None:
    with reading(desk.engine) as connection:
        if reach.customer_in_reach(connection, viewer, subscriber_id):
            return
    raise reach.refuse(desk, viewer, "customer", subscriber_id)
