"""The job on Quix Streams: state in its RocksDB store with a changelog, exactly once.

Runs in an environment of its own (requirements-peers.lock), for its pins contradict ours.
`python -m tests.bench.contenders.quix BOOTSTRAP APP_ID INPUT FOLDER`
"""

import sys
from typing import Any

from quixstreams import Application  # type: ignore[import-not-found]

from tests.bench.contenders.saying import Seen
from tests.bench.job import add, change, new_account, pack, read_event, unpack

COMMIT_SECONDS = 0.1


def main(bootstrap: str, app_id: str, source: str, folder: str) -> None:
    """Run until SIGTERM."""
    app = Application(
        broker_address=bootstrap,
        consumer_group=app_id,
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_interval=COMMIT_SECONDS,
        state_dir=folder,
        auto_create_topics=True,
        loglevel="WARNING",
        consumer_extra_config={"fetch.message.max.bytes": 4 << 20},
    )
    events = app.topic(source, key_deserializer="bytes", value_deserializer="bytes")
    changes = app.topic(f"{app_id}-changes", key_serializer="bytes", value_serializer="bytes")
    seen = Seen()

    def work(value: bytes, key: bytes, _timestamp: int, _headers: Any, state: Any) -> bytes | None:
        event = read_event(value)
        row = state.get_bytes("a")
        account = new_account() if row is None else unpack(row)
        before = add(account, event)
        state.set_bytes("a", pack(account))
        seen.count += 1
        return None if before is None else change(account, key.decode(), event.event_id, before)

    frame = app.dataframe(events)
    frame = frame.apply(work, stateful=True, metadata=True).filter(lambda change: change is not None)
    frame.to_topic(changes)
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
