"""The work of one partition: what it skips, what it waits for, what it hands over."""

import json

import pytest
from msgspec import structs

from stream_app.lane import Batch
from stream_app.wire.stored import PARTITION_KEY, dump_partition, load_partition, load_subscriber
from stream_app.worker.flood import DeadLetterFlood
from stream_app.worker.topics import LANE_FEEDS, Names
from tests.worker.fake_lane import TIMESTAMP_MS, Harness, Log, Tier, around, at, event, tiers, usage

NOTHING_READ = dict.fromkeys(LANE_FEEDS, 0)


def test_nothing_is_handed_over_where_nothing_came() -> None:
    assert Harness().work.take() is None


def test_an_empty_run_still_moves_the_position() -> None:
    harness = Harness()
    harness.work.work(Batch("usage-events", 0, [], 0, 3))  # three transaction markers
    commit = harness.commit()
    assert commit is not None
    assert commit.positions == {**NOTHING_READ, "usage-events": 3}
    assert list(commit.states) == [PARTITION_KEY]
    assert harness.work.take() is None


def test_positions_of_all_feeds_are_committed_with_the_rows_that_rest_on_them() -> None:
    harness, log = Harness(), Log()
    harness.feed(log.put(usage("u1", "2025-03-01", 100)))
    harness.feed(log.put(event("fee.charged", "f1", "2025-03-02", kind="monthly", amount_fen=50)))
    commit = harness.commit()
    assert commit is not None
    assert commit.positions == {**NOTHING_READ, "usage-events": 1, "billing-events": 1}
    assert load_partition(commit.states[PARTITION_KEY] or b"").positions == commit.positions
    assert load_subscriber(commit.states[b"s-1"] or b"").months.popitem()[1].accrued_fen == 150


def test_records_that_the_state_already_holds_are_skipped_and_counted() -> None:
    harness, log = Harness(), Log()
    first, second = log.put(usage("u1", "2025-03-01", 100)), log.put(usage("u2", "2025-03-01", 200))
    harness.feed(first)
    harness.commit()
    harness.read.clear()  # the lane delivers from the start again
    harness.feed(first, second)
    harness.commit()
    assert load_subscriber(harness.store[b"s-1"]).months.popitem()[1].accrued_fen == 300
    skipped = harness.around.metrics.registry.get_sample_value(
        "stream_app_events_total", {"topic": "usage-events", "outcome": "skipped"}
    )
    assert skipped == 1
    assert harness.committed == {**NOTHING_READ, "usage-events": 2}


def test_a_waiting_tick_cuts_a_run_exactly_at_its_position() -> None:
    harness, log = Harness(), Log()
    harness.feed(log.put_tick("2025-03-20"))
    before = log.put(usage("u1", "2025-02-10", 15000))
    close = log.put_tick("2025-03-21", {"usage-events": 1})
    after = log.put(usage("u2", "2025-02-10", 3))
    harness.feed(close)
    assert harness.work.ledger.clock.at == at("2025-03-20")
    harness.feed(before, after)
    harness.sweep()
    harness.commit()
    rows = harness.facts("month.closed")
    assert [(row["revision"], row["revenue_fen"], row["cause"]["offset"]) for row in rows] == [
        (0, 15000, 0),
        (1, 15003, 1),
    ]
    assert harness.work.ledger.clock.at == at("2025-03-21")


def test_a_tick_between_two_records_of_a_run_sees_only_the_first() -> None:
    harness, log = Harness(), Log()
    harness.feed(log.put_tick("2025-02-20"))
    first, second = log.put(usage("u1", "2025-02-10", 15000)), log.put(usage("u2", "2025-03-10", 1))
    harness.feed(log.put_tick("2025-03-03", {"usage-events": 1}))
    harness.feed(first, second)
    harness.sweep()
    harness.commit()
    [closed] = harness.facts("month.closed")
    assert closed["cause"] == {"topic": "clock", "partition": 0, "offset": 1}
    assert tiers(harness.facts()) == [Tier(None, "GOLD", "live")]


def test_a_tick_cuts_at_a_position_that_no_record_has() -> None:
    harness, log = Harness(), Log()
    first = log.put(usage("u1", "2025-02-10", 100))
    second = log.put(usage("u2", "2025-02-11", 100), marker=True)  # at offset 2; a marker took 1
    harness.feed(log.put_tick("2025-03-03", {"usage-events": 2}))
    harness.feed(first, second)
    assert harness.work.ledger.clock.at == at("2025-03-03")
    harness.sweep()
    harness.commit()
    rows = harness.facts("month.closed")
    assert [(row["cause"]["topic"], row["revenue_fen"]) for row in rows] == [("clock", 100), ("usage-events", 200)]


def test_the_clock_is_committed_up_to_the_first_tick_that_waits() -> None:
    harness, log = Harness(), Log()
    harness.feed(log.put_tick("2025-03-01"))
    harness.feed(log.put(usage("u1", "2025-03-01", 1)))
    waiting = [log.put_tick("2025-03-02", {"usage-events": 2}), log.put_tick("2025-03-03", {"usage-events": 2})]
    harness.feed(*waiting)
    harness.commit()
    assert harness.committed == {**NOTHING_READ, "clock": 1, "usage-events": 1}
    assert harness.work.ledger.clock.at == at("2025-03-01")
    harness.crash()
    harness.feed(*waiting)
    harness.feed(log.put(usage("u2", "2025-03-01", 1)))
    harness.commit()
    assert harness.committed == {**NOTHING_READ, "clock": 3, "usage-events": 2}
    assert harness.work.ledger.clock.at == at("2025-03-03")


def test_a_tick_not_later_than_the_clock_is_ignored() -> None:
    harness, log = Harness(), Log()
    harness.feed(log.put_tick("2025-03-05"), log.put_tick("2025-03-04"), log.put_tick("2025-03-05"))
    harness.commit()
    assert harness.work.ledger.clock.at == at("2025-03-05")
    assert len(harness.work.ledger.clock.pending) == 1


def test_a_dead_letter_is_the_record_as_it_came_with_why_and_where_from() -> None:
    names = Names("run.", "tests")
    harness, log = Harness(around(names)), Log(names)
    log.put(usage("u1", "2025-03-01", 1))
    harness.feed(
        log.put_bytes("usage-events", b"\xffkey", b"\xff\x00 no json", [("trace", b"\x01"), ("dl_reason", b"x")])
    )
    commit = harness.commit()
    assert commit is not None
    [letter] = commit.outputs
    assert (letter.topic, letter.key, letter.value) == ("run.dead-letters", b"\xffkey", b"\xff\x00 no json")
    headers = dict(letter.headers)
    assert headers.pop("dl_message")
    assert headers == {
        "trace": b"\x01",
        "dl_reason": b"not_json",
        "dl_topic": b"run.usage-events",
        "dl_partition": b"0",
        "dl_offset": b"1",
        "dl_timestamp": str(TIMESTAMP_MS).encode(),
    }
    assert commit.positions == {**{f"run.{feed}": 0 for feed in LANE_FEEDS}, "run.usage-events": 2}


@pytest.mark.parametrize(
    ("topic", "content", "reason"),
    [
        ("usage-events", usage("u1", "2030-01-01T01:00:01", 1), "in_the_future"),
        ("billing-events", usage("u1", "2025-03-01", 1), "wrong_topic"),
        ("usage-events", usage("u1", "2024-10-01", 1), "month_not_correctable"),
        ("clock", {"type": "clock.ticked"}, "missing_field"),
        ("clock", usage("u1", "2025-03-01", 1), "wrong_topic"),
    ],
)
def test_a_refused_record_becomes_a_dead_letter_and_the_stream_goes_on(
    topic: str, content: dict[str, object], reason: str
) -> None:
    harness, log = Harness(), Log()
    harness.feed(log.put_tick("2025-03-05"))
    harness.feed(log.put_bytes(topic, b"s-1", json.dumps(content).encode()))
    harness.feed(log.put(event("fee.charged", "f1", "2025-03-02", kind="monthly", amount_fen=50)))
    harness.commit()
    assert [dict(output.headers)["dl_reason"] for output in harness.outputs] == [reason.encode()]
    assert load_subscriber(harness.store[b"s-1"]).months.popitem()[1].accrued_fen == 50
    assert load_partition(harness.store[PARTITION_KEY]).rejected == 1


def test_each_record_is_held_against_its_own_timestamp() -> None:
    harness, log = Harness(), Log()
    early, late = log.put(usage("u1", "2025-03-01T02:00", 1)), log.put(usage("u2", "2025-03-01T02:00", 2))
    early.timestamp, late.timestamp = (int(at(f"2025-03-01T0{hour}:00").timestamp() * 1000) for hour in (0, 1))
    harness.feed(early, late)
    harness.commit()
    assert [dict(output.headers)["dl_offset"] for output in harness.outputs] == [b"0"]
    assert load_subscriber(harness.store[b"s-1"]).months.popitem()[1].accrued_fen == 2


def test_duplicates_are_dropped_and_counted_by_type_across_restarts() -> None:
    harness, log = Harness(), Log()
    again = [usage("u1", "2025-03-01", 100), usage("u1", "2025-03-01", 100)]
    harness.feed(*map(log.put, again))
    harness.commit()
    harness.crash()
    harness.feed(log.put(usage("u1", "2025-03-01", 100)))
    harness.commit()
    row = load_partition(harness.store[PARTITION_KEY])
    assert row.duplicates == {"usage.recorded": 2}
    assert load_subscriber(harness.store[b"s-1"]).months.popitem()[1].accrued_fen == 100


def test_a_flood_of_dead_letters_stops_the_work_and_a_restart_remembers_it() -> None:
    harness, log = Harness(around(window=10, share=0.5)), Log()
    harness.feed(*(log.put_bytes("usage-events", None, b"?") for _ in range(5)))
    harness.commit()
    harness.crash()
    harness.feed(log.put_bytes("usage-events", None, b"?"))
    with pytest.raises(DeadLetterFlood, match="6 of the last 6"):
        harness.commit()
    assert len(harness.outputs) == 6  # all letters are there to be looked at


def test_facts_leave_in_the_order_they_were_stated_keyed_by_their_subscriber() -> None:
    harness, log = Harness(around(Names("p.", "tests"))), Log(Names("p.", "tests"))
    harness.feed(log.put_tick("2025-03-10"))
    harness.feed(*(log.put(usage("u1", "2025-03-09", 15000, name)) for name in ("s-2", "s-1")))
    assert harness.work.backlog() == 4  # two rows, two facts
    commit = harness.commit()
    assert commit is not None
    assert [(output.topic, output.key) for output in commit.outputs] == [
        ("p.tier-changes", b"s-2"),
        ("p.tier-changes", b"s-1"),
    ]
    assert dict(commit.outputs[0].headers)["ce_type"] == b"tier.changed"
    assert harness.work.backlog() == 0


def test_work_may_go_on_between_take_and_stored() -> None:
    harness, log = Harness(around(cached=2)), Log()
    harness.feed(*(log.put(usage(f"u{n}", "2025-03-09", 100, f"s-{n}")) for n in range(4)))
    first = harness.work.take()
    assert first is not None
    harness.feed(*(log.put(usage(f"v{n}", "2025-03-09", 10, f"s-{n}")) for n in range(4)))
    harness.store.apply(first.states)
    harness.work.stored()
    harness.commit()
    accrued = [load_subscriber(harness.store[f"s-{n}".encode()]).months.popitem()[1].accrued_fen for n in range(4)]
    assert accrued == [110] * 4


def test_looking_up_applies_pending_ticks_to_a_copy_and_changes_nothing() -> None:
    harness, log = Harness(), Log()
    harness.feed(log.put_tick("2025-02-10"))
    harness.feed(log.put(usage("u1", "2025-02-09", 15000)))
    harness.commit()
    harness.feed(log.put_tick("2025-03-10"))  # closes February, and nobody has swept yet
    harness.commit()
    rows_before = dict(harness.store)
    seen = harness.work.look_up("s-1")
    assert seen is not None
    assert (seen.tier, seen.official_tier, seen.arpu_closed_fen) == ("GOLD", "GOLD", 5000)
    assert harness.work.look_up("nobody") is None
    assert harness.work.take() is None
    assert harness.store == rows_before
    harness.sweep()
    harness.commit()
    assert [row["billing_month"] for row in harness.facts("month.closed")] == ["2025-02"]
    assert harness.work.look_up("s-1") == seen


def test_a_state_ahead_of_the_committed_offsets_goes_on_from_the_state() -> None:
    harness, log = Harness(), Log()
    records = [log.put(usage(f"u{n}", "2025-03-09", 1)) for n in range(3)]
    harness.feed(*records)
    harness.commit()
    harness.committed["usage-events"] = 1
    harness.crash()
    harness.feed(*records[1:])
    harness.commit()
    assert load_subscriber(harness.store[b"s-1"]).months.popitem()[1].accrued_fen == 3


def test_a_row_with_a_pass_under_way_goes_on_with_it() -> None:
    harness, log = Harness(), Log()
    harness.feed(log.put_tick("2025-02-10"))
    harness.feed(*(log.put(usage("u1", "2025-02-09", 1, f"s-{n}")) for n in range(3)))
    harness.sweep()
    harness.feed(log.put_tick("2025-03-10"))
    harness.commit()
    row = load_partition(harness.store[PARTITION_KEY])
    half = structs.replace(row, target=row.clock.pending[-1].serial, cursor=b"s-1")
    harness.store[PARTITION_KEY] = dump_partition(half)
    harness.crash()
    harness.sweep()
    harness.commit()
    assert [fact["subscriber_id"] for fact in harness.facts("month.closed")] == ["s-1", "s-2"]


def test_a_partition_that_goes_away_takes_its_figures_off_the_page() -> None:
    harness, log = Harness(), Log()
    harness.feed(log.put_tick("2025-02-10"))
    harness.feed(log.put(usage("u1", "2025-02-09", 1)))
    harness.commit()
    value = harness.around.metrics.registry.get_sample_value
    assert value("stream_app_subscribers", {"tier": "none", "partition": "0"}) == 1
    assert value("stream_app_clock_timestamp_seconds", {"partition": "0"}) == at("2025-02-10").timestamp()
    harness.work.close()
    assert value("stream_app_subscribers", {"tier": "none", "partition": "0"}) is None
    assert value("stream_app_clock_timestamp_seconds", {"partition": "0"}) is None


def test_a_bad_record_of_the_clock_is_kept_once_although_a_restart_reads_it_again() -> None:
    harness, log = Harness(), Log()
    log.put(usage("u1", "2025-03-09", 1))  # not read yet: the tick waits for it
    waiting = log.put_tick("2025-03-10")
    bad = log.put_bytes("clock", None, b"?")
    harness.feed(waiting, bad)
    harness.commit()
    harness.crash()
    harness.feed(waiting, bad)
    harness.commit()
    assert [output.topic for output in harness.outputs] == ["dead-letters"]
