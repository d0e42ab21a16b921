"""What comes out depends on the records and their order, not on how the lane cuts, commits, loses and sweeps."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from aiokafka import ConsumerRecord
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.core.events import CLOCK_TOPIC, FEEDS
from stream_app.lane import Output
from stream_app.wire.stored import PARTITION_KEY, load_partition, load_subscriber
from tests.worker.fake_lane import Harness, Log, around, at, event, usage

BEGIN = at("2025-01-20")
AROUND = around()
Script = list[ConsumerRecord]


@st.composite
def contents(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an event of one of three subscribers in one of four months; its id may come again."""
    occurred_at = (BEGIN + timedelta(hours=draw(st.integers(0, 90 * 24)))).strftime("%Y-%m-%dT%H:00")
    common = (f"e{draw(st.integers(0, 40))}", occurred_at, draw(st.sampled_from(["s-1", "s-2", "s-3"])))
    amount_fen = draw(st.sampled_from([0, 1, 900, 6000, 15000]))
    month = {"billing_month": occurred_at[:7]}
    bill = month | {"bill_id": draw(st.sampled_from(["b1", "b2"])), "due_on": f"{occurred_at[:7]}-28"}
    return draw(
        st.sampled_from(
            [
                usage(common[0], common[1], amount_fen, common[2]),
                event("bill.issued", *common, **bill, amount_fen=amount_fen),
                event("bill.adjusted", *common, **month, amount_fen=-amount_fen),
                event("payment.received", *common, amount_fen=amount_fen + 1),
                event("subscriber.activated", *common, branch_id="b-7"),
                event("subscriber.deactivated", *common),
                event("usage.recorded", *common),  # lacks what it needs: a dead letter
            ]
        )
    )


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    """Draw a delivery: events, with ticks in between, some of which are read long before what they wait for."""
    log, order, day = Log(), [], 0
    delivered: list[tuple[int, int, ConsumerRecord]] = []
    for number in range(draw(st.integers(1, 40))):
        if draw(st.integers(0, 3)) == 0:
            day += draw(st.integers(0, 25))
            order.append((number, log.put_tick(BEGIN + timedelta(days=day))))
        else:
            record = log.put(draw(contents()), marker=draw(st.integers(0, 5)) == 0)
            delivered.append((number, 1, record))
    earliest = len(log.records)
    for number, tick in reversed(order):
        earliest = min(earliest, max(0, number - draw(st.sampled_from([0, 0, 3, 15]))))
        delivered.append((earliest, 0, tick))
    return [record for _, _, record in sorted(delivered, key=lambda place: (*place[:2], place[2].offset))]


def one_by_one(script: Script) -> Harness:
    """Work every record as a batch of its own, and sweep once all is read."""
    harness = Harness(AROUND)
    for record in script:
        harness.feed(record)
    return harness


def batches(script: Script, cuts: Sequence[bool]) -> list[list[ConsumerRecord]]:
    """Join neighbours of one feed, except where a cut is wanted."""
    joined: list[list[ConsumerRecord]] = []
    for number, record in enumerate(script):
        if joined and joined[-1][-1].topic == record.topic and not cuts[number % len(cuts)]:
            joined[-1].append(record)
        else:
            joined.append([record])
    return joined


@settings(max_examples=20)
@given(scripts(), st.lists(st.booleans(), min_size=1, max_size=20))
def test_any_batching_of_the_same_records_gives_the_same_commit(script: Script, cuts: list[bool]) -> None:
    single, batched = one_by_one(script), Harness(AROUND)
    for batch in batches(script, cuts):
        batched.feed(*batch)
    assert single.work.backlog() == batched.work.backlog()
    single.sweep()
    batched.sweep()
    ours, theirs = single.commit(), batched.commit()
    assert ours is not None
    assert theirs is not None
    assert by_topic(ours.outputs) == by_topic(theirs.outputs)
    assert ours.states == theirs.states
    assert ours.positions == theirs.positions


@settings(max_examples=20)
@given(scripts())
def test_a_tick_read_early_gives_what_it_gives_in_its_place(script: Script) -> None:
    early = one_by_one(script)
    in_place = one_by_one(sorted_into_place(script))
    for harness in (early, in_place):
        harness.sweep()
        harness.commit()
    assert by_topic(early.outputs) == by_topic(in_place.outputs)
    assert early.store == in_place.store


def sorted_into_place(script: Script) -> Script:
    """Put each tick right behind the last of the records that it waits for."""
    harness, placed, waiting = Harness(AROUND), [], []
    for record in script:
        if record.topic == CLOCK_TOPIC:
            waiting.append((harness.around.decoder.tick(None, record.value), record))
        else:
            placed.append(record)
            harness.read[record.topic] = record.offset + 1
        while waiting and all(harness.read.get(feed, 0) >= waiting[0][0].positions[feed] for feed in FEEDS):
            placed.append(waiting.pop(0)[1])
    return placed + [record for _, record in waiting]


steps = st.sampled_from(["sweep a slice", "commit", "lose", "begin to commit", "nothing", "nothing"])


@settings(max_examples=20)
@given(scripts(), st.lists(steps, min_size=1, max_size=30))
def test_sweeps_commits_and_losses_at_any_moment_change_no_fact_and_no_state(script: Script, drawn: list[str]) -> None:
    calm, storm = one_by_one(script), Harness(AROUND)
    todo, number = list(script), 0
    while todo:
        storm.feed(todo.pop(0))
        step = drawn[number % len(drawn)]
        number += 1
        if step == "sweep a slice":
            storm.work.sweep()
        elif step == "commit":
            storm.commit()
        elif step == "begin to commit":
            storm.work.take()
            storm.crash()
        elif step == "lose" and number <= 3 * len(script):
            storm.crash()
        if storm.read == storm.committed or step in {"begin to commit", "lose"}:
            todo = unread(script, storm.read)
        if number > 3 * len(script):
            drawn = ["nothing"]
    for harness in (calm, storm):
        harness.sweep()
        harness.commit()
    assert Counter(map(frozen, calm.outputs)) == Counter(map(frozen, storm.outputs))
    assert standing(calm) == standing(storm)
    assert calm.committed == storm.committed


def unread(script: Script, read: Mapping[str, int]) -> Script:
    """List what is still to be delivered, in its order."""
    return [record for record in script if record.offset >= read[record.topic]]


def by_topic(outputs: Sequence[Output]) -> dict[str, list[Output]]:
    """Part outputs by topic: between topics there is no order."""
    return {topic: [output for output in outputs if output.topic == topic] for topic in {o.topic for o in outputs}}


def frozen(output: Output) -> tuple[object, ...]:
    return output.topic, output.key, output.value, tuple(output.headers)


def standing(harness: Harness) -> dict[str, object]:
    """Read the rows, but for how far sweeps had come, and for the count of records: a tick read again counts again."""
    rows: dict[str, object] = {}
    for key, row in harness.store.items():
        if key == PARTITION_KEY:
            own = load_partition(row)
            rows["partition"] = (own.clock, own.positions, own.duplicates, own.rejected)
        else:
            sub = load_subscriber(row)
            sub.serial = 0
            rows[key.decode()] = sub
    return rows
