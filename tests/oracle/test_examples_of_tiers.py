"""Section 4, sentence by sentence, on tiers: expected answers are worked by hand."""

from typing import Any

import pytest

from tests.oracle.examples import (
    activated,
    adjustment,
    bill,
    changes,
    deactivated,
    ended,
    fee,
    officials,
    payment,
    policy,
    replayed,
    revenues,
    row,
    signed,
    usage,
)

TWICE = policy(tier_policy={"closes_to_downgrade": 2})
CONTRACTED = policy(tier_policy={"contract_required": True})


def monthly(*amounts_fen: int) -> list[dict[str, Any]]:
    """Tell of one fee on the 10th of each month of 2024, from January."""
    return [fee(f"2024-{month:02d}-10", fen) for month, fen in enumerate(amounts_fen, start=1)]


@pytest.mark.parametrize(("sum_fen", "code"), [(29, None), (30, "SILVER"), (59, "SILVER"), (60, "GOLD"), (-90, None)])
def test_a_window_qualifies_for_the_highest_tier_with_three_times_its_floor(sum_fen: int, code: str | None) -> None:
    given = replayed(adjustment("2024-01-10", "2024-01", sum_fen), until="2024-02-10")
    assert officials(given) == {"2024-01": code}
    assert given.subscribers["s"]["tier"] == code


def test_the_official_tier_rises_and_falls_at_the_close_of_the_window_that_ends_in_the_month() -> None:
    given = replayed(*monthly(30, 30, 0, 0, 0), until="2024-06-10")
    # Windows: 30, 60, 60, 30, 0.
    assert list(officials(given).values()) == ["SILVER", "GOLD", "GOLD", "SILVER", None]


def test_it_falls_only_after_the_policys_number_of_closes_in_a_row_and_then_to_the_last_windows_tier() -> None:
    given = replayed(*monthly(60, 0, 0, 30, 0, 0, 0, 0), until="2024-09-10", policies=[TWICE])
    # Windows: 60, 60, 60, 30, 30, 30, 0, 0. Lower at April and May: SILVER at May. Lower at July and August: none.
    assert list(officials(given).values()) == ["GOLD", "GOLD", "GOLD", "GOLD", "SILVER", "SILVER", "SILVER", None]


def test_after_a_fall_the_count_starts_anew() -> None:
    given = replayed(*monthly(60, 30, 0, 0, 0, 0, 0), until="2024-08-10", policies=[TWICE])
    # Windows: 60, 90, 90, 30, 0, 0, 0. Lower at April and May, straight to the none of May.
    assert list(officials(given).values()) == ["GOLD", "GOLD", "GOLD", "GOLD", None, None, None]
    given = replayed(*monthly(60, 0, 30, 0, 0, 0, 0), until="2024-08-10", policies=[TWICE])
    # Windows: 60, 60, 90, 30, 30, 0, 0. Lower at April and May: SILVER; June is the first below SILVER.
    assert list(officials(given).values()) == ["GOLD", "GOLD", "GOLD", "GOLD", "SILVER", "SILVER", None]


def test_an_equal_close_resets_the_count() -> None:
    given = replayed(*monthly(60, 0, 0, 0, 60, 0, 0, 0, 0), until="2024-10-10", policies=[TWICE])
    # Windows: 60, 60, 60, 0, 60, 60, 60, 0, 0: April is one lower close, May is equal; the fall waits for September.
    assert list(officials(given).values())[3:] == ["GOLD", "GOLD", "GOLD", "GOLD", "GOLD", None]


def test_a_month_end_off_the_network_has_no_official_tier_and_resets_the_count() -> None:
    away = (deactivated("2024-05-20"), activated("2024-06-05"))
    given = replayed(*monthly(60, 0, 0, 0, 0), *away, fee("2024-06-10", 30), until="2024-09-10", policies=[TWICE])
    # Windows: 60, 60, 60, 0, 0, 30, 30, 30. April is one lower close, May is off; from June on SILVER is reached anew.
    assert list(officials(given).values()) == ["GOLD", "GOLD", "GOLD", "GOLD", None, "SILVER", "SILVER", "SILVER"]


def test_there_is_no_official_tier_before_the_month_of_the_earliest_accepted_event() -> None:
    # Charged in February for January: by February the window holds it, but there was no customer in January.
    charged = fee("2024-02-10", 30, billing_month="2024-01")
    given = replayed(charged, until="2024-03-10")
    assert officials(given) == {"2024-02": "SILVER"}
    given = replayed(charged, usage("2024-01-31T23:59:59Z", 0), until="2024-03-10")
    assert officials(given) == {"2024-01": "SILVER", "2024-02": "SILVER"}


def test_a_correction_recomputes_the_official_tier_from_its_month_on() -> None:
    late = fee("2024-01-12", 30)
    given = replayed(*monthly(30, 0, 0), fee("2024-04-10", 0), late, until="2024-05-10")
    assert list(officials(given).values()) == ["GOLD", "GOLD", "GOLD", None]
    assert given.revisions == {("s", "2024-01"): 1, ("s", "2024-02"): 1, ("s", "2024-03"): 1, ("s", "2024-04"): 0}


def test_a_correction_uses_the_policy_in_force_at_the_original_close() -> None:
    dearer = policy(
        version="example-2",
        effective_at="2024-02-15T00:00:00Z",
        tiers=[{"code": "GOLD", "floor_fen": 100}, {"code": "SILVER", "floor_fen": 50}],
    )
    given = replayed(
        *monthly(0, 0), fee("2024-03-10", 0), fee("2024-01-12", 60), until="2024-03-20", policies=[policy(), dearer]
    )
    assert officials(given) == {"2024-01": "GOLD", "2024-02": None}


def test_a_policy_is_in_force_from_the_first_tick_at_or_after_it_and_the_first_covers_all_before() -> None:
    first = policy(effective_at="2024-01-15T00:00:00Z")
    dearer = policy(
        version="example-2", effective_at="2024-01-20T06:00:00Z", tiers=[{"code": "SILVER", "floor_fen": 20}]
    )
    given = replayed(
        fee("2024-01-10", 30), fee("2024-01-20", 5), fee("2024-01-21", 20), until="2024-01-25", policies=[dearer, first]
    )
    # At noon of the 20th the last tick is its midnight; the dearer policy comes with the 21st, and 55 are not enough.
    assert changes(given) == [("0", "SILVER", "live"), ("01-21T00", None, "policy")]


def test_the_tier_goes_up_at_once_and_down_at_the_close() -> None:
    given = replayed(*monthly(10, 10, 40, 0, 0), until="2024-06-10")
    # Sums: 10, 20, 60 on 10 March; then to April 50, to May 40: down once April closes.
    assert changes(given) == [("2", "GOLD", "live"), ("05-03T00", "SILVER", "close")]


def test_the_tier_is_the_higher_of_the_official_and_every_open_window() -> None:
    # On 1 and 2 February both open windows hold; January's 60 drops out only in April.
    given = replayed(fee("2023-11-10", 60), fee("2024-02-01", 0), until="2024-02-02")
    assert given.subscribers["s"]["official_tier"] == "GOLD"
    assert given.subscribers["s"]["arpu_live_fen"] == 20
    given = replayed(fee("2023-12-31", 40), fee("2024-02-01", 20), until="2024-02-02", policies=[TWICE])
    assert given.subscribers["s"]["tier"] == "GOLD"


def test_a_refund_takes_back_at_once_what_it_alone_had_lifted() -> None:
    given = replayed(fee("2024-01-10", 60), adjustment("2024-01-11", "2024-01", -30), until="2024-01-20")
    assert changes(given) == [("0", "GOLD", "live"), ("1", "SILVER", "correction")]


def test_a_bill_below_the_accrual_takes_back_too() -> None:
    given = replayed(fee("2024-01-10", 60), bill("2024-02-01", "2024-01", 10), until="2024-02-02")
    assert changes(given) == [("0", "GOLD", "live"), ("1", None, "correction")]


def test_who_has_left_has_no_tier_from_the_arrival_on_whenever_it_was() -> None:
    given = replayed(fee("2024-01-10", 30), deactivated("2024-01-20"), activated("2024-01-25"), until="2024-01-30")
    assert changes(given) == [("0", "SILVER", "live"), ("1", None, "left"), ("2", "SILVER", "returned")]


def test_an_activation_that_is_not_the_latest_brings_nobody_back() -> None:
    given = replayed(fee("2024-01-10", 30), deactivated("2024-01-20"), activated("2024-01-15"), until="2024-01-30")
    assert given.subscribers["s"]["tier"] is None


def test_without_a_contract_there_is_no_tier_where_the_policy_asks_for_one() -> None:
    given = replayed(
        fee("2024-01-10", 30),
        signed("2024-01-11", "a"),
        signed("2024-01-12", "b"),
        ended("2024-01-13", "a"),
        ended("2024-01-14", "b"),
        until="2024-01-20",
        policies=[CONTRACTED],
    )
    assert changes(given) == [("1", "SILVER", "contract"), ("4", None, "contract")]


def test_the_last_event_of_a_contract_is_the_last_by_arrival() -> None:
    given = replayed(
        fee("2024-01-10", 30), ended("2024-01-15"), signed("2024-01-12"), until="2024-01-20", policies=[CONTRACTED]
    )
    assert given.subscribers["s"]["tier"] == "SILVER"


def test_a_contract_holds_through_the_day_it_ends_on() -> None:
    running = (fee("2024-01-10", 30), signed("2024-01-11", ends_on="2024-01-15"))
    given = replayed(*running, until="2024-01-20", policies=[CONTRACTED])
    assert changes(given) == [("1", "SILVER", "contract"), ("01-16T00", None, "contract")]


def test_a_contract_signed_again_has_its_new_end_alone() -> None:
    shorter = (signed("2024-01-11"), signed("2024-01-12", ends_on="2024-01-11"))
    given = replayed(fee("2024-01-10", 30), *shorter, until="2024-01-20", policies=[CONTRACTED])
    assert changes(given) == [("1", "SILVER", "contract"), ("2", None, "contract")]


def test_a_contract_matters_to_no_tier_unless_the_policy_asks_for_one() -> None:
    given = replayed(fee("2024-01-10", 30), ended("2024-01-11"), until="2024-01-20")
    assert changes(given) == [("0", "SILVER", "live")]


def test_a_credit_big_customer_has_a_tier_a_contract_and_no_arrears() -> None:
    def is_credit(*lines: dict[str, Any]) -> bool:
        return bool(replayed(*lines, until="2024-03-20").subscribers["s"]["credit_big_customer"])

    overdue = bill("2024-02-01", "2024-01", 40, due_on="2024-02-10")
    assert is_credit(fee("2024-01-10", 30), signed("2024-01-11"))
    assert not is_credit(fee("2024-01-10", 30))
    assert not is_credit(fee("2024-01-10", 29), signed("2024-01-11"))
    assert not is_credit(fee("2024-01-10", 30), signed("2024-01-11"), overdue)
    assert is_credit(fee("2024-01-10", 30), signed("2024-01-11"), overdue, payment("2024-02-20", 40))


def test_a_customer_first_seen_without_activation_is_on_the_network() -> None:
    given = replayed(fee("2024-01-10", 30), until="2024-02-10")
    assert row(given, "2024-01").on_network
    assert revenues(given) == {"2024-01": 30}
