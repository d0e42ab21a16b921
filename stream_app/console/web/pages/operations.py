"""Operations: the state of the feeds, dead letters and sending them back, who was told what, users, the audit log."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from stream_app.console.access import audit
from stream_app.console.access.guard import DeskHere, allow
from stream_app.console.access.viewer import NotFoundError, Viewer
from stream_app.console.channels.box import requeue
from stream_app.console.desk import Desk
from stream_app.console.letters import Letters, LettersOutOfReach, Shown
from stream_app.console.store.database import reading, writing
from stream_app.console.web import operations_view as view
from stream_app.console.web.language import N_, choose
from stream_app.console.web.layout import page
from stream_app.console.web.operations_view import LETTER_SENT, Filter
from stream_app.console.web.words_of_figures import age, told

router = APIRouter()
Operator = Annotated[Viewer, Depends(allow("operations"))]
Wanted = Annotated[Filter, Query()]
PARTS = {
    "": N_("Feeds"),
    "letters": N_("Dead letters"),
    "deliveries": N_("Who was told what"),
    "users": N_("Users"),
    "audit": N_("Audit log"),
}
DONE = {"again": N_("It is sent again.")}
NO_KAFKA = N_("Kafka does not answer: try again.")
NONE_CHOSEN = N_("Choose a letter first.")
SAY_AGAIN = N_("Tick that what was sent back before is to be sent again.")


@router.get("/operations")
def show_state(request: Request, viewer: Operator, desk: DeskHere) -> Response:
    """Show how feeds, outbox and channels stand."""
    with reading(desk.engine) as connection:
        state = view.read_state(connection, request.app.state.means.lag(), desk.now())
    return _page(request, viewer, "", state=state)


@router.get("/operations/deliveries")
def show_deliveries(request: Request, viewer: Operator, desk: DeskHere, wanted: Wanted, done: str = "") -> Response:
    """Show who was told what, and the dead box."""
    with reading(desk.engine) as connection:
        rows, channels = view.read_deliveries(connection, wanted), view.read_channels(connection)
    said = choose(request, viewer).say(DONE[done]) if done in DONE else ""
    return _page(
        request, viewer, "deliveries", rows=rows, channels=channels, states=view.STATES, wanted=wanted, done=said
    )


@router.post("/operations/deliveries/retry")
def retry(viewer: Operator, desk: DeskHere, delivery_id: Annotated[str, Form(max_length=64)]) -> Response:
    """Let something dead be sent again."""
    if not requeue(desk, delivery_id):
        raise NotFoundError
    with writing(desk.engine) as connection:
        audit.note(connection, desk, viewer.user_id, "delivery_sent_again", delivery=delivery_id)
    return RedirectResponse("/operations/deliveries?done=again", 303)


@router.get("/operations/users")
def show_users(request: Request, viewer: Operator, desk: DeskHere) -> Response:
    """Show who can log in."""
    with reading(desk.engine) as connection:
        users = view.read_users(connection)
    return _page(request, viewer, "users", users=users)


@router.get("/operations/audit")
def show_audit(request: Request, viewer: Operator, desk: DeskHere, wanted: Wanted) -> Response:
    """Show who looked at or did what."""
    with reading(desk.engine) as connection:
        entries, actions = view.read_audit(connection, wanted), view.read_actions(connection)
    return _page(request, viewer, "audit", entries=entries, actions=actions, wanted=wanted, most=view.PAGE_ROWS)


# ------------------------------------------------------------------------------------------------------- dead letters


@router.get("/operations/letters")
def show_letters(
    request: Request,
    viewer: Operator,
    desk: DeskHere,
    wanted: Wanted,
    sent: int = 0,
    pick: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show the newest dead letters, with pick=all those chosen that have not been sent back."""
    return _letters(request, viewer, desk, wanted=wanted, sent=sent, are_chosen=pick == "all")


@router.post("/operations/letters/confirm")
def confirm(
    request: Request, viewer: Operator, desk: DeskHere, place: Annotated[list[str] | None, Form()] = None
) -> Response:
    """Ask whether the chosen letters are to be sent back."""
    try:
        chosen = [each for each in _newest(request) if each.place in set(place or ())]
    except LettersOutOfReach:
        return _letters(request, viewer, desk)
    if not chosen:
        return _letters(request, viewer, desk, 422, error=choose(request, viewer).say(NONE_CHOSEN))
    return _ask(request, viewer, chosen, _sent_before(desk, chosen))


@router.post("/operations/letters/replay")
def replay(
    request: Request,
    viewer: Operator,
    desk: DeskHere,
    place: Annotated[list[str] | None, Form()] = None,
    again: Annotated[str, Form(max_length=3)] = "",
) -> Response:
    """Send the chosen letters back to the topics they came from; what was sent back before only if that is said."""
    try:
        known = {each.place: each for each in _newest(request)}
        chosen = [known[each] for each in dict.fromkeys(place or ()) if each in known]
        before = _sent_before(desk, chosen)
        if before and again != "yes":
            return _ask(request, viewer, chosen, before, 422, error=choose(request, viewer).say(SAY_AGAIN))
        sent = _box(request).send_back([each.place for each in chosen])
    except LettersOutOfReach:
        return _letters(request, viewer, desk)
    with writing(desk.engine) as connection:
        for each in chosen:
            detail = {"place": each.place, "reason": each.reason, "origin": each.origin}
            audit.note(connection, desk, viewer.user_id, LETTER_SENT, None, **detail)
    return RedirectResponse(f"/operations/letters?sent={sent}", 303)


_NOTHING: dict[str, Any] = {"sent": 0, "reasons": (), "wanted": Filter(), "are_chosen": False}


def _ask(
    request: Request,
    viewer: Viewer,
    letters: Sequence[Shown],
    before: Collection[str],
    status: int = 200,
    **said: object,
) -> Response:
    given = {**_NOTHING, **said, "letters": letters, "before": before, "is_asking": True, "is_again": bool(before)}
    return _page(request, viewer, "letters", status, **given)


def _sent_before(desk: Desk, letters: Sequence[Shown]) -> Collection[str]:
    with reading(desk.engine) as connection:
        here = view.sent_back_here(connection, letters)
    return here | {each.place for each in letters if each.sent_back}


def _letters(request: Request, viewer: Viewer, desk: Desk, status: int = 200, **said: object) -> Response:
    given: dict[str, Any] = {**_NOTHING, "error": "", **said}
    try:
        letters = _newest(request)
    except LettersOutOfReach:
        letters, status, given["error"] = (), 503, choose(request, viewer).say(NO_KAFKA)
    given["before"] = _sent_before(desk, letters)
    given["reasons"] = sorted({each.reason for each in letters})
    reason = given["wanted"].reason
    shown = [each for each in letters if reason in {"", each.reason}]
    return _page(request, viewer, "letters", status, letters=shown, is_asking=False, **given)


def _newest(request: Request) -> Sequence[Shown]:
    return _box(request).newest()


def _box(request: Request) -> Letters:
    letters: Letters = request.app.state.means.letters
    return letters


def _page(request: Request, viewer: Viewer, part: str, status: int = 200, **context: object) -> Response:
    spoken = choose(request, viewer)
    given = {"error": "", "done": "", "told": partial(told, spoken), "age": partial(age, spoken), **context}
    template = f"operations_{part or 'feeds'}.html"
    return page(request, viewer, template, status, parts=PARTS, part=part, **given)
