"""The job on the lane: a LaneApp with the job's rule as its logic, and nothing of telecom's real rules.

`python -m tests.bench.contenders.lane_job BOOTSTRAP APP_ID INPUT FOLDER [SETTINGS]`, SETTINGS as JSON for LaneSettings.
"""

import json
import logging
import sys
from collections.abc import Mapping

import faust

from stream_app.lane import Batch, Commit, LaneApp, LaneSettings, Output, Store, execute, tune
from tests.bench.contenders.saying import Seen
from tests.bench.job import Account, add, change, new_account, pack, read_event, unpack
from tests.bench.kafka import PARTITIONS

POSITION_KEY = b"\0position"
CACHED_ACCOUNTS = 50_000  # per partition, as the complete worker has it
TABLE = "accounts"


class Accounts:
    """Accounts in memory in two generations, over the store; what is not stored yet is never dropped."""

    def __init__(self, store: Store) -> None:
        self._get_stored = store.get
        self._young: dict[bytes, Account] = {}
        self._old: dict[bytes, Account] = {}
        self.dirty: dict[bytes, Account] = {}
        self.flying: dict[bytes, Account] = {}

    def get(self, key: bytes) -> Account:
        """Give the account of a key."""
        return self._young.get(key) or self._older(key)

    def _older(self, key: bytes) -> Account:
        found = self.dirty.get(key) or self.flying.get(key) or self._old.get(key)
        if found is None:
            row = self._get_stored(key)
            found = new_account() if row is None else unpack(row)
        if len(self._young) >= CACHED_ACCOUNTS // 2:
            self._young, self._old = {}, self._young
        self._young[key] = found
        return found


class JobWork:
    """The lane's logic for one partition of the job."""

    def __init__(self, output: str, store: Store, committed: Mapping[str, int], seen: Seen) -> None:
        self._output, self._seen = output, seen
        (self._feed, at), *_ = committed.items()
        self._position = max(at, int(store.get(POSITION_KEY) or b"0"))
        self._accounts = Accounts(store)
        self._outputs: list[Output] = []
        self._moved = False

    def work(self, batch: Batch) -> None:
        """Work a batch."""
        records = batch.records
        if self._position > batch.begin:
            records = [record for record in records if record.offset >= self._position]
        get, dirty = self._accounts.get, self._accounts.dirty
        for record in records:
            event, key = read_event(record.value or b""), record.key or b""
            dirty[key] = account = get(key)
            before = add(account, event)
            if before is not None:
                told = change(account, key.decode(), event.event_id, before)
                self._outputs.append(Output(self._output, key, told))
        self._position = max(self._position, batch.end)
        self._moved = True
        self._seen.count += len(records)

    def waits(self, topic: str) -> bool:  # noqa: ARG002
        """Tell that no feed ever waits."""
        return False

    def sweep(self) -> bool:
        """Do nothing: the job has no work of its own accord."""
        return False

    def backlog(self) -> int:
        """Count what waits for a commit."""
        return len(self._accounts.dirty) + len(self._outputs)

    def take(self) -> Commit | None:
        """Hand over states, changes and the position."""
        if not self._moved:
            return None
        self._moved = False
        accounts = self._accounts
        accounts.flying, accounts.dirty = accounts.dirty, {}
        outputs, self._outputs = self._outputs, []
        states: dict[bytes, bytes | None] = {key: pack(account) for key, account in accounts.flying.items()}
        states[POSITION_KEY] = b"%d" % self._position
        return Commit(outputs, states, {self._feed: self._position})

    def stored(self) -> None:
        """Hear that it is safe."""
        self._accounts.flying = {}

    def close(self) -> None:
        """Give the partition up."""


def job_app(bootstrap: str, app_id: str, source: str, folder: str, settings: LaneSettings) -> LaneApp:
    """Make the app."""
    app = LaneApp(
        app_id,
        broker=f"kafka://{bootstrap}",
        datadir=folder,
        web_enabled=False,
        topic_partitions=PARTITIONS,
        topic_disable_leader=True,
        stream_wait_empty=False,
        broker_max_poll_interval=3600.0,
    )

    seen = Seen()

    def logic(_partition: int, store: Store, committed: Mapping[str, int]) -> JobWork:
        return JobWork(f"{app_id}-changes", store, committed, seen)

    app.lane(TABLE, [source], logic, settings)
    return app


def main(bootstrap: str, app_id: str, source: str, folder: str, settings: str = "{}") -> None:
    """Run a worker until SIGTERM."""
    tune()
    app = job_app(bootstrap, app_id, source, folder, LaneSettings(**json.loads(settings)))
    execute(faust.Worker(app, loglevel=logging.WARNING, logfile=sys.stderr, quiet=True, redirect_stdouts=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
