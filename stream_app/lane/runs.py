"""What a fetch covered, and the guard that a lane sees each feed's log without a gap.

Rule: only the lane moves the positions of its feeds. So a position that is not where the last run ended was moved by
the client itself (the log was cut off or made anew), and a run that begins beyond what the lane wants next was lost
on the way (Faust drops whole fetches): the one ends the process, the other is sought back.
"""

from collections.abc import Sequence
from typing import NamedTuple

from stream_app.lane.api import Batch
from stream_app.lane.errors import LaneError
from stream_app.lane.log import Record


class Flow:
    """The fetching of one feed partition since its last seek.

    `expected`, where the next run must begin, is the consumer thread's; `queued`, the runs on their way, is counted on
    the main thread and read by the other. A seek makes a new flow: what belongs to an older one is stale.
    """

    __slots__ = ("expected", "limit", "queued")

    def __init__(self, expected: int, limit: int = 1) -> None:
        self.expected = expected
        self.limit = limit
        self.queued = 0

    @property
    def has_room(self) -> bool:
        """Tell whether one more run may be fetched."""
        return self.queued < self.limit

    def took(self) -> None:
        """Note a run on its way to the lane."""
        self.queued += 1

    def gave(self) -> bool:
        """Note a run worked or dropped; tell whether fetching waited for it."""
        self.queued -= 1
        return self.queued == self.limit - 1


class Run(NamedTuple):
    """One drained fetch: all committed records of [begin, end), where the flow expected it to begin."""

    topic: str
    partition: int
    records: Sequence[Record]
    begin: int
    end: int
    flow: Flow
    expected: int
    behind: int  # offsets from `end` to the last stable one


class Cursor:
    """Where a lane is in one feed partition: `want` is the next offset it must see."""

    def __init__(self, topic: str, partition: int, want: int, *, may_skip: bool = False) -> None:
        self.topic, self.partition, self.want = topic, partition, want
        self.flow = Flow(want)
        self.seeks = 0  # since the last progress
        self._may_skip = may_skip

    def lacks(self, run: Run) -> bool:
        """Tell whether records between `want` and the run were dropped on the way.

        Raises:
            LaneError: the log itself has changed under us.
        """
        if run.flow is not self.flow:
            return False
        self._check_log(run)
        return run.begin > self.want

    def advance(self, run: Run) -> Batch | None:
        """Return what the run brings beyond `want` and move on; None when it is stale or seen before."""
        if run.flow is not self.flow or run.end <= self.want:
            return None
        begin, self.want, self.seeks = self.want, run.end, 0
        records = run.records if run.begin == begin else [r for r in run.records if r.offset >= begin]
        return Batch(self.topic, self.partition, records, begin, run.end)

    @property
    def is_short(self) -> bool:
        """Tell whether more was fetched than has come; fine for the moment it takes."""
        return self.flow.expected > self.want

    def _check_log(self, run: Run) -> None:
        if run.begin < run.expected:
            message = (
                f"feed {self.topic}[{self.partition}] was made anew or cut: {run.expected} wanted, {run.begin} read"
            )
            raise LaneError(message)
        if run.begin > run.expected and not self._may_skip:
            raise expired(self.topic, self.partition, run.expected, run.begin)
        if run.begin > run.expected:
            self.want = max(self.want, run.begin)


def expired(topic: str, partition: int, begin: int, end: int) -> LaneError:
    """Say that retention deleted records that were not read yet."""
    message = (
        f"feed {topic}[{partition}]: the records of offsets {begin} to {end - 1} were deleted before they were read. "
        f"Put them back, or move the group's committed offset to {end} to go on without them"
    )
    return LaneError(message)
