"""Customers: the own book, or the branch's; every look is audited."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from stream_app.console.access import audit
from stream_app.console.access.guard import DeskHere, allow
from stream_app.console.access.viewer import Viewer
from stream_app.console.store.database import reading, writing
from stream_app.console.web.book_view import LAST_PAGE, Wanted, read_book
from stream_app.console.web.layout import page
from stream_app.core.state import LEVELS

router = APIRouter()
Caller = Annotated[Viewer, Depends(allow("manager", "supervisor"))]
Level = Annotated[int, Query(ge=0, lt=len(LEVELS))]
PageNo = Annotated[int, Query(ge=1, le=LAST_PAGE)]


@router.get("/book")
def show(
    request: Request,
    viewer: Caller,
    desk: DeskHere,
    find: Annotated[str, Query(max_length=64)] = "",
    level: Level = 0,
    page_no: Annotated[PageNo, Query(alias="page")] = 1,
) -> Response:
    """Show a page of the book."""
    with reading(desk.engine) as connection:
        book = read_book(connection, viewer, Wanted(find.strip(), level, page_no))
    with writing(desk.engine) as connection:
        seen = " ".join(customer.subscriber_id for customer in book.customers)
        audit.note(connection, desk, viewer.user_id, "book_seen", subscribers=seen)
    return page(request, viewer, "book.html", book=book, levels=LEVELS)
