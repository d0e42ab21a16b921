"""Telling open pages that something of theirs changed: one look at the database serves them all.

Rule: what is sent is that something changed, never what; the page asks for it as its viewer.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Select, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from stream_app.console.access.viewer import Viewer
from stream_app.console.store.database import reading
from stream_app.console.store.work_tables import Case, CaseEvent

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.3
LOOKED_BACK = 200  # numbers
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
        self._seen: int | None = None  # the last number
        self._told: set[int] | None = None  # those of late: a number may be committed after a later one
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
        """Look once; where nobody listens, nothing is asked."""
        if not self._listeners:
            self._seen = self._told = None
            return
        for change in await asyncio.to_thread(self._changes, engine):
            for listener in self._listeners:
                if listener.is_meant(change):
                    listener.woken.set()

    def _changes(self, engine: Engine) -> list[Change]:
        with reading(engine) as connection:
            before, told = self._seen or 0, self._told
            numbers = set(connection.execute(_numbers_after(before - LOOKED_BACK)).scalars())
            new = {number for number in numbers if number > before or (told is not None and number not in told)}
            self._seen, self._told = max(numbers, default=before), numbers
            return changes(connection, new) if new else []

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
    def listening(self, viewer: Viewer, session: str, shown_to: int, now_at: int) -> Iterator[Listener]:
        """Listen for a page as long as it is open; it shows case events up to a number, and there are more by now."""
        listener = Listener(viewer, session)
        if self._seen is None:
            self._seen = now_at
        if max(now_at, self._seen) > shown_to:  # something happened between making the page and listening
            listener.woken.set()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def is_full(self, session: str) -> bool:
        """Say whether a session has as many pages open as it may."""
        return sum(listener.session == session for listener in self._listeners) >= MOST_PER_SESSION


def last_event(connection: Connection) -> int:
    """Give the number of the last case event, 0 before the first."""
    return connection.execute(select(func.max(CaseEvent.event_no))).scalar_one() or 0


def _numbers_after(number: int) -> Select[int]:
    return select(CaseEvent.event_no).where(CaseEvent.event_no > number)


def changes(connection: Connection, numbers: AbstractSet[int]) -> list[Change]:
    """Read the case events of some numbers."""
    rows = connection.execute(
        select(CaseEvent.event_no, Case.branch_id, Case.manager_id, CaseEvent.user_id, CaseEvent.detail)
        .join(Case, Case.case_id == CaseEvent.case_id)
        .where(CaseEvent.event_no >= min(numbers), CaseEvent.event_no <= max(numbers))
    )
    return [Change(row.event_no, row.branch_id, _named(row)) for row in rows if row.event_no in numbers]


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
