"""Contracts, where the policy asks for one (CONTRACTS section 4)."""

from datetime import date

from tests.core.builders import Story, ended, payment, policy, signed, told, usage

SUSPENDED = [("GOLD", None, "contract")]
RESTORED = [(None, "GOLD", "contract")]


def worthy(*, required: bool = True) -> Story:
    """Begin with a customer worth GOLD who has no contract."""
    story = Story(policy(contract_required=required))
    story.tick("2025-01-05")
    story.take(usage("2025-01-06", 60))
    return story


def test_without_a_contract_there_is_no_tier_where_one_is_required() -> None:
    story = worthy()
    assert (story.tier, story.view.worth, story.view.suspended) == (None, "GOLD", ("contract",))


def test_where_none_is_required_none_is_missed() -> None:
    story = worthy(required=False)
    assert story.tier == "GOLD"
    assert told(story.take(signed("2025-01-07"), ended("2025-01-08"))) == []


def test_signing_gives_the_tier_and_ending_takes_it() -> None:
    story = worthy()
    assert told(story.take(signed("2025-01-07"))) == RESTORED
    assert told(story.take(ended("2025-01-08"))) == SUSPENDED


def test_a_contract_holds_on_the_day_it_ends_on_and_not_the_day_after() -> None:
    story = worthy()
    story.take(signed("2025-01-07", ends_on="2025-01-20"))
    assert told(story.tick("2025-01-20T23:59:59.999999Z")) == []
    assert told(story.take(payment("2025-01-20", 1))) == []  # asked again on the very day
    assert story.view.credit_big_customer
    assert told(story.tick("2025-01-21T00:00:00Z")) == SUSPENDED


def test_a_row_wakes_the_day_after_its_first_contract_ends() -> None:
    story = worthy()
    story.take(signed("2025-01-07", "a", "2025-01-20"), signed("2025-01-07", "b", "2025-01-25"))
    assert story.sub.wake_day == date(2025, 1, 21).toordinal()


def test_a_contract_past_its_end_when_it_arrives_counts_for_nothing() -> None:
    story = worthy()
    assert told(story.take(signed("2024-12-07", ends_on="2025-01-04"))) == []
    assert story.sub.contracts == {}


def test_any_one_of_several_is_enough() -> None:
    story = worthy()
    story.take(signed("2025-01-07", "a"), signed("2025-01-07", "b", "2025-01-10"))
    assert told(story.take(ended("2025-01-08", "a"))) == []
    assert told(story.tick("2025-01-11")) == SUSPENDED


def test_a_contract_is_what_its_last_event_by_arrival_says() -> None:
    story = worthy()
    story.take(ended("2025-01-08"))
    assert told(story.take(signed("2025-01-07"))) == RESTORED
    assert told(story.take(signed("2025-01-07", ends_on="2025-01-09"))) == []
    assert told(story.tick("2025-01-10")) == SUSPENDED
    assert told(story.take(signed("2025-01-01"))) == RESTORED


def test_ending_a_contract_never_signed_changes_nothing() -> None:
    story = worthy()
    story.take(signed("2025-01-07", "a"))
    assert told(story.take(ended("2025-01-08", "b"))) == []


def test_a_policy_that_begins_to_require_one_is_told_as_contract() -> None:
    story = Story(policy(), policy("v2", "2025-01-10", contract_required=True))
    story.tick("2025-01-05")
    story.take(usage("2025-01-06", 60))
    assert told(story.tick("2025-01-11")) == SUSPENDED


def test_a_contract_signed_before_the_first_tick_holds() -> None:
    story = Story(policy(contract_required=True))
    story.take(signed("2025-01-01"), usage("2025-01-06", 60))
    assert told(story.tick("2025-01-07")) == [(None, "GOLD", "close")]
