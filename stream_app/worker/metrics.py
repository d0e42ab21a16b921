"""The worker's metrics, through prometheus-client; what each means stands in `catalogue`."""

import shutil
import time
from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from stream_app.core.facts import ChurnOutcomeRecorded, ChurnRiskChanged, Fact, Level, MonthClosed, TierChanged
from stream_app.core.facts import Reason as FactReason
from stream_app.core.state import LEVELS, Clock
from stream_app.wire.invalid import Reason as Invalid
from stream_app.worker import catalogue
from stream_app.worker.catalogue import CATALOGUE, PREFIX, Definition
from stream_app.worker.topics import LANE_FEEDS, Names

SECONDS_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
OF_A_CLOCK = (
    catalogue.CLOCK,
    catalogue.MONTHS_OPEN,
    catalogue.TICKS_PENDING,
    catalogue.SWEEP_SHARE,
    catalogue.TICK_WAITS,
)
# What is shown of a partition whether or not its work has begun: by topic and partition, and by partition.
OF_A_FEED = (catalogue.LAG, catalogue.AGE)
OF_A_RECOVERY = (
    catalogue.RECOVERY_RECORDS,
    catalogue.RECOVERY_TOTAL,
    catalogue.RECOVERY_SECONDS,
    catalogue.RECOVERING,
)
OUTCOMES = ("applied", "duplicate", "rejected", "skipped")
REASONS_OF_FACTS: Mapping[type[Fact], tuple[str, ...]] = {
    TierChanged: get_args(FactReason),
    MonthClosed: ("close", "correction"),
    ChurnRiskChanged: get_args(Level),
    ChurnOutcomeRecorded: ("left", "stayed"),
}
RECORDS_BUCKETS = (1, 10, 50, 100, 500, 1000, 2000, 4000, 10_000)


class Metrics:
    """All metrics of a worker; also hears the lane, as its observer."""

    def __init__(self, names: Names) -> None:
        self.registry = CollectorRegistry()
        self._names = names
        self._of = {definition.name: self._make(definition) for definition in CATALOGUE}
        self.recovering: set[int] = set()
        self._held: frozenset[int] = frozenset()
        ProcessCollector(registry=self.registry)
        self._begin_at_0()

    def _begin_at_0(self) -> None:
        """Show as 0 what can be counted: the first of a kind is an increase only where there was a 0 before."""
        for feed in LANE_FEEDS:
            self.of(catalogue.REPEATED_SEEKS, feed)
            for outcome in OUTCOMES:
                self.of(catalogue.EVENTS, feed, outcome)
            for reason in get_args(Invalid):
                self.of(catalogue.REJECTED, feed, reason)
        for kind, reasons in REASONS_OF_FACTS.items():
            for reason in reasons:
                self.of(catalogue.FACTS, kind.type, reason)

    def of_a_place(self, partitions: int, data_dir: Path) -> None:
        """Show how many partitions there are, and the disk of the data folder as it is when somebody asks."""
        self.of(catalogue.PARTITIONS).set(partitions)
        show_disk(data_dir, self.of(catalogue.DISK_FREE), self.of(catalogue.DISK_SIZE))

    def _make(self, definition: Definition) -> Any:
        name, labels = PREFIX + definition.name, definition.labels
        match definition.kind:
            case "counter":
                return Counter(name, definition.meaning, labels, registry=self.registry)
            case "gauge":
                return Gauge(name, definition.meaning, labels, registry=self.registry)
            case "histogram":
                buckets = SECONDS_BUCKETS if name.endswith("_seconds") else RECORDS_BUCKETS
                return Histogram(name, definition.meaning, labels, registry=self.registry, buckets=buckets)

    def of(self, definition: Definition, *labels: object) -> Any:
        """Give the child of a metric for its labels."""
        metric = self._of[definition.name]
        return metric.labels(*labels) if labels else metric

    def partition(self, partition: int) -> "PartitionMetrics":
        """Give the metrics of one partition."""
        return PartitionMetrics(self, partition)

    def assigned(self, partitions: frozenset[int]) -> None:
        """Hear which partitions are ours, and take off the page what is said of others: their workers say it now."""
        self.of(catalogue.ASSIGNED).set(len(partitions))
        self.recovering = set(partitions)
        for partition in self._held - partitions:
            self._forget(partition)
        self._held = partitions

    def _forget(self, partition: int) -> None:
        for definition in OF_A_RECOVERY:
            self.of(definition).remove(partition)
        for definition in OF_A_FEED:
            for feed in LANE_FEEDS:
                self.of(definition).remove(feed, partition)

    def restored(self, partition: int, done_records: int, end_records: int, seconds: float, finished: bool) -> None:  # noqa: FBT001 - the lane's protocol
        """Hear how far a recovery has come."""
        self.of(catalogue.RECOVERY_RECORDS, partition).set(done_records)
        self.of(catalogue.RECOVERY_TOTAL, partition).set(end_records)
        self.of(catalogue.RECOVERY_SECONDS, partition).set(seconds)
        self.of(catalogue.RECOVERING, partition).set(0 if finished else 1)
        if finished:
            self.recovering.discard(partition)

    def batch(self, topic: str, partition: int, records: int, seconds: float) -> None:  # noqa: ARG002 - the lane's protocol
        """Hear of a batch worked."""
        name = self._names.plain(topic)
        self.of(catalogue.BATCH_SECONDS, name).observe(seconds)
        self.of(catalogue.BATCH_RECORDS, name).observe(records)

    def lag(self, topic: str, partition: int, records_behind: int) -> None:
        """Hear how far behind a feed is."""
        self.of(catalogue.LAG, self._names.plain(topic), partition).set(records_behind)

    def committed(self, partition: int, changes: int, outputs: int, seconds: float) -> None:  # noqa: ARG002 - the lane's protocol
        """Hear of a transaction committed and stored."""
        self.of(catalogue.COMMIT_SECONDS).observe(seconds)
        self.of(catalogue.COMMITTED).inc(changes)

    def repeated_seek(self, topic: str, partition: int) -> None:  # noqa: ARG002 - the lane's protocol
        """Hear that a feed was sought back to the same offset again."""
        self.of(catalogue.REPEATED_SEEKS, self._names.plain(topic)).inc()


class PartitionMetrics:
    """The metrics of one partition while it is ours."""

    def __init__(self, metrics: Metrics, partition: int) -> None:
        self._metrics, self._partition = metrics, partition
        self._tiers: set[str] = set()
        self._levels: set[str] = set()

    def worked(
        self, topic: str, records: int, repeats: Mapping[str, int], rejected: Mapping[str, int], last_timestamp_ms: int
    ) -> None:
        """Count the outcomes of a run of records."""
        of, repeated, refused = self._metrics.of, sum(repeats.values()), sum(rejected.values())
        for outcome, count in (
            ("applied", records - repeated - refused),
            ("duplicate", repeated),
            ("rejected", refused),
        ):
            if count:
                of(catalogue.EVENTS, topic, outcome).inc(count)
        for kind, count in repeats.items():
            of(catalogue.DUPLICATES, kind).inc(count)
        for reason, count in rejected.items():
            of(catalogue.REJECTED, topic, reason).inc(count)
        of(catalogue.AGE, topic, self._partition).set(max(0.0, time.time() - last_timestamp_ms / 1000))

    def skipped(self, topic: str, records: int) -> None:
        """Count records that the state already holds: the guard had to act."""
        if records:
            self._metrics.of(catalogue.EVENTS, topic, "skipped").inc(records)

    def stated(self, facts: Sequence[Fact]) -> None:
        """Count facts by type and reason."""
        kinds = Tally((fact.type, _reason(fact)) for fact in facts)
        for labels, count in kinds.items():
            self._metrics.of(catalogue.FACTS, *labels).inc(count)

    def standing(self, clock: Clock) -> None:
        """Show the clock, what is open, and the subscribers by tier and by risk level."""
        of, partition = self._metrics.of, self._partition
        for tier, heads in clock.heads.items():
            self._tiers.add(tier or "none")
            of(catalogue.HEADS, tier or "none", partition).set(heads)
        for level, heads in clock.levels.items():
            self._levels.add(LEVELS[level])
            of(catalogue.RISK_HEADS, LEVELS[level], partition).set(heads)
        if clock.at is not None and clock.tick is not None:
            of(catalogue.CLOCK, partition).set(clock.at.timestamp())
            of(catalogue.MONTHS_OPEN, partition).set(clock.tick.opened - clock.tick.closed)
            of(catalogue.TICKS_PENDING, partition).set(len(clock.pending))

    def swept(self, share: float) -> None:
        """Show how far the sweep has come, 0 to 1."""
        self._metrics.of(catalogue.SWEEP_SHARE, self._partition).set(share)

    def tick_waits(self, offsets: int) -> None:
        """Show how much has to be worked before the first waiting tick counts."""
        self._metrics.of(catalogue.TICK_WAITS, self._partition).set(offsets)

    def gone(self) -> None:
        """Take this partition's figures off the page: another worker shows them now."""
        for tier in self._tiers:
            self._metrics.of(catalogue.HEADS).remove(tier, self._partition)
        for level in self._levels:
            self._metrics.of(catalogue.RISK_HEADS).remove(level, self._partition)
        for definition in OF_A_CLOCK:
            self._metrics.of(definition).remove(self._partition)


def show_disk(folder: Path, free: Gauge, size: Gauge) -> None:
    """Have two gauges look at the disk of a folder, or of the nearest one above it that is there."""

    def usage() -> tuple[int, int]:
        there = next(place for place in (folder, *folder.parents) if place.exists())
        found = shutil.disk_usage(there)
        return found.free, found.total

    free.set_function(lambda: usage()[0])
    size.set_function(lambda: usage()[1])


def _reason(fact: Fact) -> str:
    if isinstance(fact, TierChanged):
        return fact.reason
    if isinstance(fact, ChurnRiskChanged):
        return fact.to_level
    if isinstance(fact, ChurnOutcomeRecorded):
        return "left" if fact.left else "stayed"
    return "close" if fact.cause.topic == "clock" else "correction"
