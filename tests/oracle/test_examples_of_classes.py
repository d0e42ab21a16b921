"""Section 4 on value classes, and measures and tenure: expected answers are worked by hand."""

from typing import Any

import pytest

from tests.oracle.examples import activated, bill, deactivated, event, payment, policy, replayed, usage
from tests.oracle.oracle import Answer

CLASSES = policy(
    value_classes={
        "dynamic_over_fen": 10,
        "quasi_floor_fen": 5,
        "important_floor_fen": 30,
        "low_below_fen": 3,
        "assessed_outgoing_seconds": 120,
    }
)


def used(*amounts_fen: int) -> list[dict[str, Any]]:
    """Tell of one call of a minute on the 10th of each month of 2024, from January."""
    return [usage(f"2024-{month:02d}-10", fen) for month, fen in enumerate(amounts_fen, start=1)]


def classed(*lines: dict[str, Any], until: str) -> Answer:
    """Ask the oracle."""
    return replayed(*lines, until=until, policies=[CLASSES])


@pytest.mark.parametrize(
    ("amounts_fen", "expected"),
    [
        ((11, 11, 11), "ordinary"),
        ((11, 10, 11), "none"),
        ((15,), "quasi"),
        ((30,), "none"),
        ((30, 30, 30), "important"),
        ((11, 11, 11, 3, 3, 3), "irregular"),
        ((11, 11, 11, 2, 3, 2), "churn_inclined"),
    ],
)
def test_the_class_follows_from_the_last_closed_months(amounts_fen: tuple[int, ...], expected: str) -> None:
    last = f"2024-{len(amounts_fen):02d}"
    given = classed(*used(*amounts_fen), until=f"2024-{len(amounts_fen) + 1:02d}-04")
    assert (given.worths or {})["s", last].value_class == expected
    assert given.subscribers["s"]["value_class"] == expected


@pytest.mark.parametrize(("paid_fen", "expected"), [(10, "churn_inclined"), (11, "ordinary")])
def test_a_bill_unpaid_for_over_a_month_inclines_to_churn(paid_fen: int, expected: str) -> None:
    lines = [*used(11, 11, 11), bill("2024-02-03", "2024-01", 11, due_on="2024-02-20"), payment("2024-03-01", paid_fen)]
    assert classed(*lines, until="2024-04-04").subscribers["s"]["value_class"] == expected


def test_off_the_network_there_is_no_class() -> None:
    given = classed(*used(11, 11, 11), deactivated("2024-03-20"), until="2024-04-04")
    told = given.subscribers["s"]
    assert (told["value_class"], told["dynamic"], told["important"]) == ("none", True, False)


def test_who_calls_enough_and_pays_enough_is_assessed() -> None:
    once = classed(*used(20), until="2024-02-04")
    twice = classed(*used(10), usage("2024-01-11", 0), until="2024-02-04")
    assert [given.subscribers["s"]["assessed"] for given in (once, twice)] == [False, True]


def test_measures_hold_until_their_end_and_tenure_counts_full_months() -> None:
    lines = [
        activated("2024-01-05"),
        event("measure.enrolled", "2024-01-05", measure="family_plan", until="2024-03-05"),
        event("measure.enrolled", "2024-01-05", measure="deposit_gift"),
        event("measure.enrolled", "2024-01-05", measure="mailbox"),
        event("measure.ended", "2024-01-04", measure="mailbox"),
    ]
    held = classed(*lines, until="2024-03-05").subscribers["s"]
    over = classed(*lines, until="2024-03-06").subscribers["s"]
    assert held["measures_until"] == {"deposit_gift": None, "family_plan": "2024-03-05"}
    assert [each["cross_stabilised"] for each in (held, over)] == [True, False]
    assert [each["tenure_months"] for each in (held, over)] == [2, 2]
