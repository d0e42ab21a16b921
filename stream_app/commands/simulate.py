"""`stream-app simulate`: write the events of a simulated population to a file."""

import gzip
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path

import click
import orjson

from stream_app.commands.common import OUT_FILE, instant, worded
from stream_app.sim import CHENGDU, DEMO, Population, history, truth
from stream_app.sim.truth import as_row


@click.command(short_help="Write a simulated population's events to a file.")
@click.option("--subscribers", type=click.IntRange(1), default=1000, show_default=True, help="How many.")
@click.option(
    "--start", default="2025-01-01T00:00:00+08:00", show_default=True, metavar="INSTANT", help="First instant."
)
@click.option("--days", type=click.IntRange(1), default=150, show_default=True, help="How long it goes on.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same file.")
@click.option(
    "--usage-per-day",
    type=click.FloatRange(min=0),
    default=5.0,
    show_default=True,
    help="Usage records of a subscriber a day, on average.",
)
@click.option(
    "--mix",
    type=click.Choice(["demo", "chengdu"]),
    default="demo",
    show_default=True,
    help="Rich in big customers, or 97.5 % ordinary as in Chengdu.",
)
@click.option(
    "--out",
    required=True,
    type=OUT_FILE,
    help="NDJSON; packed when the name ends in .gz.",
)
@click.option(
    "--truth",
    "truth_out",
    type=OUT_FILE,
    help="NDJSON: who would leave, when and why, and what showed before; nothing of it is in the events.",
)
@worded
def simulate(
    subscribers: int,
    start: str,
    days: int,
    seed: int,
    usage_per_day: float,
    mix: str,
    out: Path,
    truth_out: Path | None,
) -> None:
    """Write the events of a simulated population, in the order they are sent.

    \b
    Example:
      stream-app simulate --subscribers 500 --days 150 --out events.ndjson.gz
    """
    start_at = instant("--start", start, "2025-01-01T00:00:00+08:00")
    population = Population(seed, subscribers, DEMO if mix == "demo" else CHENGDU, usage_per_day=usage_per_day)
    end_at = start_at + timedelta(days=days)
    events = _write(out, history(population, start_at, end_at))
    click.echo(f"{events:,} events -> {out}")
    if truth_out is not None:
        rows = _write(truth_out, map(as_row, truth(population, start_at, end_at)))
        click.echo(f"{rows:,} truths -> {truth_out}")


def _write(out: Path, rows: Iterable[Mapping[str, object]]) -> int:
    written = 0
    with gzip.open(out, "wb", compresslevel=3) if out.suffix == ".gz" else out.open("wb") as file:
        for row in rows:
            file.write(orjson.dumps(row) + b"\n")
            written += 1
    return written
