"""What a stretch of the load test came to: from Prometheus, from /proc, and from the waits that were heard."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tests.bench.gauges import cpu_seconds, peak_bytes
from tests.capacity.prometheus import Prometheus
from tests.capacity.traffic import Waits

MEBIBYTE, GIBIBYTE = 1 << 20, 1 << 30


class Stretch(NamedTuple):
    """A time at one rate: `times` the region's average, and when, in seconds since 1970, after it had settled."""

    times: float
    rate: float
    begin: float
    end: float


class Used(NamedTuple):
    """CPU seconds of each program so far, and when in seconds since 1970."""

    at: float
    seconds: Mapping[str, float]


class Row(NamedTuple):
    """A line of the table."""

    stretch: Stretch
    waits: Waits
    asked: Mapping[str, float | None]
    cores: Mapping[str, float]
    began: float  # by the performance counter
    ended: float


# What is asked of Prometheus at the end of a stretch; SPAN is its length.
ASKED: Mapping[str, str] = {
    "worked": "sum(rate(stream_app_events_total[SPAN]))",
    "facts": "sum(rate(stream_app_facts_total[SPAN]))",
    "lag_records": "max_over_time(sum(stream_app_lag_records)[SPAN:2s])",
    "lag_seconds": "max_over_time(max(stream_app:clock_behind_seconds)[SPAN:2s])",
    "batch": "histogram_quantile(0.99, sum by (le) (rate(stream_app_batch_seconds_bucket[SPAN])))",
    "commit_half": "histogram_quantile(0.5, sum by (le) (rate(stream_app_commit_seconds_bucket[SPAN])))",
    "commit": "histogram_quantile(0.99, sum by (le) (rate(stream_app_commit_seconds_bucket[SPAN])))",
    "memory": 'max_over_time(max(process_resident_memory_bytes{job="worker"})[SPAN:2s])',
    "desk_memory": 'max_over_time(max(process_resident_memory_bytes{job="desk"})[SPAN:2s])',
    "desk_lag_records": "max_over_time(sum(stream_app_desk_lag_records)[SPAN:2s])",
}


def used(pids: Mapping[str, int], at: float) -> Used:
    """Count what each program has used of the processor."""
    return Used(at, {name: cpu_seconds(pid) for name, pid in pids.items()})


def asked(prometheus: Prometheus, stretch: Stretch) -> dict[str, float | None]:
    """Ask Prometheus about a stretch."""
    span = f"{max(1, round(stretch.end - stretch.begin))}s"
    return {name: prometheus.value(query.replace("SPAN", span), stretch.end) for name, query in ASKED.items()}


def cores(before: Used, after: Used) -> dict[str, float]:
    """Give the share of a core that each program used, of those that ran at both ends."""
    passed, first = after.at - before.at, before.seconds
    return {name: (seconds - first[name]) / passed for name, seconds in after.seconds.items() if name in first}


def load_table(rows: Sequence[Row]) -> str:
    """Lay stretches out as a Markdown table."""
    head = (
        "times the average",
        "events/s due",
        "worked/s",
        "facts/s",
        "lag, records",
        "lag, s",
        "event to fact p50 / p99 / most, ms",
        "batch p99, ms",
        "commit p50 / p99, ms",
        "cores: workers, desk, broker",
        "memory of a worker, MiB",
        "desk behind, records",
    )
    lines = [head, ("---",) * len(head), *map(_cells, rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _cells(found: Row) -> tuple[str, ...]:
    asked, waits = found.asked, found.waits
    workers = sum(share for name, share in found.cores.items() if name.startswith("worker"))
    return (
        f"{found.stretch.times:g}",
        f"{found.stretch.rate:,.0f}",
        _number(asked["worked"]),
        _number(asked["facts"]),
        _number(asked["lag_records"]),
        _number(asked["lag_seconds"], 1),
        f"{waits.p50:,.0f} / {waits.p99:,.0f} / {waits.most:,.0f}",
        _milliseconds(asked["batch"]),
        f"{_milliseconds(asked['commit_half'])} / {_milliseconds(asked['commit'])}",
        f"{workers:.2f}, {found.cores.get('desk', 0):.2f}, {found.cores.get('broker', 0):.2f}",
        _number((asked["memory"] or 0) / MEBIBYTE),
        _number(asked["desk_lag_records"]),
    )


def _number(value: float | None, digits: int = 0) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def _milliseconds(seconds: float | None) -> str:
    return "-" if seconds is None or seconds != seconds else f"{seconds * 1000:,.0f}"  # noqa: PLR0124 - NaN: no commit


def peaks(pids: Mapping[str, int]) -> dict[str, int]:
    """Give the most bytes that each process has held since it was started."""
    return {name: peak_bytes(pid) for name, pid in pids.items()}


def in_mebibytes(held: Mapping[str, int]) -> str:
    """Say what each program held."""
    return ", ".join(f"{name} {size / MEBIBYTE:,.0f} MiB" for name, size in held.items())
