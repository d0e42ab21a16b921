"""What the fault tests measured: how often each fault was done, how long the recovery took, whether all was exact.

Rule: nothing is asserted about a time. STREAM_APP_FAULTS=long does everything many times (`make faults`); with it, or
with STREAM_APP_FAULTS=short, docs/faults.md is written.
"""

import os
import platform
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

from stream_app.local.lockfile import KAFKA_VERSION

FORM = os.environ.get("STREAM_APP_FAULTS", "")
LONG = FORM == "long"
PACKAGES = ("faust-streaming", "aiokafka", "rocksdict")
PREFACE = """\
# Faults and recoveries 故障与恢复

Written by {command}.

A real worker pair (4 partitions, session timeout 6 s, commits every 100 ms, started again {pause} s after an end) on a
private Apache Kafka, {rate} events a second coming all the while. *Recovery*: from the fault (for a freeze, a stall, a
broker that is down: from its begin) until **every** partition has committed an event that was sent after
it; a worker's start, seconds of it the imports of Python, is in it. *Exact*: then all subscribers, the last revision of
every month, duplicates and dead letters are what the rules alone make of the same events; every revision and every
change of tier is there once, read-committed; for a quarter of the subscribers fact by fact.

{when}, {machine}.

| fault | times | recovery, median s | longest s | result |
| --- | --- | --- | --- | --- |
"""


@dataclass
class Row:
    """One fault: how often done, the recoveries, and how often something was wrong."""

    times: int = 0
    seconds: list[float] = field(default_factory=list)
    failed: int = 0

    def words(self) -> str:
        """Write it as cells of a table."""
        middle, longest = (
            (f"{statistics.median(self.seconds):.1f}", f"{max(self.seconds):.1f}") if self.seconds else ("-", "-")
        )
        result = f"**{self.failed} of {self.times} not exact**" if self.failed else "exact"
        return f"{self.times} | {middle} | {longest} | {result}"


class Record:
    """The table, as it grows."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self._unjudged: list[str] = []

    @contextmanager
    def run(self, name: str) -> Iterator[list[float]]:
        """Count a fault; the caller adds the seconds that the recovery took."""
        row = self.rows.setdefault(name, Row())
        row.times += 1
        self._unjudged.append(name)
        yield row.seconds

    @contextmanager
    def judged(self) -> Iterator[None]:
        """Hold the faults done in here to be wrong if an error comes out."""
        self._unjudged.clear()
        try:
            yield
        except BaseException:
            for name in set(self._unjudged):
                self.rows[name].failed += 1
            raise

    def page(self, pause_seconds: float, events_per_second: int) -> str:
        """Write docs/faults.md."""
        versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
        machine = (
            f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
            f"Kafka {KAFKA_VERSION}, {versions}"
        )
        preface = PREFACE.format(
            command=f"`STREAM_APP_FAULTS={FORM} .venv/bin/python -m pytest tests/faults`" + LONG * " (`make faults`)",
            pause=pause_seconds,
            rate=events_per_second,
            when=datetime.now(UTC).date(),
            machine=machine,
        )
        return preface + "".join(f"| {name} | {row.words()} |\n" for name, row in self.rows.items())

    def lines(self) -> Iterator[str]:
        """Write the table for a terminal."""
        for name, row in self.rows.items():
            yield f"{name:<75} {row.words()}"
