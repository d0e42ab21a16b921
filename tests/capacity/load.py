"""The load test: a region's average load, up to several times it and down again, on a whole system; then the loss.

Rule: figures of a stretch leave out its first seconds, in which it settles.
"""

import asyncio
import re
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tests.bench.size.population import Standing
from tests.bench.size.process import folder_bytes
from tests.capacity.figures import GIBIBYTE, Row, Stretch, asked, cores, in_mebibytes, load_table, peaks, used
from tests.capacity.region import Region
from tests.capacity.stack import LOOK_SECONDS, NAMES, PARTITIONS, Stack, Tell, running_stack
from tests.capacity.traffic import Events, Traffic

SETTLING_SHARE, LONGEST_SETTLING_SECONDS = 0.25, 8.0
LAG = "sum(stream_app_lag_records)"
BEHIND = "max(stream_app:clock_behind_seconds)"
CAUGHT_UP_RECORDS, CAUGHT_UP_SECONDS = 2_000, 5.0
LONGEST_SECONDS = 900.0
RESTORED = re.compile(r"restored \S+: \d+ records in (\S+) s")  # as workers log it
AFTERWARDS_SECONDS = 20.0  # after the loss, so that pictures show how it ended


class Step(NamedTuple):
    """A stretch to play."""

    times: float
    seconds: float


class Plan(NamedTuple):
    """What is played: a region, its steps, and the multiple at which all disks are lost; none where it is 0."""

    region: Region
    steps: Sequence[Step]
    lost_at: float = 1.0


class Loss(NamedTuple):
    """What the loss of all disks came to."""

    ready_seconds: float
    subscribers: int  # that the workers know then
    restore_seconds: float  # of the partition that took longest
    caught_up_seconds: float  # from the loss until no more is behind than before it


class Found(NamedTuple):
    """What a load test came to; `begin` and `end` in seconds since 1970."""

    first_start: Loss
    rows: Sequence[Row]
    loss: Loss | None
    totals: Sequence[tuple[str, str]]
    begin: float
    end: float


Then = Callable[[Stack, Found], Awaitable[None]]


async def play(plan: Plan, people: Standing, folder: Path, tell: Tell, then: Then | None = None) -> Found:
    """Play it; `then` looks at the system before it ends."""
    async with running_stack(folder, people, plan.region.subscribers, tell) as stack:
        tell("two workers with empty disks")
        first = await _started(stack, time.perf_counter(), said_before=[0 for _ in stack.workers])
        await stack.desk_ready()
        tell(in_words(first))
        begin, events = time.time(), Events(plan.region.subscribers, 1, datetime.now(UTC))
        with Traffic(stack.target, events) as traffic:
            stretches = [await _stretch(stack, traffic, plan.region, step, tell) for step in plan.steps]
            # A process that is killed takes its figures with it: they are read before the loss, and again at the end.
            memory = {"most memory in the steps": peaks(stack.pids())}
            loss = await _lose_all_disks(stack, traffic, plan, tell) if plan.lost_at else None
            traffic.at(0)
        rows = [row._replace(waits=traffic.waits(row.began, row.ended)) for row in stretches]
        if loss is not None:
            memory["most memory until the end, workers since the loss"] = peaks(stack.pids())
        totals = [*_totals(stack, traffic), *((what, in_mebibytes(held)) for what, held in memory.items())]
        found = Found(first, rows, loss, totals, begin, time.time())
        if then is not None:
            await then(stack, found)
        return found


async def _stretch(stack: Stack, traffic: Traffic, region: Region, step: Step, tell: Tell) -> Row:
    rate = step.times * region.events_a_second
    traffic.at(rate)
    settling_seconds = min(LONGEST_SETTLING_SECONDS, step.seconds * SETTLING_SHARE)
    await asyncio.sleep(settling_seconds)
    began, before = time.perf_counter(), used(stack.pids(), time.time())
    await asyncio.sleep(step.seconds - settling_seconds)
    ended, after = time.perf_counter(), used(stack.pids(), time.time())
    stretch = Stretch(step.times, rate, before.at, after.at)
    found = Row(
        stretch, traffic.waits(began, ended), asked(stack.prometheus, stretch), cores(before, after), began, ended
    )
    tell(load_table([found]).splitlines()[-1])
    return found


async def _lose_all_disks(stack: Stack, traffic: Traffic, plan: Plan, tell: Tell) -> Loss:
    """Kill both workers, remove both data folders, and start them again, with events coming all the while."""
    traffic.at(plan.lost_at * plan.region.events_a_second)
    await asyncio.sleep(LONGEST_SETTLING_SECONDS / 2)  # what the last stretch sent is answered: it is not of the loss
    tell("kill -9 of both workers, and both disks are lost")
    lost_at = time.perf_counter()
    await asyncio.gather(*(worker.let_go(signal.SIGKILL) for worker in stack.workers))
    said_before = [len(worker.words()) for worker in stack.workers]
    for worker in stack.workers:
        worker.lose_disk()
        worker.start()
    found = await _started(stack, lost_at, said_before)
    tell(in_words(found))
    await asyncio.sleep(min(AFTERWARDS_SECONDS, plan.steps[-1].seconds))
    return found


async def _started(stack: Stack, since: float, said_before: Sequence[int]) -> Loss:
    """Wait until workers that began with empty disks are at work, and have caught up."""
    await stack.ready()
    ready_seconds = time.perf_counter() - since
    async with asyncio.timeout(LONGEST_SECONDS):
        while not await asyncio.to_thread(_has_caught_up, stack):  # noqa: ASYNC110 - another process's state
            await asyncio.sleep(LOOK_SECONDS)
    caught_up_seconds = time.perf_counter() - since
    words = "".join(worker.words()[begin:] for worker, begin in zip(stack.workers, said_before, strict=True))
    slowest = max(float(seconds) for seconds in RESTORED.findall(words))
    return Loss(ready_seconds, await stack.subscribers(), slowest, caught_up_seconds)


def _has_caught_up(stack: Stack) -> bool:
    now, prometheus = time.time(), stack.prometheus
    is_held = prometheus.value("sum(stream_app_assigned_partitions)", now) == PARTITIONS
    lag, behind = prometheus.value(LAG, now), prometheus.value(BEHIND, now)
    return is_held and (lag or 0) < CAUGHT_UP_RECORDS and behind is not None and behind < CAUGHT_UP_SECONDS


def in_words(found: Loss) -> str:
    """Say what a start with empty disks came to."""
    return (
        f"at work after {found.ready_seconds:.1f} s, caught up after {found.caught_up_seconds:.1f} s; "
        f"the slowest partition was restored in {found.restore_seconds:.1f} s; {found.subscribers:,} subscribers known"
    )


def _totals(stack: Stack, traffic: Traffic) -> list[tuple[str, str]]:
    sent, changelog = traffic.sent, NAMES.changelog
    log = stack.folder / "kafka" / "log"
    disks = [folder_bytes(worker.data) for worker in stack.workers]
    return [
        (
            "events sent",
            f"{sent.total():,} ({', '.join(f'{topic} {count:,}' for topic, count in sorted(sent.items()))})",
        ),
        (
            "corrections sent, without a fact, with more than one",
            f"{len(traffic.probes):,}, {traffic.missing():,}, {traffic.twice():,}",
        ),
        ("the schedule was behind by at most", f"{traffic.late_seconds * 1000:,.0f} ms"),
        ("disk of the workers", ", ".join(f"{size / GIBIBYTE:.2f} GiB" for size in disks)),
        ("disk of the changelog", f"{folder_bytes(log, f'{changelog}-*/*.log') / GIBIBYTE:.2f} GiB"),
        ("disk of the broker in all", f"{folder_bytes(log) / GIBIBYTE:.2f} GiB"),
    ]
