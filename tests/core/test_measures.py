"""Measures held, with their ends, and what a plan lacks (DOMAIN section 4)."""

from datetime import date

import pytest
from msgspec import structs

from stream_app.core.customer import Customer
from stream_app.core.events import MeasureEnded, MeasureEnrolled
from stream_app.core.planfit import PlanFit
from stream_app.core.policy import Plan, Plans
from tests.core.builders import WHO, Story, _common, payment, policy, updated, usage

PLANS = Plans((Plan("p1", 1000, 1), Plan("p3", 3000, 3), Plan("p5", 2500, 5), Plan("p9", 9000, 9)), 6)


def enrolled(at: str, measure: str, until: str | None = None) -> MeasureEnrolled:
    """Tell of a measure taken up."""
    return MeasureEnrolled(*_common(at, {}), measure, date.fromisoformat(until) if until else None)


def dropped(at: str, measure: str) -> MeasureEnded:
    """Tell of a measure ended."""
    return MeasureEnded(*_common(at, {}), measure)


def begun() -> Story:
    """Begin on 5 January 2025."""
    story = Story(structs.replace(policy(), plans=PLANS))
    story.tick("2025-01-05")
    return story


def customer(story: Story) -> Customer:
    """Give the customer as of the last tick."""
    return story.view_of(WHO).customer


def test_a_measure_holds_on_its_last_day_and_not_the_day_after() -> None:
    story = begun()
    story.take(enrolled("2025-01-05", "family_plan", "2025-01-20"))
    story.tick("2025-01-20T23:59:59Z")
    story.take(payment("2025-01-20", 1))  # settled on the very day
    assert customer(story).measures == {"family_plan": date(2025, 1, 20).toordinal()}
    assert story.sub.wake_day == date(2025, 1, 21).toordinal()
    story.tick("2025-01-21T00:00:00Z")
    assert customer(story).measures == {}
    assert story.sub.measures == {}


def test_a_measure_is_what_its_last_event_by_arrival_says() -> None:
    story = begun()
    story.take(dropped("2025-01-08", "mailbox"), enrolled("2025-01-06", "mailbox", "2025-01-09"))
    assert list(customer(story).measures) == ["mailbox"]
    story.take(enrolled("2025-01-01", "mailbox"))
    assert customer(story).measures == {"mailbox": None}
    story.take(dropped("2025-01-01", "mailbox"))
    assert customer(story).measures == {}


def test_a_measure_past_its_end_when_it_arrives_does_not_hold() -> None:
    story = begun()
    story.take(enrolled("2025-01-01", "mailbox", "2025-01-04"))
    assert (customer(story).measures, story.sub.measures) == ({}, {})


def test_two_stabilising_measures_at_once_are_cross_stabilised_and_sticky_services_are_apart() -> None:
    story = begun()
    story.take(enrolled("2025-01-06", "family_plan"), enrolled("2025-01-06", "direct_debit"))
    assert not customer(story).cross_stabilised
    story.take(enrolled("2025-01-06", "deposit_gift", "2025-01-31"), enrolled("2025-01-06", "something_else"))
    told = customer(story)
    assert (told.stabilising, told.sticky_services) == (("deposit_gift", "family_plan"), ("direct_debit",))
    assert told.cross_stabilised
    story.tick("2025-02-01")
    assert not customer(story).cross_stabilised


def fit_of(seconds: int, charge_fen: int, plan: str = "p1", joined_on: str = "2024-01-01") -> PlanFit | None:
    """Tell the fit of a plan to one month's use."""
    story = begun()
    story.take(usage("2025-01-10", charge_fen, quantity=seconds), updated("2025-01-10", plan=plan, joined_on=joined_on))
    story.tick("2025-02-03")
    return customer(story).plan_fit


@pytest.mark.parametrize(
    ("seconds", "charge_fen", "joined_on", "move_to"),
    [
        (61, 1001, "2024-01-01", "p5"),  # cheaper than p3, and larger
        (60, 1001, "2024-01-01", None),
        (61, 1000, "2024-01-01", None),
        (301, 1001, "2024-01-01", "p9"),
        (541, 1001, "2024-01-01", "p9"),  # none holds so much: the largest
        (61, 1001, "2024-08-03", None),  # six months on the day: not above them
        (61, 1001, "2024-07-03", "p5"),
    ],
)
def test_a_move_is_due_with_minutes_bill_and_tenure_above_what_the_plan_has(
    seconds: int, charge_fen: int, joined_on: str, move_to: str | None
) -> None:
    fit = fit_of(seconds, charge_fen, joined_on=joined_on)
    assert fit is not None
    assert fit.move_to == move_to


def test_the_largest_plan_has_none_above_it_and_an_unknown_one_has_no_fit() -> None:
    largest = fit_of(6000, 10000, "p9")
    assert largest is not None
    assert largest.move_to is None
    assert fit_of(6000, 10000, "unheard of") is None
