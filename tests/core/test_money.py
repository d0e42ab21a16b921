"""Revenue of a month, ARPU of a window (CONTRACTS section 3)."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_app.core.events import Event
from stream_app.core.facts import UsageLine
from stream_app.core.windows import arpu_fen
from tests.core.builders import Story, adjustment, bill, deactivated, fee, live_through, usage


def revenue_of_january(*events: Event) -> int:
    story = Story()
    story.take(*events)
    story.tick("2025-02-03")
    return story.rows["2025-01"].revenue_fen


def test_usage_and_fees_accrue() -> None:
    assert revenue_of_january(usage("2025-01-10", 7), usage("2025-01-11", 5), fee("2025-01-12", 100)) == 112


def test_a_fee_counts_for_the_month_it_names() -> None:
    assert revenue_of_january(usage("2025-01-10", 7), fee("2025-02-02", 100, "2025-01")) == 107


def test_a_bill_supersedes_what_accrued_whatever_came_first() -> None:
    assert revenue_of_january(usage("2025-01-10", 7), bill("2025-01-31", "2025-01", 5), usage("2025-01-11", 9)) == 5


def test_a_bill_of_nothing_is_a_bill() -> None:
    story = Story()
    story.take(usage("2025-01-10", 7), bill("2025-01-31", "2025-01", 0))
    story.tick("2025-02-03")
    row = story.rows["2025-01"]
    assert (row.revenue_fen, row.billed, row.accrued_fen) == (0, True, 7)


def test_bills_of_a_month_add_up() -> None:
    bills = [bill("2025-01-31", "2025-01", 50, bill_id=bill_id) for bill_id in ("a", "b")]
    assert revenue_of_january(usage("2025-01-10", 7), *bills) == 100


def test_a_bill_issued_again_counts_as_it_was_issued_last_by_arrival() -> None:
    issues = [bill("2025-01-31", "2025-01", 50), bill("2025-01-30", "2025-01", 20)]
    assert revenue_of_january(usage("2025-01-10", 7), *issues) == 20


def test_adjustments_count_both_ways_on_bills_and_on_what_accrued() -> None:
    changes = [adjustment("2025-01-31", "2025-01", 10), adjustment("2025-01-31", "2025-01", -3)]
    assert revenue_of_january(usage("2025-01-10", 7), *changes) == 14
    assert revenue_of_january(usage("2025-01-10", 7), bill("2025-01-31", "2025-01", 50), *changes) == 57


def test_revenue_may_be_negative() -> None:
    assert revenue_of_january(usage("2025-01-10", 7), adjustment("2025-01-31", "2025-01", -10)) == -3


def test_what_is_charged_off_the_network_counts() -> None:
    assert revenue_of_january(deactivated("2025-01-02"), usage("2025-01-10", 7)) == 7


def test_a_row_lays_out_use_by_service_scope_and_direction() -> None:
    story = Story()
    abroad = {"service": "data", "quantity": 1000, "scope": "international_roaming"}
    story.take(
        usage("2025-01-10", 7),
        usage("2025-01-11", 5, quantity=30),
        usage("2025-01-12", 0, outgoing=False),
        usage("2025-01-13", 9, **abroad),
    )
    story.tick("2025-02-03")
    assert set(story.rows["2025-01"].usage) == {
        UsageLine("voice", "local", True, 90, 12, 2),
        UsageLine("voice", "local", False, 60, 0, 1),
        UsageLine("data", "international_roaming", True, 1000, 9, 1),
    }


@pytest.mark.parametrize(
    ("window_fen", "arpu"),
    [(0, 0), (1, 0), (2, 1), (3, 1), (100, 33), (101, 34), (102, 34), (-1, 0), (-2, -1), (-3, -1), (-4, -1), (-5, -2)],
)
def test_arpu_is_a_third_rounded_half_up(window_fen: int, arpu: int) -> None:
    assert arpu_fen(window_fen) == arpu


@given(st.integers())
def test_arpu_is_never_further_than_half_a_fen(window_fen: int) -> None:
    assert arpu_fen(window_fen) == floor(Fraction(window_fen, 3) + Fraction(1, 2))


def test_a_window_is_three_months_and_the_divisor_always_three() -> None:
    story = Story()
    live_through(story, 30, 0, 3, 6)
    assert [row.arpu_fen for row in story.rows.values()] == [10, 10, 11, 3]


def test_a_month_before_the_first_seen_counts_in_windows_but_has_no_row() -> None:
    story = Story()
    story.take(bill("2025-02-10", "2025-01", 30))
    story.tick("2025-03-03")
    assert {month: row.arpu_fen for month, row in story.rows.items()} == {"2025-02": 10}
