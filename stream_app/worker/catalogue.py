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
REPEATED_SEEKS = Definition(
    "repeated_seeks_total", "counter", ("topic",), "Times a feed had to be sought back to the same offset again."
)
TICKS_MADE = Definition("ticks_made_total", "counter", (), "Ticks this worker wrote as the group's leader.")

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
    REPEATED_SEEKS,
    TICKS_MADE,
)


def catalogue_page() -> str:
    """Write the catalogue as a Markdown table."""
    return page("Metrics 指标", "stream_app/worker/catalogue.py", CATALOGUE)


def page(title: str, source: str, catalogue: Iterable[Definition]) -> str:
    """Write a catalogue as a Markdown table, under its title."""
    lines = [
        f"| `{PREFIX}{entry.name}` | {entry.kind} | {', '.join(entry.labels) or '-'} | {entry.meaning} |"
        for entry in catalogue
    ]
    return "\n".join(
        [
            f"# {title}",
            "",
            f"Written from `{source}` by `make docs`.",
            "",
            "| name | kind | labels | meaning and unit |",
            "| --- | --- | --- | --- |",
            *lines,
            "",
        ]
    )
