"""Levels rise and fall by the rules alone, and are told of without a gap, whenever rows are woken."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle.cases import Stream
from tests.oracle.levels import reached
from tests.oracle.policy import in_force, parse_all
from tests.oracle.warning_orders import is_tick
from tests.oracle.warning_streams import lives
from tests.oracle.warnings import asked_answer

unhurried = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
RELIEVING = {"payment.received", "bill.adjusted", "complaint.closed", "contract.signed", "measure.enrolled"}
SWITCHES = {"subscriber.activated", "subscriber.deactivated"}
SWITCHED = RELIEVING | SWITCHES


class Ticked(NamedTuple):
    """What is known after a tick, and the types of the events since the one before."""

    on: date
    since: date | None
    known: Mapping[str, Any]
    types: set[str]
    risk: Mapping[str, Any]


def ticked(stream: Stream) -> Iterator[Ticked]:
    """Work a life with rows woken as they ask."""
    told, types = asked_answer(stream.lines, stream.policies, wakes=False).subscribers, set[str]()
    policies = parse_all(stream.policies)
    for number, line in enumerate(stream.lines):
        known = told.get(f"{number:04d}")
        if not isinstance(line, Mapping) or known is None:
            continue
        if not is_tick(line):
            types.add(line["type"])
            continue
        at = datetime.fromisoformat(line["tick"])
        since = date.fromisoformat(known["since"]) if known["since"] else None
        yield Ticked(policies[0].calendar.date_of(at), since, known, types, in_force(policies, at).risk)
        types = set()


def assert_falls_by_the_rules(before: Ticked, after: Ticked) -> None:
    """A level falls once it has stood its dwell and the score is clear of it, or where something took it away."""
    if after.known["level"] >= before.known["level"] or after.types & SWITCHED:
        return
    assert before.since is not None
    assert after.on >= before.since + timedelta(days=after.risk["min_dwell_days"])
    assert reached(after.known["score"] + after.risk["hysteresis_points"], after.risk) == after.known["level"]


def assert_rises_by_the_rules(before: Ticked, after: Ticked) -> None:
    """A level rises no further than the score reaches."""
    if after.known["level"] > before.known["level"] and not after.types & SWITCHES:
        assert reached(after.known["score"], after.risk) == after.known["level"]


@settings(unhurried, max_examples=2)
@given(lives(paced=True, every=15))
def test_each_fact_begins_where_the_last_one_ended_and_after_a_tick_stands_in_the_view(stream: Stream) -> None:
    level = 0
    for number, known in sorted(asked_answer(stream.lines, stream.policies, wakes=False).subscribers.items()):
        for from_level, to_level, *_ in known["facts"]:
            assert (number, from_level) == (number, level)
            level = to_level
        if is_tick(stream.lines[int(number)]):
            assert (number, known["level"]) == (number, level)


@pytest.mark.slow
@settings(unhurried, max_examples=12)
@given(lives(paced=True))
def test_while_the_alarm_cools_down_nothing_paced_raises(stream: Stream) -> None:
    cleared: date | None = None
    for before, after in pairwise(ticked(stream)):
        if before.known["level"] and not after.known["level"]:
            cleared = after.on
        if after.types & SWITCHES or after.risk != before.risk:  # under a shorter cool-down it is over, and stays so
            cleared = None
        if cleared and after.on < cleared + timedelta(days=after.risk["cool_down_days"]) and not before.known["level"]:
            assert after.known["level"] <= reached(after.known["urgent"], after.risk)


@pytest.mark.slow
@settings(unhurried, max_examples=20)
@given(st.booleans().flatmap(lambda paced: lives(paced=paced, every=7)))
def test_a_level_falls_and_rises_by_the_rules_alone(stream: Stream) -> None:
    for before, after in pairwise(ticked(stream)):
        assert_falls_by_the_rules(before, after)
        assert_rises_by_the_rules(before, after)


@pytest.mark.slow
@settings(unhurried, max_examples=20)
@given(lives(paced=False))
def test_rows_woken_every_day_tell_what_rows_woken_as_they_ask_tell(stream: Stream) -> None:
    every_day, as_asked = (asked_answer(stream.lines, stream.policies, wakes=wakes) for wakes in (True, False))
    assert every_day == as_asked
