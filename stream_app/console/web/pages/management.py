"""Figures for management: counts, cohorts, tiers, revenue, churn, effect; no customer is named (DOMAIN section 4)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from stream_app.console.access import audit
from stream_app.console.access.guard import DeskHere, allow
from stream_app.console.access.viewer import NotFoundError, Viewer
from stream_app.console.desk import Desk
from stream_app.console.figures.cohorts import NotFrozenError, cohorts
from stream_app.console.figures.snapshots import freeze_and_follow
from stream_app.console.store.database import reading, writing
from stream_app.console.web.asked import Asked, Choice
from stream_app.console.web.business_churn import chosen_indicator, known_indicators, leaving_sheets
from stream_app.console.web.business_counts import asked_growth, count_sheets, growth_refused, usual_loss, year_asked
from stream_app.console.web.business_effect import effect_sheets
from stream_app.console.web.business_moves import chosen_cohort, cohort_sheets, move_sheets
from stream_app.console.web.business_revenue import gini, revenue_sheets, top_share
from stream_app.console.web.language import N_, choose
from stream_app.console.web.layout import page
from stream_app.console.web.sheet import Sheet, csv_of, shown

router = APIRouter()
Reader = Annotated[Viewer, Depends(allow("management", "supervisor"))]
Management = Annotated[Viewer, Depends(allow("management"))]
Choices = Annotated[Choice, Query()]
HOME = "counts"
NOT_FROZEN = {
    "name": N_("A name has 1 to 64 characters."),
    "day": N_("This day has not begun."),
    "taken": N_("There is a cohort of this name: it stays as it is."),
}


class Section(NamedTuple):
    """A part of the figures with a page of its own."""

    title: str
    sheets: Callable[[Asked], Iterator[Sheet]]
    by_month: bool = False  # a month is chosen


SECTIONS: Mapping[str, Section] = {
    HOME: Section(N_("Counts"), count_sheets),
    "cohorts": Section(N_("Cohorts"), cohort_sheets),
    "tiers": Section(N_("Tiers"), move_sheets, by_month=True),
    "revenue": Section(N_("Revenue"), revenue_sheets, by_month=True),
    "effect": Section(N_("Effect"), effect_sheets),
    "churn": Section(N_("Before churn"), leaving_sheets),
}


@router.get("/business")
def show_home(request: Request, viewer: Reader, desk: DeskHere, choice: Choices) -> Response:
    """Show the counts."""
    return _show(request, viewer, desk, HOME, choice)


@router.post("/business/cohorts")
def freeze(
    request: Request,
    viewer: Management,
    desk: DeskHere,
    name: Annotated[str, Form(max_length=200)] = "",
    on: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Freeze a cohort of a day."""
    try:
        heads = freeze_and_follow(desk, name, date.fromisoformat(on), viewer.user_id)
    except NotFrozenError as refused:
        return _show(
            request, viewer, desk, "cohorts", Choice(), error=choose(request, viewer).say(NOT_FROZEN[refused.code])
        )
    except ValueError:
        error = choose(request, viewer).say(N_("Write the day as 2025-06-01."))
        return _show(request, viewer, desk, "cohorts", Choice(), error=error)
    with writing(desk.engine) as connection:
        audit.note(connection, desk, viewer.user_id, "cohort_frozen", cohort=name.strip(), on=on, heads=heads)
    return RedirectResponse(f"/business/cohorts?{urlencode({'cohort': name.strip()})}", 303)


@router.get("/business/{section}")
def show(request: Request, viewer: Reader, desk: DeskHere, section: str, choice: Choices) -> Response:
    """Show a section."""
    return _show(request, viewer, desk, section, choice)


@router.get("/business/{section}/{name}.csv")
def take_along(request: Request, viewer: Reader, desk: DeskHere, section: str, name: str, choice: Choices) -> Response:
    """Give a table as CSV."""
    with reading(desk.engine) as connection:
        asked = _asked(request, viewer, desk, choice)(connection)
        sheet = next((each for each in _section(section).sheets(asked) if each.name == name), None)
    if sheet is None:
        raise NotFoundError
    named = {"content-disposition": f'attachment; filename="{sheet.name}.csv"', "cache-control": "no-store"}
    return Response(csv_of(sheet), media_type="text/csv; charset=utf-8", headers=named)


def _show(request: Request, viewer: Viewer, desk: Desk, name: str, choice: Choice, **said: str) -> Response:
    section = _section(name)
    with reading(desk.engine) as connection:
        asked = _asked(request, viewer, desk, choice)(connection)
        context = {
            "sheets": list(section.sheets(asked)),
            "branches": [viewer.branch_id] if viewer.branch_id else asked.branches(),
            "months": asked.months() if section.by_month else [],
            "month": asked.month(),
            **_extras(asked, name),
        }
    shared = {"sections": SECTIONS, "section": name, "choice": choice, "query": urlencode(choice.address())}
    given = {"error": "", "cell": shown, **context, **shared, **said}
    return page(request, viewer, "business.html", 422 if said or given.get("refused") else 200, **given)


def _extras(asked: Asked, name: str) -> dict[str, object]:
    """Give what a section shows beside its sheets."""
    if name == HOME:
        return {
            "growth": asked_growth(asked),
            "usual_loss": usual_loss(asked),
            "year": year_asked(asked),
            "refused": growth_refused(asked),
        }
    if name == "cohorts":
        known = [each.cohort for each in cohorts(asked.connection)]
        return {"cohorts": known, "cohort": chosen_cohort(asked), "today": asked.today}
    if name == "revenue":
        return {"top_share": top_share(asked), "gini": gini(asked)}
    if name == "churn":
        return {"indicators": known_indicators(asked), "indicator": chosen_indicator(asked)}
    return {}


def _section(name: str) -> Section:
    if name not in SECTIONS:
        raise NotFoundError
    return SECTIONS[name]


def _asked(request: Request, viewer: Viewer, desk: Desk, choice: Choice) -> Callable[[Connection], Asked]:
    branch_id = viewer.branch_id or choice.branch or None  # who belongs to a branch sees that one
    return lambda connection: Asked(connection, desk, choose(request, viewer), branch_id, choice)
