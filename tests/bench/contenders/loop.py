"""The job as an experienced hand writes it without a framework: a confluent-kafka loop, exactly once.

Accounts in memory, their changed rows batched to a changelog in the transaction that has the changes and the offsets.
It is written for speed alone: it restores nothing at its start and knows no rebalance.
`python -m tests.bench.contenders.loop BOOTSTRAP APP_ID INPUT`
"""

import signal
import sys
import time
from collections.abc import Iterable

from confluent_kafka import Consumer, Message, Producer, TopicPartition

from tests.bench.contenders.saying import Seen
from tests.bench.job import Account, add, change, new_account, pack, read_event

BATCH = 2000
COMMIT_SECONDS = 0.1
BOUND_SECONDS = 30.0


class Loop:
    """Works and commits."""

    def __init__(self, bootstrap: str, app_id: str, source: str) -> None:
        self._changelog, self._output = f"{app_id}-accounts", f"{app_id}-changes"
        self._seen = Seen()
        self._accounts: dict[bytes, Account] = {}
        self._dirty: dict[bytes, int] = {}  # key -> partition
        self._offsets: dict[int, int] = {}
        self._changes: list[tuple[bytes, bytes, int]] = []
        self._source = source
        self.stopping = False
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": app_id,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "fetch.message.max.bytes": 4 << 20,
            }
        )
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "transactional.id": app_id,
                "linger.ms": 5,
                "batch.size": 1_000_000,
                "queue.buffering.max.messages": 500_000,
            }
        )

    def run(self) -> None:
        """Work until told to stop."""
        self._producer.init_transactions(BOUND_SECONDS)
        self._consumer.subscribe([self._source])
        commit_at = 0.0
        while not self.stopping:
            self._work(self._consumer.consume(BATCH, 0.02))
            if self._offsets and time.monotonic() >= commit_at:
                self._commit()
                commit_at = time.monotonic() + COMMIT_SECONDS
        if self._offsets:
            self._commit()
        self._consumer.close()

    def _work(self, messages: Iterable[Message]) -> None:
        accounts, dirty, offsets = self._accounts, self._dirty, self._offsets
        for message in messages:
            key, partition = message.key() or b"", message.partition() or 0
            event = read_event(message.value() or b"")
            account = accounts.get(key)
            if account is None:
                account = accounts[key] = new_account()
            before = add(account, event)
            dirty[key] = partition
            offsets[partition] = (message.offset() or 0) + 1
            if before is not None:
                self._changes.append((key, change(account, key.decode(), event.event_id, before), partition))
            self._seen.count += 1

    def _commit(self) -> None:
        producer, produce = self._producer, self._producer.produce
        producer.begin_transaction()
        for key, value, partition in self._changes:
            produce(self._output, value, key, partition)
        for key, partition in self._dirty.items():
            produce(self._changelog, pack(self._accounts[key]), key, partition)
        offsets = [TopicPartition(self._source, partition, at) for partition, at in self._offsets.items()]
        producer.send_offsets_to_transaction(offsets, self._consumer.consumer_group_metadata(), BOUND_SECONDS)
        producer.commit_transaction(BOUND_SECONDS)
        self._changes.clear()
        self._dirty.clear()
        self._offsets.clear()


def main(bootstrap: str, app_id: str, source: str) -> None:
    """Run until SIGTERM."""
    loop = Loop(bootstrap, app_id, source)
    signal.signal(signal.SIGTERM, lambda *_: setattr(loop, "stopping", True))
    loop.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
