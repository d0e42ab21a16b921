"""A candidate beside the live policy: what it would change, counted, and the tasks it would make."""

import copy
from datetime import datetime

from msgspec import structs

from stream_app.core.policy import Tier, ValueClasses
from stream_app.core.shadow import Comparison, Move, Standing, Switch, is_task, standing
from tests.core.builders import WHO, Story, activated, fee, moves, policy

LIVE = policy(tiers=[Tier("GOLD", 100), Tier("SILVER", 50)])
TIGHTER = policy("tighter", "2026-01-01", tiers=[Tier("GOLD", 300), Tier("SILVER", 50)])


def told() -> Story:
    """Tell of a customer who is GOLD under the live policy, and would be SILVER under the tighter one."""
    story = Story(LIVE)
    story.tick("2025-03-01")
    story.take(activated("2025-03-02", branch_id="north"), fee("2025-03-02", 600))
    return story


def test_a_candidate_is_tried_on_as_if_it_came_into_force_now() -> None:
    story = told()
    switch = Switch(story.clock, story.policies, TIGHTER)
    now, then, facts = switch.try_on(copy.deepcopy(story.sub), WHO)
    assert (now, then) == (Standing("GOLD", "none"), Standing("SILVER", "none"))
    assert [(fact.reason, fact.policy_version) for fact in moves(facts)] == [("policy", "tighter")]
    assert standing(story.sub) == now
    assert story.clock.tick is not None
    assert story.clock.tick.version == LIVE.version


def test_ticks_that_a_row_has_not_seen_come_before_the_candidate() -> None:
    story = told()
    story.accept("2025-04-03")
    now, then, _ = Switch(story.clock, story.policies, TIGHTER).try_on(copy.deepcopy(story.sub), WHO)
    assert (now.tier, then.tier) == ("GOLD", "SILVER")  # the close as the candidate would have worked it


def test_a_value_class_that_differs_is_counted() -> None:
    story = told()
    story.tick("2025-04-03")
    classes = ValueClasses(dynamic_over_fen=1, dynamic_months=1, low_months=7)
    other = structs.replace(policy("generous", "2026-01-01", tiers=LIVE.tiers), value_classes=classes)
    now, then, _ = Switch(story.clock, story.policies, other).try_on(copy.deepcopy(story.sub), WHO)
    found = Comparison(day_of, lambda _: 1)
    found.compare(WHO, "north", now, then)
    assert list(found.moves) == [Move("class", now.value_class, then.value_class)]
    assert now.value_class != then.value_class


def test_before_any_tick_nothing_differs() -> None:
    story = Story(LIVE)
    story.take(fee("2025-03-02", 600))
    now, then, facts = Switch(story.clock, story.policies, TIGHTER).try_on(copy.deepcopy(story.sub), WHO)
    assert (now, facts) == (then, [])


def day_of(at: datetime) -> int:
    return at.toordinal()


def test_moves_are_counted_by_branch_with_the_examples_that_sort_first() -> None:
    found = Comparison(day_of, lambda _: 1)
    for name in ("c", "a", "d", "b"):
        found.compare(name, "north", Standing("GOLD", "none"), Standing("SILVER", "none"))
    found.compare("e", None, Standing("GOLD", "none"), Standing("GOLD", "none"))
    move = Move("tier", "GOLD", "SILVER")
    assert (found.customers, found.changed, found.moves) == (5, 4, {move: 4})
    assert found.examples[move] == ["a", "b", "c"]
    assert list(found.by_branch) == ["north"]


def test_tasks_are_held_against_what_a_branch_can_do_in_a_day() -> None:
    story = told()
    lost = story.tick("2025-07-03")
    found = Comparison(day_of, {"north": 0}.__getitem__)
    for fact in lost:
        found.tasks.note(fact)
    assert [is_task(fact) for fact in moves(lost)] == [True]
    [branch] = found.report()["branches"]
    assert branch["tasks_candidate"] == {"total": 1, "busiest_day": 1, "days_over_capacity": 1}
    assert branch["tasks_live"] == {"total": 0, "busiest_day": 0, "days_over_capacity": 0}
