"""Header names that are no text, and ticks that wait for what will not come: work goes on, and it is told."""

import pytest
from aiokafka import ConsumerRecord

from stream_app.lane import Batch, OddRecord
from stream_app.worker import partition
from tests.worker.fake_lane import Harness, Log, usage

COMPLAINT = "a header's name is not UTF-8: b'\\xff'"


def odd(record: ConsumerRecord) -> OddRecord:
    headers = [("?", b"\xfe")]
    return OddRecord(record.offset, record.timestamp, record.key, record.value, headers, COMPLAINT)


def feed(harness: Harness, topic: str, *records: ConsumerRecord | OddRecord) -> None:
    harness.work.work(Batch(topic, 0, records, records[0].offset, records[-1].offset + 1))


def letters(harness: Harness) -> list[tuple[bytes | None, dict[str, bytes | None]]]:
    return [(output.value, dict(output.headers)) for output in harness.outputs if output.topic == "dead-letters"]


def test_an_odd_record_is_refused_whole_and_its_neighbours_are_worked() -> None:
    harness, log = Harness(), Log()
    harness.feed(log.put_tick("2025-03-01"))
    first, second, third = (log.put(usage(f"u{n}", "2025-03-01", 10**n)) for n in range(3))
    feed(harness, "usage-events", first, odd(second), third)
    harness.commit()
    found = harness.work.look_up("s-1")
    assert found is not None
    assert found.months[-1].revenue_fen == 101
    ((value, headers),) = letters(harness)
    assert value == second.value
    assert headers["?"] == b"\xfe"
    assert headers["dl_reason"] == b"invalid_field"
    assert headers["dl_message"] == COMPLAINT.encode()
    assert harness.committed["usage-events"] == 3


def test_a_reason_that_comes_before_it_in_the_contract_is_the_one_that_is_given() -> None:
    harness, log = Harness(), Log()
    feed(harness, "usage-events", odd(log.put_bytes("usage-events", b"s-1", b"{")))
    harness.commit()
    assert [headers["dl_reason"] for _, headers in letters(harness)] == [b"not_json"]


def test_an_odd_tick_moves_no_clock_and_is_refused_once() -> None:
    harness, log = Harness(), Log()
    waits = log.put_tick("2025-03-01", {"usage-events": 1})
    feed(harness, "clock", waits, odd(log.put_tick("2025-03-02", {})))
    harness.commit()
    assert harness.work.ledger.clock.at is None
    harness.crash()
    feed(harness, "clock", waits, odd(log.records[-1]))
    harness.commit()
    assert [headers["dl_reason"] for _, headers in letters(harness)] == [b"invalid_field"]


def test_a_tick_that_waits_for_offsets_beyond_a_feeds_end_is_told_with_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(partition, "TICK_TOLD_SECONDS", 0.0)
    harness, log = Harness(), Log()
    harness.feed(log.put(usage("u1", "2025-03-01", 1)))
    harness.feed(log.put_tick("2025-03-01", {"usage-events": 1000}))
    assert caplog.messages == []
    harness.feed(log.put_tick("2025-03-02", {"usage-events": 1}))
    (message,) = caplog.messages
    assert message == (
        "the clock of partition 0 waits: its tick at offset 0 wants more worked of usage-events (from 1, 999 offsets). "
        "Where there are no more, the tick is wrong: see the runbook, 'A tick waits for ever'"
    )
    sample = harness.around.metrics.registry.get_sample_value
    assert sample("stream_app_tick_waits_records", {"partition": "0"}) == 999
