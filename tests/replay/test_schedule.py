"""Ticks of a replay: each local midnight, each close, the end; before the first event only the latest."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.core.policy import Billing, Policy, PolicySet, Tier
from stream_app.replay.schedule import Schedule, until_end

ZONES = [
    "UTC",
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/Havana",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Asia/Kathmandu",
]
ONE_DAY = timedelta(days=1)


def policies(zone: str = "UTC", anchor_day: int = 1, grace_hours: int = 48) -> PolicySet:
    billing = Billing(zone=zone, anchor_day=anchor_day, grace_hours=grace_hours)
    return PolicySet([Policy("p-1", datetime(2000, 1, 1, tzinfo=UTC), (Tier("GOLD", 5000),), billing)])


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def boundaries(zone: str, anchor_day: int, grace_hours: int, first: date, days: int) -> Iterator[datetime]:
    """List every midnight and close, day by day: nothing is shared with the schedule."""
    for number in range(days):
        on = first + number * ONE_DAY
        midnight = datetime(on.year, on.month, on.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        yield midnight
        if on.day == anchor_day:
            yield midnight + timedelta(hours=grace_hours)


@settings(max_examples=60)
@given(
    st.sampled_from(ZONES),
    st.integers(1, 28),
    st.integers(0, 200),
    st.dates(date(2009, 1, 1), date(2025, 1, 1)),
    st.lists(st.integers(0, 90 * 24 * 60), min_size=1, max_size=8).map(sorted),
)
def test_a_schedule_gives_the_latest_boundary_and_then_every_one(
    zone: str, anchor_day: int, grace_hours: int, first: date, minutes: list[int]
) -> None:
    schedule = Schedule(policies(zone, anchor_day, grace_hours))
    began = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
    instants = [began + timedelta(minutes=minute) for minute in minutes]
    all_of_them = sorted(set(boundaries(zone, anchor_day, grace_hours, first - 50 * ONE_DAY, 150)))
    latest = max(boundary for boundary in all_of_them if boundary <= instants[0])
    expected = [boundary for boundary in all_of_them if latest <= boundary <= instants[-1]]
    assert [tick for instant in instants for tick in schedule.reach(instant)] == expected


@settings(max_examples=30)
@given(st.lists(st.integers(0, 2000), min_size=1, max_size=10).map(sorted))
def test_how_often_it_is_asked_makes_no_difference(hours: list[int]) -> None:
    instants = [utc("2025-01-31T22:30") + timedelta(hours=hour) for hour in hours]
    often, twice = Schedule(policies("Asia/Shanghai")), Schedule(policies("Asia/Shanghai"))
    first = list(twice.reach(instants[0]))
    assert [t for instant in instants for t in often.reach(instant)] == first + list(twice.reach(instants[-1]))


def test_a_boundary_is_reached_by_the_instant_itself_and_given_once() -> None:
    schedule = Schedule(policies())
    assert list(schedule.reach(utc("2025-01-10T00:00"))) == [utc("2025-01-10")]
    assert list(schedule.reach(utc("2025-01-10T23:59:59.999999"))) == []
    assert list(schedule.reach(utc("2025-01-11T00:00"))) == [utc("2025-01-11")]
    assert list(schedule.reach(utc("2025-01-11T00:00"))) == []


def test_a_close_between_midnights_has_a_tick_of_its_own() -> None:
    schedule = Schedule(policies(grace_hours=6))
    assert list(schedule.reach(utc("2025-02-01T05:59"))) == [utc("2025-02-01")]
    assert list(schedule.reach(utc("2025-02-02T01:00"))) == [utc("2025-02-01T06:00"), utc("2025-02-02")]


def test_the_first_event_finds_a_close_that_lies_after_the_midnight() -> None:
    assert list(Schedule(policies(grace_hours=6)).reach(utc("2025-02-01T07:00"))) == [utc("2025-02-01T06:00")]


def test_nothing_is_asked_of_it_before_it_is_reached() -> None:
    assert list(until_end(Schedule(policies()), utc("2025-01-10T12:00"))) == [
        utc("2025-01-10"),
        utc("2025-01-10T12:00"),
    ]


@pytest.mark.parametrize(
    ("until", "ticks"),
    [
        ("2025-01-12T00:00", ["2025-01-11", "2025-01-12"]),
        ("2025-01-12T08:00", ["2025-01-11", "2025-01-12", "2025-01-12T08:00"]),
        ("2025-01-10T13:00", ["2025-01-10T13:00"]),
    ],
)
def test_the_end_is_a_tick_and_only_one(until: str, ticks: list[str]) -> None:
    schedule = Schedule(policies())
    list(schedule.reach(utc("2025-01-10T12:00")))
    assert list(until_end(schedule, utc(until))) == [utc(tick) for tick in ticks]


def test_a_policy_of_another_grace_moves_the_closes_from_when_it_is_in_force() -> None:
    tiers = (Tier("GOLD", 5000),)
    first = Policy("p-1", utc("2000-01-01"), tiers, Billing(zone="UTC", grace_hours=50))
    second = Policy("p-2", utc("2025-02-20"), tiers, Billing(zone="UTC", grace_hours=30))
    schedule = Schedule(PolicySet([first, second]))
    ticks = [tick for day in ("2025-01-31", "2025-03-04") for tick in schedule.reach(utc(day))]
    assert [tick for tick in ticks if tick.hour] == [utc("2025-02-03T02:00"), utc("2025-03-02T06:00")]
