"""The task of a partition with everything around it in memory."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest
from faust.types import TP

from stream_app.lane import Batch, Commit, LaneSettings, NullObserver, Output, fatal, task
from stream_app.lane.errors import LaneEnded
from stream_app.lane.runs import Cursor, Flow, Run
from stream_app.lane.task import LaneTask, Ports

FEEDS = ("left", "right")


class Diary:
    """A logic that writes down what happens to it."""

    def __init__(self, slices: int = 0) -> None:
        self.wrote: list[str] = []
        self.moved: dict[str, int] = {}
        self.buffered = 0
        self.slices = slices
        self.waiting: set[str] = set()

    def work(self, batch: Batch) -> None:
        self.wrote.append(f"work {batch.topic} {batch.begin}-{batch.end}")
        self.moved[batch.topic] = batch.end
        self.buffered += batch.end - batch.begin

    def waits(self, topic: str) -> bool:
        return topic in self.waiting

    def sweep(self) -> bool:
        self.slices -= 1
        if self.slices >= 0:
            self.wrote.append("sweep")
        return self.slices > 0

    def backlog(self) -> int:
        return self.buffered

    def take(self) -> Commit | None:
        if not self.moved:
            return None
        moved, self.moved, self.buffered = self.moved, {}, 0
        self.wrote.append("take")
        return Commit([Output("out", b"k", b"v")], {b"k": b"v"}, moved)

    def stored(self) -> None:
        self.wrote.append("stored")

    def close(self) -> None:
        self.wrote.append("close")


class Memory:
    """A committer that keeps commits; held, it does not finish them."""

    partition = 3

    def __init__(self) -> None:
        self.commits: list[Commit] = []
        self.begun = 0
        self.free = asyncio.Event()
        self.free.set()
        self.error: Exception | None = None

    async def commit(self, commit: Commit) -> None:
        self.begun += 1
        await self.free.wait()
        if self.error:
            raise self.error
        self.commits.append(commit)


class Rig:
    """A started task, its feeds' flows, and what it asked of the outside."""

    def __init__(self, logic: Diary, settings: LaneSettings) -> None:
        self.logic, self.memory = logic, Memory()
        self.sought: list[dict[TP, int]] = []
        self.repeated: list[str] = []
        self.given = 0
        self.cursors = {feed: Cursor(feed, 3, 0) for feed in FEEDS}
        ports = Ports(self._seek, self._gave, Ear(self.repeated))
        self.task = LaneTask(logic, self.memory, self.cursors, ports, settings)
        self.task.start()

    async def _seek(self, wanted: Mapping[TP, int]) -> Mapping[TP, Flow]:
        self.sought.append(dict(wanted))
        return {tp: Flow(at) for tp, at in wanted.items()}

    def _gave(self, _run: Run) -> None:
        self.given += 1

    def offer(self, feed: str, begin: int, end: int) -> None:
        self.task.offer(Run(feed, 3, [], begin, end, self.cursors[feed].flow, begin, 0))

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.001)


class Ear(NullObserver):
    """Hears repeated seeks."""

    def __init__(self, repeated: list[str]) -> None:
        self._repeated = repeated

    def repeated_seek(self, topic: str, partition: int) -> None:
        self._repeated.append(f"{topic}-{partition}")


QUICK = LaneSettings(commit_interval_seconds=0.001)


@contextmanager
def fatal_noted() -> Iterator[list[str]]:
    noted: list[str] = []
    hook, fatal.hook = fatal.hook, noted.append
    try:
        yield noted
    finally:
        fatal.hook = hook


async def test_what_is_worked_is_committed_then_told() -> None:
    rig = Rig(Diary(), QUICK)
    rig.offer("left", 0, 5)
    await rig.until(lambda: "stored" in rig.logic.wrote)
    await rig.task.close()
    assert rig.logic.wrote == ["work left 0-5", "take", "stored", "close"]
    assert rig.memory.commits[0].positions == {"left": 5}
    assert rig.given == 1


async def test_feeds_are_worked_in_the_order_they_came() -> None:
    rig = Rig(Diary(), LaneSettings(commit_interval_seconds=60))
    rig.offer("left", 0, 2)
    rig.offer("right", 0, 3)
    rig.offer("left", 2, 4)
    await rig.until(lambda: rig.given == 3)
    await rig.task.close()
    assert rig.logic.wrote[:3] == ["work left 0-2", "work right 0-3", "work left 2-4"]


async def test_closing_commits_what_is_worked_and_drops_what_is_queued() -> None:
    rig = Rig(Diary(), LaneSettings(commit_interval_seconds=60))
    rig.offer("left", 0, 5)
    await rig.until(lambda: rig.logic.wrote)
    rig.offer("left", 5, 9)
    await rig.task.close()
    assert rig.logic.wrote == ["work left 0-5", "take", "stored", "close"]
    assert rig.given == 2
    rig.offer("left", 9, 12)
    assert rig.given == 3


async def test_work_goes_on_while_a_commit_is_under_way_but_no_second_one_begins() -> None:
    rig = Rig(Diary(), QUICK)
    rig.memory.free.clear()
    rig.offer("left", 0, 5)
    await rig.until(lambda: rig.memory.begun)
    rig.offer("left", 5, 9)
    await rig.until(lambda: "work left 5-9" in rig.logic.wrote)
    await asyncio.sleep(0.01)
    assert rig.memory.begun == 1
    rig.memory.free.set()
    await rig.until(lambda: len(rig.memory.commits) == 2)
    await rig.task.close()
    assert [commit.positions for commit in rig.memory.commits] == [{"left": 5}, {"left": 9}]


async def test_a_full_backlog_commits_before_the_interval_is_over() -> None:
    rig = Rig(Diary(), LaneSettings(commit_interval_seconds=60, max_changes=10))
    rig.offer("left", 0, 11)
    await rig.until(lambda: rig.memory.commits)
    await rig.task.close()


async def test_work_waits_while_twice_the_changes_are_buffered() -> None:
    rig = Rig(Diary(), LaneSettings(commit_interval_seconds=60, max_changes=10))
    rig.memory.free.clear()
    for begin in range(0, 80, 20):
        rig.offer("left", begin, begin + 20)
    await rig.until(lambda: rig.memory.begun and rig.logic.buffered > 20)
    worked = list(rig.logic.wrote)
    await asyncio.sleep(0.01)
    assert rig.logic.wrote == worked
    rig.memory.free.set()
    await rig.until(lambda: rig.given == 4)
    await rig.task.close()


async def test_a_feed_that_waits_is_overtaken_and_worked_once_it_waits_no_more() -> None:
    rig = Rig(Diary(), LaneSettings(commit_interval_seconds=60))
    rig.logic.waiting.add("left")
    rig.offer("left", 0, 2)
    rig.offer("left", 2, 4)
    rig.offer("right", 0, 3)
    await rig.until(lambda: rig.given == 1)
    assert rig.logic.wrote == ["work right 0-3"]
    rig.logic.waiting.clear()
    rig.offer("right", 3, 4)
    await rig.until(lambda: rig.given == 4)
    assert rig.logic.wrote == ["work right 0-3", "work left 0-2", "work left 2-4", "work right 3-4"]
    await rig.task.close()


async def test_sweeps_and_commits_go_on_while_all_that_is_queued_waits() -> None:
    rig = Rig(Diary(slices=5), QUICK)
    rig.logic.waiting.add("left")
    rig.offer("left", 0, 2)
    await rig.until(lambda: rig.logic.slices == 0)
    rig.offer("right", 0, 3)
    await rig.until(lambda: rig.memory.commits)
    assert rig.memory.commits[0].positions == {"right": 3}
    await rig.task.close()
    assert rig.given == 2


async def test_idle_sweeping_goes_on_until_there_is_no_more() -> None:
    rig = Rig(Diary(slices=5), QUICK)
    await rig.until(lambda: rig.logic.slices == 0)
    await asyncio.sleep(0.01)
    assert rig.logic.wrote == ["sweep"] * 5
    await rig.task.close()


async def test_a_batch_waits_for_one_slice_at_most() -> None:
    rig = Rig(Diary(slices=10_000), LaneSettings(commit_interval_seconds=60))
    await rig.until(lambda: rig.logic.wrote)
    rig.offer("left", 0, 5)
    before = len(rig.logic.wrote)
    await rig.until(lambda: "work left 0-5" in rig.logic.wrote)
    assert rig.logic.wrote.index("work left 0-5") - before <= 1
    await rig.task.close()


async def test_a_gap_is_sought_back_and_nothing_beyond_it_is_worked() -> None:
    rig = Rig(Diary(), QUICK)
    rig.offer("left", 4, 8)
    await rig.until(lambda: rig.sought)
    assert rig.sought == [{TP("left", 3): 0}]
    rig.offer("left", 0, 8)
    await rig.until(lambda: rig.logic.wrote)
    await rig.task.close()
    assert rig.logic.wrote[0] == "work left 0-8"
    assert rig.repeated == []


async def test_a_run_lost_with_none_behind_it_is_sought_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "LOOK_SECONDS", 0.01)
    rig = Rig(Diary(), QUICK)
    rig.cursors["right"].flow.expected = 9  # fetched up to 9, but nothing came
    await rig.until(lambda: rig.sought)
    await rig.task.close()
    assert rig.sought == [{TP("right", 3): 0}]


async def test_a_gap_that_comes_again_is_told_and_in_the_end_fatal() -> None:
    rig = Rig(Diary(), QUICK)
    with fatal_noted() as noted:
        for _ in range(20):
            rig.offer("left", 4, 8)
            await asyncio.sleep(0.001)
        with pytest.raises(LaneEnded):
            await rig.task.close()
    assert len(rig.repeated) == 10
    assert "does not give offset 0" in noted[0]


async def test_a_failed_commit_is_fatal_and_never_told_as_stored() -> None:
    rig = Rig(Diary(), QUICK)
    rig.memory.error = TimeoutError("no ack")
    with fatal_noted() as noted:
        rig.offer("left", 0, 5)
        await rig.until(lambda: noted)
        assert "the commit of partition 3 failed" in noted[0]
        assert "stored" not in rig.logic.wrote
        with pytest.raises(LaneEnded):
            await rig.task.close()


async def test_a_task_with_nothing_left_to_work_commits_before_a_busy_one_would() -> None:
    settings = LaneSettings(commit_interval_seconds=4)
    busy, idle = Rig(Diary(slices=10**9), settings), Rig(Diary(), settings)
    busy.offer("left", 0, 5)
    idle.offer("left", 0, 5)
    await idle.until(lambda: idle.memory.commits)
    assert busy.memory.begun == 0
    await idle.task.close()
    await busy.task.close()
