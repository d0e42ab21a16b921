"""Value classes at the close (CONTRACTS section 4): the default figures, each at its bound."""

import pytest
from msgspec import structs

from stream_app.core.facts import Worth
from stream_app.core.policy import TenureBand, ValueClasses
from tests.core.builders import (
    Story,
    activated,
    adjustment,
    bill,
    deactivated,
    fee,
    live_through,
    payment,
    policy,
    updated,
    usage,
)


def lived(*amounts_fen: int, **rules: object) -> Story:
    """Let a customer use so much in each month from January 2024 on."""
    story = Story(structs.replace(policy(), value_classes=ValueClasses(**rules)))  # type: ignore[arg-type]
    story.tick("2024-01-01T00:00:00Z")
    live_through(story, *amounts_fen)
    return story


def last(story: Story) -> Worth:
    """Give what the last row says, which is what is asked afterwards too."""
    row = story.rows[max(story.rows)]
    assert row.worth == story.view.customer.worth
    return row.worth


@pytest.mark.parametrize(
    ("amounts_fen", "expected"),
    [
        ((12001, 12001, 12001), "ordinary"),
        ((12001, 12000, 12001), "none"),  # not above X in a row, and a mean of X is past the pool
        ((12001, 12001), "quasi"),  # two months of three: their mean is 80 yuan and some
        ((12000, 12000), "quasi"),  # 80 yuan to the fen
        ((12000, 11999), "quasi"),  # rounded half up to 8000
        ((12000, 11998), "none"),
        ((12000, 12000, 11998), "quasi"),  # 11999 a month
        ((12000, 12000, 12000), "none"),
        ((50000, 50000, 50000), "important"),
        ((50000, 50000, 49998), "ordinary"),
        ((13000, 13000, 13000, 5000, 5000), "irregular"),  # 50 yuan is not below it
        ((13000, 13000, 13000, 4999, 5000), "irregular"),
        ((13000, 13000, 13000, 4999, 4999), "churn_inclined"),
        ((4999, 13000, 13000, 13000, 13000, 4999), "churn_inclined"),  # not in a row
        ((4999, 13000, 13000, 13000, 13000, 13000, 4999), "irregular"),  # the first is past the window
        ((13000, 13000, 13000, 13000, 11000, 13000), "ordinary"),  # (13000 + 11000 + 13000) / 3
        ((13000, 13000, 13000, 9000, 9000, 9000), "irregular"),
        ((13000, 13000, 13000, 9000, 9000, 9000, 9000), "quasi"),  # the three in a row are past the window
        ((150000,), "none"),
    ],
)
def test_the_class_follows_from_the_months(amounts_fen: tuple[int, ...], expected: str) -> None:
    assert last(lived(*amounts_fen)).value_class == expected


def test_a_month_without_use_between_is_low() -> None:
    story = lived(13000, 13000, 13000)
    story.tick("2024-05-03", "2024-06-03")
    assert last(story) == Worth("churn_inclined", dynamic=True)


def test_the_important_are_told_also_among_the_churn_inclined() -> None:
    assert last(lived(60000, 60000, 60000, 150000, 0, 0)) == Worth("churn_inclined", dynamic=True, important=True)


def test_a_member_of_a_class_a_group_is_important_once_dynamic() -> None:
    story = lived(13000, 13000)
    story.take(updated("2024-03-05", group_class="A"))
    assert last(story).value_class == "quasi"
    live_through(story, 13000, first="2024-03")
    assert last(story) == Worth("important", dynamic=True, important=True, assessed=True)


@pytest.mark.parametrize(("paid_fen", "expected"), [(4999, "churn_inclined"), (5000, "ordinary")])
def test_a_bill_unpaid_for_over_a_month_inclines_to_churn_and_payments_count_for_the_oldest(
    paid_fen: int, expected: str
) -> None:
    story = lived(13000, 13000)
    story.take(bill("2024-02-10", "2024-01", 13000, "2024-02-20"), bill("2024-03-02", "2024-02", 13000, "2024-03-20"))
    story.take(payment("2024-03-25", 8000), payment("2024-03-26", paid_fen))
    live_through(story, 13000, first="2024-03")
    assert last(story).value_class == expected


@pytest.mark.parametrize(("due_on", "expected"), [("2024-03-02", "churn_inclined"), ("2024-03-03", "ordinary")])
def test_a_bill_is_long_unpaid_the_day_after_a_month_has_passed(due_on: str, expected: str) -> None:
    story = lived(13000, 13000)
    story.take(bill("2024-02-10", "2024-01", 13000, due_on))
    live_through(story, 13000, first="2024-03")  # closes on 3 April, 31 days of March later
    assert last(story).value_class == expected


def test_a_bill_of_long_ago_is_still_unpaid_once_the_month_is_final() -> None:
    story = lived(13000, 13000)
    story.take(bill("2024-02-10", "2024-01", 13000, "2024-02-20"))
    live_through(story, *[13000] * 20, first="2024-03")
    assert last(story).value_class == "churn_inclined"


def test_off_the_network_at_the_months_end_there_is_no_class_but_the_past_stays() -> None:
    story = lived(13000, 13000, 13000)
    story.take(deactivated("2024-04-20"))
    live_through(story, 60000, first="2024-04")
    assert last(story) == Worth("none", dynamic=True)


@pytest.mark.parametrize(
    ("seconds", "charge_fen", "outgoing", "assessed"),
    [(60, 12000, True, True), (59, 12000, True, False), (60, 11999, True, False), (60, 12000, False, False)],
)
def test_the_assessed_call_a_minute_and_bring_the_amount(
    *, seconds: int, charge_fen: int, outgoing: bool, assessed: bool
) -> None:
    story = lived()
    story.take(usage("2024-01-10", charge_fen, quantity=seconds, outgoing=outgoing))
    story.tick("2024-02-03")
    assert last(story).assessed == assessed


def test_other_services_are_no_calls_and_calls_of_all_scopes_add_up() -> None:
    story = lived()
    story.take(usage("2024-01-10", 20000, service="data", quantity=10**6), usage("2024-01-10", 0, quantity=30))
    story.tick("2024-02-03")
    assert not last(story).assessed
    story.take(usage("2024-02-10", 12000, quantity=30), usage("2024-02-11", 0, quantity=30, scope="domestic_roaming"))
    story.tick("2024-03-03")
    assert last(story).assessed


def test_a_late_call_that_changes_no_figure_is_seen_by_who_asks_later() -> None:
    story = lived()
    story.take(bill("2024-01-20", "2024-01", 13000))
    story.tick("2024-02-03")
    assert not last(story).assessed
    assert story.take(usage("2024-01-15", 50)) == []  # billed: the row stands as it is
    assert story.view.customer.worth.assessed
    story.take(adjustment("2024-02-05", "2024-01", 1))
    assert (story.rows["2024-01"].revision, story.rows["2024-01"].worth.assessed) == (1, True)


def test_a_correction_of_a_month_before_changes_the_class_under_the_policy_of_the_close() -> None:
    strict = structs.replace(policy("v2", "2024-04-10"), value_classes=ValueClasses(dynamic_over_fen=20000))
    story = Story(policy(), strict)
    story.tick("2024-01-01T00:00:00Z")
    live_through(story, 13000, 11000, 13000)
    assert last(story).value_class == "none"
    story.tick("2024-04-12")
    story.take(fee("2024-02-27", 2000))
    assert last(story).value_class == "ordinary"


def test_first_seen_after_the_last_close_there_is_no_class() -> None:
    story = lived()
    story.take(fee("2024-01-10", 30000, month="2023-12"))
    assert story.view.customer.worth == Worth("none")
    assert story.view.customer.growth_gap_fen is None


def test_the_growth_pool_says_how_much_is_missing() -> None:
    story = lived(10000, 10000, 10000)
    assert story.view.customer.growth_gap_fen == 2000


def test_a_longer_window_keeps_older_months() -> None:
    story = lived(13000, 13000, 13000, *[6000] * 9, window_months=12)
    assert last(story).dynamic
    live_through(story, 6000, first="2025-01")
    assert not last(story).dynamic


def test_the_close_of_a_late_tick_counts_days_as_one_in_time_would() -> None:
    story = lived(13000, 13000)
    story.take(usage("2024-03-10", 13000), bill("2024-02-10", "2024-01", 13000, "2024-03-03"))
    story.tick("2024-04-20")
    assert story.rows["2024-03"].worth.value_class == "ordinary"


def test_tenure_is_banded_from_the_day_joined() -> None:
    story = lived()
    story.take(usage("2024-01-10", 100), updated("2024-01-10", joined_on="2021-01-11"))
    assert (story.view.customer.tenure_months, story.view.customer.tenure_band) == (35, "medium")
    story.tick("2024-01-11")
    assert (story.view.customer.tenure_months, story.view.customer.tenure_band) == (36, "long")


def test_where_no_day_is_told_the_first_activation_counts_whenever_it_arrives() -> None:
    story = lived()
    story.take(usage("2024-01-10", 100))
    assert (story.view.customer.tenure_months, story.view.customer.tenure_band) == (None, None)
    story.take(activated("2023-12-31T16:00:00Z"), activated("2023-11-30"), deactivated("2023-12-05"))
    live_through(story, *[100] * 14)
    assert (story.view.customer.tenure_months, story.view.customer.tenure_band) == (15, "medium")
    assert TenureBand("medium", 12) in story.policies.versions[0].measures.tenure_bands
