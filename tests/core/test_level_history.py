"""What is read of months long closed: absence is no low spend, and a tier half made good is still lost."""

from stream_app.core.indicators import INDICATORS
from stream_app.core.risk import setting_of
from tests.core.builders import Story, activated, deactivated, fee, live_through


def read(story: Story, name: str) -> int | None:
    tick = story.clock.tick
    assert tick is not None
    return INDICATORS[name](story.sub, setting_of(tick, story.policies)).value


def test_months_off_the_network_are_no_low_ones_however_long_ago() -> None:
    story = Story()
    story.take(activated("2024-01-01"), fee("2024-01-05", 20_000))
    story.take(deactivated("2024-02-10"), activated("2024-03-10"))
    for month in range(2, 8):
        story.take(fee(f"2024-{month:02d}-20", 20_000 if month > 2 else 0))
        story.tick(f"2024-{month + 1:02d}-03")
        assert (month, read(story, "low_spend_months")) == (month, 0)


def test_a_tier_half_made_good_is_still_lost() -> None:
    story = Story()
    live_through(story, 60, 0, 0, 0, 30)
    assert read(story, "tier_lost_days") is not None


def test_a_tier_made_good_is_not_lost() -> None:
    story = Story()
    live_through(story, 60, 0, 0, 0, 60)
    assert read(story, "tier_lost_days") is None
