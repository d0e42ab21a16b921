"""A worker for tests: sums numbers by key with a trivial logic on a real lane, and says each new sum.

Started as a process of its own: `python counting_worker.py BOOTSTRAP APP_ID DATA_FOLDER FEED... `.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import cast

import faust
from faust.types import TP

from stream_app.lane import Batch, Commit, LaneApp, LaneSettings, Logic, NullObserver, Output, Store
from stream_app.lane.consumer import LaneConsumer, LaneTransport
from stream_app.lane.runs import Run
from stream_app.lane.table import LaneStores

POSITIONS = b"\0positions"
OUTPUT = "sums"
SESSION_SECONDS = 6.0


class Counting:
    """Sum of the numbers of each key; the state row of positions guards against records that come again."""

    def __init__(self, output: str, store: Store, committed: Mapping[str, int]) -> None:
        self._output, self._store = output, store
        self._applied = dict(read_positions(store))
        self._positions = {feed: max(at, self._applied.get(feed, 0)) for feed, at in committed.items()}
        self._fresh: dict[bytes, bytes] = {}
        self._flying: dict[bytes, bytes] = {}
        self._outputs: list[Output] = []
        self._moved = False

    def work(self, batch: Batch) -> None:
        at = self._positions[batch.topic]
        for record in batch.records:
            if record.offset >= at:
                self._add(record.key or b"", int(record.value or b""))
        self._positions[batch.topic] = max(at, batch.end)
        self._moved = True

    def _add(self, key: bytes, number: int) -> None:
        value = self._fresh.get(key) or self._flying.get(key) or self._store.get(key) or b"0 0"
        count, total = map(int, value.split())
        self._fresh[key] = value = b"%d %d" % (count + 1, total + number)
        self._outputs.append(Output(self._output, key, value))

    def waits(self, topic: str) -> bool:  # noqa: ARG002
        return False

    def sweep(self) -> bool:
        return False

    def backlog(self) -> int:
        return len(self._fresh) + len(self._outputs)

    def take(self) -> Commit | None:
        if not self._moved:
            return None
        self._moved = False
        self._flying, self._fresh = self._fresh, {}
        outputs, self._outputs = self._outputs, []
        row = " ".join(f"{feed}={at}" for feed, at in self._positions.items()).encode()
        return Commit(outputs, {**self._flying, POSITIONS: row}, dict(self._positions))

    def stored(self) -> None:
        self._flying = {}

    def close(self) -> None:
        pass


def read_positions(store: Store) -> Iterator[tuple[str, int]]:
    row = store.get(POSITIONS)
    for part in (row or b"").decode().split():
        feed, _, at = part.partition("=")
        yield feed, int(at)


class Told(NullObserver):
    """Says on stdout what a test waits for."""

    def assigned(self, partitions: frozenset[int]) -> None:
        say("assigned", *sorted(partitions))

    def restored(self, partition: int, done_records: int, end_records: int, seconds: float, finished: bool) -> None:  # noqa: ARG002, FBT001
        if finished:
            say("restored", partition, done_records, seconds)

    def committed(self, partition: int, changes: int, outputs: int, seconds: float) -> None:
        say("committed", partition, changes, outputs, seconds)

    def repeated_seek(self, topic: str, partition: int) -> None:
        say("repeated_seek", topic, partition)


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


class LosingConsumer(LaneConsumer):
    """Loses every n-th run, as Faust does around a rebalance."""

    every = int(os.environ.get("LOSE_EVERY", "0"))
    runs = 0

    def _deliver(self, tp: TP, run: Run) -> None:
        self.runs += 1
        if self.runs % self.every:
            super()._deliver(tp, run)
        else:
            say("lost", tp.topic, tp.partition, run.begin)


def counting_app(bootstrap: str, app_id: str, folder: str, feeds: list[str]) -> LaneApp:
    app = LaneApp(
        app_id,
        broker=f"kafka://{bootstrap}",
        datadir=folder,
        web_enabled=False,
        topic_partitions=4,
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=1.0,
        consumer_group_instance_id=os.environ.get("INSTANCE"),
    )

    def logic(partition: int, store: Store, committed: Mapping[str, int]) -> Logic:
        view = cast("LaneStores", table.data)._dbs[partition]
        say("viewed", partition, view.get(POSITIONS) == store.get(POSITIONS))
        return Counting(f"{app_id}-{OUTPUT}", store, committed)

    table = app.lane("counts", feeds, logic, LaneSettings(**json.loads(os.environ.get("SETTINGS", "{}"))), Told())
    return app


def main(bootstrap: str, app_id: str, folder: str, *feeds: str) -> None:
    if LosingConsumer.every:
        LaneTransport.Consumer = LosingConsumer
    worker = faust.Worker(counting_app(bootstrap, app_id, folder, list(feeds)), loglevel="INFO", redirect_stdouts=False)
    worker.execute_from_commandline()


if __name__ == "__main__":
    main(*sys.argv[1:])
