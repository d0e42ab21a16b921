"""The end of the cases' log, read on and on: what happened since the last look, counted.

Rule: what was there before the first look is not counted; a counter begins with its program. Of two transactions that
end in the other order than they began, on PostgreSQL, the earlier one's entries may be missed: these are counts to
watch, the log itself is whole.
"""

from collections import Counter
from threading import Lock

from sqlalchemy import func, select

from stream_app.console.desk import Desk
from stream_app.console.store.database import reading
from stream_app.console.store.work_tables import CaseEvent

AT_ONCE = 5_000
TOLD_BY = {"contacted": "outcome", "closed": "close_reason"}  # what a detail says of an entry of a kind


class CaseLogTail:
    """Reads the log from where it ended when it was first looked at."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._lock = Lock()  # two may ask at once, and each entry counts once

    def look(self, desk: Desk) -> Counter[tuple[str, str]]:
        """Count what happened since the last look, by kind and by what came of it ("" where nothing is told)."""
        found = Counter[tuple[str, str]]()
        with self._lock, reading(desk.engine) as connection:
            if self._last is None:
                self._last = connection.scalar(select(func.max(CaseEvent.event_no))) or 0
            query = select(CaseEvent.event_no, CaseEvent.kind, CaseEvent.detail).order_by(CaseEvent.event_no)
            while rows := connection.execute(query.where(CaseEvent.event_no > self._last).limit(AT_ONCE)).all():
                self._last = rows[-1].event_no
                found.update((row.kind, str(row.detail.get(TOLD_BY.get(row.kind, ""), ""))) for row in rows)
        return found
