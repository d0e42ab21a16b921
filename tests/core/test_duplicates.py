"""Duplicates: an id already applied for the same subscriber and type (CONTRACTS section 3)."""

from stream_app.core.admission import DIGEST_BYTES, digest
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
    usage,
)


def test_an_id_applied_before_is_dropped_whatever_else_it_says() -> None:
    story = Story()
    story.take(fee("2025-01-10", 5, event_id="a"))
    assert story.offer(fee("2025-01-11", 7, event_id="a")) == "repeat"
    story.tick("2025-02-03")
    assert story.rows["2025-01"].revenue_fen == 5


def test_ids_are_of_their_type() -> None:
    story = Story()
    story.take(
        usage("2025-01-10", 1, event_id="a"),
        fee("2025-01-10", 1, event_id="a"),
        bill("2025-01-10", "2025-01", 1, event_id="a"),
        adjustment("2025-01-10", "2025-01", 1, event_id="a"),
        payment("2025-01-10", 1, event_id="a"),
        activated("2025-01-10", event_id="a"),
        deactivated("2025-01-10", event_id="a"),
    )
    assert sum(map(len, story.sub.ids.values())) == 6 * DIGEST_BYTES


def test_no_more_ids_of_usage_are_kept_than_the_policy_says() -> None:
    story = Story(policy(usage_recent=2))
    story.tick("2025-01-01")
    for number in range(5):
        story.take(usage(f"2025-01-1{number}", 1, event_id=f"e{number}"))
        assert len(story.sub.usage_ids) == min(number + 1, 2) * DIGEST_BYTES


def test_ids_are_of_their_subscriber() -> None:
    Story().take(fee("2025-01-10", 1, event_id="a"), fee("2025-01-10", 1, event_id="a", subscriber_id="other"))


def test_the_last_sixteen_ids_of_usage_are_remembered() -> None:
    story = Story()
    story.take(*[usage("2025-01-10", 1, event_id=f"u{number}") for number in range(17)])
    assert story.offer(usage("2025-01-10", 1, event_id="u1")) == "repeat"
    assert story.offer(usage("2025-01-10", 1, event_id="u0")) == "taken"


def test_a_repeat_does_not_renew_its_id() -> None:
    story = Story(policy(usage_recent=2))
    story.take(usage("2025-01-10", 1, event_id="a"), usage("2025-01-10", 1, event_id="b"))
    assert story.offer(usage("2025-01-10", 1, event_id="a")) == "repeat"
    story.take(usage("2025-01-10", 1, event_id="c"))
    assert story.offer(usage("2025-01-10", 1, event_id="a")) == "taken"


def test_a_policy_that_remembers_fewer_forgets_at_once() -> None:
    story = Story(policy(), policy("v2", "2025-01-10", usage_recent=2))
    story.tick("2025-01-05")
    story.take(*[usage("2025-01-06", 1, event_id=f"u{number}") for number in range(3)])
    story.tick("2025-01-11")
    assert story.offer(usage("2025-01-06", 1, event_id="u1")) == "repeat"
    assert story.offer(usage("2025-01-06", 1, event_id="u0")) == "taken"


def test_other_ids_are_remembered_while_the_month_they_touch_can_change() -> None:
    story = Story()
    story.take(fee("2024-01-10", 1, event_id="a"))
    live_through(story, 1, 1, 1)
    assert story.offer(fee("2024-04-10", 1, event_id="a")) == "repeat"
    live_through(story, 1, first="2024-04")
    assert story.offer(fee("2024-05-10", 1, event_id="a")) == "taken"


def test_a_policy_that_makes_months_final_sooner_forgets_their_ids_with_them() -> None:
    story = Story(policy(), policy("v2", "2024-03-10", correctable_months=1))
    story.take(fee("2024-01-10", 1, event_id="a"), fee("2024-02-10", 1, event_id="b"))
    story.tick("2024-03-05", "2024-03-11")
    assert story.offer(fee("2024-03-12", 1, event_id="b")) == "repeat"
    assert story.offer(fee("2024-03-12", 1, event_id="a")) == "taken"


def test_a_month_that_is_final_is_refused_before_repeats_are_looked_for() -> None:
    story = Story()
    story.take(fee("2024-01-10", 1, event_id="a"))
    live_through(story, 1, 1, 1, 1)
    assert story.offer(fee("2024-01-10", 1, event_id="a")) == "month_not_correctable"


def test_a_refused_event_is_not_remembered() -> None:
    story = Story()
    story.take(bill("2025-01-10", "2025-01", 5, bill_id="x"))
    assert story.offer(bill("2025-02-10", "2025-02", 5, bill_id="x", event_id="a")) == "invalid_field"
    assert story.offer(bill("2025-02-10", "2025-02", 5, bill_id="y", event_id="a")) == "taken"


def test_an_id_is_short_and_the_same_in_every_process() -> None:
    assert digest("e1") == bytes.fromhex("1f7e24023b50")
