"""The stream that tells an open page that something of its viewer's changed."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from stream_app.console.access import guard
from stream_app.console.access.guard import AnyUser
from stream_app.console.access.sessions import hash_of
from stream_app.console.access.viewer import Viewer
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading
from stream_app.console.web.live import Hub, last_event, stream

router = APIRouter()


@router.get("/live")
async def live(request: Request, viewer: AnyUser, after: int = 0) -> Response:
    """Open the stream for a page that shows what was `after`; it ends with the session, and with the server."""
    hub: Hub = request.app.state.means.hub
    session = hash_of(guard.secret_of(request) or "")
    if hub.is_closed or hub.is_full(session):
        return PlainTextResponse("too many pages are open", 429, {"retry-after": "60"})
    return StreamingResponse(
        _while_logged_in(request, viewer, session, after),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _while_logged_in(request: Request, viewer: Viewer, session: str, after: int) -> AsyncGenerator[str]:
    hub: Hub = request.app.state.means.hub
    now_at = await asyncio.to_thread(_last_event, guard.desk_of(request))
    with hub.listening(viewer, session, after, now_at) as listener:
        async with contextlib.aclosing(stream(hub, listener)) as sent:
            async for part in sent:
                # Who has logged out meanwhile, or was shut out, is told nothing more.
                if await asyncio.to_thread(guard.known_user, request) != viewer:
                    return
                yield part


def _last_event(desk: Desk) -> int:
    with reading(desk.engine) as connection:
        return last_event(connection)
