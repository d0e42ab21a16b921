"""The command line of the bench: a broker, the inputs, and the runs that were asked for."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import click

from stream_app.local import LocalKafka
from tests.bench.complete import COURSES, run_worker, worker_input
from tests.bench.contenders.catalogue import CONTENDERS
from tests.bench.events import Plan
from tests.bench.gauges import cpu_seconds
from tests.bench.inputs import job_input
from tests.bench.kafka import BROKER, Cluster
from tests.bench.runs import Figures, run_job


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


def tell(line: str) -> None:
    """Say how far it is."""
    click.echo(line, err=True)


@click.group()
def main() -> None:
    """Measure the lane, the worker and their peers at the same job."""


def _job_command(key: str) -> click.Command:
    contender = CONTENDERS[key]

    @click.command(key, help=f"Run {contender.title} and print its figures.")
    @click.option("--events", default=1_000_000, show_default=True)
    @click.option("--subscribers", default=100_000, show_default=True)
    @click.option("--workers", default=1, show_default=True)
    @click.option("--runs", default=1, show_default=True)
    @click.option("--keep", type=click.Path(path_type=Path), help="Keep broker and inputs there for the next time.")
    @click.option("--extra", default="", help="Given to the contender; the lane takes LaneSettings as JSON.")
    def command(events: int, subscribers: int, workers: int, runs: int, keep: Path | None, extra: str) -> None:
        if lack := contender.missing():
            raise click.ClickException(lack)
        with place(keep) as at:
            plan = Plan(events, subscribers)
            given = job_input(plan, at.cluster, at.folder, tell, int(events * contender.share))
            for _ in range(runs):
                for found in run_job(contender, given, at.cluster, workers, at.broker_cpu, extra):
                    click.echo(in_words(contender.key, workers, found))

    return command


@click.command("worker", help="Run the complete worker, as shipped, and print its figures.")
@click.option("--events", default=1_000_000, show_default=True)
@click.option("--subscribers", default=100_000, show_default=True)
@click.option("--workers", default=1, show_default=True)
@click.option("--runs", default=1, show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), help="Keep broker and inputs there for the next time.")
@click.option("--ticks", type=click.Choice(list(COURSES)), default="backlog", show_default=True)
def worker_command(events: int, subscribers: int, workers: int, runs: int, keep: Path | None, ticks: str) -> None:
    """Run it."""
    with place(keep) as at:
        given = worker_input(Plan(events, subscribers), at.cluster, at.folder, tell, ticks)
        for _ in range(runs):
            click.echo(in_words("worker", workers, run_worker(given, at.cluster, workers, at.broker_cpu)))


def in_words(key: str, workers: int, found: Figures) -> str:
    """Write a run's figures on a line."""
    return (
        f"{key}, {workers} worker(s): {found.events_per_second:,.0f} events/s; "
        f"CPU s per million {found.cpu_per_million:.1f} ({found.cpu_to_end_per_million:.1f} to the end, "
        f"broker {found.broker_cpu_per_million:.1f}); peak {found.peak_bytes / 2**20:.0f} MiB; "
        f"answers {'WRONG: ' + found.wrong if found.wrong else 'right'}"
        f"{f' ({found.note})' if found.note else ''}"
    )


main.add_command(worker_command)
for _key in CONTENDERS:
    main.add_command(_job_command(_key))
