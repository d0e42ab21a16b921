"""The catalogue of metrics: every name the worker exports, with its kind, unit, labels and meaning.

A subscriber id is never a label. docs/metrics.md is written from here.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

PREFIX = "stream_app_"
Kind = Literal["counter", "gauge", "histogram"]


class Definition(NamedTuple):
    """A metric's name without prefix, kind, labels and meaning (which states the unit)."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    meaning: str


EVENTS = Definition(
    "events_total",
    "counter",
    ("topic", "outcome"),
    "Records worked, by feed and outcome: applied, duplicate, rejected or skipped (worked before).",
)
FACTS = Definition(
    "facts_total",
    "counter",
    ("type", "reason"),
    "Facts stated, by type and reason; a month's row has the reason close or correction, a change of risk its level.",
)
REJECTED = Definition(
    "rejected_total", "counter", ("topic", "reason"), "Records put in dead-letters, by feed and reason."
)
DUPLICATES = Definition(
    "duplicates_total", "counter", ("type",), "Events dropped because their id was applied before, by type."
)
LAG = Definition(
    "lag_records",
    "gauge",
    ("topic", "partition"),
    "Records between what was last worked and the end of the feed when it was fetched.",
)
AGE = Definition(
    "age_seconds",
    "gauge",
    ("topic", "partition"),
    "Seconds from a record's Kafka timestamp to its being worked, for the last one worked.",
)
BATCH_SECONDS = Definition("batch_seconds", "histogram", ("topic",), "Seconds to work a batch of records.")
BATCH_RECORDS = Definition("batch_records", "histogram", ("topic",), "Records in a batch.")
COMMIT_SECONDS = Definition(
    "commit_seconds", "histogram", (), "Seconds from the begin of a transaction until its states are stored."
)
COMMITTED = Definition("committed_changes_total", "counter", (), "Rows of state committed.")
HEADS = Definition(
    "subscribers",
    "gauge",
    ("tier", "partition"),
    "Subscribers by tier (none: no tier), from a tally kept with the state.",
)
RISK_HEADS = Definition(
    "subscribers_at_risk",
    "gauge",
    ("level", "partition"),
    "Subscribers by churn risk level (watch, high, critical), from a tally kept with the state.",
)
CLOCK = Definition("clock_timestamp_seconds", "gauge", ("partition",), "The partition's clock, seconds since 1970.")
MONTHS_OPEN = Definition(
    "months_open", "gauge", ("partition",), "Billing months open: more than two means that ticks are missing."
)
TICKS_PENDING = Definition(
    "ticks_pending",
    "gauge",
    ("partition",),
    "Ticks across a day, month or policy that the sweep has not brought to all subscribers yet.",
)
SWEEP_SHARE = Definition(
    "sweep_share",
    "gauge",
    ("partition",),
    "Share of the subscribers that the pass under way has looked at since this worker took it up; 1: no pass.",
)
TICK_WAITS = Definition(
    "tick_waits_records",
    "gauge",
    ("partition",),
    "Offsets of the feeds that the first waiting tick still wants worked; 0: none waits.",
)
RECOVERY_RECORDS = Definition(
    "recovery_records", "gauge", ("partition",), "Changelog records read by the last recovery."
)
RECOVERY_TOTAL = Definition(
    "recovery_records_expected",
    "gauge",
    ("partition",),
    "Changelog offsets that the last recovery has to cover at most.",
)
RECOVERY_SECONDS = Definition(
    "recovery_seconds", "gauge", ("partition",), "Seconds the last recovery took, or has taken so far."
)
RECOVERING = Definition("recovering", "gauge", ("partition",), "1 while a recovery is under way.")
ASSIGNED = Definition("assigned_partitions", "gauge", (), "Partitions that this worker holds.")
PARTITIONS = Definition("partitions", "gauge", (), "Partitions of each feed: what all workers together have to hold.")
REPEATED_SEEKS = Definition(
    "repeated_seeks_total", "counter", ("topic",), "Times a feed had to be sought back to the same offset again."
)
TICKS_MADE = Definition("ticks_made_total", "counter", (), "Ticks this worker wrote as the group's leader.")
CERTIFICATE_END = Definition(
    "certificate_end_timestamp_seconds",
    "gauge",
    ("use",),
    "When a certificate in use ends, seconds since 1970, by use: http, kafka, kafka_ca; 0: it cannot be read.",
)
DISK_FREE = Definition("disk_free_bytes", "gauge", (), "Bytes that are free on the disk of the data folder.")
DISK_SIZE = Definition("disk_size_bytes", "gauge", (), "Bytes that the disk of the data folder has in all.")

CATALOGUE: tuple[Definition, ...] = (
    EVENTS,
    FACTS,
    REJECTED,
    DUPLICATES,
    LAG,
    AGE,
    BATCH_SECONDS,
    BATCH_RECORDS,
    COMMIT_SECONDS,
    COMMITTED,
    HEADS,
    RISK_HEADS,
    CLOCK,
    MONTHS_OPEN,
    TICKS_PENDING,
    SWEEP_SHARE,
    TICK_WAITS,
    RECOVERY_RECORDS,
    RECOVERY_TOTAL,
    RECOVERY_SECONDS,
    RECOVERING,
    ASSIGNED,
    PARTITIONS,
    REPEATED_SEEKS,
    TICKS_MADE,
    CERTIFICATE_END,
    DISK_FREE,
    DISK_SIZE,
)

# What prometheus-client says of any process on Linux, by the names that every dashboard knows: without our prefix.
PROCESS: tuple[Definition, ...] = (
    Definition("process_start_time_seconds", "gauge", (), "When the process started, seconds since 1970."),
    Definition("process_cpu_seconds_total", "counter", (), "CPU time used, user and system, in seconds."),
    Definition("process_resident_memory_bytes", "gauge", (), "Bytes of memory in use."),
    Definition("process_virtual_memory_bytes", "gauge", (), "Bytes of address space."),
    Definition("process_open_fds", "gauge", (), "Open file descriptors."),
    Definition("process_max_fds", "gauge", (), "File descriptors that may be open at most."),
)


def catalogue_page() -> str:
    """Write the catalogue as a Markdown table."""
    return page("Metrics 指标", "stream_app/worker/catalogue.py", CATALOGUE)


def page(title: str, source: str, catalogue: Iterable[Definition]) -> str:
    """Write a catalogue as a Markdown table, under its title, with what every process says of itself."""
    return "\n".join(
        [
            f"# {title}",
            "",
            f"Written from `{source}` by `make docs`.",
            "",
            *_table(catalogue, PREFIX),
            "",
            "Beside these, on Linux, what Prometheus' own library says of the process:",
            "",
            *_table(PROCESS, ""),
            "",
        ]
    )


def _table(entries: Iterable[Definition], prefix: str) -> list[str]:
    rows = [
        f"| `{prefix}{each.name}` | {each.kind} | {', '.join(each.labels) or '-'} | {each.meaning} |"
        for each in entries
    ]
    return ["| name | kind | labels | meaning and unit |", "| --- | --- | --- | --- |", *rows]
