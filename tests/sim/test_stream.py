"""The stream as the caller sees it: order, ids, sameness, lateness, and the seam of history and live."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest

from stream_app.sim import NO_FAULTS, Event, Faults, Mix, Population, Timed, due_seconds, history, live

SHANGHAI = ZoneInfo("Asia/Shanghai")
START_AT = datetime(2003, 1, 1, tzinfo=SHANGHAI)
BUSY = Mix(big_share=0.5, movers=0.5, leavers=0.2, returners=0.2, late_payers=0.2, refunds=0.3, rebills=0.3)


def town(seed: int = 7, *, subscribers: int = 40, zone: str = "Asia/Shanghai") -> Population:
    return Population(seed, subscribers, BUSY, zone=zone, usage_per_day=2)


def at_of(event: Event) -> datetime:
    return datetime.fromisoformat(str(event["occurred_at"]))


def name_of(event: Event) -> tuple[str | int, ...]:
    return event["subscriber_id"], event["type"], event["event_id"]


def test_without_faults_events_come_in_the_order_they_occurred() -> None:
    instants = [at_of(event) for event in history(town(), START_AT, START_AT + timedelta(days=70), NO_FAULTS)]

    assert instants == sorted(instants)


def test_history_lies_between_its_bounds() -> None:
    end_at = START_AT + timedelta(days=10, hours=7)
    instants = [at_of(event) for event in history(town(), START_AT, end_at)]

    assert min(instants) == START_AT
    assert max(instants) < end_at


def test_a_history_may_begin_within_a_day() -> None:
    start_at = datetime(2003, 2, 11, 8, 30, tzinfo=UTC)
    events = list(history(town(), start_at, start_at + timedelta(days=2), NO_FAULTS))

    assert at_of(events[0]) == start_at
    assert min(map(at_of, events)) == start_at
    assert any(event["type"] == "usage.recorded" for event in events)


def test_everyone_is_introduced_before_anything_else_happens_to_them() -> None:
    first: dict[str | int, str | int] = {}
    for event in history(town(), START_AT, START_AT + timedelta(days=90), NO_FAULTS):
        first.setdefault(event["subscriber_id"], event["type"])

    assert len(first) > 30
    assert set(first.values()) == {"subscriber.activated"}


def test_an_event_id_is_unique_for_its_subscriber_and_type_through_years() -> None:
    names = Counter(map(name_of, history(town(subscribers=12), START_AT, START_AT + timedelta(days=800), NO_FAULTS)))

    assert max(names.values()) == 1


def test_the_same_seed_gives_the_same_events() -> None:
    once, again = (list(history(town(), START_AT, START_AT + timedelta(days=40))) for _ in range(2))

    assert once == again


def test_another_seed_gives_other_events() -> None:
    once, other = (list(history(town(seed), START_AT, START_AT + timedelta(days=2))) for seed in (1, 2))

    assert not {*map(name_of, once)} & {*map(name_of, other)}


def test_a_person_lives_the_same_in_a_larger_population() -> None:
    def life(subscribers: int) -> list[Event]:
        people = {person.subscriber_id for person in town(subscribers=5).people()}
        events = history(town(subscribers=subscribers), START_AT, START_AT + timedelta(days=35), NO_FAULTS)
        return [event for event in events if event["subscriber_id"] in people]

    assert life(5) == life(15)


def test_live_goes_on_where_history_ended() -> None:
    seam_at, end_at = START_AT + timedelta(days=33, hours=5), START_AT + timedelta(days=45)
    before = list(history(town(), START_AT, seam_at))
    after = [timed.event for timed in _until(live(town(), seam_at, began_at=START_AT), end_at)]

    assert before + after == list(history(town(), START_AT, end_at))


def test_live_has_no_end() -> None:
    assert len(list(islice(live(town(), START_AT), 20_000))) == 20_000


def test_live_is_due_in_order_though_events_are_late() -> None:
    due = [timed.due_at for timed in islice(live(town(), START_AT, faults=Faults(late=0.2, duplicated=0.2)), 5_000)]

    assert due == sorted(due)


def test_late_events_keep_their_instant_and_come_within_the_bound() -> None:
    faults = Faults(late=0.2, late_by_most=timedelta(days=2), duplicated=0.0)
    late = [timed for timed in islice(live(town(), START_AT, faults=faults), 5_000) if lateness(timed)]

    assert 0.15 < len(late) / 5_000 < 0.25
    assert max(map(lateness, late)) <= timedelta(days=2)


def test_faults_neither_lose_nor_change_an_event() -> None:
    end_at = START_AT + timedelta(days=30)
    plain = {name_of(event): event for event in history(town(), START_AT, end_at, NO_FAULTS)}
    faults = Faults(late=0.1, duplicated=0.1)
    came = list(history(town(), START_AT, end_at + faults.late_by_most, faults))

    assert plain.items() <= {name_of(event): event for event in came}.items()
    assert len(came) > len({*map(name_of, came)})


def test_a_repeat_comes_while_the_worker_still_remembers_its_id() -> None:
    seen: dict[str | int, list[str | int]] = {}
    repeats = 0
    for event in history(town(), START_AT, START_AT + timedelta(days=20), Faults(late=0.1, duplicated=0.3)):
        if event["type"] == "usage.recorded":
            ids = seen.setdefault(event["subscriber_id"], [])
            repeats += event["event_id"] in ids
            assert event["event_id"] not in ids[:-16]
            ids[:] = [*(each for each in ids if each != event["event_id"]), event["event_id"]]

    assert repeats > 50


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "UTC"])
def test_days_of_23_and_25_hours_keep_the_order_and_the_day(zone: str) -> None:
    for start_on in (datetime(2003, 3, 28, tzinfo=ZoneInfo(zone)), datetime(2003, 10, 24, tzinfo=ZoneInfo(zone))):
        events = list(history(town(zone=zone), start_on, start_on + timedelta(days=12), NO_FAULTS))
        uses = [event for event in events if event["type"] == "usage.recorded"]

        assert all(one <= other for one, other in pairwise(map(at_of, events)))
        assert all(f"u-{at_of(use).astimezone(ZoneInfo(zone)):%Y%m%d}-" in str(use["event_id"]) for use in uses)


def test_a_speed_of_sixty_sends_an_hour_in_a_minute() -> None:
    timed = Timed(START_AT + timedelta(hours=1), {})

    assert due_seconds(timed, START_AT, speed=60) == 60


def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        live(town(), datetime(2003, 1, 1))  # noqa: DTZ001 - the very fault


def lateness(timed: Timed) -> timedelta:
    """Measure to the millisecond, as the wire does."""
    return max(timed.due_at - at_of(timed.event) - timedelta(milliseconds=1), timedelta())


def _until(stream: Iterator[Timed], end_at: datetime) -> list[Timed]:
    timed_events: list[Timed] = []
    for timed in stream:
        if timed.due_at >= end_at:
            return timed_events
        timed_events.append(timed)
    return timed_events
