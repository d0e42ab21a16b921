"""What the fault tests share: feeds full of numbers, workers as processes, and the answer every one has to reach."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from tests.shared.reading import messages

PARTITIONS = 4
KEYS = 2000
BOUND_SECONDS = 120.0  # against hanging; nothing is asserted about it
ROOT = Path(__file__).parents[2]

COORDINATOR_MOVES = {
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
}

Sums = dict[bytes, tuple[int, int]]
"""(count, sum) of each key."""


def wait_for(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + BOUND_SECONDS
    while not condition():
        if time.monotonic() > until:
            message = f"waited {BOUND_SECONDS} s in vain for {what}"
            raise TimeoutError(message)
        time.sleep(0.05)


class Worker:
    """A counting worker in a process of its own; what it says on stdout is kept as words."""

    def __init__(self, bench: "Bench", name: str, environment: dict[str, str]) -> None:
        self.said: list[list[str]] = []
        self.log_path = bench.folder / f"{name}.log"
        self._log: IO[bytes] = self.log_path.open("ab")
        command = [sys.executable, "-m", "tests.lane.counting_worker", bench.bootstrap, bench.app_id]
        self.popen = subprocess.Popen(
            [*command, str(bench.folder / name), *bench.feeds],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self.said.append(line.decode().split())

    def heard(self, word: str) -> int:
        return sum(said[0] == word for said in list(self.said))

    @property
    def has_ended(self) -> bool:
        return self.popen.poll() is not None

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8")

    def wait_until(self, word: str, count: int = 1) -> None:
        wait_for(lambda: self.heard(word) >= count or self.has_ended, f"{count} times {word!r}")
        assert not self.has_ended, self.log[-3000:]

    def ended(self) -> int:
        wait_for(lambda: self.has_ended, "the worker's end")
        self._listener.join()
        assert self.popen.stdout is not None
        self.popen.stdout.close()
        self._log.close()
        return self.popen.returncode

    def end(self, how: signal.Signals) -> int:
        if not self.has_ended:
            self.popen.send_signal(how)
        return self.ended()


@dataclass
class Bench:
    """Two feeds, a place for the sums, and workers that are gone when the test is."""

    bootstrap: str
    folder: Path
    app_id: str = field(default_factory=lambda: f"lane-{uuid.uuid4().hex[:8]}")
    expected: Sums = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=list)
    seed: int = 7

    def __post_init__(self) -> None:
        self.feeds = [f"{self.app_id}-left", f"{self.app_id}-right"]
        self.sums, self.changelog = f"{self.app_id}-sums", f"{self.app_id}-counts-changelog"
        self._chance = random.Random(self.seed)
        self.make_topics(*self.feeds, self.sums)

    def make_topics(self, *topics: str, partitions: int = PARTITIONS) -> None:
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        for made in admin.create_topics([NewTopic(topic, partitions, 1) for topic in topics]).values():
            made.result()

    def make_anew(self, topic: str) -> None:
        """Delete a topic and make it again, empty."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        for gone in admin.delete_topics([topic]).values():
            gone.result()
        wait_for(lambda: topic not in admin.list_topics(timeout=30).topics, "the topic's end")
        self.make_topics(topic)

    def spoil(self, key: int) -> None:
        """Write a record that the logic chokes on."""
        producer = Producer({"bootstrap.servers": self.bootstrap})
        producer.produce(self.feeds[0], key=b"k%d" % key, value=b"not a number", partition=key % PARTITIONS)
        producer.flush()

    def start(self, name: str = "first", **environment: str) -> Worker:
        worker = Worker(self, name, environment)
        self.workers.append(worker)
        return worker

    def feed(self, records: int) -> None:
        """Write numbers to the feeds, the partition by the key; remember what they sum to."""
        producer = Producer({"bootstrap.servers": self.bootstrap, "linger.ms": 5})
        for _ in range(records):
            self._feed_one(producer)
        producer.flush()

    def feed_in_transactions(self, count: int) -> None:
        """Write a number a transaction, every other one aborted: markers and aborted records lie in the feeds."""
        producer = Producer({"bootstrap.servers": self.bootstrap, "transactional.id": f"{self.app_id}-upstream"})
        producer.init_transactions(30)
        for index in range(count):
            producer.begin_transaction()
            if index % 2:
                producer.produce(self.feeds[0], key=b"k0", value=b"1000000", partition=0)
                producer.flush()
                producer.abort_transaction(30)
            else:
                self._feed_one(producer)
                producer.commit_transaction(30)

    @contextmanager
    def feeding(self, per_second: int = 1000) -> Iterator[None]:
        """Feed in the background as long as the faults go on."""
        enough = threading.Event()
        thread = threading.Thread(target=self._feed_until, args=(enough, per_second))
        thread.start()
        try:
            yield
        finally:
            enough.set()
            thread.join()

    def _feed_until(self, enough: threading.Event, per_second: int) -> None:
        while not enough.wait(0.1):
            self.feed(per_second // 10)

    def _feed_one(self, producer: Producer) -> None:
        key, number = self._chance.randrange(KEYS), self._chance.randrange(100)
        name = b"k%d" % key
        topic = self._chance.choice(self.feeds)
        while True:
            try:
                producer.produce(topic, key=name, value=b"%d" % number, partition=key % PARTITIONS)
                break
            except BufferError:
                producer.poll(0.1)
        count, total = self.expected.get(name, (0, 0))
        self.expected[name] = (count + 1, total + number)

    def behind(self) -> int | None:
        """Count the offsets of the feeds that the group has not committed yet; None while its coordinator is moving."""
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": self.app_id})
        tps = [TopicPartition(feed, partition) for feed in self.feeds for partition in range(PARTITIONS)]
        try:
            committed = consumer.committed(tps, timeout=30)
            ends = [consumer.get_watermark_offsets(tp, timeout=30)[1] for tp in tps]
        except KafkaException as error:
            if error.args[0].code() in COORDINATOR_MOVES:
                return None
            raise
        finally:
            consumer.close()
        return sum(end - max(0, tp.offset) for end, tp in zip(ends, committed, strict=True))

    def wait_until_worked(self) -> None:
        wait_for(lambda: self.behind() == 0, "the end of the feeds")

    def read(self, topic: str) -> list[tuple[bytes, bytes]]:
        """Read a topic from its start to its end as it stands, committed records only."""
        found = messages(self.bootstrap, topic, PARTITIONS)
        return [(message.key() or b"", message.value() or b"") for message in found]

    def assert_exact(self) -> None:
        """Hold every sum said once, in order, and the table to what was fed."""
        said = self.read(self.sums)
        counts: Counter[bytes] = Counter()
        for key, value in said:
            counts[key] += 1
            assert int(value.split()[0]) == counts[key], f"{key!r}: {value!r} said out of turn"
        assert {key: parse(value) for key, value in said} == self.expected
        table = dict(self.read(self.changelog))
        table.pop(b"\0positions")
        assert {key: parse(value) for key, value in table.items()} == self.expected

    def close(self) -> None:
        for worker in self.workers:
            worker.end(signal.SIGKILL)  # ends a frozen one too


def parse(value: bytes) -> tuple[int, int]:
    count, total = value.split()
    return int(count), int(total)
