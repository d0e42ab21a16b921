"""The work of one partition: records of all feeds -> ledger -> facts, dead letters and rows, for the lane to commit."""

import logging
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from msgspec import structs

from stream_app.core import engine
from stream_app.core.admission import Refusal
from stream_app.core.events import CLOCK_TOPIC
from stream_app.core.facts import Cause
from stream_app.core.ledger import Ledger
from stream_app.core.policy import PolicySet
from stream_app.core.view import View, view
from stream_app.lane import Batch, Commit, Output, Record, Store
from stream_app.wire.dead_letters import dead_letter
from stream_app.wire.decode import Decoder
from stream_app.wire.facts import encode_fact
from stream_app.wire.invalid import InvalidMessage, Reason
from stream_app.wire.stored import (
    PARTITION_KEY,
    dump_partition,
    dump_subscriber,
    load_subscriber,
)
from stream_app.worker.aside import Aside, check_named, stopped_at
from stream_app.worker.cache import SubscriberCache
from stream_app.worker.flood import DeadLetterFlood, FloodGauge
from stream_app.worker.holding import HeldBatches
from stream_app.worker.metrics import Metrics
from stream_app.worker.pace import Pace
from stream_app.worker.restored import check_policies, restored_row
from stream_app.worker.sweep import Sweep
from stream_app.worker.timely import not_after, timely
from stream_app.worker.topics import DEAD_LETTER_TOPIC, Names
from stream_app.worker.waiting import WaitingTick, WaitingTicks

log = logging.getLogger(__name__)
_timestamp = attrgetter("timestamp")

SWEEP_TOLD_SECONDS = 5.0
TICK_TOLD_SECONDS = 30.0


class Surroundings(NamedTuple):
    """What every partition of a worker shares."""

    policies: PolicySet
    decoder: Decoder
    names: Names
    metrics: Metrics
    cached_subscribers: int
    dead_letter_window: int
    dead_letter_share: float
    accept_gap: bool = False
    hold_for_ticks: bool = False
    reach: Callable[[int], int] = lambda offset: offset  # `policies.Library.reach`
    set_aside: Collection[tuple[str, int, int]] = ()


class PartitionWork:
    """The lane's logic for one partition number."""

    def __init__(self, around: Surroundings, partition: int, store: Store, committed: Mapping[str, int]) -> None:
        self.partition = partition
        self._around = around
        plain = {around.names.plain(topic): offset for topic, offset in committed.items()}
        self._row = restored_row(store, plain, partition, accept_gap=around.accept_gap)
        around.reach(self._row.clock.policies)
        check_policies(self._row.clock, around.policies)
        self._cache = SubscriberCache(store, around.cached_subscribers)
        self.ledger = Ledger(around.policies, self._row.clock, self._cache)
        self._sweep = Sweep(self._row, self.ledger, self._cache, store)
        self._sweep_told, self._tick_told = Pace(SWEEP_TOLD_SECONDS), Pace(TICK_TOLD_SECONDS)
        self._aside = Aside(around.decoder, partition, around.set_aside)
        self._waiting = WaitingTicks()
        self._held = HeldBatches(lambda topic: self._waiting.target(around.names.plain(topic)))
        self._flood = FloodGauge(
            around.dead_letter_window, around.dead_letter_share, self._row.seen, self._row.rejected
        )
        self._outputs: list[Output] = []
        self._moved = False
        self._flying_flood = ""
        self._metrics = around.metrics.partition(partition)
        self._metrics.standing(self.ledger.clock)

    def work(self, batch: Batch) -> None:
        """Work a batch of any feed; what lies before the partition's own position was worked already and is skipped."""
        if not self._around.hold_for_ticks:
            self._work(batch)
            return
        if self._around.names.plain(batch.topic) == CLOCK_TOPIC:
            self._work(batch)
        else:
            self._held.add(batch)
        while (part := self._held.due()) is not None:
            self._work(part)

    def waits(self, topic: str) -> bool:
        """Tell whether a feed has come as far as the next tick, or the last one read."""
        return self._held.waits(topic)

    def _work(self, batch: Batch) -> None:
        topic = self._around.names.plain(batch.topic)
        worked = self._row.positions.get(topic, 0)
        records = batch.records
        if worked > batch.begin:  # the guard of ARCHITECTURE section 3.4: it holds where a transaction failed to
            records = [record for record in records if record.offset >= worked]
            self._metrics.skipped(topic, len(batch.records) - len(records))
        if topic == CLOCK_TOPIC:
            self._read_ticks(records)
            self._row.positions[topic] = max(worked, batch.end)
            self._accept_ticks()
            self._tell_tick()
        else:
            for run, end in self._cut(topic, self._without_refused(topic, records), max(worked, batch.end)):
                self._work_run(topic, run)
                self._row.positions[topic] = end
                self._accept_ticks()
        self._moved = True

    def sweep(self) -> bool:
        """Bring pending ticks to a slice of the subscribers."""
        had_work = bool(self._row.target or self.ledger.clock.pending)
        more = self._sweep.slice()
        self._moved = self._moved or had_work
        self._publish()
        self._tell_sweep()
        return more

    def backlog(self) -> int:
        """Count what waits for a commit."""
        return self._cache.changes() + len(self._outputs)

    def take(self) -> Commit | None:
        """Hand over rows, facts and positions."""
        if not (self._moved or self._outputs or self._cache.changes()):
            return None
        outputs, self._outputs, self._moved = self._outputs, [], False
        positions = dict(self._row.positions)
        first_waiting = self._waiting.first_offset()
        if first_waiting is not None:
            positions[CLOCK_TOPIC] = first_waiting
        self._row.seen, self._row.rejected = self._flood.seen, self._flood.rejected
        self._flying_flood = self._flood.passed
        states = self._cache.take()
        states[PARTITION_KEY] = dump_partition(structs.replace(self._row, positions=positions))
        full = self._around.names.full
        return Commit(outputs, states, {full(topic): offset for topic, offset in positions.items()})

    def stored(self) -> None:
        """Hear that what was taken is safe; raises DeadLetterFlood, now that the letters can be looked at."""
        self._cache.stored()
        self._metrics.standing(self.ledger.clock)
        if self._flying_flood:
            raise DeadLetterFlood(self._flying_flood)

    def close(self) -> None:
        """Stop showing figures of a partition that is no longer ours."""
        self._metrics.gone()

    def look_up(self, subscriber_id: str) -> View | None:
        """Give a subscriber as of the clock, or None; nothing is changed."""
        sub = self._cache.get(subscriber_id)
        if sub is None:
            return None
        copy = load_subscriber(dump_subscriber(sub))
        for _ in engine.catch_up(copy, subscriber_id, self.ledger.clock, self.ledger.policies):
            pass
        if engine.is_blank(copy):  # a pending tick forgets this customer
            return None
        return view(copy, subscriber_id, self.ledger.clock, self.ledger.policies)

    def _cut(self, topic: str, records: Sequence[Record], end: int) -> Iterator[tuple[Sequence[Record], int]]:
        """Cut a run where a waiting tick wants to come in, so that its place does not depend on a batch's bounds."""
        place = 0
        while self._row.positions.get(topic, 0) < (target := self._waiting.target(topic)) < end:
            cut = bisect_left(records, target, key=lambda record: record.offset)
            yield records[place:cut], target
            place = cut
        yield records[place:], end

    def _without_refused(self, topic: str, records: Sequence[Record]) -> Sequence[Record]:
        refused, rejected = self._aside.of(topic, records), Counter[str]()
        if not refused:
            return records
        for each in refused:
            self._reject(topic, each.record, each.reason, each.message, rejected)
        self._count(topic, [each.record for each in refused], Counter(), rejected)
        gone = {each.record.offset for each in refused}
        return [record for record in records if record.offset not in gone]

    def _work_run(self, topic: str, records: Sequence[Record]) -> None:
        if not records:
            return
        decode, take_event, partition = self._around.decoder.event, self.ledger.take_event, self.partition
        earliest_limit = not_after(min(map(_timestamp, records)))
        repeats: Counter[str] = Counter()
        rejected: Counter[str] = Counter()
        record = records[0]
        try:
            for record in records:
                try:
                    event = decode(topic, record.key, record.value)
                except InvalidMessage as invalid:
                    self._reject(topic, record, invalid.reason, invalid.message, rejected)
                    continue
                limit = earliest_limit if event.occurred_at <= earliest_limit else not_after(record.timestamp)
                verdict = take_event(event, (topic, partition, record.offset), limit)
                if isinstance(verdict, tuple):
                    continue
                if isinstance(verdict, Refusal):
                    self._reject(topic, record, verdict.reason, verdict.message, rejected)
                else:
                    repeats[event.type] += 1
        except Exception as error:
            error.add_note(stopped_at(topic, partition, record.offset))
            raise
        self._publish()
        self._count(topic, records, repeats, rejected)

    def _count(self, topic: str, records: Sequence[Record], repeats: Counter[str], rejected: Counter[str]) -> None:
        self._metrics.worked(topic, len(records), repeats, rejected, records[-1].timestamp)
        for kind, count in repeats.items():
            self._row.duplicates[kind] = self._row.duplicates.get(kind, 0) + count
        self._flood.note(len(records), rejected.total(), next(reversed(rejected), ""))

    def _reject(self, topic: str, record: Record, reason: Reason, message: str, rejected: Counter[str]) -> None:
        rejected[reason] += 1
        letter = dead_letter(
            self._around.names.full(topic),
            self.partition,
            record.offset,
            record.timestamp,
            record.key,
            record.value,
            record.headers,
            reason,
            message,
        )
        self._outputs.append(Output(self._around.names.full(DEAD_LETTER_TOPIC), *letter))

    def _read_ticks(self, records: Sequence[Record]) -> None:
        rejected: Counter[str] = Counter()
        for record in records:
            try:
                tick = timely(self._around.decoder.tick(record.key, record.value), record.timestamp)
                check_named(record)
            except InvalidMessage as invalid:
                if record.offset >= self._row.refused_ticks:  # a restart reads again from the first tick that waited
                    self._reject(CLOCK_TOPIC, record, invalid.reason, invalid.message, rejected)
                    self._row.refused_ticks = record.offset + 1
            else:
                self._waiting.add(WaitingTick(tick.at, tick.positions, record.offset, tick.policies, tick.still))
        if records:
            self._count(CLOCK_TOPIC, records, Counter(), rejected)

    def _accept_ticks(self) -> None:
        while (tick := self._waiting.due(self._row.positions)) is not None:
            if tick.still:
                continue
            known = self._around.reach(tick.policies)
            self.ledger.take_tick(tick.at, Cause(CLOCK_TOPIC, self.partition, tick.offset), known)

    def _tell_tick(self) -> None:
        lacks = self._waiting.lacks(self._row.positions)
        self._metrics.tick_waits(sum(lacks.values()))
        if self._tick_told.is_due(offset := self._waiting.first_offset()):
            log.warning(
                "the clock of partition %d waits: its tick at offset %d wants more worked of %s. Where there are no "
                "more, the tick is wrong: see the runbook, 'A tick waits for ever'",
                self.partition, offset,
                ", ".join(f"{feed} (from {self._row.positions[feed]}, {lack} offsets)" for feed, lack in lacks.items()),
            )  # fmt: skip

    def _tell_sweep(self) -> None:
        looked, total = self._sweep.looked, sum(self.ledger.clock.heads.values())
        share = min(1.0, looked / total) if self._row.target and total else 1.0
        self._metrics.swept(share)
        if self._sweep_told.is_due(self._row.target or None):
            log.info(
                "partition %d: the sweep has looked at %d of about %d subscribers (%.0f%%), %d ticks pending",
                self.partition, looked, total, 100 * share, len(self.ledger.clock.pending),
            )  # fmt: skip

    def _publish(self) -> None:
        facts = self.ledger.facts
        if not facts:
            return
        full = self._around.names.full
        for fact in facts:
            topic, key, value, headers = encode_fact(fact)
            self._outputs.append(Output(full(topic), key, value, headers))
        self._metrics.stated(facts)
        facts.clear()
