"""The job on stock Faust, tuned as its documentation has it: table in RocksDB, at least once.

`python -m tests.bench.contenders.stock_faust BOOTSTRAP APP_ID INPUT FOLDER`
"""

import logging
import sys
from typing import Any

import faust

from tests.bench.contenders.saying import Seen
from tests.bench.job import add, change, new_account, pack, read_event, unpack
from tests.bench.kafka import PARTITIONS


def job_app(bootstrap: str, app_id: str, source: str, folder: str) -> faust.App:
    """Make the app."""
    app = faust.App(
        app_id,
        broker=f"kafka://{bootstrap}",
        store="rocksdb://?driver=rocksdict",
        datadir=folder,
        web_enabled=False,
        topic_partitions=PARTITIONS,
        topic_disable_leader=True,
        table_standby_replicas=0,
        stream_wait_empty=False,
        stream_buffer_maxsize=16_384,
        stream_recovery_delay=0.0,
        broker_commit_interval=1.0,
        broker_commit_every=100_000,
        producer_linger=0.1,
        producer_max_batch_size=512 << 10,
    )
    raw: dict[str, Any] = {"key_serializer": "raw", "value_serializer": "raw"}
    events = app.topic(source, **raw)
    changes = app.topic(f"{app_id}-changes", **raw)
    accounts = app.Table("accounts", key_type=bytes, value_type=bytes, partitions=PARTITIONS)
    seen = Seen()

    @app.agent(events)
    async def work(stream: faust.StreamT[bytes]) -> None:
        async for each in stream.events():
            key = each.key
            event = read_event(each.value)
            row = accounts.get(key)
            account = new_account() if row is None else unpack(row)
            before = add(account, event)
            accounts[key] = pack(account)
            if before is not None:
                _ = changes.send_soon(key=key, value=change(account, key.decode(), event.event_id, before))
            seen.count += 1

    return app


def main(bootstrap: str, app_id: str, source: str, folder: str) -> None:
    """Run a worker until SIGTERM."""
    app = job_app(bootstrap, app_id, source, folder)
    faust.Worker(
        app, loglevel=logging.WARNING, logfile=sys.stderr, quiet=True, redirect_stdouts=False
    ).execute_from_commandline()


if __name__ == "__main__":
    main(*sys.argv[1:])
