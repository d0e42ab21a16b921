"""The measurements, one after the other on the same worker's data: rebuild, live, kill, close, scan.

Rule: everything is measured from outside the worker: what a client, the disk or the system sees.
"""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from stream_app.local.ports import free_port
from tests.bench.size.live import Latencies, Traffic, tick
from tests.bench.size.load import Target
from tests.bench.size.population import CLOSES_AT, NEXT_DAY_AT
from tests.bench.size.process import Worker, folder_bytes

LOOK_SECONDS = 0.2
LONGEST_SECONDS = 3600.0
MERGING_SECONDS, IDLE_SHARE = 2.0, 0.1  # on a busy machine merging itself may get a fifth

Tell = Callable[[str], None]


class Rebuild(NamedTuple):
    """A start with an empty disk."""

    ready_seconds: float
    restore_seconds: float
    cpu_seconds: float
    peak_bytes: int
    disk_bytes: int


class Restart(NamedTuple):
    """A start after kill -9 with the disk kept."""

    ready_seconds: float


class Live(NamedTuple):
    """A while of live traffic over all subscribers."""

    latencies: Latencies
    cpu_seconds: float
    now_bytes: int
    peak_bytes: int


class Sweep(NamedTuple):
    """A tick brought to every subscriber, with live traffic meanwhile."""

    seconds: float
    facts: int
    live: Live


def _await_merged(worker: Worker) -> None:
    """Wait until the worker has merged what it restored: then it needs next to no processor time."""
    until, before = time.perf_counter() + LONGEST_SECONDS, worker.cpu_seconds()
    while time.perf_counter() < until:
        time.sleep(MERGING_SECONDS)
        before, used = worker.cpu_seconds(), worker.cpu_seconds() - before
        if used < IDLE_SHARE * MERGING_SECONDS:
            return


class Course:
    """Measures a system of N subscribers."""

    def __init__(self, target: Target, folder: Path, subscribers: int, per_second: float, tell: Tell) -> None:
        self._target, self._folder, self._subscribers = target, folder, subscribers
        self._per_second, self._tell, self._seed = per_second, tell, 0

    def worker(self) -> Worker:
        """Start a worker on the disk as it is."""
        environment = {
            "STREAM_APP_BOOTSTRAP": self._target.bootstrap,
            "STREAM_APP_APP_ID": self._target.names.app_id,
            "STREAM_APP_TOPIC_PREFIX": self._target.names.prefix,
            "STREAM_APP_TICK_SECONDS": "0",
            "STREAM_APP_INSTANCE_ID": "size",
        }
        return Worker(environment, self._folder, self._port)

    @property
    def _port(self) -> int:
        """Keep one port: a member of the group that returns at another is another member."""
        place = self._folder / "port"
        if not place.exists():
            place.write_text(str(free_port()))
        return int(place.read_text())

    def rebuild(self, worker: Worker) -> Rebuild:
        """Wait for a worker that began with an empty disk."""
        ready_seconds = worker.ready_seconds()
        restore_seconds = max(worker.metric("recovery_seconds"))
        cpu_seconds, memory = worker.cpu_seconds(), worker.memory()
        with worker:  # once it has ended, no table that was merged away lies about
            _await_merged(worker)
        return Rebuild(ready_seconds, restore_seconds, cpu_seconds, memory.peak_bytes, folder_bytes(worker.data_dir))

    def restart(self) -> Restart:
        """Kill a worker under load, and start the next."""
        with self.worker() as worker:
            worker.ready_seconds()
            with self._traffic():
                time.sleep(3)
                worker.kill()
        with self.worker() as worker:
            return Restart(worker.ready_seconds())

    def live(self, worker: Worker, seconds: float) -> Live:
        """Send live traffic for a while."""
        cpu = worker.cpu_seconds()
        with self._traffic() as traffic:
            time.sleep(seconds)
            cpu = worker.cpu_seconds() - cpu
        return self._live(traffic, worker, cpu)

    def close(self, worker: Worker) -> Sweep:
        """Close a month while live traffic goes on."""
        return self._sweep(worker, CLOSES_AT, "month.closed")

    def next_day(self, worker: Worker) -> Sweep:
        """Let a local day begin: every row is looked at, few are concerned."""
        return self._sweep(worker, NEXT_DAY_AT, "tier.changed")

    def _sweep(self, worker: Worker, at: datetime, kind: str) -> Sweep:
        facts, cpu = sum(worker.metric("facts_total", f'type="{kind}"')), worker.cpu_seconds()
        with self._traffic() as traffic:
            time.sleep(1)
            began = time.perf_counter()
            tick(self._target, at)
            self._await_swept(worker, at)
            seconds = time.perf_counter() - began
            cpu = worker.cpu_seconds() - cpu
        found = int(sum(worker.metric("facts_total", f'type="{kind}"')) - facts)
        return Sweep(seconds, found, self._live(traffic, worker, cpu))

    def _await_swept(self, worker: Worker, at: datetime) -> None:
        until = time.perf_counter() + LONGEST_SECONDS
        while min(worker.metric("clock_timestamp_seconds")) < at.timestamp() or max(worker.metric("ticks_pending")):
            if time.perf_counter() > until or worker.popen.poll() is not None:
                message = f"the sweep did not come to its end, see {worker.log_path}"
                raise RuntimeError(message)
            time.sleep(LOOK_SECONDS)

    def _traffic(self) -> Traffic:
        self._seed += 1
        return Traffic(self._target, self._subscribers, self._per_second, self._seed)

    @staticmethod
    def _live(traffic: Traffic, worker: Worker, cpu_seconds: float) -> Live:
        return Live(traffic.latencies(), cpu_seconds, *worker.memory())
