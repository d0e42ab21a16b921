"""Workers die at any moment, and nothing shows: the answer of the rules alone, no fact missing, none twice."""

import asyncio
import os
import random
import signal

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
    """Kills workers with -9 while a replay runs, when the rows of the partitions say so."""

    def __init__(self, kills: int) -> None:
        self.kills, self.most = 0, kills
        self.rows: dict[int, PartitionRow] = {}
        self._task: asyncio.Task[None] | None = None

    def __call__(self, workers: WorkerProcesses) -> None:
        self._task = asyncio.create_task(self._run(workers))

    async def _run(self, workers: WorkerProcesses) -> None:
        given = workers.environment
        names = Names(given["STREAM_APP_TOPIC_PREFIX"], given["STREAM_APP_APP_ID"])
        async with TopicReader(given["STREAM_APP_BOOTSTRAP"], [names.changelog], PARTITIONS) as reader:
            while self.kills < self.most:
                async for record in reader.new_records():
                    if record.key == PARTITION_KEY:
                        self.rows[record.partition] = load_partition(record.value)
                if workers.pids and self.is_due():
                    os.kill(workers.pids[self.kills % len(workers.pids)], signal.SIGKILL)
                    self.kills += 1
                await asyncio.sleep(0.01)

    def is_due(self) -> bool:
        """Tell whether this is a moment to kill."""
        raise NotImplementedError


class RandomKiller(Killer):
    """Kills when so many records are worked, drawn at random."""

    def __init__(self, records: int, kills: int, chance: random.Random) -> None:
        super().__init__(kills)
        self._moments = sorted(chance.randrange(records // 20, records * 4 // 5) for _ in range(kills))

    def is_due(self) -> bool:
        worked = sum(
            offset for row in self.rows.values() for topic, offset in row.positions.items() if topic != "clock"
        )
        return worked >= self._moments[self.kills]


class SweepKiller(Killer):
    """Kills when a partition's row shows a sweep half-way; once a partition and close at most."""

    def __init__(self, kills: int) -> None:
        super().__init__(kills)
        self._seen: set[tuple[int, int]] = set()

    def is_due(self) -> bool:
        swept = {
            (partition, row.target)
            for partition, row in self.rows.items()
            if row.target and row.cursor > FIRST_SUBSCRIBER_KEY
        }
        half_way = swept - self._seen
        self._seen |= half_way
        return bool(half_way)


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
    killer = RandomKiller(len(case.lines), KILLS, chance)
    outcome = await on_kafka(case, kafka.bootstrap, workers=1, on_workers=killer)
    assert killer.kills == KILLS, "the replay was over before all kills"
    assert outcome.restarts >= KILLS
    assert_same(outcome, case)


@pytest.mark.slow
async def test_kills_and_rebalances_in_the_middle_of_a_month_close_change_nothing(
    kafka: LocalKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAM_APP_MAX_CHANGES", "300")  # many small commits: a close shows its cursor
    case = silent(subscribers=20_000, months=8)
    killer = SweepKiller(kills=3)
    outcome = await on_kafka(case, kafka.bootstrap, workers=2, on_workers=killer)
    assert killer.kills == killer.most, "no close was caught half-way often enough"
    assert_same(outcome, case)
