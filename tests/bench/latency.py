"""Latency: from an event's append (the broker's LogAppendTime) to its fact's receipt by a read-committed consumer.

Which events have a fact the job's reference says, for the worker too: in an open month its tiers go by the same sums.
"""

import asyncio
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson
from confluent_kafka import Consumer, Message, TopicPartition

from stream_app.core.events import CLOCK_TOPIC, FEEDS, USAGE_TOPIC
from stream_app.worker import topics
from stream_app.worker.topics import Names
from tests.bench import complete, reference
from tests.bench.contenders.contract import ROOT, Contender, Site
from tests.bench.kafka import PARTITIONS, QUIET, Cluster, wait_for
from tests.bench.runs import start
from tests.bench.workers import Workers

WARM_UP_SECONDS = 5
PERCENTILES = (50.0, 99.0, 99.9)
EVENT_ID = slice(len('{"event_id":"'), len('{"event_id":"') + 36)  # where both forms have it
APPEND_TIME = {"message.timestamp.type": "LogAppendTime"}
QUIET_SECONDS = 5.0  # no fact for so long after the last event: all are here


class Latency(NamedTuple):
    """What a run came to."""

    title: str
    rate: int
    late_ms: float  # the most that the generator was behind its schedule
    waits_ms: Sequence[float]  # of each fact, the shortest first
    expected: int = 0  # facts that had to come, those of the warm-up among them
    lost: int = 0  # of these, never came

    def percentile(self, share: float) -> float:
        """Give the wait that so many percent of the facts do not exceed."""
        return self.waits_ms[min(len(self.waits_ms) - 1, int(len(self.waits_ms) * share / 100))]


class Stage(NamedTuple):
    """A running system under test: where events go and facts come from."""

    form: str
    source: str
    output: str
    id_of: Callable[[bytes], str | None]  # a fact -> the id of the event that caused it
    workers: Workers
    is_ready: Callable[[], bool]


@contextmanager
def job_stage(contender: Contender, cluster: Cluster) -> Iterator[Stage]:
    """Start a contender at the job, on an input of its own."""
    app_id = f"bench-run-latency-{secrets.token_hex(3)}"
    source = f"{app_id}-events"
    with tempfile.TemporaryDirectory(prefix=app_id) as folder:
        site = Site(cluster.bootstrap, app_id, source, Path(folder), 0)
        cluster.make(source, **APPEND_TIME)
        cluster.make(site.output)
        for suffix, config in contender.makes.items():
            cluster.make(app_id + suffix, **config)
        with start(contender, site, 1) as workers:
            yield Stage("job", source, site.output, _event_of, workers, lambda: cluster.members(app_id) > 0)
        cluster.forget_groups()
        cluster.drop(app_id)


@contextmanager
def worker_stage(cluster: Cluster) -> Iterator[Stage]:
    """Start a complete worker that makes its ticks itself, one a second."""
    app_id = f"bench-run-latency-{secrets.token_hex(3)}"
    names = Names(f"{app_id}.", app_id)
    config = APPEND_TIME | {"max.message.bytes": str(topics.LARGEST_RECORD_BYTES)}
    cluster.make(*(names.full(feed) for feed in FEEDS), **config)
    asyncio.run(topics.create(cluster.bootstrap, names, PARTITIONS, 1, keep_for_ever=True))
    with tempfile.TemporaryDirectory(prefix=app_id) as folder:
        with complete.start(cluster.bootstrap, names, Path(folder), 1, STREAM_APP_TICK_SECONDS="1") as workers:
            usage, changes, clock = names.full(USAGE_TOPIC), names.full("tier-changes"), names.full(CLOCK_TOPIC)
            # Before a partition's first tick no event causes a fact: the tick does.
            yield Stage("contract", usage, changes, _cause_of, workers, lambda: all(cluster.offsets(app_id, clock)))
        cluster.forget_groups()
        cluster.drop(app_id)


def _event_of(value: bytes) -> str | None:
    found: str = orjson.loads(value)["event_id"]
    return found


def _cause_of(value: bytes) -> str | None:
    found: str | None = orjson.loads(value)["cause"].get("event_id")
    return found


def measure(title: str, stage: Stage, cluster: Cluster, rate: int, seconds: int, subscribers: int) -> Latency:
    """Send at a rate and watch the facts come."""
    figures = [str(figure) for figure in (rate, seconds + WARM_UP_SECONDS, subscribers)]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.generator", cluster.bootstrap, stage.source, stage.form, *figures],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as generator:  # fmt: skip
        assert generator.stdout is not None
        assert generator.stdin is not None
        generator.stdout.readline()
        wait_for(lambda: _is_ready(stage), "the worker to be at work", 120.0)
        generator.stdin.write("go\n")
        generator.stdin.flush()
        came = facts(stage, cluster.bootstrap, lambda: generator.poll() is not None)
        late_ms = float(generator.stdout.readline().split()[1])
    found = Appended(cluster.messages(stage.source))
    expected = {event_id for _, event_id, *_ in reference.answer(found.values()).said}
    waited = waits(found.at_ms, came)
    return Latency(title, rate, late_ms, waited, len(expected), len(expected - came.keys()))


def _is_ready(stage: Stage) -> bool:
    stage.workers.check()
    return stage.is_ready()


def facts(stage: Stage, bootstrap: str, is_over: Callable[[], bool]) -> dict[str, float]:
    """Collect when each fact came, in milliseconds of the epoch, by the event that caused it."""
    consumer = Consumer(
        {
            **QUIET,
            "bootstrap.servers": bootstrap,
            "group.id": "bench-reader",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        }
    )
    consumer.assign([TopicPartition(stage.output, partition, 0) for partition in range(PARTITIONS)])
    came: dict[str, float] = {}
    last_at = time.monotonic()
    while not is_over() or time.monotonic() - last_at < QUIET_SECONDS:
        stage.workers.check()
        messages = consumer.consume(1000, 0.001)
        now_ms = time.time() * 1000
        for message in messages:
            if (event_id := stage.id_of(message.value() or b"")) is not None:
                came[event_id] = now_ms
        if messages or not is_over():
            last_at = time.monotonic()
    consumer.close()
    return came


class Appended:
    """The events as they stand on the source: `values` gives them once, and then `at_ms` when each was appended."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self._messages = messages
        self.at_ms: dict[str, int] = {}

    def values(self) -> Iterator[bytes]:
        """Give the values, in the order of their partitions."""
        for message in self._messages:
            value = message.value() or b""
            self.at_ms[value[EVENT_ID].decode()] = message.timestamp()[1]
            yield value


def waits(appended_ms: Mapping[str, int], came: Mapping[str, float]) -> list[float]:
    """Give the waits of all facts whose events were appended after the warm-up, the shortest first."""
    begin_ms = min(appended_ms.values(), default=0) + WARM_UP_SECONDS * 1000
    return sorted(
        at_ms - appended_ms[event_id]
        for event_id, at_ms in came.items()
        if appended_ms.get(event_id, begin_ms - 1) >= begin_ms
    )


def lost_in_words(found: Iterable[Latency]) -> str:
    """Say of whom facts never came; nothing where all did."""
    return "; ".join(
        f"{each.title}: {each.lost:,} of {each.expected:,} facts never came" for each in found if each.lost
    )


def latency_table(found: Sequence[Latency]) -> str:
    """Write the section's table."""
    head = (
        "system",
        "events/s",
        "facts",
        "lost",
        *(f"p{share:g}" for share in PERCENTILES),
        "most",
        "generator late by",
    )
    rows = [head, ("---",) * len(head)]
    rows += [
        (
            each.title,
            f"{each.rate:,}",
            f"{len(each.waits_ms):,}",
            f"{each.lost:,} of {each.expected:,}",
            *(f"**{each.percentile(share):.0f} ms**" for share in PERCENTILES),
            f"{each.waits_ms[-1]:.0f} ms",
            f"{each.late_ms:.0f} ms",
        )
        for each in found
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
