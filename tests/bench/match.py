"""A whole bench: every contender in turn, again and again, into one table."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tests.bench.complete import run_worker
from tests.bench.contenders.catalogue import CONTENDERS
from tests.bench.contenders.contract import Contender
from tests.bench.events import Plan
from tests.bench.feeds import worker_input
from tests.bench.inputs import Tell, job_input
from tests.bench.latency import Latency, job_stage, measure, worker_stage
from tests.bench.place import Place, in_words
from tests.bench.runs import Figures, Input, run_job
from tests.bench.table import Line

SHARES_BELOW = 200_000  # a plan this small is worked whole by all


class Entrant(NamedTuple):
    """A contender with a number of workers, ready to run; each run gives the figures of its passes."""

    name: str
    lines: Sequence[Line]  # one a pass, without figures
    run: Callable[[], Sequence[Figures]]


def entrants(plan: Plan, at: Place, tell: Tell, only: Sequence[str] = ()) -> list[Entrant]:
    """Load what is needed, and list who takes part."""
    found = [*_job_entrants(plan, at, tell, only), *_worker_entrants(plan, at, tell, only)]
    return sorted(found, key=lambda each: each.name != "lane-job")


def _job_entrants(plan: Plan, at: Place, tell: Tell, only: Sequence[str]) -> Iterator[Entrant]:
    for key, contender in CONTENDERS.items():
        if only and key not in only:
            continue
        if lack := contender.missing():
            tell(f"{contender.title} is left out: {lack}")
            continue
        share = contender.share if plan.events > SHARES_BELOW else 1.0
        given = job_input(plan, at.cluster, at.folder, tell, int(plan.events * share))
        for workers in (1, 2) if key == "lane-job" else (1,):
            yield _job_entrant(contender, given, at, workers)


def _job_entrant(contender: Contender, given: Input, at: Place, workers: int) -> Entrant:
    titles = (
        [contender.title] if contender.passes == 1 else [f"{contender.title}, cold", f"{contender.title}, warmed up"]
    )
    lines = [Line(title, contender.guarantee, contender.commit, workers, given.events, ()) for title in titles]
    name = f"{contender.key}, {workers} worker(s)"
    return Entrant(name, lines, lambda: run_job(contender, given, at.cluster, workers, at.broker_cpu))


def _worker_entrants(plan: Plan, at: Place, tell: Tell, only: Sequence[str]) -> Iterator[Entrant]:
    if only and "worker" not in only:
        return
    given = worker_input(plan, at.cluster, at.folder, tell)
    line = Line("stream-app worker, complete, real rules", "exactly once", "100 ms", 1, plan.events, ())
    for count in (1, 2):
        yield Entrant(
            f"worker, {count} worker(s)",
            [line._replace(workers=count)],
            lambda count=count: [run_worker(given, at.cluster, count, at.broker_cpu)],  # type: ignore[misc]
        )


def play(field: Sequence[Entrant], rounds: int, tell: Tell) -> list[Line]:
    """Run everyone once, then all again; give the table's lines with all figures."""
    found: dict[str, list[Sequence[Figures]]] = defaultdict(list)
    for number in range(rounds):
        for entrant in field:
            runs = entrant.run()
            found[entrant.name].append(runs)
            for run in runs:
                tell(f"round {number + 1} of {rounds}: {in_words(entrant.name, run)}")
    return [
        line._replace(runs=[runs[place] for runs in found[entrant.name]])
        for entrant in field
        for place, line in enumerate(entrant.lines)
    ]


def measured(key: str, at: Place, plan: Plan, rate: int | None, seconds: int, tell: Tell) -> Latency:
    """Measure the latency of a contender, at half its capacity unless a rate is given."""
    title = "stream-app worker, complete, real rules" if key == "worker" else CONTENDERS[key].title
    half = rate or int(_capacity(key, at, plan, tell) / 2)
    tell(f"{key}: sending {half:,} events/s for {seconds} s")
    stage = worker_stage(at.cluster) if key == "worker" else job_stage(CONTENDERS[key], at.cluster)
    with stage as running:
        return measure(title, running, at.cluster, half, seconds, plan.subscribers)


def _capacity(key: str, at: Place, plan: Plan, tell: Tell) -> float:
    if key == "worker":
        found = run_worker(worker_input(plan, at.cluster, at.folder, tell), at.cluster, 1)
    else:
        found = run_job(CONTENDERS[key], job_input(plan, at.cluster, at.folder, tell), at.cluster, 1)[-1]
    tell(f"capacity: {in_words(key, found)}")
    return found.events_per_second
