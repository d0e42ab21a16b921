"""What a customer is worth and holds, in words."""

from typing import Any

from stream_app.commands.customer_words import customer_lines

PLAIN: dict[str, Any] = {
    "value_class": "none",
    "dynamic": False,
    "important": False,
    "assessed": False,
    "growth_gap_fen": None,
    "measures_until": {},
    "cross_stabilised": False,
    "tenure_months": None,
    "tenure_band": None,
    "plan_fit": None,
}
FIT = {"plan": "p1", "outgoing_seconds": 7230, "plan_minutes": 100, "billing_month": "2025-02", "move_to": "p2"}


def test_of_who_has_nothing_little_is_said() -> None:
    assert list(customer_lines(PLAIN)) == ["value class            none", "measures               none"]


def test_class_flags_measures_tenure_and_plan_are_said() -> None:
    answer = PLAIN | {
        "value_class": "churn_inclined",
        "dynamic": True,
        "measures_until": {"deposit_gift": "2025-06-30", "family_plan": None},
        "cross_stabilised": True,
        "tenure_months": 40,
        "tenure_band": "long",
        "plan_fit": FIT,
    }
    assert list(customer_lines(answer)) == [
        "value class            churn-inclined, dynamic",
        "measures               deposit_gift until 2025-06-30, family_plan (cross-stabilised)",
        "tenure                 40 months (long)",
        "plan                   p1: 120 of 100 minutes in 2025-02, p2 would fit",
    ]


def test_the_growth_pool_says_what_is_missing() -> None:
    lines = list(customer_lines(PLAIN | {"value_class": "quasi", "growth_gap_fen": 200050}))
    assert lines[1] == "growth pool            2,000.50 yuan a month below the mid-to-high end"


def test_a_plan_that_fits_is_named_without_another() -> None:
    lines = list(customer_lines(PLAIN | {"plan_fit": FIT | {"move_to": None}}))
    assert lines[-1] == "plan                   p1: 120 of 100 minutes in 2025-02"
