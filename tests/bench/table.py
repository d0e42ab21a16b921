"""The table of a bench: runs of each contender side by side, medians and spread."""

import os
import platform
import statistics
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from typing import NamedTuple

from tests.bench.gauges import cpu_model, memory_gib
from tests.bench.runs import Figures

PACKAGES = ("faust-streaming", "aiokafka", "confluent-kafka", "rocksdict", "msgspec")


class Line(NamedTuple):
    """A line of the table: who, how, and what came out of its runs."""

    title: str
    guarantee: str
    commit: str
    workers: int
    events: int
    runs: Sequence[Figures]

    def cells(self) -> Iterable[str]:
        """Write the cells."""
        runs = self.runs
        wrong = [run.wrong for run in runs if run.wrong]
        return (
            self.title,
            self.guarantee,
            self.commit,
            str(self.workers),
            f"{self.events:,}",
            spread([run.events_per_second / 1000 for run in runs], " k"),
            spread([run.cpu_per_million for run in runs]),
            spread([run.broker_cpu_per_million for run in runs]),
            f"{max(run.peak_bytes for run in runs) / 2**20:,.0f} MiB",
            f"WRONG: {wrong[0]}" if wrong else f"right, {len(runs)} of {len(runs)}",
        )


HEAD = (
    "contender", "guarantee", "commit", "workers", "events", "events/s",
    "CPU s per million", "broker CPU s per million", "peak memory", "answers",
)  # fmt: skip


def spread(figures: Sequence[float], unit: str = "") -> str:
    """Write the median and, in brackets, the least and the most."""
    middle = statistics.median(figures)
    return f"**{middle:.1f}{unit}** ({min(figures):.1f}..{max(figures):.1f})"


def table(lines: Iterable[Line]) -> str:
    """Write lines as a Markdown table, the fastest first among those of one guarantee."""
    rows = [HEAD, ("---",) * len(HEAD), *(line.cells() for line in lines)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def machine(more: Mapping[str, str]) -> str:
    """Say where and when, and with which versions."""
    versions = {
        "Python": platform.python_version(),
        "Apache Kafka": "4.1.1 (private broker, 512 MiB heap)",
        **{name: metadata.version(name) for name in PACKAGES},
        **more,
    }
    return (
        f"{cpu_model()}, {os.cpu_count()} cores, {memory_gib():.0f} GiB, {platform.system()} {platform.release()}; "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC. Broker, contender and bench share the machine.\n\n"
        f"Versions: {', '.join(f'{name} {version}' for name, version in versions.items())}.\n"
    )
