"""What a subscriber looks like at the clock."""

from msgspec import structs

from stream_app.core.customer import Customer
from stream_app.core.facts import WindowMonth
from stream_app.core.months import month_number
from stream_app.core.risk import RiskView
from stream_app.core.view import View
from tests.core.builders import WHO, Story, bill, deactivated, policy, signed, updated, usage

JANUARY = month_number("2025-01")


def test_before_the_first_tick_there_are_no_figures() -> None:
    story = Story()
    story.take(updated("2025-01-05", branch_id="north"), usage("2025-01-06", 60))
    assert story.view == View(subscriber_id=WHO, branch_id="north")


def test_a_view_shows_the_windows_in_force_and_what_the_tier_rests_on() -> None:
    story = Story()
    story.tick("2025-01-05")
    story.take(usage("2025-01-06", 20), bill("2025-02-01", "2025-02", 15))
    story.tick("2025-02-02")
    months = (
        WindowMonth(JANUARY - 3, 0, billed=False, closed=True),
        WindowMonth(JANUARY - 2, 0, billed=False, closed=True),
        WindowMonth(JANUARY - 1, 0, billed=False, closed=True),
        WindowMonth(JANUARY, 20, billed=False, closed=False),
        WindowMonth(JANUARY + 1, 15, billed=True, closed=False),
    )
    assert structs.replace(story.view, customer=Customer(), risk=RiskView()) == View(
        subscriber_id=WHO,
        tier="SILVER",
        arpu_live_fen=12,
        months=months,
        worth="SILVER",
        provisional=True,
        basis=months[2:],
        floor_fen=10,
        next_tier="GOLD",
        next_floor_fen=20,
        policy_version="v1",
    )


def test_the_official_figures_are_those_of_the_last_closed_month() -> None:
    story = Story()
    story.take(usage("2024-12-10", 60))
    story.tick("2025-01-05")
    told = story.view
    assert (told.official_tier, told.arpu_closed_fen, told.provisional) == ("GOLD", 20, False)
    assert (told.floor_fen, told.next_tier, told.next_floor_fen) == (20, None, None)


def test_without_a_tier_the_lowest_is_next() -> None:
    story = Story()
    story.tick("2025-01-05")
    story.take(usage("2025-01-06", 5))
    told = story.view
    assert (told.worth, told.floor_fen, told.next_tier, told.next_floor_fen) == (None, None, "SILVER", 10)


def test_all_that_suspends_a_tier_is_named() -> None:
    story = Story(policy(contract_required=True))
    story.take(bill("2025-01-05", "2025-01", 60, "2025-01-10"), deactivated("2025-01-20"))
    story.tick("2025-02-20")
    assert (story.view.suspended, story.view.arrears_fen) == (("left", "arrears", "contract"), 60)


def test_a_credit_big_customer_has_a_tier_and_a_contract() -> None:
    story = Story()
    story.tick("2025-01-05")
    story.take(usage("2025-01-06", 30))
    assert not story.view.credit_big_customer
    story.take(signed("2025-01-07", ends_on="2025-01-20"))
    assert story.view.credit_big_customer
    story.tick("2025-01-21")
    assert not story.view.credit_big_customer


def test_a_contract_without_a_tier_gives_no_credit() -> None:
    story = Story()
    story.tick("2025-01-05")
    story.take(signed("2025-01-07"), usage("2025-01-08", 29))
    assert not story.view.credit_big_customer
