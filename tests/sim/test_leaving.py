"""Who leaves, what shows before, and that it shows at those who stay as well."""

import json
from collections import Counter
from datetime import date, datetime, timedelta
from functools import cache
from statistics import mean
from zoneinfo import ZoneInfo

import pytest

from stream_app.sim import NO_FAULTS, Archetype, Event, Mix, Population, Truth, history, truth
from stream_app.sim.archetypes import COURSES, SHARES
from stream_app.sim.truth import as_row, from_row

START_AT = datetime(2003, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
END_AT = START_AT + timedelta(days=365)
MANY = Mix(big_share=0.5, movers=0.0, leavers=0.7, returners=0.0, kept=0.4, campaigns=0.1, curious=0.1, holidays=0.1)
TOWN = Population(3, 60, MANY, usage_per_day=2)


@cache
def year() -> tuple[Event, ...]:
    return tuple(history(TOWN, START_AT, END_AT, NO_FAULTS))


@cache
def told() -> tuple[Truth, ...]:
    return tuple(truth(TOWN, START_AT, END_AT, timedelta()))


def of_type(kind: str) -> list[Event]:
    return [event for event in year() if event["type"] == kind]


def on_of(event: Event) -> date:
    return date.fromisoformat(str(event["occurred_at"])[:10])


def uses_before(leaving: Truth, first: int, last: int) -> int:
    """Count the uses from so many days before leaving to so many."""
    on = leaving.would_leave_on or date.max
    days = range(first, last)
    return sum(
        event["subscriber_id"] == leaving.subscriber_id and (on - on_of(event)).days in days
        for event in of_type("usage.recorded")
    )


def test_who_leaves_in_truth_leaves_in_the_events_on_that_day_and_nobody_else() -> None:
    left = {(each.subscriber_id, each.left_on) for each in told() if each.left_on}

    assert left == {(event["subscriber_id"], on_of(event)) for event in of_type("subscriber.deactivated")}
    assert len(left) > 8


def test_whom_a_measure_keeps_accepts_it_that_day_and_stays() -> None:
    accepted = {(event["subscriber_id"], on_of(event)) for event in of_type("measure.enrolled") if "until" in event}
    kept = [each for each in told() if each.kept_on and each.kept_on >= START_AT.date()]

    assert kept
    assert {(each.subscriber_id, each.kept_on) for each in kept} <= accepted
    assert all(each.left_on is None and each.kept_on < each.would_leave_on for each in kept)  # type: ignore[operator]


def test_an_accepted_offer_is_a_contact_with_the_measure_that_is_enrolled() -> None:
    offered = {
        (event["subscriber_id"], on_of(event), event["measure"])
        for event in of_type("contact.resulted")
        if event["outcome"] == "accepted"
    }
    enrolled = {(e["subscriber_id"], on_of(e), e["measure"]) for e in of_type("measure.enrolled")}

    assert offered
    assert offered <= enrolled


def test_a_leaver_uses_less_before_leaving_than_in_the_months_before() -> None:
    leavers = [each for each in told() if each.left_on and not each.sudden and each.left_on >= date(2003, 6, 1)]

    assert len(leavers) >= 3
    assert mean(uses_before(each, 1, 15) for each in leavers) < 0.6 * mean(
        uses_before(each, 120, 134) for each in leavers
    )


def test_the_signs_told_are_in_the_events_of_their_day() -> None:
    complaints = {(event["subscriber_id"], on_of(event)) for event in of_type("complaint.filed")}
    ported = {(event["subscriber_id"], on_of(event)) for event in of_type("portout.requested")}
    signs = [(kind, each.subscriber_id, on) for each in told() for kind, on in each.signs if on >= START_AT.date()]

    assert {(who, on) for kind, who, on in signs if kind == "portout_request"} == ported
    assert {(who, on) for kind, who, on in signs if "complaint" in kind} <= complaints
    assert Counter(kind for kind, _, _ in signs)["portout_request"] > 0


def test_who_stays_complains_calls_and_falls_silent_too() -> None:
    staying = {each.subscriber_id for each in told() if each.archetype is None}

    assert staying & {event["subscriber_id"] for event in of_type("competitor.contacted")}
    assert any(shown.kind == "holiday" for each in told() if each.archetype is None for shown in each.noise)


def test_a_holiday_is_silent_and_costs_the_month_nothing() -> None:
    one = next((each, shown.on) for each in told() for shown in each.noise if shown.kind == "holiday")
    silent = {one[1] + timedelta(days=day) for day in range(5)}
    uses = [event for event in of_type("usage.recorded") if event["subscriber_id"] == one[0].subscriber_id]

    assert uses
    assert not silent & {on_of(event) for event in uses}


def test_the_sudden_show_no_sign() -> None:
    sudden = [each for each in truth(Population(1, 600, MANY), START_AT, END_AT) if each.sudden]

    assert sudden
    assert all(each.signs == () for each in sudden)


def test_reasons_to_leave_come_in_their_shares_and_nobody_who_moves_is_kept() -> None:
    leavers = [each for each in truth(Population(2, 3_000, MANY), START_AT, END_AT) if each.archetype]
    counted = Counter(each.archetype for each in leavers)

    for archetype, share in SHARES.items():
        assert counted[archetype] / len(leavers) == pytest.approx(share, abs=0.05)
    assert not any(each.kept_on for each in leavers if each.archetype == Archetype.MOVING)


def test_everybody_there_is_told_of_and_the_truth_is_the_same_again() -> None:
    assert {each.subscriber_id for each in told()} == {event["subscriber_id"] for event in year()}
    assert tuple(truth(TOWN, START_AT, END_AT, timedelta())) == told()


@pytest.mark.parametrize("archetype", Archetype)
def test_a_course_fades_towards_the_end_and_signs_lie_within_its_months(archetype: Archetype) -> None:
    course = COURSES[archetype]

    assert list(course.fades) == sorted(course.fades)
    assert all(0 <= share <= 1 for _, share in course.fades)
    assert all(0 < first < last <= 100 for first, last in (sign.days_before for sign in course.signs))


def test_the_shares_of_the_reasons_make_one() -> None:
    assert sum(SHARES.values()) == pytest.approx(1)


def test_a_truth_written_is_read_again() -> None:
    assert tuple(from_row(json.loads(json.dumps(as_row(each)))) for each in told()) == told()


def test_a_customer_and_the_day_it_left_are_truth_enough() -> None:
    left_on = date(2003, 5, 1)

    assert from_row({"subscriber_id": "a", "left_on": "2003-05-01"}) == Truth(
        "a", would_leave_on=left_on, left_on=left_on
    )
    assert from_row({"subscriber_id": "a", "left_on": None}) == Truth("a")
