"""The complete worker at the same events: `stream-app worker` as shipped, with the real rules.

The events stand on usage-events as CONTRACTS section 1 has them, with ticks in one of two courses. The answer is the
offline engine's: subscribers, the last revision of every month closed, letters; and no fact twice.
"""

import asyncio
import os
import pickle
import secrets
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import orjson
from aiokafka.partitioner import murmur2
from confluent_kafka import Message
from xxhash import xxh3_64_intdigest

from stream_app.core.events import CLOCK_TOPIC, FEEDS, USAGE_TOPIC
from stream_app.core.facts import FACT_TOPICS, Fact
from stream_app.core.policy import PolicySet
from stream_app.core.view import View, view
from stream_app.local.ports import free_port
from stream_app.replay.entries import Entry, decode_lines
from stream_app.replay.mirror import StateMirror
from stream_app.replay.offline import OfflineReplay
from stream_app.replay.schedule import Schedule
from stream_app.wire.decode import Decoder
from stream_app.wire.facts import fact_object
from stream_app.wire.policy_file import parse_policy
from stream_app.wire.ticks import encode_tick
from stream_app.wire.views import view_object
from stream_app.worker import topics
from stream_app.worker.topics import DEAD_LETTER_TOPIC, Names
from tests.bench.events import BEGIN_MS, HOUR_MS, Plan, Row
from tests.bench.inputs import Tell, first_rows
from tests.bench.kafka import PARTITIONS, Cluster, bulk_producer, put, wait_for
from tests.bench.runs import Figures, Watch, figures
from tests.bench.workers import Worker, Workers

POLICY = """\
version: bench-1
effective_at: 2024-01-01T00:00:00Z
billing: {zone: Asia/Shanghai, anchor_day: 1, grace_hours: 48}
tiers:
  - {code: C1, floor_fen: 300000}
  - {code: C2, floor_fen: 150000}
  - {code: C3, floor_fen: 80000}
  - {code: C4, floor_fen: 50000}
  - {code: C5, floor_fen: 30000}
  - {code: C6, floor_fen: 20000}
"""
UNTIL = datetime(2025, 5, 31, 16, tzinfo=UTC)


BEGIN_AT = datetime.fromtimestamp(BEGIN_MS / 1000, UTC)


class Course(Protocol):
    """When the clock ticks."""

    def reach(self, at: datetime) -> Iterator[datetime]:
        """Give the ticks that an instant of the events reaches, each once."""


class Backlog:
    """The course of a worker that comes back to a backlog: a tick before it and one after it, which closes every month.

    So it is in life: a tick counts only when all that stood on the feeds when it was made is worked.
    """

    def __init__(self) -> None:
        self._begun = False

    def reach(self, at: datetime) -> Iterator[datetime]:
        """Give the ticks that an instant of the events reaches, each once."""
        if not self._begun:
            self._begun = True
            yield BEGIN_AT
        if at >= UNTIL:
            yield UNTIL


COURSES: Mapping[str, Callable[[], Course]] = {
    "backlog": Backlog,
    # Every local midnight and every close of the five months, among the events: what months hold is worked in seconds.
    "months": lambda: Schedule(policies()),
}


class Outcome(NamedTuple):
    """What came out, most of it as hashes."""

    rows: Mapping[int, tuple[int, int]]  # subscriber and month -> last revision and its figures
    subscribers: Mapping[str, int]
    letters: Mapping[str, int]
    facts_by_type: Mapping[str, int]
    repeated: int = 0  # facts that came twice
    unchained: int = 0  # changes that do not begin where the last one ended


class TickRecord(NamedTuple):
    """A tick of a partition."""

    partition: int
    value: bytes
    is_last: bool  # stands behind all events


class WorkerInput(NamedTuple):
    """Loaded feeds under a prefix, what was sent to each partition, and the right answer."""

    prefix: str
    events: int
    course: str
    sent: Mapping[tuple[str, int], int]  # by feed and partition, ticks included
    ticks: Sequence[TickRecord]  # each run gets a clock of its own, since what it holds at the end comes at the end
    answer: Outcome

    def names(self, app_id: str) -> Names:
        """Name the topics of a run."""
        return Names(self.prefix, app_id)


def policies() -> PolicySet:
    """Read the bench's policy."""
    return PolicySet([parse_policy(POLICY, "bench.yaml")])


def worker_input(plan: Plan, cluster: Cluster, folder: Path, tell: Tell, course: str = "backlog") -> WorkerInput:
    """Load the feeds unless they are there; give them with their answer."""
    prefix = f"bench-worker-{plan.name}-{course}."
    path = folder / f"{prefix}answer"
    if cluster.has(prefix + USAGE_TOPIC) and path.exists():
        found: WorkerInput = pickle.loads(path.read_bytes())  # noqa: S301 - our own, written below
        return found
    cluster.drop(prefix)
    asyncio.run(topics.create(cluster.bootstrap, Names(prefix, prefix + "load"), PARTITIONS, 1, keep_for_ever=True))
    sent, ticks = _load(plan, prefix, COURSES[course](), cluster.bootstrap, tell)
    tell("working out the answer of the rules alone")
    found = WorkerInput(prefix, plan.events, course, sent, ticks, offline(plan, COURSES[course]()))
    path.write_bytes(pickle.dumps(found))
    return found


def _load(
    plan: Plan, prefix: str, course: Course, bootstrap: str, tell: Tell
) -> tuple[dict[tuple[str, int], int], list[TickRecord]]:
    producer, usage = bulk_producer(bootstrap), prefix + USAGE_TOPIC
    sent: dict[tuple[str, int], int] = defaultdict(int)
    clock: list[TickRecord] = []
    for number, (row, ticks) in enumerate(_with_ticks(first_rows(plan, plan.events), course)):
        clock += _tick_records(ticks, sent, is_last=False)
        partition = partition_of(row.subscriber_id)
        put(producer, usage, row.subscriber_id, row.contract_json(), partition)
        sent[USAGE_TOPIC, partition] += 1
        if number % 250_000 == 0:
            tell(f"loading {number:,} of {plan.events:,} usage records")
    clock += _tick_records(course.reach(UNTIL), sent, is_last=True)  # UNTIL is a midnight
    producer.flush()
    sent |= {(CLOCK_TOPIC, partition): len(clock) // PARTITIONS for partition in range(PARTITIONS)}
    return dict(sent), clock


def _tick_records(
    ticks: Iterable[datetime], sent: Mapping[tuple[str, int], int], *, is_last: bool
) -> Iterator[TickRecord]:
    for at in ticks:
        for partition in range(PARTITIONS):
            positions = {feed: sent.get((feed, partition), 0) for feed in FEEDS}
            yield TickRecord(partition, encode_tick(at, positions), is_last)


def put_ticks(given: WorkerInput, bootstrap: str, *, last: bool) -> None:
    """Write the ticks that stand behind all events, or those before."""
    producer = bulk_producer(bootstrap)
    for tick in given.ticks:
        if tick.is_last == last:
            put(producer, given.prefix + CLOCK_TOPIC, None, tick.value, tick.partition)
    producer.flush()


@lru_cache(None)
def partition_of(key: str) -> int:
    """Give the partition of a key as Kafka's default partitioner has it."""
    found: int = (murmur2(key.encode()) & 0x7FFFFFFF) % PARTITIONS
    return found


def _with_ticks(rows: Iterable[Row], course: Course) -> Iterator[tuple[Row, Iterable[datetime]]]:
    latest_hour = 0
    for row in rows:
        hour = row.occurred_ms // HOUR_MS  # ticks fall on whole hours
        if hour > latest_hour:
            latest_hour = hour
            yield row, course.reach(datetime.fromtimestamp(row.occurred_ms / 1000, UTC))
        else:
            yield row, ()


class Collected:
    """Facts and letters as they come."""

    def __init__(self) -> None:
        self.letters: Counter[str] = Counter()
        self._rows: dict[int, tuple[int, int]] = {}
        self._by_type: Counter[str] = Counter()
        self._ids: set[str] = set()
        self._held: dict[str, str | None] = {}
        self._unchained = 0

    def fact(self, fact: Mapping[str, Any]) -> None:
        """Take a fact in."""
        self._by_type[fact["type"]] += 1
        self._ids.add(fact["fact_id"])
        who = fact["subscriber_id"]
        if fact["type"] == "month.closed":
            key, revision = digest([who, fact["billing_month"]]), fact["revision"]
            if revision >= self._rows.get(key, (0, 0))[0]:
                self._rows[key] = revision, digest([fact[name] for name in FIGURES])
        else:
            self._unchained += self._held.get(who) != fact["from"]
            self._held[who] = fact["to"]

    def outcome(self, views: Iterable[View]) -> Outcome:
        """Close the collection."""
        subscribers = {}
        for found in views:
            subscribers[found.subscriber_id] = digest(view_object(found))
            self._unchained += (
                self._held.get(found.subscriber_id) != found.tier
            )  # the last change leads to the tier held
        repeated = self._by_type.total() - len(self._ids)
        return Outcome(
            self._rows, subscribers, dict(self.letters), dict(self._by_type), repeated, self._unchained
        )  # fmt: skip


FIGURES = (
    "revenue_fen", "billed", "arpu_fen", "official_tier", "on_network", "accrued_fen", "adjusted_fen", "usage",
)  # fmt: skip


def digest(content: Any) -> int:
    """Hash JSON."""
    return xxh3_64_intdigest(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))


def offline(plan: Plan, course: Course) -> Outcome:
    """Work the answer out by the rules alone."""
    rules, collected = policies(), Collected()

    def on_fact(fact: Fact) -> None:
        collected.fact(fact_object(fact))

    def on_reject(_entry: Entry, reason: str, _message: str) -> None:
        collected.letters[reason] += 1

    run = OfflineReplay(rules, UNTIL, on_fact, on_reject)
    run._schedule = course  # type: ignore[assignment]
    lines = (row.contract_json() for row in first_rows(plan, plan.events))
    run.run(decode_lines(lines, Decoder(rules.calendar), "bench"))
    clock = run.ledger.clock
    return collected.outcome(view(sub, key, clock, rules) for key, sub in run.subscribers.items())


def run_worker(
    given: WorkerInput, cluster: Cluster, workers: int, broker_cpu: Callable[[], float] = lambda: 0.0
) -> Figures:
    """Let the complete worker work the feeds once, into output topics and a changelog made for it."""
    app_id = f"bench-run-worker-{secrets.token_hex(3)}"
    names = given.names(app_id)
    cluster.drop(names.full(CLOCK_TOPIC))
    asyncio.run(topics.create(cluster.bootstrap, names, PARTITIONS, 1, keep_for_ever=True))
    put_ticks(given, cluster.bootstrap, last=False)
    with tempfile.TemporaryDirectory(prefix=app_id) as folder:
        try:
            return _run(given, cluster, names, start(cluster.bootstrap, names, Path(folder), workers), broker_cpu)
        finally:
            cluster.forget_groups()
            for topic in (*FACT_TOPICS, DEAD_LETTER_TOPIC):
                cluster.drop(names.full(topic))
            cluster.drop(app_id)


def start(bootstrap: str, names: Names, folder: Path, count: int, **settings: str) -> Workers:
    """Start complete workers as they are shipped."""
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    environment = {
        "STREAM_APP_BOOTSTRAP": bootstrap,
        "STREAM_APP_APP_ID": names.app_id,
        "STREAM_APP_TOPIC_PREFIX": names.prefix,
        "STREAM_APP_POLICIES": str(folder / "policy.yaml"),
        "STREAM_APP_TICK_SECONDS": "0",
        "STREAM_APP_LOG_LEVEL": "WARNING",
        "STREAM_APP_PARENT_PID": str(os.getpid()),
        **settings,
    }
    return Workers([_start_one(environment, folder, number) for number in range(count)])


def _start_one(environment: Mapping[str, str], folder: Path, number: int) -> Worker:
    own = {
        "STREAM_APP_DATA_DIR": str(folder / f"worker-{number}"),
        "STREAM_APP_WEB_PORT": str(free_port()),
        "STREAM_APP_INSTANCE_ID": f"worker-{number}",
    }
    return Worker(
        [sys.executable, "-m", "stream_app", "worker"], {**environment, **own}, folder / f"worker-{number}.log"
    )


def _run(
    given: WorkerInput, cluster: Cluster, names: Names, workers: Workers, broker_cpu: Callable[[], float]
) -> Figures:
    usage = names.full(USAGE_TOPIC)
    with workers:
        watch = Watch(workers, lambda: cluster.committed(names.app_id, usage), broker_cpu)
        first, last = watch.between(0, given.events)
        peak = workers.peak_bytes()
        put_ticks(given, cluster.bootstrap, last=True)
        mirror = follow(cluster, names, given.sent)
        sweep_seconds = time.monotonic() - last.at_seconds
        workers.end()
    outcome = collect(cluster, names, mirror)
    found = figures(first, last, given.events, workers.cpu_seconds(), peak, differences(given.answer, outcome))
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(outcome.facts_by_type.items()))
    return found._replace(note=f"{kinds}; the sweeps ended {sweep_seconds:.1f} s after the last event")


def follow(cluster: Cluster, names: Names, sent: Mapping[tuple[str, int], int]) -> StateMirror:
    """Read the changelog until everything sent is worked, with nothing left to sweep."""
    mirror, ends = StateMirror(PARTITIONS), dict.fromkeys(range(PARTITIONS), 0)

    def worked() -> bool:
        for message in cluster.messages(names.changelog, ends):
            ends[message.partition() or 0] = (message.offset() or 0) + 1
            mirror.take(_as_record(message))
        return mirror.has_worked(sent)

    wait_for(worked, "the end of the sweeps")
    return mirror


def _as_record(message: Message) -> Any:
    return _Changelog(message.key() or b"", message.value(), message.partition() or 0)


class _Changelog(NamedTuple):
    key: bytes
    value: bytes | None
    partition: int


def collect(cluster: Cluster, names: Names, mirror: StateMirror) -> Outcome:
    """Read what a run has published."""
    collected = Collected()
    for topic in FACT_TOPICS:
        for record in cluster.read(names.full(topic)):
            collected.fact(orjson.loads(record.value or b""))
    for message in cluster.messages(names.full(DEAD_LETTER_TOPIC)):
        collected.letters[header(message, "dl_reason")] += 1
    return collected.outcome(mirror.views(policies()))


def header(message: Message, name: str) -> str:
    """Give a header's text."""
    found = dict(message.headers() or [])[name]
    return found.decode() if isinstance(found, bytes) else str(found)


def differences(right: Outcome, found: Outcome) -> str:
    """Say in words what is not as the rules alone have it; nothing if all is."""
    off = sum(found.rows.get(key, (0, 0))[1] != row for key, (_, row) in right.rows.items())
    off += len(found.rows.keys() - right.rows.keys())
    said = [f"{off:,} of {len(right.rows):,} closed months wrong"] if off else []
    off = sum(found.subscribers.get(who) != hashed for who, hashed in right.subscribers.items())
    off += len(found.subscribers.keys() - right.subscribers.keys())
    said += [f"{off:,} of {len(right.subscribers):,} subscribers wrong"] if off else []
    said += [f"{found.repeated:,} facts twice"] if found.repeated else []
    said += [f"{found.unchained:,} changes out of turn"] if found.unchained else []
    said += [f"dead letters {dict(found.letters)} for {dict(right.letters)}"] if right.letters != found.letters else []
    return ", ".join(said)
