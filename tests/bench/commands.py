"""The command line of the bench: a broker, the inputs, and the runs that were asked for."""

from pathlib import Path

import click

from tests.bench.answer import COURSES
from tests.bench.complete import run_worker
from tests.bench.contenders.catalogue import CONTENDERS, peers_versions
from tests.bench.events import Plan
from tests.bench.feeds import worker_input
from tests.bench.inputs import job_input
from tests.bench.latency import latency_table, lost_in_words
from tests.bench.match import entrants, measured, play
from tests.bench.page import LATENCY_METHOD, PICTURE, write_section
from tests.bench.picture import picture
from tests.bench.place import in_words, place
from tests.bench.runs import run_job
from tests.bench.table import machine, table

CAPACITY_EVENTS = 500_000


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
                    click.echo(in_words(f"{key}, {workers} worker(s)", found))

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
            click.echo(
                in_words(
                    f"worker ({ticks}), {workers} worker(s)", run_worker(given, at.cluster, workers, at.broker_cpu)
                )
            )


@main.command("all")
@click.option("--events", default=1_500_000, show_default=True)
@click.option("--subscribers", default=100_000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), help="Keep broker and inputs there for the next time.")
@click.option("--only", multiple=True, type=click.Choice([*CONTENDERS, "worker"]), help="Leave the others out.")
@click.option("--no-write", "command", flag_value="", default="make bench", help="Leave docs/benchmarks.md alone.")
def all_command(
    events: int, subscribers: int, rounds: int, keep: Path | None, only: tuple[str, ...], command: str
) -> None:
    """Run every contender in turn, several times, and print one table."""
    with place(keep) as at:
        lines = play(entrants(Plan(events, subscribers), at, tell, only), rounds, tell)
    click.echo(table(lines))
    if command:
        said = f"`{command}`: {events:,} events, {subscribers:,} subscribers; median (least..most) of {rounds}.\n\n"
        path = write_section("Throughput", f"{said}{table(lines)}\n{machine(peers_versions())}")
        click.echo(f"written to {path}")


@main.command("latency")
@click.option("--seconds", default=30, show_default=True, help="How long to send, after a warm-up of 5 s.")
@click.option("--subscribers", default=100_000, show_default=True)
@click.option("--rate", type=int, help="Send so many events a second; else half of the capacity, measured first.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep broker and inputs there for the next time.")
@click.option("--only", multiple=True, default=("lane-job", "worker"), show_default=True)
@click.option("--no-write", "command", flag_value="", default="make bench-latency", help="Leave docs/ alone.")
def latency_command(
    seconds: int, subscribers: int, rate: int | None, keep: Path | None, only: tuple[str, ...], command: str
) -> None:
    """Measure from an event appended to its fact visible, in an open loop."""
    with place(keep) as at:
        plan = Plan(CAPACITY_EVENTS, subscribers)
        found = [measured(key, at, plan, rate, seconds, tell) for key in only]
    click.echo(latency_table(found))
    if lost := lost_in_words(found):
        raise click.ClickException(lost)
    if command:
        PICTURE.write_text(picture(found), encoding="utf-8")
        said = f"`{command}`: an open loop at half the measured capacity for {seconds} s. {LATENCY_METHOD}"
        shown = f"![The distribution of the latencies]({PICTURE.name})"
        path = write_section("Latency", f"{said}\n\n{latency_table(found)}\n{shown}\n\n{machine(peers_versions())}")
        click.echo(f"written to {path}")


main.add_command(worker_command)
for _key in CONTENDERS:
    main.add_command(_job_command(_key))
