"""The sweep: slices, the cursor, who goes on after a loss, and what is told of how far it is."""

import logging

import pytest

from stream_app.core.policy import PolicySet
from stream_app.wire.policy_file import parse_policy
from stream_app.wire.stored import PARTITION_KEY, load_partition
from stream_app.worker import partition
from stream_app.worker.sweep import CHANGES_PER_SLICE, ROWS_PER_SLICE
from tests.worker.fake_lane import POLICY_TEXT, Harness, Log, around, usage

NO_RISK = PolicySet([parse_policy(POLICY_TEXT + "risk: {indicators: {}}", "policy.yaml")])  # months alone are worked
MANY = 2 * CHANGES_PER_SLICE + 50


def with_a_month_to_close(subscribers: int = MANY, cached: int = 10) -> Harness:
    """Give a harness whose subscribers are stored, and whose clock has just crossed the end of February."""
    harness, log = Harness(around(cached=cached)._replace(policies=NO_RISK)), Log()
    harness.feed(log.put_tick("2025-02-10"))
    harness.feed(*(log.put(usage("u1", "2025-02-09", 15000, f"s-{n:05}")) for n in range(subscribers)))
    harness.sweep()
    harness.commit()
    harness.outputs.clear()
    harness.feed(log.put_tick("2025-03-10"))
    return harness


def closed(harness: Harness) -> list[str]:
    return [fact["subscriber_id"] for fact in harness.facts("month.closed")]


def test_a_slice_changes_a_bounded_number_of_subscribers_in_the_order_of_their_keys() -> None:
    harness = with_a_month_to_close()
    assert harness.work.sweep()
    harness.commit()
    assert closed(harness) == [f"s-{n:05}" for n in range(CHANGES_PER_SLICE)]
    harness.sweep()
    harness.commit()
    assert closed(harness) == [f"s-{n:05}" for n in range(MANY)]


def test_a_slice_looks_at_a_bounded_number_of_rows() -> None:
    harness = with_a_month_to_close(ROWS_PER_SLICE + 1)
    harness.sweep()
    harness.commit()
    log = Log()
    log.ends["clock"] = 2
    harness.feed(log.put_tick("2025-03-11", {}))  # a day like most: it concerns nobody
    looked = 0
    while harness.work.sweep():
        looked += 1
    assert looked == 1
    assert not harness.work.ledger.clock.pending


def test_a_new_owner_goes_on_at_the_cursor_and_nobody_is_closed_twice() -> None:
    harness = with_a_month_to_close()
    harness.work.sweep()
    harness.commit()
    row = load_partition(harness.store[PARTITION_KEY])
    assert row.target
    assert row.cursor == f"s-{CHANGES_PER_SLICE - 1:05}".encode() + b"\0"
    harness.work.sweep()  # worked, never committed
    harness.crash()
    harness.sweep()
    harness.commit()
    assert closed(harness) == [f"s-{n:05}" for n in range(MANY)]


def test_what_is_not_stored_yet_is_swept_too() -> None:
    harness, log = Harness(around(cached=10)), Log()
    harness.feed(log.put_tick("2025-02-10"))
    harness.feed(*(log.put(usage("u1", "2025-02-09", 15000, f"s-{n:05}")) for n in range(MANY)))
    harness.feed(log.put_tick("2025-03-10"))
    harness.sweep()
    harness.commit()
    assert sorted(closed(harness)) == [f"s-{n:05}" for n in range(MANY)]


def test_a_tick_that_comes_during_a_pass_has_a_pass_of_its_own() -> None:
    harness = with_a_month_to_close()
    harness.work.sweep()
    log = Log()
    log.ends["clock"] = 2
    harness.feed(log.put_tick("2025-04-10", {}))
    harness.sweep()
    harness.commit()
    months = [(fact["billing_month"], fact["subscriber_id"]) for fact in harness.facts("month.closed")]
    assert sorted(months) == sorted((month, f"s-{n:05}") for month in ("2025-02", "2025-03") for n in range(MANY))
    assert not harness.work.ledger.clock.pending
    row = load_partition(harness.store[PARTITION_KEY])
    assert (row.target, row.cursor) == (0, b"")


def test_a_subscriber_touched_before_the_sweep_comes_to_it_is_not_closed_again() -> None:
    harness, log = with_a_month_to_close(3), Log()
    log.ends["usage-events"] = 3
    harness.feed(log.put(usage("u2", "2025-03-09", 1, "s-00001")))
    harness.sweep()
    harness.commit()
    assert sorted(closed(harness)) == ["s-00000", "s-00001", "s-00002"]


def test_an_idle_sweep_hands_nothing_over() -> None:
    harness = with_a_month_to_close(1)
    harness.sweep()
    harness.commit()
    assert not harness.work.sweep()
    assert harness.commit() is None


def share(harness: Harness) -> float | None:
    return harness.around.metrics.registry.get_sample_value("stream_app_sweep_share", {"partition": "0"})


def test_the_share_that_a_pass_has_looked_at_grows_to_the_whole() -> None:
    harness = with_a_month_to_close()
    shares = []
    while harness.work.sweep():
        shares.append(share(harness))
    assert shares == [slices * CHANGES_PER_SLICE / MANY for slices in (1, 2, 3)]
    assert share(harness) == 1.0


def test_a_pass_that_lasts_is_told_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(partition, "SWEEP_TOLD_SECONDS", 0.0)
    harness = with_a_month_to_close()
    with caplog.at_level(logging.INFO):
        harness.sweep()
    assert caplog.messages == [
        "partition 0: the sweep has looked at 80 of about 130 subscribers (62%), 1 ticks pending",
        "partition 0: the sweep has looked at 120 of about 130 subscribers (92%), 1 ticks pending",
    ]
