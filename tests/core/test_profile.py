"""What is known of a customer: the newest record wins, an older one fills what is unknown; facts name the branch."""

from stream_app.core.events import BalanceReported, ComplaintFiled
from stream_app.core.state import TRAITS
from tests.core.builders import WHO, Story, activated, closed, instant, moves, updated, usage


def known(story: Story) -> dict[str, str]:
    return {TRAITS[number]: text for number, text in story.sub.traits.items()}


def test_a_newer_record_wins_field_by_field() -> None:
    story = Story()
    story.take(activated("2025-01-10", plan="a", branch_id="north"), updated("2025-01-11", plan="b"))
    assert known(story) == {"plan": "b", "branch_id": "north"}


def test_an_older_record_that_arrives_later_only_fills_what_is_unknown() -> None:
    story = Story()
    story.take(updated("2025-01-11", plan="b"), activated("2025-01-10", plan="a", branch_id="north"))
    assert known(story) == {"plan": "b", "branch_id": "north"}


def test_of_two_records_of_one_instant_the_later_arrival_wins() -> None:
    story = Story()
    story.take(updated("2025-01-11", plan="a"), updated("2025-01-11", plan="b"))
    assert known(story) == {"plan": "b"}


def test_facts_name_the_branch_that_is_known() -> None:
    story = Story()
    story.tick("2025-01-05")
    story.take(activated("2025-01-10", branch_id="north"))
    (change,) = moves(story.take(usage("2025-01-10", 60)))
    (row,) = closed(story.tick("2025-02-03"))
    assert (change.branch_id, row.branch_id) == ("north", "north")


def test_an_update_alone_puts_nobody_on_the_network() -> None:
    story = Story()
    story.take(updated("2025-01-10", plan="a"))
    assert story.sub.switches == []


def test_what_has_no_rule_yet_is_a_sign_of_life_all_the_same() -> None:
    story = Story()
    story.take(BalanceReported("b", WHO, instant("2025-01-10"), -5))
    story.take(ComplaintFiled("c", WHO, instant("2025-01-11"), complaint_id="c1", severity="normal"))
    story.tick("2025-02-03")
    assert list(story.rows) == ["2025-01"]
