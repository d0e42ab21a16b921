"""The inputs on the broker: made once for a plan, with their answers kept beside them."""

import pickle
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from tests.bench.events import Plan, Row, rows
from tests.bench.kafka import Cluster
from tests.bench.reference import Answer, answer
from tests.bench.runs import Input

Tell = Callable[[str], None]


def job_input(plan: Plan, cluster: Cluster, folder: Path, tell: Tell, limit: int | None = None) -> Input:
    """Load the job's events, or the first of them, unless they are there; give them with their answer."""
    events = min(limit or plan.events, plan.events)
    topic = f"bench-job-{plan.name}-{events}"
    path = folder / f"{topic}.answer"
    if cluster.has(topic) and path.exists():
        return Input(topic, events, _read(path))
    cluster.drop(topic)
    cluster.make(topic)
    cluster.load(topic, _job_records(plan, events), lambda done: tell(f"loading {done:,} of {events:,} events"))
    tell("working out the right answer")
    found = answer(value for _, value in _job_records(plan, events))
    path.write_bytes(pickle.dumps(found))
    return Input(topic, events, found)


def first_rows(plan: Plan, events: int) -> Iterator[Row]:
    """Give the first rows of a plan."""
    return islice(rows(plan), events)


def _job_records(plan: Plan, events: int) -> Iterator[tuple[str, bytes]]:
    return ((row.subscriber_id, row.job_json()) for row in first_rows(plan, events))


def _read(path: Path) -> Answer:
    found: Answer = pickle.loads(path.read_bytes())  # noqa: S301 - our own, written above
    return found
