"""One run of one contender: from the first event seen to the last, and whether its answers are right."""

import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.bench.contenders.contract import Contender, Site
from tests.bench.kafka import Cluster, wait_for
from tests.bench.reference import Answer, Final, read_said
from tests.bench.workers import Worker, Workers

LOOK_SECONDS = 0.02
LONGEST_SECONDS = 900.0
Progress = Callable[[], int]


class Input(NamedTuple):
    """A loaded topic and its right answer."""

    topic: str
    events: int
    answer: Answer


class Figures(NamedTuple):
    """What came out of a run; CPU is of the workers, in seconds per million events."""

    events_per_second: float
    cpu_per_million: float
    cpu_to_end_per_million: float
    broker_cpu_per_million: float
    peak_bytes: int
    wrong: str  # empty: all answers are right
    note: str = ""


class Sample(NamedTuple):
    """A look at a run."""

    at_seconds: float
    events: int
    cpu_seconds: float
    broker_seconds: float


class Watch:
    """Looks at a run until all events are seen, and keeps the first and the last look."""

    def __init__(self, workers: Workers, progress: Progress, broker_cpu: Callable[[], float]) -> None:
        self._workers, self._progress, self._broker_cpu = workers, progress, broker_cpu

    def _look(self) -> Sample:
        self._workers.check()
        return Sample(time.monotonic(), self._progress(), self._workers.cpu_seconds(), self._broker_cpu())

    def between(self, begin: int, end: int) -> tuple[Sample, Sample]:
        """Watch from the first events seen beyond `begin` to the last before `end`."""
        before = self._look()
        first = self._wait(begin + 1)
        last = self._wait(end)
        return (before if first.events == last.events else first), last  # all may come in one commit

    def _wait(self, events: int) -> Sample:
        until = time.monotonic() + LONGEST_SECONDS
        while (sample := self._look()).events < events:
            if sample.at_seconds > until:
                message = f"{sample.events} of {events} events after {LONGEST_SECONDS} s"
                raise TimeoutError(message)
            time.sleep(LOOK_SECONDS)
        return sample


def run_job(
    contender: Contender,
    given: Input,
    cluster: Cluster,
    workers: int,
    broker_cpu: Callable[[], float] = lambda: 0.0,
    extra: str = "",
) -> list[Figures]:
    """Let a contender do the job on topics of its own, gone afterwards; give the figures of each pass."""
    app_id = f"bench-run-{contender.key}-{secrets.token_hex(3)}"
    with tempfile.TemporaryDirectory(prefix=app_id) as folder:
        site = Site(cluster.bootstrap, app_id, given.topic, Path(folder), given.events, extra)
        cluster.make(*(f"{app_id}{suffix}-changes" for suffix in ("", "-cold")[: contender.passes]))
        for suffix, config in contender.makes.items():
            cluster.make(app_id + suffix, **config)
        try:
            return _run(contender, given, cluster, start(contender, site, workers), site, broker_cpu)
        finally:
            cluster.forget_groups()
            cluster.drop(app_id)
            if contender.changelog is not None:
                cluster.drop(contender.changelog(site))


def start(contender: Contender, site: Site, count: int) -> Workers:
    """Start the workers of a run."""
    return Workers(
        [
            Worker(contender.command(site, number), contender.environment, site.folder / f"worker-{number}.log")
            for number in range(count)
        ]
    )


def _run(
    contender: Contender,
    given: Input,
    cluster: Cluster,
    workers: Workers,
    site: Site,
    broker_cpu: Callable[[], float],
) -> list[Figures]:
    watch = Watch(workers, lambda: workers.seen, broker_cpu)
    n = given.events
    with workers:
        looks = [watch.between(number * n, (number + 1) * n) for number in range(contender.passes)]
        peak = workers.peak_bytes()
        if contender.changelog is not None:
            wait_for(lambda: cluster.committed(site.app_id, site.source) >= n, "the last commit")
        workers.end()
        wrong = faults(contender, given.answer, cluster, site)
    cpu_at_end = workers.cpu_seconds()
    return [figures(first, last, n, cpu_at_end, peak, wrong) for first, last in looks]


def figures(first: Sample, last: Sample, events: int, cpu_at_end: float, peak: int, wrong: str) -> Figures:
    """Work the figures out of two looks."""
    worked = last.events - first.events
    million = worked / 1e6
    return Figures(
        worked / (last.at_seconds - first.at_seconds),
        (last.cpu_seconds - first.cpu_seconds) / million,
        (cpu_at_end - first.cpu_seconds) / (events / 1e6),
        (last.broker_seconds - first.broker_seconds) / million,
        peak,
        wrong,
    )


def faults(contender: Contender, answer: Answer, cluster: Cluster, site: Site) -> str:
    """Say in words what is wrong with the answers of a run; nothing if they are right."""
    said = (
        Counter(read_said(record.value or b"") for record in cluster.read(site.output)) if contender.changes else None
    )
    found = [] if said is None else _differences(said, answer)
    if contender.changelog is not None:
        finals: dict[str, Final] = {}
        for record in cluster.read(contender.changelog(site)):
            finals.update(contender.finals(record))
        off = sum(finals.get(who) != final for who, final in answer.finals.items())
        off += len(finals.keys() - answer.finals.keys())
        found += [f"{off:,} of {len(answer.finals):,} states wrong"] if off else []
    return ", ".join(found)


def _differences(said: Counter[tuple[str, str, str | None, str | None, int, str]], answer: Answer) -> list[str]:
    lost, more = (answer.said - said).total(), (said - answer.said).total()
    return [f"{lost:,} of {answer.said.total():,} changes missing, {more:,} too many"] if lost or more else []
