"""The one task of a partition number: works the runs of all its feeds, sweeps in between, commits in groups.

Rule: work of new batches goes on while a commit is under way, but there is one transaction at a time; and every error
ends the process.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol

from faust.types import TP

from stream_app.lane.api import Batch, Commit, LaneObserver, LaneSettings, Logic
from stream_app.lane.errors import LaneError, fatal
from stream_app.lane.runs import Cursor, Flow, Run
from stream_app.lane.seams import seams

log = logging.getLogger(__name__)

SEEKS_WITHOUT_PROGRESS = 10
# Of the commit interval: a task that keeps up commits so soon, one that is behind groups. Sooner still costs more in
# requests than it gains (a tenth: half as late again).
EARLY_SHARE = 0.25
MOST_SWEPT = 2000  # a sweep waits for a commit above it: larger ones hold up events, and may outlast a transaction
# Rounds of the event loop between two batches: a request of a commit takes some ten from the task that makes it to the
# socket and back, as does a run from its thread to us, and would wait for a batch at each.
ROUNDS = 25
LOOK_SECONDS = 2.0  # between two looks for runs that were fetched and never came


class Committer(Protocol):
    """The one writer of a partition."""

    @property
    def partition(self) -> int:
        """The partition's number."""
        ...

    async def commit(self, commit: Commit) -> None:
        """Commit in Kafka and write to the store."""
        ...


class LaneTask:
    """One partition while it is ours: from the end of its restore to its last commit."""

    def __init__(
        self, logic: Logic, writer: Committer, cursors: Mapping[str, Cursor], ports: "Ports", settings: LaneSettings
    ) -> None:
        self.logic, self.writer, self.cursors = logic, writer, cursors
        self.partition = writer.partition
        self._ports, self._observer, self._settings = ports, ports.observer, settings
        self._queue: deque[Run] = deque()
        self._wake = asyncio.Event()
        self._early_seconds = settings.commit_interval_seconds * (1 - EARLY_SHARE)
        self._closing = False
        self._is_behind = False  # in the feed last worked, by a batch or more
        self._sweeping = True  # a new owner resumes what the last one had begun
        self._commit_at: float | None = 0.0  # when what is buffered has to be committed; the logic may bring some along
        self._look_at = 0.0
        self._short: dict[str, int] = {}  # feeds found short of runs at the last look, and what they wanted
        self._flight: asyncio.Task[None] | None = None
        self._runner: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work."""
        self._runner = asyncio.create_task(self._run(), name=f"lane-{self.partition}")

    def offer(self, run: Run) -> None:
        """Queue a run; the flow's limit bounds how many there are."""
        if self._closing:
            self._ports.gave(run)
            return
        self._queue.append(run)
        self._wake.set()

    async def close(self) -> None:
        """Finish the batch under way, drop what is queued, commit, and give the partition up."""
        self._closing = True
        self._wake.set()
        if self._runner is not None:
            await self._runner

    async def _run(self) -> None:
        try:
            while not self._closing:
                await self._turn()
            await self._finish()
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing may go on after it
            fatal(f"partition {self.partition} failed", error)

    async def _turn(self) -> None:
        self._commit_if_due()
        await self._look_if_due()
        if self.logic.backlog() > 2 * self._settings.max_changes:
            await self._rest()
        elif (place := self._place()) is not None:
            async with self._ports.turn:
                await self._work(self._take(place))
                self._sweep_if_needed()
                await let_others_go_on()
        elif self._sweeping and self.logic.backlog() <= MOST_SWEPT:
            async with self._ports.idle_turn, self._ports.turn:
                if self._place() is None:
                    self._sweep_if_needed()
                await let_others_go_on()
        else:
            await self._rest()

    def _place(self) -> int | None:
        """Find the first run whose feed does not wait: nearly always the first."""
        for place, run in enumerate(self._queue):
            if not self.logic.waits(run.topic):
                return place
        return None

    def _take(self, place: int) -> Run:
        run = self._queue[place]
        del self._queue[place]
        return run

    async def _rest(self) -> None:
        await self._wake.wait()
        self._wake.clear()

    async def _work(self, run: Run) -> None:
        try:
            cursor = self.cursors[run.topic]
            if cursor.lacks(run):
                await self._seek_back(cursor, run.begin)
            elif (batch := cursor.advance(run)) is not None:
                self._is_behind = run.behind >= self._settings.batch_records
                self._work_batch(batch)
                self._observer.lag(run.topic, run.partition, run.behind)
        finally:
            self._ports.gave(run)

    def _work_batch(self, batch: Batch) -> None:
        began = time.perf_counter()
        self.logic.work(batch)
        seams.passed("worked")
        self._observer.batch(batch.topic, batch.partition, len(batch.records), time.perf_counter() - began)
        self._sweeping = True
        self._changed()

    async def _look_if_due(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() < self._look_at:
            return
        self._look_at = loop.time() + LOOK_SECONDS
        loop.call_at(self._look_at, self._wake.set)
        before, queued = self._short, {run.topic for run in self._queue}
        self._short = {
            feed: cursor.want for feed, cursor in self.cursors.items() if cursor.is_short and feed not in queued
        }
        for feed, want in self._short.items():  # a run lost with none behind it shows no gap
            if before.get(feed) == want:
                await self._seek_back(self.cursors[feed], self.cursors[feed].flow.expected)

    async def _seek_back(self, cursor: Cursor, came: int) -> None:
        log.warning(
            "gap in %s[%d]: %d wanted, %d came: seeking back", cursor.topic, cursor.partition, cursor.want, came
        )
        cursor.seeks += 1
        if cursor.seeks > 1:
            self._observer.repeated_seek(cursor.topic, cursor.partition)
        if cursor.seeks > SEEKS_WITHOUT_PROGRESS:
            message = (
                f"{cursor.topic}[{cursor.partition}] does not give offset {cursor.want}, sought {cursor.seeks} times"
            )
            raise LaneError(message)
        await self.seek([cursor.topic])

    async def seek(self, feeds: Iterable[str]) -> None:
        """Take up feeds at what their cursors want; a feed that is no longer ours is left alone."""
        tps = {TP(feed, self.partition): self.cursors[feed] for feed in feeds}
        flows = await self._ports.seek({tp: cursor.want for tp, cursor in tps.items()})
        for tp, flow in flows.items():
            tps[tp].flow = flow

    def _sweep_if_needed(self) -> None:
        if self._sweeping and self.logic.backlog() <= MOST_SWEPT:
            self._sweeping = self.logic.sweep()
            self._changed()

    def _changed(self) -> None:
        if self._commit_at is None:
            loop = asyncio.get_running_loop()
            self._commit_at = loop.time() + self._settings.commit_interval_seconds
            loop.call_at(self._commit_at, self._wake.set)
            loop.call_at(self._commit_at - self._early_seconds, self._wake.set)

    def _commit_if_due(self) -> None:
        if self._flight is not None or self._commit_at is None:
            return
        keeps_up = not (self._sweeping or self._is_behind or len(self._queue) > 1)
        due_at = self._commit_at - self._early_seconds if keeps_up else self._commit_at
        most = min(MOST_SWEPT, self._settings.max_changes) if self._sweeping else self._settings.max_changes
        if asyncio.get_running_loop().time() < due_at and self.logic.backlog() <= most:
            return
        self._commit_at = None
        commit = self.logic.take()
        if commit is not None and not commit.is_empty:
            self._flight = asyncio.create_task(self._commit(commit), name=f"lane-{self.partition}-commit")

    async def _commit(self, commit: Commit) -> None:
        try:
            began = time.perf_counter()
            await self.writer.commit(commit)
            self.logic.stored()
        except Exception as error:  # noqa: BLE001 - fenced, late or broken: what is in Kafka is not known here
            fatal(f"the commit of partition {self.partition} failed", error)
        seconds = time.perf_counter() - began
        self._observer.committed(self.partition, len(commit.states), len(commit.outputs), seconds)
        self._flight = None
        self._wake.set()

    async def _finish(self) -> None:
        while self._queue:
            self._ports.gave(self._queue.popleft())
        if self._flight is not None:
            await self._flight
        commit = self.logic.take()
        if commit is not None and not commit.is_empty:
            await self._commit(commit)
        self.logic.close()


class Ports:
    """What a task needs of the outside: the moving of its feeds, room given back, an ear, and its turn.

    One batch or slice at a time over all partitions, with rounds of the event loop after each: so the steps of the
    commits under way come between any two. Idle slices queue among themselves first: a batch waits for one at most.
    """

    def __init__(
        self,
        seek: Callable[[Mapping[TP, int]], Awaitable[Mapping[TP, Flow]]],
        gave: Callable[[Run], None],
        observer: LaneObserver,
    ) -> None:
        self.seek, self.gave, self.observer = seek, gave, observer
        self.turn, self.idle_turn = asyncio.Lock(), asyncio.Lock()


async def let_others_go_on() -> None:
    """Let go of the event loop until hardly anything is left that only waits for its turn there."""
    for _ in range(ROUNDS):
        await asyncio.sleep(0)
