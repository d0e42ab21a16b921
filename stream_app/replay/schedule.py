"""When the clock ticks in a replay: at each local midnight, at each close, and at the end (CONTRACTS section 7)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from stream_app.core.clock import last_closed
from stream_app.core.policy import PolicySet, grace

ONE_DAY = timedelta(days=1)


class Schedule:
    """Gives the ticks that a running maximum of event times reaches, each once and in order."""

    def __init__(self, policies: PolicySet) -> None:
        self.policies = policies
        self._next: datetime | None = None  # None: nothing has been reached yet

    def reach(self, at: datetime) -> Iterator[datetime]:
        """Give the ticks up to an instant; at first only the latest of them."""
        if self._next is None:
            self._next = self._latest(at)
        while self._next <= at:
            tick, self._next = self._next, self._after(self._next)
            yield tick

    def _latest(self, at: datetime) -> datetime:
        calendar = self.policies.calendar
        midnight = calendar.midnight(calendar.local_date(at))
        closed = last_closed(at, self.policies)
        return max([midnight, *(close for close in self._closes(closed) if close <= at)])

    def _after(self, at: datetime) -> datetime:
        calendar = self.policies.calendar
        midnight = calendar.midnight(calendar.local_date(at) + ONE_DAY)
        closed = last_closed(at, self.policies)
        return min(
            [
                midnight,
                *(close for month in (closed, closed + 1, closed + 2) for close in self._closes(month) if close > at),
            ]
        )

    def _closes(self, month: int) -> list[datetime]:
        """List the instant at which a month closes, under whichever policy is then in force."""
        end = self.policies.calendar.start(month + 1)
        instants = {end + grace(policy) for policy in self.policies.versions}
        return [close for close in instants if close == end + grace(self.policies.in_force(close))]


def until_end(schedule: Schedule, until: datetime) -> Iterator[datetime]:
    """Give the ticks that are left up to and with the end."""
    last = None
    for last in schedule.reach(until):
        yield last
    if last != until:
        yield until
