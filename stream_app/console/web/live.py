"""Telling open pages that something of theirs changed: one look at the database serves them all.

Rule: what is sent is that something changed, never what; the page asks for it as its viewer.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from stream_app.console.access.viewer import Viewer
from stream_app.console.store.database import reading
from stream_app.console.store.work_tables import Case, CaseEvent

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.3
HEARTBEAT_SECONDS = 15.0
MOST_PER_SESSION = 4  # a browser opens six connections to a host: pages need some of them


class Change(NamedTuple):
    """Whom a case event is for: the manager who has the case, those it names (who had it before), the branch."""

    event_no: int
    branch_id: str | None
    user_ids: frozenset[str]


@dataclass(eq=False)
class Listener:
    """An open page, and whether there is something it has not been told yet."""

    viewer: Viewer
    session: str  # told apart by the hash of its secret
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def is_meant(self, change: Change) -> bool:
        """Say whether a change is on this viewer's pages."""
        if self.viewer.role == "supervisor":
            return self.viewer.branch_id is None or change.branch_id in {None, self.viewer.branch_id}
        return self.viewer.user_id in change.user_ids


class Hub:
    """Looks for new case events, and wakes the pages that show them."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._seen: int | None = None
        self.is_closed = False

    async def run(self, engine: Engine) -> None:
        """Look again and again, until cancelled; a database that cannot be asked is asked again."""
        while True:
            try:
                await self.look(engine)
            except (OperationalError, PoolTimeoutError) as error:
                log.warning("open pages are not told of changes: %s", type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self, engine: Engine) -> None:
        """Look once; nobody listening costs nothing but what the first of them has missed by being new."""
        if not self._listeners:
            self._seen = None
            return
        for change in await asyncio.to_thread(self._changes, engine):
            for listener in self._listeners:
                if listener.is_meant(change):
                    listener.woken.set()

    def _changes(self, engine: Engine) -> list[Change]:
        with reading(engine) as connection:
            last = connection.execute(select(func.max(CaseEvent.event_no))).scalar_one() or 0
            before, self._seen = self._seen, last
            return [] if before is None or last <= before else changes_between(connection, before, last)

    @property
    def is_listened_to(self) -> bool:
        """Say whether any page is open."""
        return bool(self._listeners)

    def wake_all(self) -> None:
        """Have every open page look, whatever changed."""
        for listener in self._listeners:
            listener.woken.set()

    def close(self) -> None:
        """End all streams, so that the server can stop."""
        self.is_closed = True
        self.wake_all()

    @contextlib.contextmanager
    def listening(self, viewer: Viewer, session: str) -> Iterator[Listener]:
        """Listen for a page as long as it is open."""
        listener = Listener(viewer, session)
        listener.woken.set()  # it may have missed something between being made and listening
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def is_full(self, session: str) -> bool:
        """Say whether a session has as many pages open as it may."""
        return sum(listener.session == session for listener in self._listeners) >= MOST_PER_SESSION


def changes_between(connection: Connection, after: int, last: int) -> list[Change]:
    """Read the case events after one number, up to another."""
    rows = connection.execute(
        select(CaseEvent.event_no, Case.branch_id, Case.manager_id, CaseEvent.user_id, CaseEvent.detail)
        .join(Case, Case.case_id == CaseEvent.case_id)
        .where(CaseEvent.event_no > after, CaseEvent.event_no <= last)
    )
    return [Change(row.event_no, row.branch_id, _named(row)) for row in rows]


def _named(row: Any) -> frozenset[str]:  # noqa: ANN401 - a row
    known = {row.manager_id, row.user_id, *(value for value in row.detail.values() if isinstance(value, str))}
    return frozenset(known - {None})


async def stream(hub: Hub, listener: Listener) -> AsyncGenerator[str]:
    """Write the stream of one page: `tasks` where something changed, a comment while nothing does."""
    while not hub.is_closed:
        try:
            await asyncio.wait_for(listener.woken.wait(), HEARTBEAT_SECONDS)
        except TimeoutError:
            yield ": still here\n\n"
            continue
        listener.woken.clear()
        if not hub.is_closed:
            yield "event: tasks\ndata: changed\n\n"
