"""Answer a whole replay from the list of accepted events, again and again from the start: slow, and plain to read.

What is carried from step to step is the events accepted so far, the clock (the ticks' closes) and the rows written: the
rules are asked anew about the whole list after every step (CONTRACTS section 7, the offline order).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tests.oracle.admission import admit
from tests.oracle.classes import Worth, customer, worth
from tests.oracle.months import name_of
from tests.oracle.policy import parse_all
from tests.oracle.reading import Event, Rejected, read
from tests.oracle.reasons import Step, reason_of
from tests.oracle.rules import (
    History,
    Row,
    arpu_fen,
    arrears_fen,
    has_contract,
    is_billed,
    official_tiers,
    revenue_fen,
    row,
    rows_due,
    tier,
    window_fen,
)
from tests.oracle.timeline import Clock, latest_tick, ticks_in

LATEST_AHEAD = timedelta(hours=1)


class Change(NamedTuple):
    """One `tier.changed`; `cause` is the number of the line, or the instant of the tick."""

    cause: int | datetime
    subscriber_id: str
    from_tier: str | None
    to_tier: str | None
    reason: str


@dataclass(slots=True)
class Answer:
    """What a replay must come to; without `tier_after_close` where whoever answers does not tell it."""

    months: dict[tuple[str, str], Row] = field(default_factory=dict)
    revisions: dict[tuple[str, str], int] = field(default_factory=dict)
    worths: dict[tuple[str, str], Worth] | None = field(default_factory=dict)  # in the last revision of each row
    subscribers: dict[str, dict[str, Any]] = field(default_factory=dict)
    tier_after_close: dict[tuple[str, datetime], str | None] | None = None
    changes: list[Change] = field(default_factory=list)
    duplicates: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)


def answer(
    lines: Sequence[bytes | Mapping[str, Any]],
    policies: Sequence[Mapping[str, Any]],
    until: datetime,
    *,
    closes_only: bool = False,
) -> Answer:
    """Work out the whole answer.

    `closes_only` looks at closes and the end alone, for long files: changes and revisions are then not to be used, and
    what a customer was worth when a row was revised is not told.
    """
    return _Replay(policies, until, closes_only=closes_only).run(lines)


class _Replay:
    def __init__(self, policies: Sequence[Mapping[str, Any]], until: datetime, *, closes_only: bool) -> None:
        self.clock = Clock(parse_all(policies))
        self.until = until
        self.closes_only = closes_only
        self.histories: dict[str, History] = {}
        self.tiers: dict[str, str | None] = {}
        self.rows: dict[str, dict[int, tuple[Row, int]]] = {}
        self.duplicates: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.tier_after_close: dict[tuple[str, datetime], str | None] = {}
        self.answer = Answer(tier_after_close=self.tier_after_close, worths=None if closes_only else {})

    def run(self, lines: Sequence[bytes | Mapping[str, Any]]) -> Answer:
        for number, line in enumerate(lines):
            read_line = read(number, line, self.clock.calendar)
            if isinstance(read_line, Rejected):
                self.rejected[read_line.reason] += 1
            else:
                self.tick_up_to(read_line.occurred_at)
                self.work(read_line)
        self.tick_up_to(self.until)
        return self.finish()

    def tick_up_to(self, at: datetime) -> None:
        """Let the ticks stand that an instant reaches; a later `until` stops what is beyond it from moving anything."""
        for tick in self.reached(at):
            before, self.clock = self.clock, self.clock.ticked(tick)
            is_close = self.clock.last_closed != before.last_closed
            if is_close or not self.closes_only:
                for subscriber_id in sorted(self.histories):
                    self.tick(subscriber_id, before, is_close=is_close)

    def reached(self, at: datetime) -> Iterator[datetime]:
        if at > self.until:
            return
        if self.clock.at is None:
            yield latest_tick(self.clock.policies, self.until, at)
        elif at > self.clock.at:
            yield from ticks_in(self.clock.policies, self.until, self.clock.at, at)

    def tick(self, subscriber_id: str, before: Clock, *, is_close: bool) -> None:
        history = self.histories[subscriber_id]
        if self.clock.at is not None:
            self.settle(subscriber_id, Step(self.clock.at, history, history, before, self.clock))
            if is_close:
                self.tier_after_close[subscriber_id, self.clock.at] = self.tiers[subscriber_id]

    def work(self, event: Event) -> None:
        known = self.histories.get(event.subscriber_id, History())
        verdict = admit(event, known, self.clock, is_future=event.occurred_at > self.until + LATEST_AHEAD)
        if verdict == "duplicate":
            self.duplicates[event.type] += 1
        elif verdict:
            self.rejected[verdict] += 1
        else:
            self.histories[event.subscriber_id] = after = History((*known.events, event))
            if not self.closes_only:
                self.settle(event.subscriber_id, Step(event.line, known, after, self.clock, self.clock))

    def settle(self, subscriber_id: str, step: Step) -> None:
        """Note the change of tier and the rows that a step left, all asked anew."""
        was, now = self.tiers.get(subscriber_id), tier(step.after, step.clock)
        self.tiers[subscriber_id] = now
        if was != now:
            self.answer.changes.append(Change(step.cause, subscriber_id, was, now, reason_of(step)))
        if step.touches_closed_months:
            self.write_rows(subscriber_id, step)

    def write_rows(self, subscriber_id: str, step: Step) -> None:
        written = self.rows.setdefault(subscriber_id, {})
        for month in sorted({*written}.union(rows_due(step.after, step.clock))):
            is_new = write(written, month, row(step.after, month, step.clock))
            if is_new and self.answer.worths is not None:
                self.answer.worths[subscriber_id, name_of(month)] = worth(step.after, month, step.clock)

    def finish(self) -> Answer:
        for subscriber_id, history in sorted(self.histories.items()):
            if self.closes_only:
                self.settle(subscriber_id, Step(-1, History(), history, self.clock, self.clock))
            self.answer.subscribers[subscriber_id] = summary(subscriber_id, history, self.clock)
        for owner, rows in self.rows.items():
            for month, (last, revision) in rows.items():
                self.answer.months[owner, name_of(month)] = last
                self.answer.revisions[owner, name_of(month)] = revision
        self.answer.duplicates, self.answer.rejected = dict(self.duplicates), dict(self.rejected)
        return self.answer


def write(written: dict[int, tuple[Row, int]], month: int, new: Row) -> bool:
    """Write a subscriber's row, or its next revision, and say whether there was any: a row once written stays."""
    old, revision = written.get(month, (None, -1))
    if old == new:
        return False
    written[month] = new, revision + 1
    return True


def summary(subscriber_id: str, history: History, clock: Clock) -> dict[str, Any]:
    """Give the object of `subscribers.ndjson`; its months are those of the last closed window and of the open ones."""
    last, opened = clock.last_closed, clock.open_months()
    now = tier(history, clock)
    shown = range(last - 2, opened[-1] + 1) if last is not None else range(0)
    return {
        "subscriber_id": subscriber_id,
        "tier": now,
        "official_tier": None if last is None else official_tiers(history, clock).get(last),
        "arpu_closed_fen": 0 if last is None else arpu_fen(window_fen(history, last)),
        "arpu_live_fen": max((arpu_fen(window_fen(history, month)) for month in opened), default=0),
        "arrears_fen": arrears_fen(history, clock),
        "credit_big_customer": now is not None and has_contract(history, clock) and arrears_fen(history, clock) == 0,
        "months": [
            {
                "billing_month": name_of(month),
                "revenue_fen": revenue_fen(history, month),
                "billed": is_billed(history, month),
                "closed": last is not None and month <= last,
            }
            for month in shown
        ],
        **customer(history, clock),
    }
