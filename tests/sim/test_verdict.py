"""Warnings joined with the truth: each figure by an example that can be counted by hand."""

from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_app.sim import Terms, Truth, Verdict, verdict
from stream_app.sim.verdict import worded

SHANGHAI = ZoneInfo("Asia/Shanghai")
TERMS = Terms(date(2003, 4, 1), date(2003, 7, 1), level="high", horizon_days=60)
LEFT_ON = date(2003, 6, 1)
LEVELS = ("none", "watch", "high", "critical")


def change(on: date, before: str, after: str, who: str = "a", reason: str = "silent_days") -> dict[str, object]:
    return {
        "type": "churn_risk.changed",
        "subscriber_id": who,
        "occurred_at": datetime(on.year, on.month, on.day, 9, tzinfo=SHANGHAI).isoformat(),
        "from": before,
        "to": after,
        "reasons": [{"indicator": reason, "points": 10, "evidence": {}}],
    }


def leaver(who: str = "a", on: date = LEFT_ON) -> Truth:
    return Truth(who, "price", would_leave_on=on, left_on=on)


def stayers(count: int) -> list[Truth]:
    return [Truth(f"s{number}") for number in range(count)]


def judged(*facts: dict[str, object], truths: list[Truth] | None = None) -> Verdict:
    return verdict(facts, [*(truths or [leaver()]), *stayers(9)], TERMS)


def test_a_warning_before_leaving_is_right_and_leads_by_days() -> None:
    found = judged(change(date(2003, 5, 2), "none", "high"))

    assert (found.alerted, found.right, found.false_alarms) == (1, 1, 0)
    assert found.found.lead_days == (30,)
    assert found.by_archetype["price"].recall == 1
    assert (found.precision, found.base_share, found.lift) == (1, 0.1, 10)


@pytest.mark.parametrize(
    ("on", "leads"),
    [
        (LEFT_ON, ()),  # on the very day: too late to act
        (LEFT_ON - timedelta(days=1), (1,)),
        (LEFT_ON - timedelta(days=60), (60,)),
        (LEFT_ON - timedelta(days=70), (60,)),  # still standing: counted from the horizon
    ],
)
def test_a_warning_counts_from_the_day_before_to_the_horizon(on: date, leads: tuple[int, ...]) -> None:
    assert judged(change(on, "none", "critical")).found.lead_days == leads


def test_a_warning_that_was_cleared_before_the_horizon_is_a_false_alarm() -> None:
    found = judged(change(date(2003, 3, 20), "none", "high"), change(date(2003, 4, 1), "high", "none"))

    assert (found.alerted, found.right, found.false_alarms) == (1, 0, 1)
    assert found.found == (1, ())
    assert found.false_alarms_per_thousand == 100


def test_a_level_below_the_one_asked_for_is_no_warning() -> None:
    found = judged(change(date(2003, 5, 2), "none", "watch"))

    assert (found.alerted, found.precision, found.lift, found.flapping_share) == (0, 0, 0, 0)


def test_from_high_to_critical_goes_on_and_does_not_begin_again() -> None:
    found = judged(change(date(2003, 5, 2), "none", "high"), change(date(2003, 5, 20), "high", "critical"))

    assert found.found.lead_days == (30,)


def test_a_change_of_reason_alone_is_no_change_of_level() -> None:
    assert judged(change(date(2003, 5, 2), "high", "high", reason="arrears_fen")).alerted == 0


def test_who_was_kept_would_have_left_and_the_warning_was_right() -> None:
    kept = Truth("a", "price", would_leave_on=LEFT_ON, kept_on=date(2003, 5, 20))
    found = judged(change(date(2003, 5, 2), "none", "high"), change(date(2003, 5, 20), "high", "none"), truths=[kept])

    assert (found.right, found.false_alarms, found.found.lead_days) == (1, 0, (30,))


@pytest.mark.parametrize(("days", "flapping"), [(7, 1), (8, 0)])
def test_up_and_down_within_seven_days_flaps(days: int, flapping: int) -> None:
    up_on = date(2003, 4, 10)
    facts = change(up_on, "none", "high", "s1"), change(up_on + timedelta(days=days), "high", "watch", "s1")

    assert judged(*facts).flapping == flapping


def test_a_level_that_falls_because_the_customer_leaves_does_not_flap() -> None:
    found = judged(change(LEFT_ON - timedelta(days=3), "none", "high"), change(LEFT_ON, "high", "none", reason="left"))

    assert (found.flapping, found.right) == (0, 1)


def test_who_leaves_after_the_last_day_but_within_the_horizon_was_rightly_warned_of() -> None:
    found = judged(change(date(2003, 6, 20), "none", "high"), truths=[leaver(on=date(2003, 7, 15))])

    assert (found.right, found.base_share) == (1, 0.1)
    assert found.found.leavers == 0  # not asked for: they leave later


def test_other_facts_and_customers_without_a_truth_are_nobody() -> None:
    tier: dict[str, object] = {"type": "tier.changed", "subscriber_id": "a", "from": None, "to": "C1"}

    assert judged(tier, change(date(2003, 5, 2), "none", "high", "stranger")).alerted == 0


def test_nobody_at_all_gives_figures_of_nothing() -> None:
    found = verdict([], [], TERMS)

    assert (found.precision, found.lift, found.false_alarms_per_thousand, found.found.recall) == (0, 0, 0, 0)


def test_the_words_hold_the_figures() -> None:
    truths = [leaver(), leaver("b")]
    found = judged(
        change(date(2003, 5, 2), "none", "high"), change(date(2003, 5, 12), "none", "high", "b"), truths=truths
    )

    assert worded(found, TERMS).splitlines() == [
        "level high and above, 2003-04-01 to 2003-07-01, horizon 60 days",
        "customers 11, would leave 18.2%",
        "alerted 2, right 2: precision 100.0%, lift 5.5",
        "false alarms per thousand customers 0.0",
        "flapping 0.0% of the alerted",
        "all leavers: 2 of 2 warned of in time (100%), days before: 22.5 / 25 / 27.5",
        "price: 2 of 2 warned of in time (100%), days before: 22.5 / 25 / 27.5",
    ]


DAYS = st.integers(0, 180).map(lambda day: date(2003, 2, 1) + timedelta(days=day))
FACTS = st.lists(st.builds(change, DAYS, st.sampled_from(LEVELS), st.sampled_from(LEVELS), st.sampled_from("ab")))


@given(FACTS, DAYS, st.randoms())
def test_figures_lie_within_their_bounds_and_order_does_not_matter(
    facts: list[dict[str, object]], on: date, order: Random
) -> None:
    facts = list({(fact["subscriber_id"], fact["occurred_at"]): fact for fact in facts}.values())
    found = judged(*facts, truths=[leaver(on=on), Truth("b")])
    shuffled = list(facts)
    order.shuffle(shuffled)

    assert judged(*shuffled, truths=[leaver(on=on), Truth("b")]) == found
    assert found.right <= found.alerted <= 2
    assert found.flapping <= found.alerted
    assert len(found.found.lead_days) <= found.found.leavers
    assert all(1 <= days <= TERMS.horizon_days for days in found.found.lead_days)
