"""A worker that holds for ticks: each tick meets exactly the records before it, whatever is read first."""

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.core.events import CLOCK_TOPIC, FEEDS
from stream_app.lane import Batch
from stream_app.worker.holding import HeldBatches
from stream_app.worker.topics import LANE_FEEDS
from tests.worker.fake_lane import Harness, Log, around, at, event, usage
from tests.worker.test_partition_properties import BEGIN, frozen, standing

PLAIN = around()
HOLDING = PLAIN._replace(hold_for_ticks=True)


def worked(harness: Harness) -> dict[str, int]:
    """Give the positions that a commit brings, of the feeds that were read."""
    harness.commit()
    return {feed: at for feed, at in harness.committed.items() if at}


def test_nothing_is_worked_before_a_tick_is_read() -> None:
    harness, log = Harness(HOLDING), Log()
    harness.feed(log.put(usage("u1", "2025-02-09", 100)))
    assert harness.work.waits("usage-events")
    assert not harness.work.waits("billing-events")
    assert worked(harness) == {}
    harness.feed(log.put_tick("2025-02-10"))
    assert not harness.work.waits("usage-events")
    assert worked(harness) == {"usage-events": 1, "clock": 1}


def test_a_record_behind_a_tick_waits_for_what_stands_before_it_in_another_feed() -> None:
    harness, log = Harness(HOLDING), Log()
    bill = log.put(event("balance.reported", "b1", "2025-02-09", balance_fen=5))
    first = log.put_tick("2025-02-10")
    late = log.put(usage("u1", "2025-02-10", 100))
    second = log.put_tick("2025-02-11")
    harness.feed(late)
    harness.feed(first, second)
    assert worked(harness) == {}
    harness.feed(bill)
    assert worked(harness) == {"usage-events": 1, "billing-events": 1, "clock": 2}
    assert harness.work.ledger.clock.at == at("2025-02-11")


def test_the_clock_and_a_feed_that_lacks_records_before_the_tick_are_never_held() -> None:
    harness, log = Harness(HOLDING), Log()
    records = [log.put(usage(f"u{number}", "2025-02-09", 100)) for number in range(4)]
    harness.feed(log.put_tick("2025-02-10"), log.put_tick("2025-02-11"))
    harness.feed(*records[:2])
    assert not any(map(harness.work.waits, LANE_FEEDS))
    harness.feed(*records[2:])
    assert worked(harness) == {"usage-events": 4, "clock": 2}


def test_a_still_tick_lets_records_through_and_moves_no_clock() -> None:
    harness, log = Harness(HOLDING), Log()
    harness.feed(log.put(usage("u1", "2025-02-09", 100)))
    harness.feed(log.put_tick("2025-02-10", still=True))
    assert worked(harness) == {"usage-events": 1, "clock": 1}
    assert harness.work.ledger.clock.at is None


def test_a_still_tick_moves_no_clock_of_a_worker_that_does_not_hold_either() -> None:
    harness, log = Harness(PLAIN), Log()
    harness.feed(log.put_tick("2025-02-10", still=True))
    assert worked(harness) == {"clock": 1}
    assert harness.work.ledger.clock.at is None


def test_a_restart_holds_where_the_last_one_did() -> None:
    harness, log = Harness(HOLDING), Log()
    before, tick = log.put(usage("u1", "2025-02-09", 100)), log.put_tick("2025-02-10")
    behind = log.put(usage("u2", "2025-02-10", 100))
    harness.feed(before, behind)
    harness.feed(tick)
    assert worked(harness) == {"usage-events": 1, "clock": 1}
    harness.crash()
    harness.feed(behind)
    assert harness.work.waits("usage-events")
    harness.feed(log.put_tick("2025-02-11"))
    assert worked(harness) == {"usage-events": 2, "clock": 2}


def test_a_worker_holds_only_when_told_to() -> None:
    harness, log = Harness(PLAIN), Log()
    harness.feed(log.put(usage("u1", "2025-02-09", 100)))
    assert not harness.work.waits("usage-events")
    assert worked(harness) == {"usage-events": 1}


def test_offsets_without_records_are_held_and_let_through_like_records() -> None:
    gate = {"a": 0}
    held = HeldBatches(lambda topic: gate[topic])
    held.add(Batch("a", 0, [], 0, 3))
    held.add(Batch("a", 0, [], 3, 9))
    assert held.due() is None
    gate["a"] = 5
    assert held.due() == Batch("a", 0, [], 0, 5)
    assert held.due() is None
    assert held.waits("a")
    gate["a"] = 20
    assert held.due() == Batch("a", 0, [], 5, 9)
    assert not held.waits("a")


@st.composite
def contents(draw: st.DrawFn, day: int) -> dict[str, Any]:
    """Draw an event of a day; each feed has subscribers of its own, so between feeds ticks alone set an order."""
    occurred_at = (BEGIN + timedelta(days=day, hours=draw(st.integers(0, 23)))).strftime("%Y-%m-%dT%H:00")
    event_id, one_of_two = f"e{draw(st.integers(0, 40))}", draw(st.sampled_from(["1", "2"]))
    month, amount_fen = occurred_at[:7], draw(st.sampled_from([1, 900, 6000, 15000]))
    bill = {"billing_month": month, "bill_id": f"b{month}", "due_on": f"{month}-28", "amount_fen": amount_fen}
    return draw(
        st.sampled_from(
            [
                usage(event_id, occurred_at, amount_fen, f"u-{one_of_two}"),
                event("bill.issued", event_id, occurred_at, f"b-{one_of_two}", **bill),
                event("payment.received", event_id, occurred_at, f"b-{one_of_two}", amount_fen=amount_fen),
                event("subscriber.activated", event_id, occurred_at, f"s-{one_of_two}", branch_id="b-7"),
                event("complaint.filed", event_id, occurred_at, f"s-{one_of_two}", complaint_id="c", severity="normal"),
                event("subscriber.deactivated", event_id, occurred_at, f"s-{one_of_two}"),
                event("usage.recorded", event_id, occurred_at, f"u-{one_of_two}"),  # lacks what it needs
            ]
        )
    )  # fmt: skip


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """Draw a log: events with ticks among them, some of them still, and one at the end."""
    log, day = Log(), 0
    for _ in range(draw(st.integers(1, 40))):
        kind = draw(st.integers(0, 6))
        if kind == 0:
            log.put_tick(BEGIN + timedelta(days=day), still=True)
        elif kind == 1:
            day += draw(st.sampled_from([1, 2, 25]))
            log.put_tick(BEGIN + timedelta(days=day))
        else:
            log.put(draw(contents(day)), marker=draw(st.integers(0, 5)) == 0)
    log.put_tick(BEGIN + timedelta(days=day + 40))
    return log


class Reader:
    """Gives a log's feeds to a partition's work in any order, as a lane does: none that waits."""

    def __init__(self, log: Log) -> None:
        self.log, self.harness = log, Harness(HOLDING)

    def step(self, feed: int, most: int) -> bool:
        """Give a batch of the feed of a number among those that may be given one; False when all is read."""
        unread = {
            topic: [record for record in self.log.records if record.topic == topic and record.offset >= begin]
            for topic in (*FEEDS, CLOCK_TOPIC)
            if (begin := self.harness.read.get(topic, 0)) < self.log.ends[topic]
        }
        found = [records for topic, records in unread.items() if not self.harness.work.waits(topic)]
        assert found or not unread, "every feed waits"
        if found:
            self.harness.feed(*found[feed % len(found)][:most])
        return bool(found)


steps = st.tuples(
    st.integers(0, 9), st.integers(1, 6), st.sampled_from(["", "", "", "sweep", "commit", "lose", "take"])
)


@settings(max_examples=60)
@given(logs(), st.lists(steps, min_size=1, max_size=60))
def test_feeds_read_in_any_order_and_lost_at_any_moment_give_what_the_log_gives(
    log: Log, drawn: list[tuple[int, int, str]]
) -> None:
    exact, reader = Harness(PLAIN), Reader(log)
    exact.feed_all(log.records)
    harness, number = reader.harness, 0
    while reader.step(*drawn[number % len(drawn)][:2]):
        then = drawn[number % len(drawn)][2] if number < 2 * len(log.records) else ""
        number += 1
        if then == "sweep":
            harness.work.sweep()
        elif then == "commit":
            harness.commit()
        elif then:
            if then == "take":
                harness.work.take()
            harness.crash()
    for one in (exact, harness):
        one.sweep()
        one.commit()
    assert Counter(map(frozen, harness.outputs)) == Counter(map(frozen, exact.outputs))
    assert standing(harness) == standing(exact)
    assert harness.committed == exact.committed
