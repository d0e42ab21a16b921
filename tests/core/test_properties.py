"""What holds in every story (ARCHITECTURE section 2, promises 3, 4 and 7)."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from stream_app.core import engine, tiers
from stream_app.core.events import FeeCharged, UsageRecorded
from stream_app.core.facts import Cause, Fact, MonthClosed
from stream_app.core.state import Clock, Subscriber
from stream_app.core.tiers import Shift
from stream_app.core.usage import cells
from stream_app.core.view import view
from stream_app.wire.stored import PartitionRow, dump_partition, dump_subscriber, load_partition, load_subscriber
from tests.core import builders
from tests.core.builders import NO_BOUND, Shelf, closed, copied
from tests.core.stories import Step, Story, reordered, stories

few = settings(max_examples=25)


def work(step: Step, told: builders.Story) -> bool:
    """Work a step, rows left to themselves; say whether it was an event that was taken."""
    if isinstance(step, datetime):
        told.accept(step)
        return False
    return told.offer(step) == "taken"


def worked(story: Story) -> builders.Story:
    """Work a story, every row seeing each tick at once."""
    told = builders.Story(*story.policies)
    for step in story.steps:
        work(step, told)
        told.sweep()
    return told


def states(told: builders.Story) -> dict[str, Subscriber]:
    """Give all records but for the last tick seen, which a tick that concerns nobody leaves open."""
    return {key: structs.replace(sub, serial=0) for key, sub in told.shelf.items()}


def tallies(clock: Clock) -> dict[str, int]:
    return {tier: count for tier, count in clock.heads.items() if count}


def by_content(facts: Iterable[Fact]) -> list[str]:
    return sorted(map(repr, facts))


@few
@given(stories())
def test_a_story_worked_again_comes_to_the_same(story: Story) -> None:
    first, second = worked(story), worked(story)
    assert (first.facts, first.shelf, first.clock) == (second.facts, second.shelf, second.clock)


@few
@given(stories(), st.randoms(use_true_random=False))
def test_how_far_sweeps_have_come_changes_no_fact_and_no_state(story: Story, chance: Random) -> None:
    eager, lazy = worked(story), builders.Story(*story.policies)
    for step in story.steps:
        work(step, lazy)
        lazy.sweep([key for key in list(lazy.shelf) if chance.random() < 0.2])
        if chance.random() < 0.2:
            lazy.sweep()
    lazy.sweep()
    assert by_content(lazy.facts) == by_content(eager.facts)
    assert states(lazy) == states(eager)
    assert tallies(lazy.clock) == tallies(eager.clock)


class Stored(Shelf):
    """Keeps subscribers written out, as a store does."""

    def get(self, key: str, default: object = None) -> Subscriber | None:  # type: ignore[override]
        del default
        sub = super().get(key)
        return None if sub is None else load_subscriber(dump_subscriber(sub))


@few
@given(stories())
def test_state_written_and_read_at_every_step_is_the_same(story: Story) -> None:
    kept, stored = worked(story), builders.Story(*story.policies, shelf=Stored())
    for step in story.steps:
        work(step, stored)
        stored.sweep()
        stored.ledger.clock = load_partition(dump_partition(PartitionRow(clock=stored.clock))).clock
    assert (stored.facts, stored.shelf, stored.clock) == (kept.facts, kept.shelf, kept.clock)


@few
@given(stories())
def test_what_every_event_leaves_is_what_a_full_evaluation_finds(story: Story) -> None:
    told = builders.Story(*story.policies)
    for step in story.steps:
        work(step, told)
        told.sweep()
        tick = told.clock.tick
        for sub in told.shelf.values() if tick is not None else ():
            full = copied(sub)
            assert tick is not None
            assert tiers.settle(full, tick, told.policies, Shift()) is None
            full.wake_day = min(full.wake_day, full.watch_day)
            assert sub.headroom_fen <= full.headroom_fen
            assert structs.replace(full, headroom_fen=0) == structs.replace(sub, headroom_fen=0)


@few
@given(stories())
def test_the_shortcut_of_usage_states_what_the_long_way_states(story: Story) -> None:
    short, long = worked(story), builders.Story(*story.policies)
    for step in story.steps:
        for sub in long.shelf.values():
            sub.headroom_fen = 0  # so that any use is evaluated in full
        work(step, long)
        long.sweep()
    assert long.facts == short.facts


@few
@given(stories())
def test_a_tick_that_does_not_concern_a_row_would_change_nothing_to_be_seen(story: Story) -> None:
    told = builders.Story(*story.policies)
    for step in story.steps:
        work(step, told)
        for key, sub in told.shelf.items():
            for tick in told.clock.pending:
                if not engine.concerns(sub.serial, sub.wake_day, tick):
                    changed = copied(sub)
                    assert list(engine._apply_tick(changed, tick, told.policies, tick.origin(key))) == []
                    now = (told.clock, told.policies)
                    assert view(changed, key, *now) == view(sub, key, *now)
                    assert _lasting(changed) == _lasting(sub)
        told.sweep()


def _lasting(sub: Subscriber) -> Subscriber:
    return structs.replace(sub, serial=0, headroom_fen=0)


@few
@given(stories())
def test_subscribers_are_tallied_by_the_tier_they_have(story: Story) -> None:
    told = builders.Story(*story.policies)
    for step in story.steps:
        work(step, told)
        assert tallies(told.clock) == Counter(sub.tier or "" for sub in told.shelf.values())


@few
@given(reordered())
def test_the_sum_of_the_months_is_the_sum_of_what_was_charged(both: tuple[Story, Story]) -> None:
    told = builders.Story(*both[1].policies)
    charged = sum(_charge_fen(step) for step in both[1].steps if work(step, told))
    accrued = sum(record.accrued_fen for sub in told.shelf.values() for record in sub.months.values())
    used = sum(
        use.charge_fen
        for sub in told.shelf.values()
        for record in sub.months.values()
        for use in cells(record.usage).values()
    )
    fees = sum(_charge_fen(step) for step in both[1].steps if isinstance(step, FeeCharged))
    assert (accrued, used) == (charged, charged - fees)


def _charge_fen(step: Step) -> int:
    if isinstance(step, UsageRecorded):
        return step.charge_fen
    return step.amount_fen if isinstance(step, FeeCharged) else 0


@settings(max_examples=50)
@given(reordered())
def test_order_of_arrival_does_not_matter_once_all_has_arrived(both: tuple[Story, Story]) -> None:
    in_order, mixed = map(worked, both)
    due, written = last_rows(in_order), last_rows(mixed)
    assert {key: written.get(key) for key in due} == due
    assert all(row[3:] == (None, False) for key, row in written.items() if key not in due)
    assert {key: in_order.view_of(key) for key in in_order.shelf} == {key: mixed.view_of(key) for key in mixed.shelf}


def last_rows(told: builders.Story) -> dict[tuple[str, int], tuple[object, ...]]:
    return {(row.subscriber_id, row.month): _figures(row) for row in closed(told.facts)}


def _figures(row: MonthClosed) -> tuple[object, ...]:
    return row.revenue_fen, row.billed, row.arpu_fen, row.official_tier, row.on_network


@few
@given(stories())
def test_revisions_of_a_row_count_up_from_0_and_each_changes_a_figure(story: Story) -> None:
    rows: dict[tuple[str, int], list[MonthClosed]] = {}
    for row in closed(worked(story).facts):
        rows.setdefault((row.subscriber_id, row.month), []).append(row)
    for revised in rows.values():
        assert [row.revision for row in revised] == list(range(len(revised)))
        figures = [_figures(row) for row in revised]
        assert all(before != after for before, after in pairwise(figures))


@few
@given(stories())
def test_changes_of_a_subscriber_follow_on_one_another(story: Story) -> None:
    held: dict[str, str | None] = {}
    for change in builders.moves(worked(story).facts):
        assert change.from_tier == held.get(change.subscriber_id)
        assert change.from_tier != change.to_tier
        held[change.subscriber_id] = change.to_tier


@given(stories())
def test_the_short_way_of_a_use_leads_where_the_long_one_does(story: Story) -> None:
    told = builders.Story(*story.policies)
    for step in story.steps:
        if isinstance(step, UsageRecorded) and step.subscriber_id in told.shelf and told.clock.tick is not None:
            sub, long = told.shelf[step.subscriber_id], copied(told.shelf[step.subscriber_id])
            short, cause = copied(sub), Cause("usage-events", 0, 0, step.event_id)
            if engine.use_quietly(short, step, told.clock.tick, told.policies, NO_BOUND):
                verdict = engine.apply_event(long, step, cause, told.clock, told.policies, NO_BOUND)
                assert (verdict, dump_subscriber(long)) == (engine.QUIET, dump_subscriber(short))
            else:
                assert dump_subscriber(short) == dump_subscriber(sub)
        work(step, told)
        told.sweep()


@given(stories())
def test_a_newcomer_begun_the_short_way_is_what_the_long_one_makes_of_it(story: Story) -> None:
    told = builders.Story(*story.policies)
    newcomers = engine.Newcomers(told.policies)
    for step in story.steps:
        tick = told.clock.tick
        if isinstance(step, UsageRecorded) and step.subscriber_id not in told.shelf and tick is not None:
            long, cause = engine.newcomer(told.clock), Cause("usage-events", 0, 0, step.event_id)
            short = newcomers.begin(step, tick, NO_BOUND)
            if short is not None:
                verdict = engine.apply_event(long, step, cause, told.clock, told.policies, NO_BOUND)
                assert (verdict, dump_subscriber(long)) == (engine.QUIET, dump_subscriber(short))
        work(step, told)
        told.sweep()
