"""What is kept of the months before a customer leaves, and the rows that come of it."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

from msgspec import structs

from stream_app.core.facts import ChurnOutcomeRecorded, Fact
from stream_app.core.indicators import INDICATORS
from stream_app.core.outcomes import KEPT, SPACING_DAYS, STORED
from stream_app.core.policy import Outcomes, Policy
from stream_app.core.risk_policy import RiskPolicy
from tests.core.builders import WHO, Story, activated, deactivated, policy, usage

FIRST = date(2025, 1, 1)


def watching(**own: int) -> Policy:
    """Give a policy with the early warning, and these shares."""
    return structs.replace(policy(risk=RiskPolicy()), outcomes=Outcomes(**{"stayed_permille": 0, **own}))


def outcomes(facts: Iterable[Fact]) -> list[ChurnOutcomeRecorded]:
    return [fact for fact in facts if isinstance(fact, ChurnOutcomeRecorded)]


def lived(days: int, given: Policy, who: str = WHO) -> Story:
    """Tell of a customer who calls every day, with a tick every midnight."""
    story = Story(given)
    story.tick(FIRST.isoformat())
    story.take(activated("2025-01-01T01:00:00Z", subscriber_id=who))
    for number in range(1, days):
        story.tick((FIRST + timedelta(days=number)).isoformat())
        story.take(usage(f"{FIRST + timedelta(days=number)}T12:00:00Z", 100, subscriber_id=who))
    return story


def test_what_is_stored_are_the_indicators_in_an_order_that_only_grows() -> None:
    assert set(STORED) == set(INDICATORS)
    assert len(set(STORED)) == len(STORED)
    assert STORED[:2] == ("spend_pace_percent", "minutes_pace_percent")
    assert STORED[-1] == "monetary_fen"


def test_who_leaves_gives_a_row_with_what_was_seen_before() -> None:
    story = lived(150, watching())
    [row] = outcomes(story.take(deactivated("2025-05-31T00:00:00Z")))
    assert (row.left, row.outcome_on, row.weight) == (True, date(2025, 5, 31), 1)
    assert [each.days_before for each in row.before] == [30, 60, 90]
    for each in row.before:
        age = (row.outcome_on - each.seen_on).days
        assert each.days_before <= age < each.days_before + SPACING_DAYS + 10
        assert each.indicators["silent_days"] in {0, 1}
        assert each.indicators.keys() == set(STORED)
    assert story.sub.seen is None


def test_few_readings_are_kept_and_no_closer_than_a_month() -> None:
    seen = lived(250, watching()).sub.seen or []
    assert len(seen) == KEPT
    assert all(later.day - earlier.day >= SPACING_DAYS for earlier, later in pairwise(seen))


def test_who_leaves_before_anything_was_kept_gives_no_row() -> None:
    story = Story(watching())
    story.tick("2025-01-01")
    assert outcomes(story.take(activated("2025-01-01T01:00:00Z"), deactivated("2025-01-01T02:00:00Z"))) == []


def test_a_deactivation_told_late_looks_back_from_the_day_of_leaving() -> None:
    story = lived(150, watching())
    [row] = outcomes(story.take(deactivated("2025-04-01T00:00:00Z")))
    assert row.outcome_on == date(2025, 4, 1)
    assert all((row.outcome_on - each.seen_on).days >= each.days_before for each in row.before)


def test_who_stays_gives_a_row_at_each_close_that_draws_it() -> None:
    found = outcomes(lived(160, watching(stayed_permille=1000)).facts)
    assert len(found) >= 3
    assert {(row.left, row.weight) for row in found} == {(False, 1)}
    for row in found:
        assert row.before
        assert timedelta() <= row.occurred_at.date() - row.outcome_on < timedelta(days=SPACING_DAYS)


def test_of_many_who_stay_a_share_is_drawn_the_same_each_time() -> None:
    names = [f"s{number}" for number in range(40)]
    rows = [outcomes(lived(70, watching(stayed_permille=100), name).facts) for name in names]
    again = [outcomes(lived(70, watching(stayed_permille=100), name).facts) for name in names[:10]]
    assert rows[:10] == again
    assert 0 < sum(map(len, rows)) < 20
    assert {row.weight for found in rows for row in found} == {10}


def test_nothing_is_kept_of_who_is_not_tracked_or_not_watched() -> None:
    assert lived(60, watching(tracked_permille=0)).sub.seen is None
    assert lived(60, policy()).sub.seen is None
