"""The live tier: up at once by open months, down at the close; a refund takes back what it had lifted (section 4)."""

from stream_app.core.facts import WindowMonth
from stream_app.core.months import month_number
from stream_app.core.policy import Policy
from stream_app.core.state import UNLIMITED_FEN
from tests.core.builders import Story, adjustment, bill, fee, moves, payment, policy, told, usage

JANUARY = month_number("2025-01")


def begun(*policies: Policy) -> Story:
    """Begin with a tick in January, December closed."""
    story = Story(*policies)
    story.tick("2025-01-05")
    return story


def test_the_use_that_reaches_a_floor_raises_the_tier_at_once() -> None:
    story = begun()
    assert story.take(usage("2025-01-10", 29)) == []
    assert told(story.take(usage("2025-01-11", 1))) == [(None, "SILVER", "live")]


def test_a_fee_raises_it_too() -> None:
    story = begun()
    story.take(usage("2025-01-10", 29))
    assert told(story.take(fee("2025-01-11", 1))) == [(None, "SILVER", "live")]


def test_tiers_between_are_passed_over() -> None:
    assert told(begun().take(usage("2025-01-10", 60))) == [(None, "GOLD", "live")]


def test_a_change_says_what_it_rests_on() -> None:
    story = begun()
    story.take(usage("2025-01-10", 20))
    story.tick("2025-02-03")
    story.take(bill("2025-02-05", "2025-02", 11))
    (change,) = moves(story.facts)
    assert (change.direction, change.provisional, change.arpu_fen) == ("up", True, 10)
    assert change.window == (
        WindowMonth(JANUARY - 1, 0, billed=False, closed=True),
        WindowMonth(JANUARY, 20, billed=False, closed=True),
        WindowMonth(JANUARY + 1, 11, billed=True, closed=False),
    )
    assert (change.policy_version, change.cause.topic) == ("v1", "billing-events")


def test_in_the_highest_tier_nothing_more_is_looked_for() -> None:
    story = begun()
    story.take(usage("2025-01-10", 60))
    assert story.sub.headroom_fen == UNLIMITED_FEN
    assert story.take(usage("2025-01-11", 1_000_000)) == []


def test_a_tier_lasts_until_the_close_though_the_live_window_is_lower() -> None:
    story = begun()
    story.take(usage("2025-01-10", 60))
    story.tick("2025-02-03", "2025-03-03", "2025-04-03", "2025-05-02T23:59:59.999999Z")
    assert story.view.arpu_live_fen == 0
    assert story.tier == "GOLD"
    assert told(story.tick("2025-05-03")) == [("GOLD", None, "close")]


def test_a_refund_takes_back_at_once_what_it_alone_had_lifted() -> None:
    story = begun()
    story.take(usage("2025-01-10", 30))
    assert told(story.take(adjustment("2025-01-11", "2025-01", -1))) == [("SILVER", None, "correction")]


def test_a_refund_of_an_open_month_leaves_the_official_tier() -> None:
    story = begun()
    story.take(usage("2025-01-10", 30))
    story.tick("2025-02-03")
    assert story.take(adjustment("2025-02-04", "2025-02", -30)) == []
    assert story.tier == "SILVER"


def test_a_bill_below_what_accrued_takes_back_too() -> None:
    story = begun()
    story.take(usage("2025-01-10", 60))
    assert told(story.take(bill("2025-01-11", "2025-01", 30))) == [("GOLD", "SILVER", "correction")]


def test_a_bill_above_what_accrued_lifts() -> None:
    story = begun()
    story.take(usage("2025-01-10", 5))
    assert told(story.take(bill("2025-01-11", "2025-01", 30))) == [(None, "SILVER", "live")]


def test_use_in_a_billed_month_lifts_nothing() -> None:
    story = begun()
    story.take(bill("2025-01-10", "2025-01", 29))
    assert story.take(*[usage("2025-01-11", 20) for _ in range(9)]) == []
    assert story.tier is None


def test_while_two_months_are_open_the_higher_window_counts() -> None:
    story = begun()
    story.take(usage("2025-01-10", 20))
    story.tick("2025-02-01")
    assert told(story.take(usage("2025-02-01T13:00:00Z", 10))) == [(None, "SILVER", "live")]
    assert story.view.arpu_live_fen == 10


def test_the_older_of_two_open_windows_can_be_the_higher_one() -> None:
    story = Story()
    story.take(usage("2024-11-10", 20))
    story.tick("2025-01-05", "2025-02-01")
    (change,) = moves(story.take(usage("2025-01-31", 10)))
    assert (change.to_tier, change.provisional, change.window[-1].month) == ("SILVER", True, JANUARY)
    assert told(story.take(usage("2025-02-01T13:00:00Z", 50))) == [("SILVER", "GOLD", "live")]


def test_of_two_open_windows_in_the_same_tier_the_larger_is_told() -> None:
    story = begun()
    story.tick("2025-02-01")
    (change,) = moves(story.take(bill("2025-02-01T13:00:00Z", "2025-01", 40)))
    assert change.window[-1].month == JANUARY
    assert story.take(bill("2025-02-01T14:00:00Z", "2025-02", 10)) == []
    assert (story.tier, story.view.basis[-1].month) == ("SILVER", JANUARY + 1)


def test_what_belongs_to_a_month_not_open_yet_lifts_when_it_opens() -> None:
    story = begun()
    assert story.take(usage("2025-01-10", 0), fee("2025-01-11", 30, "2025-02"), usage("2025-02-01", 30)) == []
    assert told(story.tick("2025-02-01")) == [(None, "GOLD", "live")]


def test_room_is_left_up_to_the_next_floor_by_open_windows_alone() -> None:
    story = Story()
    story.take(usage("2024-10-10", 25))
    story.tick("2025-01-05")
    assert story.sub.headroom_fen == 30
    story.take(usage("2025-01-10", 4))
    assert story.sub.headroom_fen == 26
    story.tick("2025-02-01")
    story.take(usage("2025-01-31", 1))
    assert story.sub.headroom_fen == 25


def test_a_tier_that_closed_months_bear_out_is_not_provisional() -> None:
    story = begun()
    story.take(usage("2025-01-10", 30, event_id="u"), bill("2025-01-10", "2025-01", 30, due_on="2025-01-11"))
    story.tick("2025-02-03", "2025-02-20")
    (lifted,) = moves(story.take(usage("2025-02-21", 20), payment("2025-02-22", 30)))
    assert (lifted.to_tier, lifted.provisional, lifted.window[-1].month) == ("SILVER", False, JANUARY)


def test_before_the_first_tick_nothing_is_said() -> None:
    story = Story()
    assert story.take(usage("2025-01-10", 60), payment("2025-01-11", 5)) == []
    (change,) = moves(story.tick("2025-01-12"))
    assert (change.to_tier, change.reason, change.cause.topic) == ("GOLD", "close", "clock")


def test_a_policy_of_one_tier_knows_one_step() -> None:
    story = begun(policy(tiers=policy().tiers[:1]))
    assert told(story.take(usage("2025-01-10", 59), usage("2025-01-10", 1))) == [(None, "GOLD", "live")]
