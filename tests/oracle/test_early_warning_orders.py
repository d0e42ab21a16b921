"""The order in which events between two ticks meet moves no reading, no score and no level."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.oracle.cases import Stream
from tests.oracle.warning_orders import TwoOrders, between_closes, between_ticks, closes_before, is_tick
from tests.oracle.warnings import engine_answer

unhurried = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def at_ticks(stream: Stream) -> list[dict[str, Any]]:
    """Give what is known after each tick, without the facts, and how the level stood just before."""
    known, seen = engine_answer(*stream).subscribers, list[dict[str, Any]]()
    for number, line in enumerate(stream.lines):
        now, before = known.get(f"{number:04d}"), known.get(f"{number - 1:04d}", {})
        if is_tick(line) and now is not None:
            told = {name: figure for name, figure in now.items() if name != "facts"}
            seen.append({"at": line, **told, "before": (before.get("level"), before.get("since"))})
    return seen


def at_closes(stream: Stream) -> list[dict[str, Any]]:
    """Give what is read and the score after each close."""
    counts, ticks = closes_before(stream), [line for line in stream.lines if is_tick(line)]
    closes = [tick for n, tick in enumerate(ticks) if counts[n + 1] > counts[n]]
    names = ("at", "values", "score", "urgent")
    return [{name: each[name] for name in names} for each in at_ticks(stream) if each["at"] in closes]


@settings(unhurried, max_examples=2)
@given(between_ticks())
def test_events_between_two_ticks_may_meet_in_any_order(orders: TwoOrders) -> None:
    assert at_ticks(orders.one) == at_ticks(orders.other)


@settings(unhurried, max_examples=2)
@given(between_closes())
def test_indicators_read_the_same_whatever_the_order_inside_a_month(orders: TwoOrders) -> None:
    assert at_closes(orders.one) == at_closes(orders.other)


@pytest.mark.slow
@settings(unhurried, max_examples=15)
@given(between_ticks())
def test_events_between_two_ticks_of_many_lives_may_meet_in_any_order(orders: TwoOrders) -> None:
    assert at_ticks(orders.one) == at_ticks(orders.other)


@pytest.mark.slow
@settings(unhurried, max_examples=15)
@given(between_closes())
def test_indicators_of_many_lives_read_the_same_whatever_the_order_inside_a_month(orders: TwoOrders) -> None:
    assert at_closes(orders.one) == at_closes(orders.other)
