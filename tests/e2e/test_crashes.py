"""Workers die at any moment, and nothing shows: the answer of the rules alone, no fact missing, none twice."""

import asyncio
import os
import random
import signal
from collections.abc import Callable

import pytest

from stream_app.local import LocalKafka
from stream_app.replay.on_kafka import PARTITIONS
from stream_app.replay.topics_reader import TopicReader
from stream_app.replay.workers import WorkerProcesses
from stream_app.wire.stored import FIRST_SUBSCRIBER_KEY, PARTITION_KEY, PartitionRow, load_partition
from stream_app.worker.topics import Names
from tests.e2e.outcome import Case, Outcome, offline, on_kafka
from tests.e2e.populations import silent, simulated

KILLS = 5


class Killer:
    """Kills workers with -9 while a replay runs."""

    def __init__(self, wait_seconds: Callable[[], float], kills: int) -> None:
        self.kills = 0
        self._wait_seconds, self._most = wait_seconds, kills
        self._task: asyncio.Task[None] | None = None

    def __call__(self, workers: WorkerProcesses) -> None:
        self._task = asyncio.create_task(self._run(workers))

    async def _run(self, workers: WorkerProcesses) -> None:
        while self.kills < self._most:
            await asyncio.sleep(self._wait_seconds())
            if workers.pids:
                os.kill(random.choice(workers.pids), signal.SIGKILL)
                self.kills += 1


class SweepKiller:
    """Kills a worker with -9 when a partition's row shows a sweep half-way; once a close at most."""

    def __init__(self, kills: int) -> None:
        self.kills, self.most = 0, kills
        self._seen: set[int] = set()
        self._task: asyncio.Task[None] | None = None

    def __call__(self, workers: WorkerProcesses) -> None:
        self._task = asyncio.create_task(self._run(workers))

    async def _run(self, workers: WorkerProcesses) -> None:
        given = workers.environment
        names = Names(given["STREAM_APP_TOPIC_PREFIX"], given["STREAM_APP_APP_ID"])
        async with TopicReader(given["STREAM_APP_BOOTSTRAP"], [names.changelog], PARTITIONS) as reader:
            while self.kills < self.most:
                rows = {}
                async for record in reader.new_records():
                    if record.key == PARTITION_KEY:
                        rows[record.partition] = load_partition(record.value)
                self._kill_if_half_way(workers, list(rows.values()))
                await asyncio.sleep(0.01)

    def _kill_if_half_way(self, workers: WorkerProcesses, rows: list[PartitionRow]) -> None:
        half_way = {row.target for row in rows if row.target and row.cursor > FIRST_SUBSCRIBER_KEY} - self._seen
        if half_way and workers.pids:
            self._seen |= half_way
            os.kill(workers.pids[self.kills % len(workers.pids)], signal.SIGKILL)
            self.kills += 1


def assert_same(outcome: Outcome, case: Case) -> None:
    expected = offline(case)
    assert outcome.subscribers == expected.subscribers
    assert outcome.months() == expected.months()
    assert outcome.duplicates == expected.duplicates
    assert outcome.rejected == expected.rejected
    assert outcome.faults() == []


@pytest.mark.slow
async def test_a_replay_of_200_000_events_survives_kills_at_random_moments(kafka: LocalKafka) -> None:
    case = simulated(events=200_000, subscribers=700, days=150, usage_per_day=2)
    assert len(case.lines) == 200_000
    chance = random.Random(os.environ.get("STREAM_APP_TEST_SEED", "11"))
    killer = Killer(lambda: chance.uniform(1.0, 5.0), KILLS)
    outcome = await on_kafka(case, kafka.bootstrap, workers=1, on_workers=killer)
    assert killer.kills == KILLS, "the replay was over before all kills"
    assert outcome.restarts >= KILLS
    assert_same(outcome, case)


@pytest.mark.slow
async def test_kills_and_rebalances_in_the_middle_of_a_month_close_change_nothing(
    kafka: LocalKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAM_APP_MAX_CHANGES", "300")  # many small commits: a close shows its cursor
    case = silent(subscribers=20_000, months=5)
    killer = SweepKiller(kills=3)
    outcome = await on_kafka(case, kafka.bootstrap, workers=2, on_workers=killer)
    assert killer.kills == killer.most, "no close was caught half-way often enough"
    assert_same(outcome, case)
