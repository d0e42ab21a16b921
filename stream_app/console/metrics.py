"""The desk's metrics, through prometheus-client; what each means stands in `catalogue`."""

import time
from collections import Counter as Tally
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from sqlalchemy import Connection, func, select

from stream_app.console import catalogue
from stream_app.console.cases.tail import CaseLogTail
from stream_app.console.catalogue import CATALOGUE
from stream_app.console.desk import Desk
from stream_app.console.figures.arpu import latest_arpu, up_to_bounds
from stream_app.console.figures.daily import last_day
from stream_app.console.figures.stored import ALL
from stream_app.console.outbox import count_waiting
from stream_app.console.readmodel.feeds import FOLLOWED
from stream_app.console.readmodel.follow import Follower
from stream_app.console.readmodel.project import Projected
from stream_app.console.store.database import reading
from stream_app.console.store.work_tables import Case, Delivery
from stream_app.core.desk.course import CloseReason
from stream_app.wire.models import Outcome
from stream_app.worker.catalogue import PREFIX, Definition
from stream_app.worker.metrics import show_disk

STATES = ("open", "waiting", "held_out", "closed")
DELIVERY_STATES = ("waiting", "sent", "digested", "dead")
GROUPS = {
    "on_network": "heads",
    "middle_to_high": "dynamic",
    "assessed": "assessed",
    "pool": "pool",
}  # of a day's count
# Shown as 0 from the start: the first of a kind is an increase only where there was a 0 before.
TOLD = (
    *((kind, "") for kind in ("opened", "held_out", "escalated", "handed_over", "due")),
    *(("contacted", outcome) for outcome in get_args(Outcome)),
    *(("closed", reason) for reason in get_args(CloseReason)),
)


class Metrics:
    """All metrics of a desk: some count as things happen, the rest is looked at when asked for."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._of = {definition.name: self._make(definition) for definition in CATALOGUE}
        self._log, self._shows_disk = CaseLogTail(), False
        ProcessCollector(registry=self.registry)
        for told in TOLD:
            self.of(catalogue.CASE_EVENTS, *told)
        for topic in FOLLOWED:
            for outcome in ("taken", "unreadable"):
                self.of(catalogue.RECORDS, topic, outcome)

    def channels(self, names: Iterable[str]) -> None:
        """Show as 0 what can become of messages through the channels that there are."""
        for name in names:
            for outcome in ("sent", "waiting", "dead"):
                self.of(catalogue.TRIES, name, outcome)

    def _make(self, definition: Definition) -> Any:  # noqa: ANN401 - one of three classes without a base of use
        name, labels = PREFIX + definition.name, definition.labels
        kinds: dict[str, Any] = {"counter": Counter, "gauge": Gauge, "histogram": Histogram}
        return kinds[definition.kind](name, definition.meaning, labels, registry=self.registry)

    def of(self, definition: Definition, *labels: object) -> Any:  # noqa: ANN401 - as above
        """Give the child of a metric for its labels."""
        metric = self._of[definition.name]
        return metric.labels(*labels) if labels else metric

    def projected(self, projected: Projected, seconds: float) -> None:
        """Hear of a batch written."""
        for outcome, counts in (("taken", projected.taken), ("unreadable", projected.unreadable)):
            for topic, count in counts.items():
                self.of(catalogue.RECORDS, topic, outcome).inc(count)
        self.of(catalogue.ACTED).inc(projected.acted)
        self.of(catalogue.BATCH_SECONDS).observe(seconds)

    def published(self, records: int) -> None:
        """Hear of records published."""
        self.of(catalogue.PUBLISHED).inc(records)

    def tried(self, channel: str, state: str) -> None:
        """Hear of a try to tell somebody, and what became of the message."""
        self.of(catalogue.TRIES, channel, state).inc()

    def look(self, desk: Desk, follower: Follower) -> None:
        """Look at how far behind the topics are, at the time and at the tables."""
        self._look_at_topics(follower)
        self.of(catalogue.CLOCK).set(desk.now().timestamp())
        self.of(catalogue.OUTBOX).set(count_waiting(desk))
        cases, overdue, deliveries = _counts(desk)
        self.of(catalogue.OVERDUE).set(overdue)
        for definition, states, counts in (
            (catalogue.CASES, STATES, cases),
            (catalogue.DELIVERIES, DELIVERY_STATES, deliveries),
        ):
            for state in {*states, *counts}:
                self.of(definition, state).set(counts[state])
        for told, count in self._log.look(desk).items():
            self.of(catalogue.CASE_EVENTS, *told).inc(count)
        self._look_at_figures(desk)
        self._look_at_disk(desk)

    def _look_at_figures(self, desk: Desk) -> None:
        with reading(desk.engine) as connection:
            spread, day = latest_arpu(connection), last_day(connection)
        if spread is not None:
            for bound, heads in up_to_bounds(spread).items():
                self.of(catalogue.ARPU, bound).set(heads)
            self.of(catalogue.ARPU_MEAN).set(spread["arpu_fen"] / max(1, sum(spread["heads"])))
        if day is not None:
            for group, name in GROUPS.items():
                self.of(catalogue.MIDDLE_TO_HIGH, group).set(day[ALL][name])

    def _look_at_disk(self, desk: Desk) -> None:
        file = desk.engine.url.database
        if desk.engine.dialect.name == "sqlite" and file and not self._shows_disk:
            self._shows_disk = True
            show_disk(Path(file).absolute(), self.of(catalogue.DISK_FREE), self.of(catalogue.DISK_SIZE))

    def _look_at_topics(self, follower: Follower) -> None:
        records, seconds = Tally[str](), dict[str, float]()
        for lag in follower.lags():
            records[lag.topic] += lag.records
            seconds[lag.topic] = max(seconds.get(lag.topic, 0.0), follower.seconds_behind(lag))
        for topic, age_seconds in seconds.items():
            self.of(catalogue.LAG, topic).set(records[topic])
            self.of(catalogue.LAG_SECONDS, topic).set(age_seconds)
        self.of(catalogue.BROKER_SILENT).set(time.monotonic() - follower.answered_at)


def _counts(desk: Desk) -> tuple[Tally[str], int, Tally[str]]:
    with reading(desk.engine) as connection:
        late = select(func.count()).select_from(Case).where(Case.state == "open", Case.due_at < desk.now())
        overdue = connection.execute(late).scalar_one()
        return _by_state(connection, Case), overdue, _by_state(connection, Delivery)


def _by_state(connection: Connection, table: type[Case | Delivery]) -> Tally[str]:
    found = connection.execute(select(table.state, func.count()).group_by(table.state))
    return Tally({row[0]: row[1] for row in found})
