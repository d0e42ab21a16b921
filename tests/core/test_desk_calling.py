"""Which facts call for action, and by when."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_app.core.desk import calling
from stream_app.core.desk.calling import Call, Ended, call_for, due_at, leading, may_open
from stream_app.core.desk.heard import Enrolled, Heard, Known, Reason
from stream_app.core.desk.policy import DeskPolicy
from tests.core.desk_stories import NOBODY, NOON, after, back, down, enrolled, ground, left, risk, up

DESK = DeskPolicy()
INDICATORS = st.lists(
    st.sampled_from(["portout", "complaints_escalated", "call_forwarding", "silent_days"]), min_size=1
)


def due_hours(found: Call | None) -> float:
    assert found is not None
    return (found.due_at - NOON) / timedelta(hours=1)


@pytest.mark.parametrize(
    ("level", "important", "value_class", "calls"),
    [
        (1, False, "ordinary", False),
        (2, False, "ordinary", True),
        (0, True, "ordinary", False),
        (1, True, "ordinary", True),
        (1, False, "important", True),
        (1, True, "churn_inclined", True),
    ],
)
def test_a_risk_calls_from_high_on_and_from_watch_on_for_the_important(
    level: int, value_class: str, *, important: bool, calls: bool
) -> None:
    known = Known(important=important, value_class=value_class)
    assert (call_for(risk(level, value_class=value_class), known, ground()) is not None) == calls


@pytest.mark.parametrize(("why", "calls"), [("close", True), ("arrears", True), ("left", False), ("policy", False)])
def test_a_tier_lost_calls_unless_the_customer_left_or_we_changed_the_rules(why: str, *, calls: bool) -> None:
    assert (call_for(down("C3", None, why), NOBODY, ground()) is not None) == calls


def test_a_tier_lost_calls_for_nothing_where_the_policy_says_so() -> None:
    assert call_for(down("C3", None), NOBODY, ground(tier_lost_calls=False)) is None


def test_a_tier_won_an_enrolment_or_a_return_calls_for_nothing() -> None:
    for heard in (up("C4", "C3"), enrolled("family_plan"), back()):
        assert call_for(heard, NOBODY, ground()) is None


def test_who_left_is_called_back_by_value_class_alone() -> None:
    gone = Known(value_class="important", left_at=NOON)
    found = call_for(left(), gone, ground())
    assert found is not None
    assert (found.kind, found.reasons[0].name) == ("win_back", "left")
    assert call_for(left(), gone._replace(value_class="ordinary"), ground()) is None
    assert call_for(left(), gone._replace(left_at=None), ground()) is None  # back already
    assert call_for(left(), gone._replace(left_at=after(hours=1)), ground()) is None  # not the last word


@pytest.mark.parametrize("heard", [risk(3, at=NOON), down("C1", None, at=NOON)])
def test_what_was_before_the_leaving_calls_for_nothing_any_more(heard: Heard) -> None:
    assert call_for(heard, Known(left_at=NOON), ground()) is None
    assert call_for(heard, Known(left_at=NOON - timedelta(seconds=1)), ground()) is not None


@pytest.mark.parametrize(
    ("indicators", "tier", "hours"),
    [
        (("silent_days", "portout"), "C1", 4),
        (("complaints_escalated", "call_forwarding"), None, 8),
        (("call_forwarding",), "C1", 24),
        (("silent_days",), "C1", 24),
        (("silent_days",), "C3", 48),
        (("silent_days",), "C4", 72),
        (("silent_days",), None, 72),
    ],
)
def test_it_is_due_by_the_most_urgent_reason_then_by_tier_then_by_the_rest(
    indicators: tuple[str, ...], tier: str | None, hours: int
) -> None:
    assert due_hours(call_for(risk(2, *indicators, tier=tier), NOBODY, ground())) == hours


def test_a_tier_lost_is_due_by_the_tier_that_was_lost() -> None:
    assert due_hours(call_for(down("C2", "C3"), NOBODY, ground())) == 24
    assert due_hours(call_for(down("C4", None), NOBODY, ground())) == 72


@given(INDICATORS, st.sampled_from([None, "C1", "C4"]))
def test_another_reason_never_makes_it_later_but_for_the_tiers(names: list[str], tier: str | None) -> None:
    all_of_them, first = risk(3, *names).reasons, risk(3, names[0]).reasons
    has_urgent = bool(calling.urgent(first, DESK))
    if has_urgent:
        assert due_at(all_of_them, tier, NOON, ground()) <= due_at(first, tier, NOON, ground())
    assert leading(all_of_them, DESK) in names


@given(INDICATORS)
def test_the_leading_reason_is_the_one_that_it_is_due_by(names: list[str]) -> None:
    reasons = risk(3, *names).reasons
    first = leading(reasons, DESK)
    of_first = tuple(reason for reason in reasons if reason.name == first)
    assert due_at(of_first, None, NOON, ground()) == due_at(reasons, None, NOON, ground())


def test_between_reasons_of_equal_haste_the_heaviest_leads() -> None:
    assert leading(risk(2, "silent_days", "complaints").reasons, DESK) == "silent_days"
    assert leading((), DESK) == ""


def opens(heard: Heard, last: Ended | None = None, now: datetime = NOON) -> bool:
    stands_on = ground(now)
    call = call_for(heard, NOBODY, stands_on)
    assert call is not None
    return may_open(call, heard, last, stands_on)


@pytest.mark.parametrize(("seconds", "opened"), [(0, True), (1, False)])
def test_a_fact_opens_a_case_for_a_fortnight(seconds: int, *, opened: bool) -> None:
    assert opens(risk(2), now=after(days=14, seconds=seconds)) == opened


def closed(why: str, *indicators: str, level: int = 2) -> Ended:
    return Ended("keep", NOON, why, level, risk(level, *indicators).reasons)


@pytest.mark.parametrize("why", sorted(calling.RESULTS))
def test_after_a_result_a_customer_rests_for_the_days_of_the_policy(why: str) -> None:
    last = closed(why)
    before, then = after(days=14, seconds=-1), after(days=14)
    assert not opens(risk(2, "complaints", at=before), last, before)
    assert opens(risk(2, "complaints", at=then), last, then)
    assert opens(risk(3, "complaints", at=before), last, before)
    assert opens(risk(2, "portout", at=before), last, before)


@pytest.mark.parametrize("why", ["cleared", "left", "lapsed", "returned"])
def test_without_a_result_there_is_no_rest(why: str) -> None:
    assert opens(risk(2), closed(why))


def test_an_urgent_reason_that_was_talked_about_is_no_news() -> None:
    assert not opens(risk(2, "portout"), closed("refused", "portout"))
    again = risk(2, "portout")
    changed = {**again.reasons[0].says, "evidence": {"requested_on": "2025-06-09"}}
    second = risk(2, reasons=(Reason("risk", "f", NOON, changed),))
    assert opens(second, closed("refused", "portout"))


def test_who_refused_and_left_is_won_back_all_the_same() -> None:
    stands_on, gone = ground(), Known(value_class="important", left_at=NOON)
    heard = left()
    call = call_for(heard, gone, stands_on)
    assert call is not None
    assert may_open(call, heard, closed("refused"), stands_on)


def test_an_enrolment_is_heard_and_calls_for_nothing() -> None:
    assert isinstance(enrolled("mailbox"), Enrolled)
