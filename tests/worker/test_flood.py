"""A flood of dead letters stops the worker, once they are safe; a trickle does not."""

import re

from hypothesis import given
from hypothesis import strategies as st

from stream_app.worker.flood import FloodGauge


def test_more_than_the_share_of_half_a_window_at_least_passes_the_limit() -> None:
    gauge = FloodGauge(window=100, share=0.5)
    gauge.note(50, 50, "not_json")
    assert not gauge.passed
    gauge.note(1, 1, "not_json")
    assert re.match(r"51 of the last 51 records .*last reason: not_json.*limit of 50%", gauge.passed)
    assert "STREAM_APP_DEAD_LETTER_SHARE" in gauge.passed


def test_what_comes_after_a_flood_does_not_undo_it() -> None:
    gauge = FloodGauge(window=100, share=0.5)
    gauge.note(51, 51, "not_json")
    gauge.note(10_000, 0, "")
    assert gauge.passed.startswith("51 of the last 51")


def test_the_share_itself_is_still_allowed() -> None:
    gauge = FloodGauge(window=100, share=0.8)
    gauge.note(75, 60, "not_json")
    assert not gauge.passed
    gauge.note(1, 1, "not_json")
    assert gauge.passed


def test_a_share_of_one_switches_the_limit_off() -> None:
    gauge = FloodGauge(window=10, share=1.0)
    gauge.note(1000, 1000, "not_json")
    assert not gauge.passed


def test_good_records_never_stop_a_worker_that_was_near_the_limit() -> None:
    gauge = FloodGauge(window=100, share=0.5, seen=60, rejected=60)
    gauge.note(1, 0, "")
    assert (gauge.seen, gauge.rejected) == (61, 60)
    assert not gauge.passed


def test_what_lies_long_back_counts_less_and_less() -> None:
    gauge = FloodGauge(window=100, share=0.5)
    gauge.note(100, 40, "not_json")
    assert (gauge.seen, gauge.rejected) == (50, 20)
    gauge.note(100, 0, "")
    assert (gauge.seen, gauge.rejected) == (75, 10)


@given(st.lists(st.booleans(), max_size=60))
def test_a_flood_is_never_less_than_half_a_window_of_rejections(rejections: list[bool]) -> None:
    gauge, rejected = FloodGauge(window=20, share=0.5), 0
    for bad in rejections:
        rejected += bad
        gauge.note(1, int(bad), "not_json")
        assert not gauge.passed or rejected * 2 > 20
