"""Why a tier changed: the first that holds (CONTRACTS section 5)."""

import pytest

from stream_app.core.state import IN_ARREARS, LEFT, NO_CONTRACT
from stream_app.core.tiers import Shift, reason
from tests.core.builders import (
    Story,
    activated,
    adjustment,
    bill,
    deactivated,
    fee,
    payment,
    policy,
    signed,
    told,
    usage,
)

EVERYTHING = Shift(month_closed=True, policy_changed=True, closed_changed=True, open_fell=True)


@pytest.mark.parametrize(
    ("before", "after", "shift", "named"),
    [
        (NO_CONTRACT, LEFT | IN_ARREARS, EVERYTHING, "left"),
        (LEFT, IN_ARREARS | NO_CONTRACT, EVERYTHING, "returned"),
        (NO_CONTRACT, IN_ARREARS, EVERYTHING, "arrears"),
        (IN_ARREARS | NO_CONTRACT, 0, EVERYTHING, "payment"),
        (NO_CONTRACT, 0, EVERYTHING, "contract"),
        (0, NO_CONTRACT, EVERYTHING, "contract"),
        (0, 0, EVERYTHING, "policy"),
        (LEFT, LEFT, EVERYTHING._replace(policy_changed=False), "close"),
        (0, 0, Shift(closed_changed=True), "correction"),
        (0, 0, Shift(open_fell=True), "correction"),
        (0, 0, Shift(), "live"),
    ],
)
def test_the_first_reason_that_holds_is_named(before: int, after: int, shift: Shift, named: str) -> None:
    assert reason(before, after, shift) == named


def test_one_tick_may_bring_a_policy_a_close_and_arrears() -> None:
    story = Story(policy(), policy("v2", "2025-02-03", arrears_grace_days=0))
    story.tick("2025-01-05")
    story.take(bill("2025-01-05", "2025-01", 60, "2025-01-10"))
    assert told(story.tick("2025-02-04")) == [("GOLD", None, "arrears")]


def test_a_policy_comes_before_the_close_it_makes() -> None:
    story = Story(policy(), policy("v2", "2025-02-03", tiers=policy().tiers[:1]))
    story.tick("2025-01-05")
    story.take(usage("2025-01-06", 30))
    assert told(story.tick("2025-02-04")) == [("SILVER", None, "policy")]


def test_a_return_that_leaves_another_hindrance_is_not_told_until_that_goes() -> None:
    story = Story(policy(contract_required=True))
    story.tick("2025-01-05")
    story.take(usage("2025-01-06", 60), deactivated("2025-01-07"))
    assert told(story.take(activated("2025-01-08"))) == []
    assert told(story.take(signed("2025-01-09"))) == [(None, "GOLD", "contract")]


def test_a_refund_that_ends_arrears_is_told_as_payment() -> None:
    story = Story()
    story.tick("2025-01-05")
    story.take(bill("2025-01-05", "2025-01", 100, "2025-01-10"))
    story.tick("2025-02-11")
    story.take(payment("2025-02-11", 70))
    assert told(story.take(adjustment("2025-02-11", "2025-01", -30))) == [(None, "GOLD", "payment")]


def test_a_correction_upwards_is_one_too() -> None:
    story = Story()
    story.take(usage("2024-01-10", 0))
    story.tick("2024-02-03")
    assert told(story.take(usage("2024-01-10", 60))) == [(None, "GOLD", "correction")]


def test_a_fee_of_a_closed_month_that_names_an_open_one_corrects_nothing() -> None:
    story = Story()
    story.take(usage("2024-01-10", 0))
    story.tick("2024-02-03")
    assert told(story.take(fee("2024-01-31", 60, "2024-02"))) == [(None, "GOLD", "live")]


def test_late_use_that_changes_no_closed_figure_raises_nothing() -> None:
    story = Story()
    story.take(bill("2024-01-10", "2024-01", 30))
    story.tick("2024-02-03")
    assert story.take(usage("2024-01-10", 60)) == []
