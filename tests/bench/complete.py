"""The complete worker at the same events: `stream-app worker` as shipped, with the real rules.

Its answer is held against the offline engine's, and no fact may come twice.
"""

import asyncio
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from confluent_kafka import Message

from stream_app.core.events import CLOCK_TOPIC, USAGE_TOPIC
from stream_app.core.facts import FACT_TOPICS
from stream_app.local.ports import free_port
from stream_app.replay.mirror import StateMirror
from stream_app.worker import topics
from stream_app.worker.topics import DEAD_LETTER_TOPIC, Names
from tests.bench.answer import POLICY, Collected, Outcome, differences, policies
from tests.bench.feeds import WorkerInput, put_ticks
from tests.bench.kafka import PARTITIONS, Cluster, wait_for
from tests.bench.runs import Figures, Watch, figures
from tests.bench.workers import Worker, Workers


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
