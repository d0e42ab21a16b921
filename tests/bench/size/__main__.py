"""`python -m tests.bench.size`: how large N subscribers are, and how long starts, rebuilds and closes take."""

import asyncio
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from stream_app.local import LocalKafka
from stream_app.worker import topics
from stream_app.worker.topics import Names
from tests.bench.size.course import Course, Live, Sweep
from tests.bench.size.load import Target, load
from tests.bench.size.population import SIMULATED, standing
from tests.bench.size.process import folder_bytes
from tests.bench.size.report import Row, table, write_page

PARTITIONS = 4
NAMES = Names("", "stream-app")
# The changelog, the store with room to compact, and what a month's close adds: rows again, and a fact each.
LOADED_BYTES, CLOSED_BYTES, BROKER_BYTES = 3_500, 4_500, 2 << 30
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "stream-app"
MEBIBYTE = 1 << 20
STEPS = ("rebuild", "live", "restart", "close", "scan")


@click.command()
@click.option("--subscribers", type=click.IntRange(1000), default=200_000, show_default=True)
@click.option("--steps", default=",".join(STEPS), show_default=True, help="Which of the measurements.")
@click.option("--rate", type=float, default=1000.0, show_default=True, help="Live events a second meanwhile.")
@click.option("--seconds", type=float, default=30.0, show_default=True, help="How long the live step lasts.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to work, and to leave what was loaded.")
@click.option("--page", type=click.Path(path_type=Path), help="Markdown page whose table of this size is written anew.")
def main(subscribers: int, steps: str, rate: float, seconds: float, folder: Path | None, page: Path | None) -> None:
    """Measure the size of N subscribers on the real worker."""
    with _place(folder) as place:
        _require_room(place, subscribers, closes="close" in steps)
        overrides = {"log.cleaner.enable": "false"}  # compaction's own time: what is loaded is compact already
        with LocalKafka(place / "kafka", overrides=overrides) as broker:
            rows = _measure(Target(broker.bootstrap, NAMES, PARTITIONS), place, subscribers, steps, rate, seconds)
    click.echo(table(rows))
    if page:
        write_page(page, subscribers, rows, _circumstances())


def _measure(target: Target, place: Path, subscribers: int, steps: str, rate: float, seconds: float) -> list[Row]:
    rows = _load(target, place, subscribers)
    course = Course(target, place, subscribers, rate, click.echo)
    for step in steps.split(","):
        click.echo(f"{_clock()} {step}")
        for row in _step(step, course, subscribers, seconds, place):
            click.echo(f"  {row.what}: {row.value} ({row.goal or 'no goal'})")
            rows.append(row)
    return rows


def _load(target: Target, place: Path, subscribers: int) -> list[Row]:
    mark = place / f"loaded-{subscribers}"
    if not mark.exists():
        click.echo(f"{_clock()} a year of typical use, worked once a machine (minutes)")
        population = standing(CACHE, min(SIMULATED, subscribers // 100))
        asyncio.run(topics.create(target.bootstrap, target.names, target.partitions, 1, keep_for_ever=True))
        began = time.perf_counter()
        row_bytes = load(target, population, subscribers, lambda done: click.echo(f"  {_clock()} {done:,} rows"))
        click.echo(f"  loaded in {time.perf_counter() - began:.0f} s, {row_bytes / subscribers:.0f} bytes each")
        mark.write_text(f"{row_bytes / subscribers:.0f}")
    log_bytes = folder_bytes(place / "kafka" / "log", f"{target.names.changelog}-*/*.log")
    return [
        Row("bytes of a subscriber's key and row", mark.read_text(), ""),
        Row("bytes of a subscriber in the changelog", f"{log_bytes / subscribers:.0f}", "<= 700"),
    ]


def _step(step: str, course: Course, subscribers: int, seconds: float, place: Path) -> Iterator[Row]:
    match step:
        case "rebuild":
            yield from _rebuild(course, subscribers, place)
        case "restart":
            yield Row(
                "start after kill -9, process to ready", f"{course.restart().ready_seconds:.1f} s", "<= 5 s at 1 M"
            )
        case "live":
            with course.worker() as worker:
                worker.ready_seconds()
                yield from _live("live", course.live(worker, seconds))
        case "close" | "scan":
            with course.worker() as worker:
                worker.ready_seconds()
                swept = course.close(worker) if step == "close" else course.next_day(worker)
                yield from _swept(step, swept, subscribers)


def _rebuild(course: Course, subscribers: int, place: Path) -> Iterator[Row]:
    shutil.rmtree(place / "data", ignore_errors=True)
    found = course.rebuild(course.worker())
    yield Row("rebuild with an empty disk, process to ready", f"{found.ready_seconds:.1f} s", "")
    yield Row("rebuild, records/s", f"{subscribers / found.restore_seconds:,.0f}", ">= 300,000")
    yield Row("rebuild, CPU", f"{found.cpu_seconds:.1f} s", "")
    yield Row("rebuild, peak memory", f"{found.peak_bytes // MEBIBYTE:,} MiB", "<= 1,536 MiB")
    yield Row("bytes of a subscriber on disk", f"{found.disk_bytes / subscribers:.0f}", "<= 700")


def _live(step: str, found: Live) -> Iterator[Row]:
    sent, seen, p50, p99, worst = found.latencies
    yield Row(f"{step}, append to fact, p50 / p99 / worst", f"{p50:.0f} / {p99:.0f} / {worst:.0f} ms", "p99 <= 250 ms")
    yield Row(f"{step}, events sent, of them with a fact", f"{sent:,}, {seen:,}", "")
    yield Row(f"{step}, CPU", f"{found.cpu_seconds:.1f} s", "")
    yield Row(
        f"{step}, memory now / peak", " / ".join(f"{size // MEBIBYTE:,}" for size in found[2:]) + " MiB", "<= 1,536"
    )


def _swept(step: str, found: Sweep, subscribers: int) -> Iterator[Row]:
    what, goal = ("month close", "<= 30 s at 1 M") if step == "close" else ("row scan at midnight", "")
    yield Row(f"{what} of all", f"{found.seconds:.1f} s", goal)
    yield Row(f"{what}, subscribers/s", f"{subscribers / found.seconds:,.0f}", "")
    yield Row(f"{what}, facts", f"{found.facts:,}", "")
    yield from _live(what, found.live)


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="stream-app-size-") as temporary:
            yield Path(temporary)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.absolute()


def _require_room(place: Path, subscribers: int, *, closes: bool) -> None:
    needed = subscribers * (LOADED_BYTES + (CLOSED_BYTES if closes else 0)) + BROKER_BYTES
    free = shutil.disk_usage(place).free
    click.echo(f"{subscribers:,} subscribers need about {needed >> 30} GiB of disk, {free >> 30} GiB are free")
    if free < needed:
        message = f"{place} has too little room: name another --folder, or measure fewer subscribers"
        raise click.ClickException(message)


def _circumstances() -> str:
    cores = os.cpu_count()
    memory_gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 30
    return f"{datetime.now(UTC):%Y-%m-%d}, {cores} cores, {memory_gib} GiB, Python {platform.python_version()}"


def _clock() -> str:
    return f"{datetime.now(UTC):%H:%M:%S}"


main()
