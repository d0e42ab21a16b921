"""Order of arrival does not matter to the months' figures, the official tier and the tier after a close."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.oracle import adapter
from tests.oracle.compare import differences
from tests.oracle.oracle import Answer, answer
from tests.oracle.orders import TwoOrders, two_orders

few = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def figures(given_answer: Answer, other: Answer) -> Answer:
    """Keep what order must not change.

    A row once written stays: whether one was written on the way may hang on the order, what it holds may not.
    """
    both = given_answer.months.keys() & other.months.keys()
    return Answer(
        months={key: given_answer.months[key] for key in both},
        subscribers=given_answer.subscribers,
        tier_after_close=given_answer.tier_after_close,
        rejected=given_answer.rejected,
    )


@pytest.mark.slow
@few
@given(two_orders())
def test_the_oracle_gives_the_same_figures_in_any_order_between_two_ticks(orders: TwoOrders) -> None:
    one, other = answer(*orders.one), answer(*orders.other)
    assert differences(figures(one, other), figures(other, one)) == []


@pytest.mark.slow
@few
@given(two_orders())
def test_the_engine_gives_the_same_figures_in_any_order_between_two_ticks(orders: TwoOrders) -> None:
    one, other = adapter.engine_answer(*orders.one), adapter.engine_answer(*orders.other)
    assert differences(figures(one, other), figures(other, one)) == []
