"""Where a bench takes place: a private broker, the same for every contender, and a folder for its inputs."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from stream_app.local import LocalKafka
from tests.bench.gauges import cpu_seconds
from tests.bench.kafka import BROKER, Cluster
from tests.bench.runs import Figures


class Place(NamedTuple):
    """Where a bench takes place."""

    cluster: Cluster
    folder: Path
    broker: LocalKafka

    def broker_cpu(self) -> float:
        """Give the broker's CPU time so far."""
        return cpu_seconds(self.broker.pid) if self.broker.pid else 0.0


@contextmanager
def place(keep: Path | None) -> Iterator[Place]:
    """Run a private broker, in a folder that stays if it is given: inputs are then loaded once."""
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stream-app-bench-")))
        folder.mkdir(parents=True, exist_ok=True)
        broker = stack.enter_context(LocalKafka(folder / "kafka", heap="512m", overrides=BROKER))
        cluster = Cluster(broker.bootstrap)
        cluster.drop("bench-run-")  # of a run that was cut short
        yield Place(cluster, folder, broker)


def in_words(name: str, found: Figures) -> str:
    """Write a run's figures on a line."""
    return (
        f"{name}: {found.events_per_second:,.0f} events/s; "
        f"CPU s per million {found.cpu_per_million:.1f} ({found.cpu_to_end_per_million:.1f} to the end, "
        f"broker {found.broker_cpu_per_million:.1f}); peak {found.peak_bytes / 2**20:.0f} MiB; "
        f"answers {'WRONG: ' + found.wrong if found.wrong else 'right'}"
        f"{f' ({found.note})' if found.note else ''}"
    )
